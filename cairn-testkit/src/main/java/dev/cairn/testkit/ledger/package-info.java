/// What every [ledger][dev.cairn.ledger.Ledger] must do, as a suite that each implementation
/// extends.
///
/// Read [dev.cairn.testkit.ledger.LedgerContract] first. It guards I1, I2, I5, I6 and I7.
@NullMarked
package dev.cairn.testkit.ledger;

import org.jspecify.annotations.NullMarked;
