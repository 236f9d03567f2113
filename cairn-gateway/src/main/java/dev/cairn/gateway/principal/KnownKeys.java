package dev.cairn.gateway.principal;

import dev.cairn.account.Accounts;
import dev.cairn.catalog.CatalogException;
import java.util.Optional;

/// The port through which a gateway learns of keys that are not in its own directory: beside the
/// ledger those of Cairn's accounts, in a process of its own whatever the Cairn knows that it
/// records to. Any thread may call.
@FunctionalInterface
public interface KnownKeys {
    /// Whose a key is; empty when nobody knows it.
    ///
    /// @throws CatalogException when it cannot be told
    Optional<Identity> find(String accessKeyId) throws CatalogException;

    /// Cairn's own keys.
    static KnownKeys of(Accounts accounts) {
        return key -> accounts.signer(key).map(signer -> Identity.of(signer.caller(), key));
    }
}
