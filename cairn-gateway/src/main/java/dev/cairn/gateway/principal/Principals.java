package dev.cairn.gateway.principal;

import dev.cairn.account.Accounts;
import dev.cairn.account.Remembered;
import dev.cairn.aws.http.Request;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The gateway's directory: which access key of the upstream is whose.
///
/// Kept in the catalog as documents `gateway-principal/<access key id>`; only names, never secrets.
/// Looked up through a bounded memory that forgets before a change returns. Any thread may call any
/// method.
public final class Principals {
    private static final String KIND = "gateway-principal";
    private static final int REMEMBERED_MAX = 10_000;

    private final Catalog catalog;
    private final Accounts accounts;
    private final Remembered<Principal> remembered = new Remembered<>(REMEMBERED_MAX);

    /// @param accounts Cairn's own keys, known without being in the directory
    public Principals(Catalog catalog, Accounts accounts) {
        this.catalog = catalog;
        this.accounts = accounts;
    }

    /// Who a request says it comes from: the directory's word, then that of Cairn's own keys.
    ///
    /// @param account whose events those of keys are that nobody knows, and of nobody
    public Identity identify(Request request, String account) throws CatalogException {
        var key = ClaimedKey.of(request);
        if (key.isEmpty()) {
            return Identity.anonymous(account);
        }
        var known = find(key.get());
        if (known.isPresent()) {
            return Identity.of(known.get());
        }
        return accounts.signer(key.get())
                .map(signer -> Identity.of(signer.caller(), key.get()))
                .orElseGet(() -> Identity.unknown(account, key.get()));
    }

    /// Whose key that is, by the directory alone.
    public Optional<Principal> find(String accessKeyId) throws CatalogException {
        return remembered.get(
                accessKeyId,
                key -> {
                    var document = catalog.get(KIND, key);
                    return document.isEmpty()
                            ? Optional.empty()
                            : Optional.of(principal(document.get()));
                });
    }

    /// All of them in order of their keys, behind `after`.
    ///
    /// @param after the last key of the page before; empty for the first page
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    public List<Principal> list(String after, int limit) throws CatalogException {
        var page = new ArrayList<Principal>();
        for (var document : catalog.list(KIND, "", after, limit)) {
            page.add(principal(document));
        }
        return List.copyOf(page);
    }

    /// Enters a principal, in place of what the directory had under that key.
    public void put(Transaction transaction, Principal principal) throws CatalogException {
        var json =
                Fields.none()
                        .with("type", principal.type().wireName())
                        .with("account", principal.account())
                        .with("name", principal.name())
                        .with("session", principal.session())
                        .with("principalId", principal.principalId())
                        .json();
        transaction.atEnd(() -> remembered.forget(principal.accessKeyId()));
        var there = transaction.get(KIND, principal.accessKeyId());
        if (there.isPresent()) {
            transaction.replace(there.get(), json);
        } else {
            transaction.create(KIND, principal.accessKeyId(), json);
        }
    }

    /// Takes a key out.
    ///
    /// @return false when it was not there
    public boolean remove(Transaction transaction, String accessKeyId) throws CatalogException {
        transaction.atEnd(() -> remembered.forget(accessKeyId));
        var there = transaction.get(KIND, accessKeyId);
        if (there.isPresent()) {
            transaction.delete(there.get());
        }
        return there.isPresent();
    }

    private static Principal principal(Document document) throws CatalogException {
        var fields = Fields.of(document);
        try {
            return Principal.of(
                    document.key(),
                    fields.text("type"),
                    fields.text("account"),
                    fields.text("name"),
                    fields.text("session"),
                    fields.text("principalId"));
        } catch (IllegalArgumentException unusable) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT,
                    "%s/%s: %s".formatted(KIND, document.key(), unusable.getMessage()));
        }
    }
}
