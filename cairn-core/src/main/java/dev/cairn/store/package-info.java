/// An *event data store* takes what is recorded, selects, and keeps it for years as a table that
/// SQL can be asked of.
///
/// Read [dev.cairn.store.EventDataStores] first: the stores of a catalog, and how a change to one
/// takes effect at a position. [dev.cairn.store.StoreFilling] decides which positions are in a
/// store's table. [dev.cairn.store.StoreNames] finds the stores that a statement names.
@NullMarked
package dev.cairn.store;

import org.jspecify.annotations.NullMarked;
