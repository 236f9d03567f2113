package dev.cairn.server.operation;

import dev.cairn.access.Action;
import dev.cairn.access.Policy;
import dev.cairn.access.Target;
import dev.cairn.catalog.CatalogException;
import dev.cairn.store.EventDataStore;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// The rights to what is done with event data stores that have policies of their own: callers of
/// other accounts may have them, too.
final class StoreRights {
    private final EventDataStores stores;

    StoreRights(EventDataStores stores) {
        this.stores = stores;
    }

    /// The account whose stores a call is about.
    static String owner(Invocation call) {
        return call.text("EventDataStoreOwnerAccountId", call.caller().account());
    }

    /// The same, of a call that names a store by ARN or by its id alone.
    static String owner(Invocation call, String named) {
        var account = StoreId.isArn(named) ? StoreId.of(named).account() : "";
        return account.isEmpty() ? call.caller().account() : account;
    }

    /// The right to each store, all of which are needed. Where a call names none, the right to the
    /// account that it is about.
    ///
    /// @param ids need not be there
    List<Right> on(Action action, Invocation call, String owner, Collection<String> ids)
            throws CatalogException {
        if (ids.isEmpty()) {
            return List.of(account(action, owner));
        }
        var rights = new ArrayList<Right>();
        for (var id : ids) {
            var state = stores.find(owner, call.region(), id);
            rights.add(
                    new Right(
                            action,
                            new Target(owner, EventDataStore.arn(owner, call.region(), id)),
                            state.isEmpty() ? Policy.NONE : EventDataStores.policy(state.get()),
                            Map.of()));
        }
        return rights;
    }

    static Right account(Action action, String account) {
        return new Right(action, Target.account(account), Policy.NONE, Map.of());
    }

    /// The right to the store that a text names by ARN or id.
    List<Right> onNamed(Action action, Invocation call, String named) throws CatalogException {
        var owner = owner(call, named);
        return on(
                action,
                call,
                owner,
                StoreId.isArn(named) ? List.of(StoreId.of(named).id()) : List.of(named));
    }
}
