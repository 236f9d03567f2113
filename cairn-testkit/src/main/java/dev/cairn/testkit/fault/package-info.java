/// Disks that fail as real ones do, by seed.
///
/// Read [dev.cairn.testkit.fault.SimulatedDisk] first: it models what a crash leaves of writes that
/// were not forced. [dev.cairn.testkit.fault.FaultyDisk] adds errors,
/// [dev.cairn.testkit.fault.HaltingDisk] ends the process at a chosen operation, an
/// [dev.cairn.testkit.fault.OwnProcess]. They are how I2 (acknowledged implies durable) is tested.
@NullMarked
package dev.cairn.testkit.fault;

import org.jspecify.annotations.NullMarked;
