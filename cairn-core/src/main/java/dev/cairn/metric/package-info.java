/// A *metric* is a number that changes with time, as in CloudWatch: a name in a namespace, with
/// dimensions, of one account and region. It is kept as *statistic sets*, one for each minute.
///
/// Read [dev.cairn.metric.Metrics] first, then [dev.cairn.metric.StatisticSet] (what is known of
/// the values that fell into one minute) and [dev.cairn.metric.Resolution] (how fine they are kept
/// at what age). It guards that a value is counted once: values are added within the transaction
/// that moves the position of who read them, and are in one resolution at any time.
@NullMarked
package dev.cairn.metric;

import org.jspecify.annotations.NullMarked;
