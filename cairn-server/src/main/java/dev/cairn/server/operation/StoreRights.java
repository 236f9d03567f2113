package dev.cairn.server.operation;

import com.google.re2j.Pattern;
import dev.cairn.access.Action;
import dev.cairn.access.Policy;
import dev.cairn.access.Target;
import dev.cairn.catalog.CatalogException;
import dev.cairn.store.EventDataStore;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreId;
import dev.cairn.store.StoreState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The rights to what is done with event data stores that have policies of their own: callers of
/// other accounts may have them, too.
final class StoreRights {
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12,16}");
    private static final Pattern ID = Pattern.compile("[a-zA-Z0-9-]{1,64}");

    private final EventDataStores stores;

    StoreRights(EventDataStores stores) {
        this.stores = stores;
    }

    /// The account whose stores a call is about. Rights are asked for before the input is checked:
    /// what is no account, id or name is nothing that could be there.
    static String owner(Invocation call) {
        var named = call.text("EventDataStoreOwnerAccountId", call.caller().account());
        return ACCOUNT.matches(named) ? named : call.caller().account();
    }

    /// Whether a text may be the id of a store or a query.
    static boolean isId(String text) {
        return ID.matches(text);
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
            var state =
                    isId(id) ? stores.find(owner, call.region(), id) : Optional.<StoreState>empty();
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
