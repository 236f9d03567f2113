/// Event history on Lucene, beside the ledger on one machine.
///
/// Read [dev.cairn.embedded.history.LuceneHistory] first (what is on disk, and why a crash neither
/// loses nor repeats an event), then [dev.cairn.embedded.history.Layout] (what one event becomes)
/// and [dev.cairn.embedded.history.NewestFirst] (how a page is found).
/// [dev.cairn.embedded.history.HistoryReader] is the thread that carries events from the ledger
/// here. It guards I9 (an event the index cannot take is set aside) and I10 (however far behind, it
/// never stops intake).
@NullMarked
package dev.cairn.embedded.history;

import org.jspecify.annotations.NullMarked;
