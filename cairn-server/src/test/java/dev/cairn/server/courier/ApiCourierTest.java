package dev.cairn.server.courier;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.cairn.bus.BusName;
import dev.cairn.bus.Courier.Outcome;
import dev.cairn.bus.Dispatches.Parcel;
import dev.cairn.bus.RuleName;
import dev.cairn.bus.Target;
import dev.cairn.bus.TargetInput;
import dev.cairn.bus.TargetName;
import dev.cairn.catalog.Catalog;
import dev.cairn.connection.ApiDestination;
import dev.cairn.connection.ApiDestinationArn;
import dev.cairn.connection.ApiDestinations;
import dev.cairn.connection.Authorization;
import dev.cairn.connection.Connection;
import dev.cairn.connection.ConnectionArn;
import dev.cairn.connection.Connections;
import dev.cairn.connection.Credentials;
import dev.cairn.connection.HttpParameter;
import dev.cairn.connection.HttpParameter.Part;
import dev.cairn.event.Place;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Vault;
import dev.cairn.server.certificate.Trust;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.wire.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Against an HTTPS server that answers as it is told to.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ApiCourierTest {
    private static final Place HOME = new Place("123456789012", "us-east-1");
    private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");
    private static final ConnectionArn CONNECTION = new ConnectionArn(HOME, "c", "1");
    private static final ApiDestinationArn DESTINATION = new ApiDestinationArn(HOME, "d", "1");
    private static final Authorization KEY = new Authorization.ApiKey("x-key", new Secret("hush"));

    private final Path folder;
    private final TestCertificate certificate;
    private final HttpsServer server;
    private final Catalog catalog = new MemoryCatalog();
    private final Connections connections =
            new Connections(
                    catalog, new Vault(new byte[Vault.MASTER_KEY_BYTES], byte[]::new), () -> {});
    private final ApiDestinations destinations = new ApiDestinations(catalog);
    private final List<Got> got = new ArrayList<>();
    private final Deque<Says> says = new ArrayDeque<>();
    private Instant now = NOW;

    /// What the server got.
    private record Got(String method, String path, Map<String, List<String>> headers, String body) {
        String header(String name) {
            return String.join(",", headers.getOrDefault(name, List.of()));
        }
    }

    /// What the server answers.
    private record Says(int status, Map<String, String> headers, String body) {
        static Says of(int status) {
            return new Says(status, Map.of(), "");
        }
    }

    ApiCourierTest(@TempDir Path folder) throws Exception {
        this.folder = folder;
        certificate = TestCertificate.make(folder, "it", "ip:127.0.0.1,dns:localhost", "EC");
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.server()));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        got.add(
                new Got(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().toString(),
                        Map.copyOf(exchange.getRequestHeaders()),
                        new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
        var answer = says.isEmpty() ? Says.of(200) : says.poll();
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        var body = answer.body().getBytes(UTF_8);
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String url(String path) {
        return "https://127.0.0.1:%d%s".formatted(server.getAddress().getPort(), path);
    }

    private ApiCourier courier(List<String> allowed, Path roots) throws Exception {
        var tls = Trust.roots(roots).getSocketFactory();
        var calls = new HttpCalls(new Addresses(allowed), () -> tls);
        return new ApiCourier(
                destinations, connections, calls, new Tokens(calls, () -> now), () -> now);
    }

    private ApiCourier courier() throws Exception {
        return courier(List.of("127.0.0.0/8"), certificate.certificate());
    }

    private void set(
            String endpoint, String method, Authorization authorization, HttpParameter... more)
            throws Exception {
        catalog.<Object, RuntimeException>write(tx ->
                connections.create(
                        tx, CONNECTION, "", new Credentials(authorization, List.of(more)), NOW));
        catalog.<Object, RuntimeException>write(tx -> {
            destinations.create(
                    tx,
                    new ApiDestination(
                            DESTINATION,
                            "",
                            CONNECTION,
                            endpoint,
                            method,
                            Optional.empty(),
                            NOW,
                            NOW));
            return true;
        });
    }

    private static Parcel parcel(String text, Target.Http http) {
        var name = new TargetName(new RuleName(BusName.ofDefault(HOME), "r"), "1");
        return new Parcel(
                new Target(
                        name,
                        DESTINATION.toString(),
                        "",
                        new TargetInput.Whole(),
                        http,
                        new Target.Retry(Optional.empty(), Optional.empty()),
                        Optional.empty()),
                "row",
                "7d1f",
                text,
                http);
    }

    private Outcome carried() throws Exception {
        return courier().carry(parcel("{\"a\":1.50}", Target.Http.NONE));
    }

    private static HttpParameter given(Part part, String key, String value) {
        return new HttpParameter(part, key, new Secret(value), true);
    }

    @Test
    void what_is_sent_is_the_text_with_what_connection_and_target_add() throws Exception {
        set(
                url("/hook/*/x?own=1&q=0"),
                "POST",
                KEY,
                given(Part.HEADER, "X-Both", "of connection"),
                given(Part.HEADER, "Cache-Control", "no-store"),
                given(Part.QUERY, "q", "a b&c"),
                given(Part.BODY, "who", "\"quoted\""));
        var http =
                new Target.Http(
                        List.of("../?#é"),
                        Map.of("x-both", "of target", "x-t", "a\r\nx-evil: 1"),
                        Map.of("t", "1"));
        assertThat(courier().carry(parcel("{\"a\":1.50}", http))).isInstanceOf(Outcome.Taken.class);
        var post = got.getFirst();
        assertThat(post.method()).isEqualTo("POST");
        assertThat(post.path()).isEqualTo("/hook/..%2F%3F%23%C3%A9/x?own=1&t=1&q=a%20b%26c");
        assertThat(post.body()).isEqualTo("{\"a\":1.50,\"who\":\"\\\"quoted\\\"\"}");
        assertThat(post.header("X-both")).isEqualTo("of connection");
        assertThat(post.header("X-t")).isEqualTo("a  x-evil: 1");
        assertThat(post.headers()).doesNotContainKeys("X-evil", "Cache-control");
        assertThat(post.header("X-key")).isEqualTo("hush");
        assertThat(post.header("Idempotency-key")).isEqualTo("7d1f");
        assertThat(post.header("User-agent")).isEqualTo("Amazon/EventBridge/ApiDestinations");
        assertThat(post.header("Content-type")).isEqualTo("application/json; charset=utf-8");
    }

    @Test
    void a_user_shows_a_password_and_a_get_has_no_body() throws Exception {
        set(url("/"), "GET", new Authorization.Basic("ann", new Secret("hush")));
        assertThat(carried()).isInstanceOf(Outcome.Taken.class);
        assertThat(got.getFirst().header("Authorization")).isEqualTo("Basic YW5uOmh1c2g=");
        assertThat(got.getFirst().body()).isEmpty();
    }

    @Test
    void a_token_is_asked_for_once_and_again_when_it_is_refused_or_over() throws Exception {
        set(
                url("/hook"),
                "POST",
                new Authorization.OAuth(
                        "id",
                        new Secret("hush"),
                        url("/token"),
                        "POST",
                        List.of(given(Part.BODY, "scope", "a b"))));
        var token = "{\"access_token\":\"t%d\",\"expires_in\":3600}";
        says.add(new Says(200, Map.of(), token.formatted(1)));
        var courier = courier();
        var parcel = parcel("{}", Target.Http.NONE);
        assertThat(courier.carry(parcel)).isInstanceOf(Outcome.Taken.class);
        assertThat(courier.carry(parcel)).isInstanceOf(Outcome.Taken.class);
        assertThat(got).extracting(Got::path).containsExactly("/token", "/hook", "/hook");
        assertThat(got.getFirst().body())
                .isEqualTo(
                        "grant_type=client_credentials&client_id=id&client_secret=hush&scope=a%20b");
        assertThat(got.getLast().header("Authorization")).isEqualTo("Bearer t1");

        got.clear();
        says.add(Says.of(401));
        says.add(new Says(200, Map.of(), token.formatted(2)));
        assertThat(courier.carry(parcel)).isInstanceOf(Outcome.Taken.class);
        assertThat(got).extracting(Got::path).containsExactly("/hook", "/token", "/hook");
        assertThat(got.getLast().header("Authorization")).isEqualTo("Bearer t2");

        got.clear();
        now = now.plusSeconds(3600);
        says.add(new Says(200, Map.of(), token.formatted(3)));
        assertThat(courier.carry(parcel)).isInstanceOf(Outcome.Taken.class);
        assertThat(got).extracting(Got::path).containsExactly("/token", "/hook");

        says.add(Says.of(401));
        says.add(new Says(200, Map.of(), "{\"access_token\":\"a\\r\\nb\"}"));
        assertThat(courier.carry(parcel))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed ->
                                assertThat(failed.refusal().words())
                                        .contains("without an access_token"));
    }

    @Test
    void a_server_without_tokens_is_not_asked_for_each_event() throws Exception {
        set(
                url("/hook"),
                "POST",
                new Authorization.OAuth(
                        "id", new Secret("hush"), url("/token"), "POST", List.of()));
        says.add(Says.of(503));
        var courier = courier();
        var parcel = parcel("{}", Target.Http.NONE);
        for (int i = 0; i < 3; i++) {
            assertThat(courier.carry(parcel))
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed -> assertThat(failed.refusal().words()).contains("503"));
        }
        now = now.minusSeconds(1);
        says.add(Says.of(503));
        assertThat(courier.carry(parcel)).isInstanceOf(Outcome.Failed.class);
        assertThat(got).extracting(Got::path).containsExactly("/token", "/token");

        now = now.plus(Tokens.FAILURE);
        says.add(new Says(200, Map.of(), "{\"access_token\":\"t\"}"));
        assertThat(courier.carry(parcel)).isInstanceOf(Outcome.Taken.class);
        assertThat(got)
                .extracting(Got::path)
                .containsExactly("/token", "/token", "/token", "/hook");
    }

    @Test
    void a_connection_that_was_mended_is_asked_for_at_once_and_one_that_is_gone_forgotten()
            throws Exception {
        var oauth =
                new Authorization.OAuth("id", new Secret("hush"), url("/token"), "POST", List.of());
        set(url("/hook"), "POST", oauth);
        var tls = Trust.roots(certificate.certificate()).getSocketFactory();
        var calls = new HttpCalls(new Addresses(List.of("127.0.0.0/8")), () -> tls);
        var waiting = new Authorizations(connections, new Tokens(calls, () -> now), () -> now);
        for (int i = 0; i < 8; i++) {
            says.add(Says.of(503));
            tried(waiting);
            now = now.plusSeconds(1L << i);
        }
        says.add(Says.of(503));
        tried(waiting);
        assertThat(waiting.due(now, 10)).isEmpty();
        catalog.<Object, RuntimeException>write(tx ->
                connections.update(
                        tx,
                        connections.expect(tx, HOME, "c"),
                        "mended",
                        new Credentials(oauth, List.of()),
                        now));
        says.add(Says.of(503));
        tried(waiting);
        now = now.plusSeconds(1);
        says.add(Says.of(503));
        tried(waiting);
        assertThat(waiting.pausing()).isEqualTo(1);
        catalog.<Object, RuntimeException>write(tx -> connections.delete(tx, HOME, "c"));
        assertThat(waiting.due(now, 10)).isEmpty();
        assertThat(waiting.pausing()).isZero();
    }

    @Test
    void a_first_token_is_had_by_who_looks_for_connections() throws Exception {
        set(
                url("/hook"),
                "POST",
                new Authorization.OAuth(
                        "id", new Secret("hush"), url("/token"), "POST", List.of()));
        var tls = Trust.roots(certificate.certificate()).getSocketFactory();
        var calls = new HttpCalls(new Addresses(List.of("127.0.0.0/8")), () -> tls);
        var waiting = new Authorizations(connections, new Tokens(calls, () -> now), () -> now);
        says.add(Says.of(503));
        tried(waiting);
        var connection = connections.expect(HOME, "c");
        assertThat(connection.state()).isEqualTo(Connection.State.AUTHORIZING);
        assertThat(connection.reason()).isEqualTo("answered 503");
        assertThat(waiting.due(now, 10)).isEmpty();
        now = now.plusSeconds(1);
        says.add(Says.of(400));
        tried(waiting);
        assertThat(connections.expect(HOME, "c").state()).isEqualTo(Connection.State.DEAUTHORIZED);
        assertThat(carried())
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.refusal().code()).isEqualTo("NO_PERMISSIONS"));
    }

    private void tried(Authorizations waiting) throws Exception {
        var one = waiting.due(now, 10).getFirst();
        assertThat(waiting.due(now, 10)).isEmpty();
        waiting.carry(one);
        waiting.ended(one);
    }

    @Test
    void what_is_tried_again_and_what_is_not_is_as_eventbridge_has_it() throws Exception {
        set(url("/"), "POST", KEY);
        for (int status : List.of(401, 407, 409, 429, 500, 503)) {
            says.add(Says.of(status));
            assertThat(carried()).as("%d", status).isInstanceOf(Outcome.Failed.class);
        }
        for (int status : List.of(301, 302, 307, 400, 403, 404, 410)) {
            says.add(new Says(status, Map.of("Location", url("/elsewhere")), ""));
            assertThat(carried()).as("%d", status).isInstanceOf(Outcome.Refused.class);
        }
        assertThat(got).extracting(Got::path).containsOnly("/");
    }

    @Test
    void a_server_says_when_it_wants_to_be_asked_again() throws Exception {
        set(url("/"), "POST", KEY);
        assertThat(notBefore("120")).isEqualTo(NOW.plusSeconds(120));
        assertThat(notBefore("Sun, 22 Nov 2026 08:05:00 GMT")).isEqualTo(NOW.plusSeconds(300));
        assertThat(notBefore("999999999999")).isEqualTo(NOW.plus(Target.Retry.AGE_MAX));
        assertThat(notBefore("soon")).isEqualTo(NOW);
        says.add(new Says(503, Map.of("Retry-After", "-1"), ""));
        assertThat(carried()).isInstanceOf(Outcome.Refused.class);
    }

    private Instant notBefore(String after) throws Exception {
        says.add(new Says(429, Map.of("Retry-After", after), ""));
        return ((Outcome.Failed) carried()).notBefore();
    }

    @Test
    void nobody_is_told_who_lies_about_the_certificate_or_is_in_a_private_network()
            throws Exception {
        set(url("/"), "POST", KEY);
        var other = TestCertificate.make(folder, "other", "ip:127.0.0.1", "EC");
        assertThat(
                        courier(List.of("127.0.0.0/8"), other.certificate())
                                .carry(parcel("{}", Target.Http.NONE)))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.refusal().words()).contains("SSL"));
        assertThat(
                        courier(List.of(), certificate.certificate())
                                .carry(parcel("{}", Target.Http.NONE)))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed ->
                                assertThat(failed.refusal().words())
                                        .contains("topic.private-addresses"));
        var named = TestCertificate.make(folder, "named", "dns:example.org", "EC");
        var liar =
                HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        liar.setHttpsConfigurator(new HttpsConfigurator(named.server()));
        liar.createContext("/", this::answer);
        liar.start();
        try {
            catalog.<Object, RuntimeException>write(tx -> {
                var there = destinations.expect(tx, HOME, "d");
                destinations.replace(
                        tx,
                        new ApiDestination(
                                there.arn(),
                                "",
                                CONNECTION,
                                "https://127.0.0.1:%d/".formatted(liar.getAddress().getPort()),
                                "POST",
                                Optional.empty(),
                                NOW,
                                NOW));
                return true;
            });
            assertThat(
                            courier(List.of("127.0.0.0/8"), named.certificate())
                                    .carry(parcel("{}", Target.Http.NONE)))
                    .isInstanceOf(Outcome.Failed.class);
        } finally {
            liar.stop(0);
        }
        assertThat(got).isEmpty();
    }

    @Test
    void what_cannot_be_asked_is_not() throws Exception {
        set(url("/a/*"), "POST", KEY, given(Part.BODY, "k", "v"));
        assertThat(courier().carry(parcel("[1]", Target.Http.NONE)))
                .isInstanceOf(Outcome.Refused.class);
        assertThat(
                        courier()
                                .carry(
                                        parcel(
                                                "{}",
                                                new Target.Http(
                                                        List.of(".."), Map.of(), Map.of()))))
                .isInstanceOf(Outcome.Refused.class);
        catalog.<Object, RuntimeException>write(tx -> connections.delete(tx, HOME, "c"));
        assertThat(carried())
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.refusal().code()).isEqualTo("NO_RESOURCE"));
        assertThat(got).isEmpty();
    }
}
