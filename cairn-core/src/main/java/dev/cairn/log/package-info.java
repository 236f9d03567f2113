/// A *log group* is where messages go that filters count, and how long they stay, as in CloudWatch
/// Logs.
///
/// Read [dev.cairn.log.LogGroups] first, then [dev.cairn.log.GroupEvents]: what is in a group,
/// which for trails is a view on the ledger; and [dev.cairn.log.FilterReader], which asks metric
/// filters. It guards that a filter is never without its group, and that each event is counted
/// once.
@NullMarked
package dev.cairn.log;

import org.jspecify.annotations.NullMarked;
