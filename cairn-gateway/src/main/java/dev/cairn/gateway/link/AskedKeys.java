package dev.cairn.gateway.link;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Percent;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.gateway.principal.Identity;
import dev.cairn.gateway.principal.KnownKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whose a key is, by the word of the Cairn that a gateway records to: its directory, and its own
/// keys.
///
/// Asked for each key that comes, and again when the answer is older than [#GOOD_FOR]. Who was
/// known is kept in the gateway's own catalog, as documents `gateway-known/<access key id>`, and
/// stays known while Cairn does not answer; never a secret. Any thread may call.
public final class AskedKeys implements KnownKeys {
    /// How soon a change of the directory holds.
    static final Duration GOOD_FOR = Duration.ofSeconds(1);

    private static final String KIND = "gateway-known";
    private static final int REMEMBERED_MAX = 10_000;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Logger LOG = LoggerFactory.getLogger(AskedKeys.class);

    private final CairnLink cairn;
    private final Catalog catalog;
    private final InstantSource clock;
    private final Map<String, Answer> answers = new LinkedHashMap<>(16, 0.75f, true);

    private record Answer(Optional<Identity> identity, Instant time) {}

    public AskedKeys(CairnLink cairn, Catalog catalog, InstantSource clock) {
        this.cairn = cairn;
        this.catalog = catalog;
        this.clock = clock;
    }

    @Override
    public Optional<Identity> find(String accessKeyId) throws CatalogException {
        var now = clock.instant();
        synchronized (answers) {
            var answer = answers.get(accessKeyId);
            if (answer != null && cairn.isWithin(answer.time(), GOOD_FOR)) {
                return answer.identity();
            }
        }
        if (cairn.away().isPresent()) {
            return kept(accessKeyId);
        }
        var said = ask(accessKeyId);
        if (!said.isOk() || !said.json().isObject()) {
            LOG.debug("nobody says whose a key is: {}", said.reason());
            return kept(accessKeyId);
        }
        var identity = identity(said.json());
        keep(accessKeyId, identity);
        synchronized (answers) {
            answers.put(accessKeyId, new Answer(identity, now));
            if (answers.size() > REMEMBERED_MAX) {
                answers.remove(answers.keySet().iterator().next());
            }
        }
        return identity;
    }

    /// Of callers in accounts that are none of this gateway's business Cairn tells the account
    /// alone.
    private static Optional<Identity> identity(JsonNode said) {
        var account = said.path("accountId");
        return account.isTextual()
                ? Optional.of(
                        new Identity(
                                account.asText(),
                                said.path("userIdentity") instanceof ObjectNode json
                                        ? json
                                        : JSON.createObjectNode()))
                : Optional.empty();
    }

    private CairnLink.Said ask(String accessKeyId) throws CatalogException {
        try {
            return cairn.get(
                    CairnLink.CALLER,
                    "key=" + Percent.encode(accessKeyId.getBytes(StandardCharsets.UTF_8)));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CatalogException(
                    CatalogException.Kind.UNAVAILABLE, "the gateway stops", interrupted);
        }
    }

    private Optional<Identity> kept(String accessKeyId) throws CatalogException {
        var document = catalog.get(KIND, accessKeyId);
        return document.isEmpty() ? Optional.empty() : Optional.of(identity(document.get()));
    }

    private static Identity identity(Catalog.Document document) throws CatalogException {
        var fields = Fields.of(document);
        try {
            if (JSON.readTree(fields.text("identity")) instanceof ObjectNode json) {
                return new Identity(fields.text("account"), json);
            }
        } catch (JsonProcessingException _) {
            // Told below.
        }
        throw new CatalogException(
                CatalogException.Kind.CORRUPT,
                "%s/%s: expected an object as identity".formatted(KIND, document.key()));
    }

    /// Notes what Cairn said, where that is something new.
    private void keep(String accessKeyId, Optional<Identity> identity) throws CatalogException {
        var json =
                identity.map(it ->
                        Fields.none()
                                .with("account", it.account())
                                .with("identity", it.json().toString())
                                .json());
        if (catalog.get(KIND, accessKeyId).map(Catalog.Document::json).equals(json)) {
            return;
        }
        catalog.<Boolean, RuntimeException>write(transaction -> {
            var there = transaction.get(KIND, accessKeyId);
            if (there.isPresent() && json.isPresent()) {
                transaction.replace(there.get(), json.get());
            } else if (there.isPresent()) {
                transaction.delete(there.get());
            } else if (json.isPresent()) {
                transaction.create(KIND, accessKeyId, json.get());
            }
            return true;
        });
    }
}
