/// What every history must do, and the simplest one that does.
///
/// Read [dev.cairn.testkit.history.MemoryHistory] first: it is short enough to be the
/// specification, and [dev.cairn.testkit.history.HistoryContract] holds every other implementation
/// to it.
@NullMarked
package dev.cairn.testkit.history;

import org.jspecify.annotations.NullMarked;
