/// An *alarm* watches a metric, or other alarms, and tells when its state changes, as in
/// CloudWatch.
///
/// Read [dev.cairn.alarm.Alarms] first (which there are), then [dev.cairn.alarm.Evaluation] (what
/// state follows from the values) and [dev.cairn.alarm.AlarmWatch] (who asks, and when). It guards
/// that a change of state, its entry in the alarm's history and its messages are one transaction.
@NullMarked
package dev.cairn.alarm;

import org.jspecify.annotations.NullMarked;
