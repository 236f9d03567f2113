/// Made-up CloudTrail traffic that looks like the real thing.
///
/// Read [dev.cairn.testkit.event.EventGenerator] first. The same seed and settings make the same
/// bytes (invariant I8). Names, ids and texts are invented here; nothing is copied from anyone's
/// log.
@NullMarked
package dev.cairn.testkit.event;

import org.jspecify.annotations.NullMarked;
