package dev.cairn.gateway.principal;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.account.Accounts;
import dev.cairn.account.Remembered;
import dev.cairn.aws.http.Request;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The gateway's directory: which access key of the upstream is whose.
///
/// Kept in the catalog as documents `gateway-principal/<access key id>`; only names, never secrets.
/// Looked up through a bounded memory, of keys that are not there as well, that forgets before a
/// change returns. Any thread may call any method.
public final class Principals {
    private static final String KIND = "gateway-principal";
    private static final int REMEMBERED_MAX = 10_000;
    private static final int ABSENT_MAX = 1_000;
    private static final int SESSIONS_MAX = 100_000;
    private static final Logger LOG = LoggerFactory.getLogger(Principals.class);

    private final Catalog catalog;
    private final KnownKeys others;
    private final Remembered<Principal> remembered = new Remembered<>(REMEMBERED_MAX, ABSENT_MAX);
    private final Sessions sessions;

    /// @param accounts Cairn's own keys, known without being in the directory
    public Principals(Catalog catalog, Accounts accounts) {
        this(catalog, KnownKeys.of(accounts));
    }

    /// @param others keys known without being in the directory
    public Principals(Catalog catalog, KnownKeys others) {
        this.catalog = catalog;
        this.others = others;
        this.sessions = new Sessions(catalog, SESSIONS_MAX);
    }

    /// Who a request says it comes from: the directory's word, then that of others who know keys,
    /// then what was learned of sessions.
    ///
    /// @param account whose events those of keys are that nobody knows, and of nobody
    /// @param now when it came
    public Identity identify(Request request, String account, Instant now) throws CatalogException {
        var key = ClaimedKey.of(request);
        if (key.isEmpty()) {
            return Identity.anonymous(account);
        }
        if (key.get().isEmpty()) {
            return Identity.unknown(account, "");
        }
        var known = known(key.get());
        return known.isPresent()
                ? known.get()
                : sessions.find(key.get(), now)
                        .orElseGet(() -> Identity.unknown(account, key.get()));
    }

    /// Whose a key is, sessions that were learned aside: the directory's word, then that of others
    /// who know keys.
    public Optional<Identity> known(String accessKeyId) throws CatalogException {
        var entered = find(accessKeyId);
        return entered.isPresent() ? entered.map(Identity::of) : others.find(accessKeyId);
    }

    /// Learns from a call to STS, whose answer may hand out a key for a time, whose that is:
    /// durably, when this returns. Keys that are in the directory, or that others know, stay whose
    /// they are.
    ///
    /// @param operation such as `AssumeRole`
    /// @param asked the record's `requestParameters`; null for none
    /// @param answered the record's `responseElements`; null for none
    /// @param who called
    /// @param time when the call came
    public void learn(
            String operation,
            @Nullable JsonNode asked,
            @Nullable JsonNode answered,
            Identity who,
            Instant time) {
        var handedOut = HandedOut.of(operation, asked, answered, who, time);
        if (handedOut.isEmpty()) {
            return;
        }
        var key = handedOut.get().accessKeyId();
        try {
            if (others.find(key).isPresent()
                    || !sessions.learn(
                            key, handedOut.get().identity(), handedOut.get().ends(), time)) {
                LOG.warn(
                        "the key {} of a session is known already, or there are {} others: it was not learned",
                        key,
                        SESSIONS_MAX);
            }
        } catch (CatalogException failure) {
            LOG.error("the key {} of a session could not be learned", key, failure);
        }
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
