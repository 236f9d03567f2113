/// The *ledger* is where events are recorded: appended in order, durable before anything is
/// acknowledged.
///
/// Read [dev.cairn.ledger.Ledger] first. It guards I1 (a position never names another event), I2
/// (acknowledged implies durable), I6 (bytes come back as they went in), I7 (one partition per
/// place) and I10 (no reader stops intake).
@NullMarked
package dev.cairn.ledger;

import org.jspecify.annotations.NullMarked;
