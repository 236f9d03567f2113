package dev.cairn.log;

import dev.cairn.catalog.CatalogException;
import dev.cairn.ledger.LedgerException;
import java.time.Instant;
import java.util.List;

/// Messages in order of time, gone through one way; a page is merged of some.
abstract sealed class Lane permits LedgerLane, StoredLane {
    /// Looks for the next message, unless it has one: at one at least, so that each page comes
    /// further than the one before.
    ///
    /// @return false when so much was read that it cannot be told
    abstract boolean look() throws CatalogException, LedgerException;

    /// Whether there is a next message, once it was looked for.
    abstract boolean has();

    /// The next message's.
    abstract Instant time();

    /// How many bytes the next message has.
    abstract int bytes();

    /// The next message.
    abstract LogEvent event();

    /// Leaves the next message behind.
    abstract void pass();

    /// Says where it stands: what lies behind it was dealt with.
    abstract void at(List<Long> into);
}
