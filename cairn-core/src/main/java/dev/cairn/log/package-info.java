/// A *log group* is where messages go that filters count, and how long they stay, as in CloudWatch
/// Logs.
///
/// Read [dev.cairn.log.LogGroups] first, then [dev.cairn.log.MetricFilters]: which messages of a
/// group count for which metric. It guards that a filter is never without its group.
@NullMarked
package dev.cairn.log;

import org.jspecify.annotations.NullMarked;
