package dev.cairn.server.operation;

import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreId;
import dev.cairn.store.StoreState;
import java.util.Optional;

/// Finds event data stores as callers name them: by ARN, or by the id at its end, in their own
/// account and the region that is called.
final class NamedStores {
    private final Finder finder;

    /// As the catalog stands.
    NamedStores(EventDataStores stores) {
        this(stores::find);
    }

    /// As a transaction sees it, so that what is read is what is changed.
    NamedStores(EventDataStores stores, Transaction transaction) {
        this((account, region, id) -> stores.find(transaction, account, region, id));
    }

    private NamedStores(Finder finder) {
        this.finder = finder;
    }

    @FunctionalInterface
    interface Finder {
        Optional<StoreState> find(String account, String region, String id) throws CatalogException;
    }

    /// The store that the member `EventDataStore` names.
    ///
    /// @throws Failure EVENT_DATA_STORE_ARN_INVALID, EVENT_DATA_STORE_NOT_FOUND
    StoreState expect(Invocation call) throws CatalogException {
        return expect(call, call.text("EventDataStore", ""));
    }

    /// @throws Failure EVENT_DATA_STORE_ARN_INVALID, EVENT_DATA_STORE_NOT_FOUND
    StoreState expect(Invocation call, String named) throws CatalogException {
        return find(call, named)
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.EVENT_DATA_STORE_NOT_FOUND,
                                "There is no event data store %s in %s."
                                        .formatted(named, call.region())));
    }

    /// @throws Failure EVENT_DATA_STORE_ARN_INVALID
    Optional<StoreState> find(Invocation call, String named) throws CatalogException {
        var account = call.caller().account();
        var store = StoreId.of(named);
        return (store.account().isEmpty() || store.account().equals(account))
                        && (store.region().isEmpty() || store.region().equals(call.region()))
                ? finder.find(account, call.region(), store.id())
                : Optional.empty();
    }
}
