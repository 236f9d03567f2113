/// The *catalog* keeps what is small and precious: accounts, keys, trails, the outbox of Cairn's
/// own events.
///
/// Read [dev.cairn.catalog.Catalog] first: versioned documents, compare-and-set, transactions.
@NullMarked
package dev.cairn.catalog;

import org.jspecify.annotations.NullMarked;
