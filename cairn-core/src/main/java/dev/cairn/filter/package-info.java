/// A *filter pattern* says which log messages someone wants, in CloudWatch Logs' pattern language.
///
/// Read [dev.cairn.filter.FilterPattern] first: one pattern, in one of its three forms (JSON,
/// columns, terms). [dev.cairn.filter.FilterSet] asks thousands at once. It guards two rules: what
/// is not there satisfies nothing but `NOT EXISTS`, and no pattern costs more than time linear in a
/// message's length.
@NullMarked
package dev.cairn.filter;

import org.jspecify.annotations.NullMarked;
