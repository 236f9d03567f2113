/// *Reports*: what was done in a week, told to people; and the access keys, with their last use.
///
/// Read [dev.cairn.report.WeekReport] first. Guarded: memory is bounded whatever names events
/// bring, a report says what it left out, and what events bring is never markup.
@NullMarked
package dev.cairn.report;

import org.jspecify.annotations.NullMarked;
