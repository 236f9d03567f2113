/// The embedded [ledger][dev.cairn.ledger.Ledger]: segment files on one disk.
///
/// Read [dev.cairn.embedded.ledger.SegmentLedger] first, then `docs/ledger.md` for the bytes and
/// the reasoning about crashes. It guards I1 (a position never names another event), I2
/// (acknowledged implies durable), I5 (full means push-back), I6 (bytes come back as they went in)
/// and I7 (only a partition's writer writes it).
@NullMarked
package dev.cairn.embedded.ledger;

import org.jspecify.annotations.NullMarked;
