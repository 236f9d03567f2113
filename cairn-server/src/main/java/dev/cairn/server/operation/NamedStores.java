package dev.cairn.server.operation;

import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreId;
import dev.cairn.store.StoreNames;
import dev.cairn.store.StoreState;
import java.util.ArrayList;
import java.util.List;
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
        return expect(call.caller().account(), call.region(), named);
    }

    /// The store of an account that a text names.
    ///
    /// @throws Failure EVENT_DATA_STORE_ARN_INVALID, EVENT_DATA_STORE_NOT_FOUND
    StoreState expect(String account, String region, String named) throws CatalogException {
        return find(account, region, named)
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.EVENT_DATA_STORE_NOT_FOUND,
                                "There is no event data store %s in %s.".formatted(named, region)));
    }

    /// @throws Failure EVENT_DATA_STORE_ARN_INVALID
    Optional<StoreState> find(String account, String region, String named) throws CatalogException {
        var store = StoreId.of(named);
        return (store.account().isEmpty() || store.account().equals(account))
                        && (store.region().isEmpty() || store.region().equals(region))
                ? finder.find(account, region, store.id())
                : Optional.empty();
    }

    /// The stores of an account that a statement asks.
    ///
    /// @throws Failure INVALID_QUERY_STATEMENT when there is none, EVENT_DATA_STORE_NOT_FOUND,
    ///   INACTIVE_EVENT_DATA_STORE
    List<StoreState> asked(String account, String region, String statement)
            throws CatalogException {
        var asked = new ArrayList<StoreState>();
        for (var id : StoreNames.in(statement).ids()) {
            asked.add(active(expect(account, region, id)));
        }
        if (asked.isEmpty()) {
            throw new Failure(
                    ErrorCode.INVALID_QUERY_STATEMENT,
                    "Expected the id of an event data store after FROM, got none.");
        }
        return asked;
    }

    /// @throws Failure INACTIVE_EVENT_DATA_STORE when it is about to be deleted
    static StoreState active(StoreState state) {
        if (state.status() == StoreState.Status.PENDING_DELETION) {
            throw EventDataStores.inactive(state.store());
        }
        return state;
    }
}
