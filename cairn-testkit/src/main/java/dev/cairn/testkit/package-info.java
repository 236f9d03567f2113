/// What tests of every module share: real data, contracts, faults, the event generator.
///
/// Read [dev.cairn.testkit.RealData] for records that AWS wrote, and
/// [dev.cairn.testkit.event.EventGenerator] for as many more as one likes.
@NullMarked
package dev.cairn.testkit;

import org.jspecify.annotations.NullMarked;
