/// A *notice* tells a trail's topic of a log file that was delivered.
///
/// Read [dev.cairn.notice.Notices] first.
@NullMarked
package dev.cairn.notice;

import org.jspecify.annotations.NullMarked;
