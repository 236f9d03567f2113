/// *Intake* is the step before the ledger: it takes a body apart into records, checks each one, and
/// decides whether it may be recorded.
///
/// Read [dev.cairn.intake.Intake] first, then [dev.cairn.intake.RecordSplitter]. The package guards
/// I5 (whatever is not taken is named, with a reason) and I6 (a record's bytes are those of the
/// body, never written anew).
@NullMarked
package dev.cairn.intake;

import org.jspecify.annotations.NullMarked;
