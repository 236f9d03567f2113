package dev.cairn.gateway.principal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Remembered;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Keys that the upstream's STS handed out for a time, learned as its answers passed the gateway,
/// so that whoever uses them has a name.
///
/// Kept in the catalog as documents `gateway-session/<access key id>`: who it is and until when,
/// never a secret or a token. At most [#sessionsMax] of them: expired ones go first, and when none
/// is left to go a new one is not learned. A key that was learned is not learned again, so that no
/// later answer can give it another name. Any thread may call any method.
final class Sessions {
    private static final String KIND = "gateway-session";
    private static final int REMEMBERED_MAX = 10_000;
    private static final int ABSENT_MAX = 1_000;

    /// How many are learned between two looks for expired ones.
    private static final int SWEEP_EVERY = 1_000;

    /// Who uses a key after its time is refused, and still has a name.
    private static final Duration KEPT_AFTER = Duration.ofDays(1);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Catalog catalog;
    private final int sessionsMax;
    private final Remembered<Session> remembered = new Remembered<>(REMEMBERED_MAX, ABSENT_MAX);

    /// How many there are; -1 as long as nobody has counted. Guarded by this.
    private int count = -1;

    private int learnedSinceSweep;

    /// A document, read.
    ///
    /// @param keptUntil when it may be forgotten
    private record Session(Identity identity, Instant keptUntil) {
        boolean isOver(Instant now) {
            return now.isAfter(keptUntil);
        }
    }

    Sessions(Catalog catalog, int sessionsMax) {
        this.catalog = catalog;
        this.sessionsMax = sessionsMax;
    }

    /// Whose key that is; empty when it was never learned, or when its time is long over.
    Optional<Identity> find(String accessKeyId, Instant now) throws CatalogException {
        return remembered
                .get(
                        accessKeyId,
                        key -> {
                            var document = catalog.get(KIND, key);
                            return document.isEmpty()
                                    ? Optional.empty()
                                    : Optional.of(session(document.get()));
                        })
                .filter(session -> !session.isOver(now))
                .map(Session::identity);
    }

    /// Enters a key, durably.
    ///
    /// @param identity of whoever uses it
    /// @return false when it is known already, or there are too many
    synchronized boolean learn(String accessKeyId, Identity identity, Instant ends, Instant now)
            throws CatalogException {
        if (count < 0 || count >= sessionsMax || learnedSinceSweep >= SWEEP_EVERY) {
            sweep(now);
        }
        if (count >= sessionsMax) {
            return false;
        }
        var json =
                Fields.none()
                        .with("account", identity.account())
                        .with("identity", identity.json().toString())
                        .with("ends", ends.toString())
                        .json();
        var learned =
                catalog.<Boolean, RuntimeException>write(transaction -> {
                    if (transaction.get(KIND, accessKeyId).isPresent()) {
                        return false;
                    }
                    transaction.atEnd(() -> remembered.forget(accessKeyId));
                    transaction.create(KIND, accessKeyId, json);
                    return true;
                });
        if (learned) {
            count++;
            learnedSinceSweep++;
        }
        return learned;
    }

    /// Counts them, and takes out those whose time is long over.
    private void sweep(Instant now) throws CatalogException {
        var left = 0;
        var after = "";
        while (true) {
            var page = catalog.list(KIND, "", after, Catalog.LIMIT_MAX);
            for (var document : page) {
                after = document.key();
                if (session(document).isOver(now)) {
                    remove(document);
                } else {
                    left++;
                }
            }
            if (page.size() < Catalog.LIMIT_MAX) {
                count = left;
                learnedSinceSweep = 0;
                return;
            }
        }
    }

    private void remove(Document document) throws CatalogException {
        catalog.<Boolean, RuntimeException>write(transaction -> {
            transaction.atEnd(() -> remembered.forget(document.key()));
            transaction.delete(document);
            return true;
        });
    }

    private static Session session(Document document) throws CatalogException {
        var fields = Fields.of(document);
        try {
            JsonNode identity = JSON.readTree(fields.text("identity"));
            if (identity instanceof ObjectNode json) {
                return new Session(
                        new Identity(fields.text("account"), json),
                        Instant.parse(fields.text("ends")).plus(KEPT_AFTER));
            }
        } catch (JsonProcessingException | DateTimeException unusable) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT,
                    "%s/%s: %s".formatted(KIND, document.key(), unusable.getMessage()));
        }
        throw new CatalogException(
                CatalogException.Kind.CORRUPT,
                "%s/%s: expected an object as identity".formatted(KIND, document.key()));
    }
}
