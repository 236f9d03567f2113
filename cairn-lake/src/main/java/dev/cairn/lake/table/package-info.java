/// The table of one event data store: an Iceberg table in a folder, written by one process.
///
/// Read [EventTable] first. Each commit moves the table and the ledger's positions that are in it
/// together (invariant I3 of the lake: each event that a store takes is in its table once).
/// [Keeper] is the process; [TablePlan] is what a query reads of a table.
@NullMarked
package dev.cairn.lake.table;

import org.jspecify.annotations.NullMarked;
