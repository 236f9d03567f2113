package dev.cairn.gateway.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.account.Accounts;
import dev.cairn.account.Credentials;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.gateway.principal.Principal;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.intake.Checked;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Hears what sources say, at a fixed moment and place.
final class Listener {
    static final Instant NOW = Instant.parse("2026-11-21T08:00:05Z");
    static final Place PLACE = new Place("111122223333", "eu-west-1");
    static final int ORIGINALS_MAX = 5;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final Principals principals;

    Listener() {
        var random = new Random(7);
        Secrets secrets =
                count -> {
                    var bytes = new byte[count];
                    random.nextBytes(bytes);
                    return bytes;
                };
        try {
            principals =
                    new Principals(
                            catalog,
                            Accounts.open(
                                    catalog,
                                    new Vault(secrets.bytes(32), secrets),
                                    secrets,
                                    InstantSource.fixed(NOW),
                                    new Accounts.Settings(
                                            "123456789012",
                                            new Credentials("AKIAOWN", new Secret("secret")))));
        } catch (CatalogException failure) {
            throw new IllegalStateException(failure);
        }
    }

    Principals principals() {
        return principals;
    }

    void enter(Principal principal) throws CatalogException {
        catalog.<Integer, RuntimeException>write(transaction -> {
            principals.put(transaction, principal);
            return 0;
        });
    }

    static Sifted sift(Source source, byte[] body, Instant now)
            throws IOException, CatalogException {
        return new SourceIntake(1 << 20, ORIGINALS_MAX)
                .sift(source, new ByteArrayInputStream(body), PLACE, now, _ -> {});
    }

    static Sifted sift(Source source, String body) throws IOException, CatalogException {
        return sift(source, body.getBytes(UTF_8), NOW);
    }

    static Checked.Batch batch(Sifted sifted) {
        return (Checked.Batch) sifted.checked();
    }

    static List<JsonNode> events(Sifted sifted) throws IOException {
        var events = new ArrayList<JsonNode>();
        for (var entry : batch(sifted).taken()) {
            var event = JSON.readTree(entry.json());
            assertThat(event.path("eventID").asText()).isEqualTo(entry.id());
            assertThat(entry.place()).isEqualTo(PLACE);
            events.add(event);
        }
        return events;
    }

    /// The one event of a body with one original.
    static JsonNode event(Source source, String body) throws IOException, CatalogException {
        var sifted = sift(source, body);
        assertThat(batch(sifted).refused()).isEmpty();
        assertThat(batch(sifted).taken()).hasSize(1);
        return events(sifted).getFirst();
    }
}
