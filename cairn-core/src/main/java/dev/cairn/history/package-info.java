/// *History* is the searchable memory of recorded events: LookupEvents, `search`, `who`.
///
/// Read [dev.cairn.history.History] for what it answers and [dev.cairn.history.Condition] for what
/// can be asked. History is a reader of the ledger: its position moves together with its contents,
/// so that a crash repeats work and never results.
@NullMarked
package dev.cairn.history;

import org.jspecify.annotations.NullMarked;
