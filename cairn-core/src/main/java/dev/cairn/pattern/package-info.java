/// An *event pattern* says which JSON documents someone wants, in the pattern language that
/// EventBridge and SNS share.
///
/// Read [dev.cairn.pattern.EventPattern] first. Matching is Amazon's Event Ruler's; nobody else
/// names that library.
@NullMarked
package dev.cairn.pattern;

import org.jspecify.annotations.NullMarked;
