package dev.cairn.server.own;

import dev.cairn.ledger.Entry;

/// A call that Cairn records of itself.
public sealed interface OwnEvent permits OwnRecord, KeyCall {
    /// As the ledger takes it.
    Entry entry();
}
