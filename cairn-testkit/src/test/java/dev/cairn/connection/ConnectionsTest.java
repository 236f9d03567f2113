package dev.cairn.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Sealed;
import dev.cairn.connection.Connection.State;
import dev.cairn.connection.HttpParameter.Part;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Vault;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
    private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");
    private static final Place HOME = new Place("123456789012", "us-east-1");
    private static final ConnectionArn ARN = new ConnectionArn(HOME, "chat", "1");
    private static final Credentials OAUTH =
            new Credentials(
                    new Authorization.OAuth(
                            "client-id",
                            new Secret("hush-client"),
                            "https://login.example.org/token",
                            "POST",
                            List.of(
                                    new HttpParameter(
                                            Part.BODY, "scope", new Secret("hush-scope"), true))),
                    List.of(
                            new HttpParameter(Part.HEADER, "x:!", new Secret("hush-call"), true),
                            new HttpParameter(Part.QUERY, "", new Secret(""), false)));
    private static final Credentials API_KEY =
            new Credentials(new Authorization.ApiKey("x-key", new Secret("hush-key")), List.of());

    private final Catalog catalog = new MemoryCatalog();
    private final Vault vault = vault(1);
    private final Connections connections = new Connections(catalog, vault, () -> {});

    private static Vault vault(int key) {
        byte[] master = new byte[Vault.MASTER_KEY_BYTES];
        Arrays.fill(master, (byte) key);
        return new Vault(master, byte[]::new);
    }

    private Connection create(Credentials credentials) throws CatalogException {
        return catalog.write(tx -> connections.create(tx, ARN, "d", credentials, NOW));
    }

    @Test
    void what_it_authorizes_with_comes_back_and_lies_nowhere_in_the_clear() throws Exception {
        Connection made = create(OAUTH);
        assertThat(connections.credentials(made)).contains(OAUTH);
        for (String kind : List.of("connection", "connection-secret", "connection-authorizing")) {
            assertThat(catalog.list(kind, "", "", 10))
                    .singleElement()
                    .satisfies(document ->
                            assertThat(document.json()).doesNotContain("hush", "client-id"));
        }
        assertThat(OAUTH.toString()).doesNotContain("hush");
    }

    @Test
    void a_new_master_key_finds_it() throws Exception {
        create(API_KEY);
        assertThat(Sealed.anew(catalog, vault, vault(2))).isEqualTo(1);
        Connections later = new Connections(catalog, vault(2), () -> {});
        assertThat(later.credentials(later.expect(HOME, "chat"))).contains(API_KEY);
        assertThatThrownBy(() -> connections.credentials(connections.expect(HOME, "chat")))
                .isInstanceOf(CatalogException.class);
    }

    @Test
    void one_that_needs_a_token_is_authorizing_until_it_has_one() throws Exception {
        Connection made = create(OAUTH);
        assertThat(made.state()).isEqualTo(State.AUTHORIZING);
        assertThat(connections.authorizing(Optional.empty(), 10)).containsExactly(made);
        connections.settle(made, State.AUTHORIZING, "answered 503", NOW);
        Connection waits = connections.expect(HOME, "chat");
        assertThat(waits.reason()).isEqualTo("answered 503");
        connections.settle(waits, State.AUTHORIZED, "", NOW.plusSeconds(1));
        assertThat(connections.expect(HOME, "chat"))
                .satisfies(one -> {
                    assertThat(one.state()).isEqualTo(State.AUTHORIZED);
                    assertThat(one.authorized()).contains(NOW.plusSeconds(1));
                });
        assertThat(connections.authorizing(Optional.empty(), 10)).isEmpty();
    }

    @Test
    void a_token_for_what_it_was_says_nothing_of_what_it_is() throws Exception {
        Connection made = create(OAUTH);
        Connection changed =
                catalog.<Connection, RuntimeException>write(
                        tx -> connections.update(tx, made, "d", OAUTH, NOW.plusSeconds(1)));
        connections.settle(made, State.DEAUTHORIZED, "answered 401", NOW);
        assertThat(connections.expect(HOME, "chat")).isEqualTo(changed);
    }

    @Test
    void deauthorized_it_has_nothing_and_deleted_it_leaves_nothing() throws Exception {
        create(API_KEY);
        Connection without =
                catalog.<Connection, RuntimeException>write(
                        tx -> connections.deauthorize(tx, HOME, "chat"));
        assertThat(without.state()).isEqualTo(State.DEAUTHORIZED);
        assertThat(connections.credentials(without)).isEmpty();
        catalog.<Connection, RuntimeException>write(tx -> connections.delete(tx, HOME, "chat"));
        for (String kind : List.of("connection", "connection-secret", "connection-authorizing")) {
            assertThat(catalog.list(kind, "", "", 10)).isEmpty();
        }
        assertThat(connections.find(ARN)).isEmpty();
    }

    @Test
    void what_it_may_hold_is_bounded() {
        Credentials large =
                new Credentials(
                        new Authorization.ApiKey("x", new Secret("s".repeat(512))),
                        Collections.nCopies(
                                200,
                                new HttpParameter(
                                        Part.BODY, "k", new Secret("v".repeat(512)), false)));
        assertThatThrownBy(() -> create(large))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.VALIDATION));
        assertThat(large.parameters()).hasSize(200);
    }
}
