/// *Aggregation* sums data events up: how many there were in five minutes, by API, resource or
/// user.
///
/// Read [dev.cairn.aggregation.Template] first, then [dev.cairn.aggregation.Tally]. It counts what
/// it is given, and knows neither positions nor files: that every event is counted once (invariant
/// I3) is the business of `dev.cairn.delivery`.
@NullMarked
package dev.cairn.aggregation;

import org.jspecify.annotations.NullMarked;
