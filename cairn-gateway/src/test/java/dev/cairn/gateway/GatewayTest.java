package dev.cairn.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.account.Accounts;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.gateway.decoding.Decoding;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.gateway.recording.CallJournal;
import dev.cairn.gateway.recording.Forwarder;
import dev.cairn.gateway.recording.Recorder;
import dev.cairn.gateway.recording.SpoolPromise;
import dev.cairn.gateway.recording.StrictPromise;
import dev.cairn.gateway.upstream.Upstream;
import dev.cairn.gateway.upstream.UpstreamException;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.fault.SimulatedDisk;
import dev.cairn.testkit.wire.ScriptedServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GatewayTest {
    private static final Instant NOW = Instant.parse("2026-11-21T01:02:03Z");
    private static final int KEPT = 1000;
    private static final String ASSUME_ROLE =
            "Action=AssumeRole&Version=2011-06-15&RoleSessionName=ci-7&RoleArn=arn%3Aaws%3Aiam%3A%3A444455556666%3Arole%2Fteam%2Fdeployer";

    /// A port that nobody listens on.
    private static final URI NOBODY = URI.create("http://127.0.0.1:1");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Records records = new Records();
    private final SimulatedDisk disk = new SimulatedDisk();
    private @Nullable String service;
    private Duration recordMax = Duration.ofSeconds(60);

    /// Of the spool; 0 for none.
    private long spoolBytes;

    private Sampling sampling = new Sampling(1, () -> 0);
    private @Nullable CallJournal journal;
    private @Nullable ScriptedServer server;
    private @Nullable Upstream upstream;

    /// Takes events, or pushes them back as often as it is told.
    private static final class Records implements Recorder {
        final List<Entry> entries = new ArrayList<>();
        boolean full;
        int pushbacks;

        @Override
        public Optional<Append.Pushback> pushback() {
            return full ? Optional.of(pushedBack()) : Optional.empty();
        }

        @Override
        public Optional<Append.Pushback> record(Entry entry) {
            if (pushbacks > 0) {
                pushbacks--;
                return Optional.of(pushedBack());
            }
            entries.add(entry);
            return Optional.empty();
        }

        private static Append.Pushback pushedBack() {
            return new Append.Pushback(Duration.ZERO, "the disk is full");
        }

        @Override
        public Optional<NotRecorded> recordAgain(List<Entry> again) {
            if (full) {
                return Optional.of(new NotRecorded(pushedBack(), Set.of()));
            }
            for (var entry : again) {
                if (entries.stream().noneMatch(known -> known.id().equals(entry.id()))) {
                    entries.add(entry);
                }
            }
            return Optional.empty();
        }

        JsonNode only() throws IOException {
            assertThat(entries).hasSize(1);
            return JSON.readTree(entries.getFirst().json());
        }
    }

    private Gateway before(ScriptedServer.Script script) throws Exception {
        server = new ScriptedServer(script);
        return before(server.address(), Duration.ofSeconds(60), List.of());
    }

    private Gateway before(URI address, Duration silence, List<String> trusted) throws Exception {
        upstream = new Upstream(address, silence);
        var random = new Random(7);
        Secrets secrets =
                count -> {
                    var bytes = new byte[count];
                    random.nextBytes(bytes);
                    return bytes;
                };
        var catalog = new MemoryCatalog();
        var accounts =
                Accounts.open(
                        catalog,
                        new Vault(secrets.bytes(32), secrets),
                        secrets,
                        InstantSource.fixed(NOW),
                        new Accounts.Settings("123456789012", null));
        journal = CallJournal.open(disk, "gateway", CallJournal.Settings.DEFAULT);
        var strict = new StrictPromise(records, journal, recordMax);
        return new Gateway(
                new Gateway.Parts(
                        upstream,
                        new Decoding(new ServiceCatalog(), Set.of(), KEPT, "us-east-1"),
                        new Principals(catalog, accounts),
                        spoolBytes == 0 ? strict : new SpoolPromise(strict, journal, spoolBytes),
                        sampling,
                        InstantSource.fixed(NOW),
                        secrets::uuid,
                        new Gateway.Settings(
                                "111122223333",
                                "us-east-1",
                                service,
                                KEPT,
                                Duration.ofSeconds(60),
                                trusted)));
    }

    @AfterEach
    void stop() throws IOException {
        if (upstream != null) {
            upstream.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private ScriptedServer server() {
        return Objects.requireNonNull(server);
    }

    private static Arrival arrival(Request head, InputStream body, long length) {
        return new Arrival(head, body, length, () -> Headers.NONE, "203.0.113.9", null, _ -> false);
    }

    private static Arrival get(String... more) {
        var headers =
                Headers.of(
                        "Host",
                        "s3.example",
                        "User-Agent",
                        "me",
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=AKIASOMEONE/20261121/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0");
        for (var i = 0; i < more.length; i += 2) {
            headers = headers.plus(more[i], more[i + 1]);
        }
        return arrival(
                new Request("GET", "/bucket/key", "", headers), InputStream.nullInputStream(), 0);
    }

    private static Arrival put(InputStream body, long length) {
        return arrival(
                new Request(
                        "PUT",
                        "/bucket/key",
                        "",
                        get().head().headers().plus("Content-Length", Long.toString(length))),
                body,
                length);
    }

    private static String text(Relay relay) throws IOException {
        var out = new ByteArrayOutputStream();
        relay.body().write(out);
        return out.toString(UTF_8);
    }

    @Test
    void an_answer_that_is_there_goes_out_when_its_event_is_durable() throws Exception {
        var gateway =
                before(peer -> {
                    peer.head();
                    peer.say(
                            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-amz-request-id: tx1\r\nConnection: keep-alive\r\n\r\nhello");
                });

        var relay = gateway.pass(get());

        var event = records.only();
        assertThat(relay.status()).isEqualTo(200);
        assertThat(relay.headers())
                .isEqualTo(Headers.of("Content-Length", "5", "x-amz-request-id", "tx1"));
        assertThat(text(relay)).isEqualTo("hello");
        assertThat(event.path("eventTime").asText()).isEqualTo("2026-11-21T01:02:03Z");
        assertThat(event.path("sourceIPAddress").asText()).isEqualTo("203.0.113.9");
        assertThat(event.path("userAgent").asText()).isEqualTo("me");
        assertThat(event.path("recipientAccountId").asText()).isEqualTo("111122223333");
        assertThat(event.path("userIdentity").path("type").asText()).isEqualTo("Unknown");
        assertThat(event.path("userIdentity").path("accessKeyId").asText())
                .isEqualTo("AKIASOMEONE");
        assertThat(event.path("eventID").asText()).isEqualTo(records.entries.getFirst().id());
        assertThat(gateway.passed()).isOne();
    }

    @Test
    void calls_of_keys_that_nobody_knows_are_counted() throws Exception {
        var gateway = before(GatewayTest::answerAll);
        var anonymous = new Request("GET", "/bucket/key", "", Headers.of("Host", "s3.example"));

        gateway.pass(get());
        gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5));
        gateway.pass(arrival(anonymous, InputStream.nullInputStream(), 0));

        assertThat(gateway.passed()).isEqualTo(3);
        assertThat(gateway.unknownKeys()).isEqualTo(2);
    }

    /// Looks, at each write, how many events are durable.
    private final class Looking extends OutputStream {
        final List<String> writes = new ArrayList<>();

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            writes.add(length + " bytes, " + records.entries.size() + " events");
        }
    }

    @Test
    void the_last_byte_of_a_long_answer_waits_for_the_event() throws Exception {
        var gateway =
                before(peer -> {
                    peer.head();
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + "x".repeat(3000));
                });

        var relay = gateway.pass(get());
        assertThat(records.entries).isEmpty();
        var out = new Looking();
        relay.body().write(out);

        assertThat(out.writes.getFirst()).isEqualTo(KEPT + " bytes, 0 events");
        assertThat(out.writes.getLast()).isEqualTo("1 bytes, 1 events");
        assertThat(out.writes.subList(0, out.writes.size() - 1))
                .allMatch(write -> write.endsWith("0 events"));
        assertThat(
                        out.writes.stream()
                                .mapToInt(write -> Integer.parseInt(write.split(" ", 2)[0]))
                                .sum())
                .isEqualTo(3000);
    }

    @Test
    void the_end_of_an_answer_in_chunks_waits_for_the_event() throws Exception {
        var gateway =
                before(peer -> {
                    peer.head();
                    peer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nbb8\r\n");
                    peer.say("x".repeat(3000) + "\r\n0\r\n\r\n");
                });

        var relay = gateway.pass(get());
        var out = new Looking();
        relay.body().write(out);

        // Returning is what ends the answer: by then the event is there.
        assertThat(out.writes).allMatch(write -> write.endsWith("0 events"));
        assertThat(records.entries).hasSize(1);
    }

    @Test
    void while_nothing_can_be_recorded_no_call_reaches_the_upstream() throws Exception {
        var gateway = before(peer -> peer.head());
        records.full = true;

        var relay = gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5));

        assertThat(relay.status()).isEqualTo(503);
        assertThat(relay.headers().first("retry-after")).contains("1");
        assertThat(text(relay))
                .contains("<Code>ServiceUnavailable</Code>", "not passed on: the disk is full");
        assertThat(server().connections()).isZero();
        assertThat(gateway.turnedAway()).isOne();
        assertThat(records.entries).isEmpty();
    }

    @Test
    void an_event_that_is_pushed_back_after_the_call_is_tried_again() throws Exception {
        var gateway =
                before(peer -> {
                    peer.head();
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                });
        records.pushbacks = 3;

        assertThat(gateway.pass(get()).status()).isEqualTo(200);
        assertThat(records.entries).hasSize(1);
    }

    @Test
    void what_the_upstream_did_instead_of_answering_is_recorded() throws Exception {
        var gateway =
                before(peer -> {
                    peer.head();
                    peer.reset();
                });

        var relay = gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5));

        assertThat(relay.status()).isEqualTo(502);
        assertThat(text(relay)).contains("<Code>UpstreamReset</Code>");
        assertThat(records.only().path("errorCode").asText()).isEqualTo("UpstreamReset");
        assertThat(records.only().path("errorMessage").asText())
                .endsWith("whether the call took effect is not known");
    }

    @Test
    void a_head_that_could_be_read_as_another_is_refused_and_recorded() throws Exception {
        var gateway = before(peer -> peer.rest());
        var twice = get("Content-Length", "0", "Content-Length", "0");

        assertThat(gateway.pass(twice).status()).isEqualTo(400);
        assertThat(records.only().path("errorCode").asText()).isEqualTo("InvalidRequest");
        assertThat(server().connections()).isZero();
    }

    private JsonNode assumed(String operation, String result) throws Exception {
        return assumed("/", Headers.NONE, operation, result);
    }

    private JsonNode assumed(String path, Headers more, String operation, String result)
            throws Exception {
        var headers = more.plus("Content-Type", "application/x-www-form-urlencoded");
        var gateway =
                before(peer -> {
                    peer.head();
                    var answer =
                            "<%1$sResponse><%1$sResult>%2$s</%1$sResult></%1$sResponse>"
                                    .formatted(operation, result);
                    peer.say(
                            "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
                                    .formatted(answer.length(), answer));
                });
        var body = "Action=%s&Version=2011-06-15".formatted(operation).getBytes(UTF_8);
        gateway.pass(
                arrival(
                        new Request("POST", path, "", headers),
                        new ByteArrayInputStream(body),
                        body.length));
        return records.only().path("userIdentity");
    }

    @Test
    void whom_an_identity_provider_vouches_for_has_a_name() throws Exception {
        assertThat(
                        assumed(
                                "AssumeRoleWithWebIdentity",
                                "<SubjectFromWebIdentityToken>u-7</SubjectFromWebIdentityToken><Audience>shop</Audience><Provider>id.example.org</Provider>"))
                .isEqualTo(
                        JSON.readTree(
                                """
                                {"type":"WebIdentityUser","principalId":"id.example.org:shop:u-7",
                                 "userName":"u-7","identityProvider":"id.example.org"}\
                                """));
    }

    @Test
    void so_has_one_of_saml() throws Exception {
        assertThat(
                        assumed(
                                "AssumeRoleWithSAML",
                                "<Subject>mary</Subject><NameQualifier>Q1w2</NameQualifier>"))
                .isEqualTo(
                        JSON.readTree(
                                """
                                {"type":"SAMLUser","principalId":"Q1w2:mary",
                                 "userName":"mary","identityProvider":"Q1w2"}\
                                """));
    }

    @Test
    void whom_nobody_vouches_for_stays_nameless() throws Exception {
        assertThat(assumed("AssumeRoleWithSAML", "<Subject>mary</Subject>").path("type").asText())
                .isEqualTo("AWSAccount");
    }

    private static final String VOUCHED_FOR =
            "<Subject>mary</Subject><NameQualifier>Q1w2</NameQualifier>";

    @Test
    void what_another_path_than_that_of_sts_answers_vouches_for_nobody() throws Exception {
        assertThat(
                        assumed("/bucket/key", Headers.NONE, "AssumeRoleWithSAML", VOUCHED_FOR)
                                .path("type")
                                .asText())
                .isEqualTo("AWSAccount");
    }

    @Test
    void what_another_service_answers_vouches_for_nobody() throws Exception {
        service = "iam";
        var sts =
                Headers.of(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=/20261121/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=0");

        assertThat(assumed("/", sts, "AssumeRoleWithSAML", VOUCHED_FOR).path("type").asText())
                .isNotEqualTo("SAMLUser");
    }

    @Test
    void who_signs_with_what_is_no_key_is_unknown_and_not_anonymous() throws Exception {
        var signed =
                Headers.of(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=%s/20261121/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=0"
                                .formatted("A".repeat(129)));

        var identity = assumed("/", signed, "AssumeRoleWithSAML", VOUCHED_FOR);

        assertThat(identity.path("type").asText()).isEqualTo("Unknown");
        assertThat(identity.has("accessKeyId")).isFalse();
    }

    @Test
    void a_name_that_reads_as_another_is_none() throws Exception {
        // Turns what follows round, to the eye.
        assertThat(
                        assumed("AssumeRoleWithSAML", VOUCHED_FOR.replace("mary", "&#x202e;mary"))
                                .path("type")
                                .asText())
                .isEqualTo("AWSAccount");
    }

    @Test
    void nobody_there_is_recorded() throws Exception {
        var gateway = before(NOBODY, Duration.ofSeconds(60), List.of());

        assertThat(gateway.pass(get()).status()).isEqualTo(502);
        assertThat(records.only().path("errorCode").asText()).isEqualTo("UpstreamUnavailable");
    }

    @Test
    void silence_is_recorded() throws Exception {
        server =
                new ScriptedServer(peer -> {
                    peer.head();
                    peer.rest();
                });
        var gateway = before(server.address(), Duration.ofMillis(200), List.of());

        assertThat(gateway.pass(get()).status()).isEqualTo(504);
        assertThat(records.only().path("errorCode").asText()).isEqualTo("UpstreamTimeout");
    }

    @Test
    void a_call_that_is_known_to_take_its_time_may_be_silent_for_longer() throws Exception {
        var others = new CountDownLatch(1);
        server =
                new ScriptedServer(peer -> {
                    if (peer.head().startsWith("POST")) {
                        try {
                            others.await();
                        } catch (InterruptedException _) {
                            Thread.currentThread().interrupt();
                        }
                        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
                    } else {
                        peer.rest();
                    }
                });
        var gateway = before(server.address(), Duration.ofMillis(200), List.of());
        var poll =
                arrival(
                        new Request(
                                "POST",
                                "/",
                                "",
                                Headers.of(
                                        "X-Amz-Target",
                                        "SimpleWorkflowService.PollForDecisionTask",
                                        "Authorization",
                                        "AWS4-HMAC-SHA256 Credential=AKIASOMEONE/20261121/eu-west-1/swf/aws4_request, SignedHeaders=host, Signature=0")),
                        InputStream.nullInputStream(),
                        0);

        var polled = new FutureTask<>(() -> gateway.pass(poll));
        Thread.ofVirtual().start(polled);
        server.nextHead();
        // Whoever asks after it is given up before it is answered.
        assertThat(gateway.pass(get()).status()).isEqualTo(504);
        others.countDown();

        assertThat(polled.get().status()).isEqualTo(200);
    }

    @Test
    void a_head_byte_by_byte_is_recorded_as_one_that_took_too_long() throws Exception {
        server =
                new ScriptedServer(peer -> {
                    peer.head();
                    peer.drip(
                            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Duration.ofMillis(20));
                });
        var gateway = before(server.address(), Duration.ofMillis(200), List.of());

        var relay = gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5));

        assertThat(relay.status()).isEqualTo(504);
        assertThat(records.only().path("errorCode").asText()).isEqualTo("UpstreamTimeout");
    }

    @Test
    void interim_answers_without_end_are_recorded_as_no_http() throws Exception {
        var gateway =
                before(peer -> {
                    peer.head();
                    while (true) {
                        peer.say("HTTP/1.1 102 Processing\r\n\r\n");
                    }
                });

        assertThat(gateway.pass(get()).status()).isEqualTo(502);
        assertThat(records.only().path("errorCode").asText()).isEqualTo("UpstreamMalformed");
    }

    @Test
    void half_an_answer_is_recorded_and_never_looks_whole() throws Exception {
        var gateway =
                before(peer -> {
                    peer.head();
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + "x".repeat(2000));
                });

        var relay = gateway.pass(get());
        assertThatThrownBy(() -> relay.body().write(OutputStream.nullOutputStream()))
                .isInstanceOf(UpstreamException.class);

        assertThat(records.only().path("errorCode").asText()).isEqualTo("UpstreamCut");
    }

    @Test
    void a_short_half_answer_becomes_an_error_of_the_gateway() throws Exception {
        var gateway =
                before(peer -> {
                    peer.head();
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\nxx");
                });

        assertThat(gateway.pass(get()).status()).isEqualTo(502);
        assertThat(records.only().path("errorCode").asText()).isEqualTo("UpstreamCut");
    }

    @Test
    void a_client_that_goes_while_it_is_answered_is_recorded() throws Exception {
        var gateway =
                before(peer -> {
                    peer.head();
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + "x".repeat(3000));
                });
        var gone =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("gone");
                    }
                };

        var relay = gateway.pass(get());
        assertThatThrownBy(() -> relay.body().write(gone)).hasMessage("gone");

        assertThat(records.only().path("errorCode").isMissingNode()).isTrue();
        assertThat(records.only().path("additionalEventData").path("clientGone").asBoolean())
                .isTrue();
    }

    @Test
    void a_small_body_that_breaks_off_never_reaches_the_upstream() throws Exception {
        var gateway = before(peer -> peer.head());

        var relay = gateway.pass(put(new ByteArrayInputStream(new byte[3]), 5));

        assertThat(relay.status()).isEqualTo(400);
        assertThat(server().connections()).isZero();
        assertThat(records.only().path("errorCode").asText()).isEqualTo("IncompleteBody");
    }

    @Test
    void a_large_body_that_breaks_off_is_recorded() throws Exception {
        var gateway =
                before(peer -> {
                    peer.head();
                    peer.rest();
                });

        var relay = gateway.pass(put(new ByteArrayInputStream(new byte[2000]), 5000));

        assertThat(relay.status()).isEqualTo(400);
        assertThat(records.only().path("errorCode").asText()).isEqualTo("IncompleteBody");
    }

    @Test
    void errors_come_in_the_form_of_the_protocol() throws Exception {
        var gateway = before(peer -> peer.head());
        records.full = true;

        assertThat(text(gateway.pass(get("X-Amz-Target", "DynamoDB_20120810.GetItem"))))
                .startsWith("{\"__type\":\"ServiceUnavailable\"");
        var head = new Request("HEAD", "/bucket/key", "", Headers.of("Host", "s3.example"));
        assertThat(text(gateway.pass(arrival(head, InputStream.nullInputStream(), 0)))).isEmpty();
    }

    private static void forward(CallJournal journal, Records records) {
        try {
            assertThat(new Forwarder(journal, records, InstantSource.fixed(NOW)).forward())
                    .isEmpty();
        } catch (InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        }
    }

    private void forward() {
        forward(Objects.requireNonNull(journal), records);
    }

    /// What a process that died just now would leave.
    private List<JsonNode> left() throws IOException {
        var later = new Records();
        forward(
                CallJournal.open(
                        disk.crash(new Random(1)), "gateway", CallJournal.Settings.DEFAULT),
                later);
        var left = new ArrayList<JsonNode>();
        for (var entry : later.entries) {
            left.add(JSON.readTree(entry.json()));
        }
        return left;
    }

    @Test
    void what_may_change_something_is_written_down_before_the_upstream_sees_it() throws Exception {
        var seen = new ArrayList<JsonNode>();
        var gateway =
                before(peer -> {
                    peer.head();
                    seen.addAll(left());
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                });

        gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5));

        assertThat(seen).hasSize(1);
        assertThat(seen.getFirst().path("errorCode").asText()).isEqualTo("OutcomeUnknown");
        assertThat(seen.getFirst().path("eventName").asText()).isEqualTo("PutObject");
        assertThat(seen.getFirst().path("eventID")).isEqualTo(records.only().path("eventID"));
        assertThat(records.only().path("errorCode").isMissingNode()).isTrue();
    }

    @Test
    void a_call_that_only_asks_is_written_down_before_a_long_answer_is_let_out() throws Exception {
        var gateway =
                before(peer -> {
                    peer.head();
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + "x".repeat(3000));
                    peer.head();
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                });

        var relay = gateway.pass(get());
        assertThat(disk.list("gateway")).hasSize(1);
        assertThat(records.entries).isEmpty();
        assertThat(text(relay)).hasSize(3000);
        assertThat(records.entries).hasSize(1);
        gateway.pass(get());

        // A short answer is held back, and needs nothing written down.
        var left = left();
        assertThat(left).hasSize(1);
        assertThat(left.getFirst().path("eventID").asText())
                .isEqualTo(records.entries.getFirst().id());
    }

    @Test
    void what_cannot_be_written_down_is_not_passed_on() throws Exception {
        var gateway = before(peer -> peer.head());
        disk.capacity(0);

        var relay = gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5));

        assertThat(relay.status()).isEqualTo(503);
        assertThat(server().connections()).isZero();
        assertThat(gateway.turnedAway()).isOne();
    }

    @Test
    void what_is_pushed_back_for_too_long_is_recorded_later_as_what_it_was() throws Exception {
        recordMax = Duration.ZERO;
        var gateway = before(GatewayTest::answerAll);
        records.pushbacks = 2;

        assertThat(gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5)).status())
                .isEqualTo(503);
        assertThat(gateway.pass(get()).status()).isEqualTo(503);
        assertThat(gateway.unrecorded()).isEqualTo(2);
        assertThat(records.entries).isEmpty();
        forward();

        assertThat(records.entries)
                .extracting(entry -> JSON.readTree(entry.json()).path("eventName").asText())
                .containsExactly("PutObject", "GetObject");
        assertThat(records.entries)
                .allMatch(entry -> !new String(entry.json(), UTF_8).contains("OutcomeUnknown"));
    }

    @Test
    void what_neither_ledger_nor_disk_take_is_recorded_later_as_it_was_begun() throws Exception {
        recordMax = Duration.ZERO;
        var gateway =
                before(peer -> {
                    peer.head();
                    disk.capacity(0);
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                });
        records.pushbacks = 1;

        assertThat(gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5)).status())
                .isEqualTo(503);
        forward();
        forward();

        assertThat(records.only().path("errorCode").asText()).isEqualTo("OutcomeUnknown");
    }

    /// Answers every request, objects called `long` at length and those called `none` with 404.
    private static void answerAll(ScriptedServer.Peer peer) throws IOException {
        while (true) {
            var head = peer.head();
            if (head.startsWith("PUT")) {
                peer.body(5);
            }
            var path = head.split(" ", 3)[1];
            peer.say(
                    path.endsWith("long")
                            ? "HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + "x".repeat(3000)
                            : path.endsWith("none")
                                    ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                                    : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
    }

    private static Arrival read(String key) {
        return arrival(
                new Request("GET", "/bucket/" + key, "", get().head().headers()),
                InputStream.nullInputStream(),
                0);
    }

    @Test
    void in_spool_mode_a_client_has_its_answer_while_the_ledger_takes_nothing() throws Exception {
        spoolBytes = 1 << 20;
        var gateway = before(GatewayTest::answerAll);
        records.full = true;

        assertThat(gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5)).status())
                .isEqualTo(200);
        assertThat(text(gateway.pass(read("long")))).hasSize(3000);
        assertThat(gateway.pass(read("none")).status()).isEqualTo(404);
        assertThat(records.entries).isEmpty();
        records.full = false;
        forward();
        forward();

        assertThat(records.entries)
                .extracting(entry ->
                        JSON.readTree(entry.json()).path("eventName").asText()
                                + " "
                                + JSON.readTree(entry.json()).path("errorCode").asText())
                .containsExactly("PutObject ", "GetObject ", "GetObject NotFound");
    }

    @Test
    void in_spool_mode_what_is_answered_outlives_the_machine() throws Exception {
        spoolBytes = 1 << 20;
        var gateway = before(GatewayTest::answerAll);

        gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5));

        var left = left();
        assertThat(left).hasSize(1);
        assertThat(left.getFirst().path("eventName").asText()).isEqualTo("PutObject");
        assertThat(left.getFirst().path("errorCode").isMissingNode()).isTrue();
    }

    @Test
    void while_the_spool_is_full_no_call_reaches_the_upstream() throws Exception {
        spoolBytes = 100;
        var gateway = before(GatewayTest::answerAll);
        records.full = true;
        assertThat(gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5)).status())
                .isEqualTo(200);
        assertThat(server().otherHeads()).hasSize(1);

        for (var arrival : List.of(put(new ByteArrayInputStream(new byte[5]), 5), read("key"))) {
            var relay = gateway.pass(arrival);
            assertThat(relay.status()).isEqualTo(503);
            assertThat(relay.headers().first("retry-after")).contains("1");
            assertThat(text(relay)).contains("in the gateway's spool");
        }
        assertThat(server().otherHeads()).isEmpty();
        assertThat(gateway.turnedAway()).isEqualTo(2);
        records.full = false;
        forward();

        assertThat(records.entries).hasSize(1);
        assertThat(gateway.pass(read("key")).status()).isEqualTo(200);
    }

    @Test
    void what_the_spool_cannot_begin_is_not_passed_on() throws Exception {
        spoolBytes = 1 << 20;
        var gateway = before(GatewayTest::answerAll);
        disk.capacity(0);

        assertThat(gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5)).status())
                .isEqualTo(503);
        assertThat(server().connections()).isZero();
    }

    @Test
    void what_the_spool_cannot_keep_goes_to_the_ledger_at_once() throws Exception {
        spoolBytes = 1 << 20;
        var gateway =
                before(peer -> {
                    peer.head();
                    disk.capacity(0);
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                });

        assertThat(gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5)).status())
                .isEqualTo(200);
        assertThat(records.only().path("errorCode").isMissingNode()).isTrue();
    }

    @Test
    void only_reads_that_go_well_are_left_out_and_they_are_counted() throws Exception {
        sampling = new Sampling(0, () -> 0);
        var gateway = before(GatewayTest::answerAll);

        assertThat(gateway.pass(read("key")).status()).isEqualTo(200);
        assertThat(text(gateway.pass(read("long")))).hasSize(3000);
        assertThat(records.entries).isEmpty();
        assertThat(disk.files()).isEmpty();
        assertThat(gateway.leftOut()).isEqualTo(2);

        gateway.pass(read("none"));
        gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5));
        assertThat(records.entries)
                .extracting(entry -> JSON.readTree(entry.json()).path("errorCode").asText())
                .containsExactly("NotFound", "");
        assertThat(gateway.leftOut()).isEqualTo(2);
        assertThat(gateway.passed()).isEqualTo(4);
    }

    @Test
    void a_read_whose_client_goes_is_not_left_out() throws Exception {
        sampling = new Sampling(0, () -> 0);
        var gateway = before(GatewayTest::answerAll);
        var gone =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("gone");
                    }
                };

        var relay = gateway.pass(read("long"));
        assertThatThrownBy(() -> relay.body().write(gone)).hasMessage("gone");

        assertThat(records.only().path("additionalEventData").path("clientGone").asBoolean())
                .isTrue();
    }

    @Test
    void a_read_that_was_sampled_says_so() throws Exception {
        var draws = List.of(0L, Long.MAX_VALUE, -1L, 0L).iterator();
        sampling = new Sampling(0.25, draws::next);
        var gateway = before(GatewayTest::answerAll);

        for (var i = 0; i < 3; i++) {
            gateway.pass(read("key"));
        }
        gateway.pass(put(new ByteArrayInputStream(new byte[5]), 5));
        gateway.pass(read("none"));

        assertThat(gateway.leftOut()).isEqualTo(2);
        assertThat(records.entries)
                .extracting(entry ->
                        JSON.readTree(entry.json())
                                .path("additionalEventData")
                                .path("sampledReads")
                                .asDouble())
                .containsExactly(0.25, 0.0, 0.0);
    }

    @Test
    void while_nothing_can_be_recorded_no_read_is_passed_on_that_would_be_left_out()
            throws Exception {
        sampling = new Sampling(0, () -> 0);
        var gateway = before(GatewayTest::answerAll);
        records.full = true;

        assertThat(gateway.pass(read("key")).status()).isEqualTo(503);
        assertThat(server().connections()).isZero();
    }

    @Test
    void tunnels_are_not_dug() throws Exception {
        var gateway = before(peer -> peer.head());

        var head = new Request("CONNECT", "example.org:443", "", Headers.of("Host", "x"));
        assertThat(gateway.pass(arrival(head, InputStream.nullInputStream(), 0)).status())
                .isEqualTo(405);
        assertThat(server().connections()).isZero();
        assertThat(records.only().path("errorCode").asText()).isEqualTo("MethodNotAllowed");
    }

    @Test
    void the_address_comes_from_the_last_trusted_proxy() throws Exception {
        server =
                new ScriptedServer(peer -> {
                    while (true) {
                        peer.head();
                        peer.say("HTTP/1.1 204 No Content\r\n\r\n");
                    }
                });
        var gateway =
                before(
                        server.address(),
                        Duration.ofSeconds(60),
                        List.of("203.0.113.0/24", "10.0.0.0/8"));

        gateway.pass(
                get("X-Forwarded-For", "1.2.3.4, 198.51.100.7", "X-Forwarded-For", "10.1.2.3"));
        gateway.pass(get("X-Forwarded-For", "198.51.100.8, unknown"));
        gateway.pass(get());

        assertThat(records.entries)
                .extracting(entry -> JSON.readTree(entry.json()).path("sourceIPAddress").asText())
                .containsExactly("198.51.100.7", "203.0.113.9", "203.0.113.9");
    }

    @Test
    void a_region_that_is_no_name_costs_no_event() throws Exception {
        var gateway =
                before(peer -> {
                    peer.head();
                    peer.say("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
                });
        var head =
                new Request(
                        "GET",
                        "/bucket/key",
                        "",
                        Headers.of(
                                "Authorization",
                                "AWS4-HMAC-SHA256 Credential=KEY/20261121/../s3/aws4_request, Signature=0",
                                "User-Agent",
                                new String(new char[] {0xd800, 'x'})));

        assertThat(gateway.pass(arrival(head, InputStream.nullInputStream(), 0)).status())
                .isEqualTo(403);

        assertThat(records.only().path("awsRegion").asText()).isEqualTo("us-east-1");
    }

    @Test
    void long_bodies_go_on_whole_and_are_kept_in_part() throws Exception {
        var got = new java.util.concurrent.CompletableFuture<String>();
        var gateway =
                before(peer -> {
                    peer.head();
                    got.complete(peer.body(5000));
                    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                });
        var body = "0123456789".repeat(500);

        var relay = gateway.pass(put(new ByteArrayInputStream(body.getBytes(ISO_8859_1)), 5000));

        assertThat(relay.status()).isEqualTo(200);
        assertThat(got.get(30, java.util.concurrent.TimeUnit.SECONDS)).isEqualTo(body);
        assertThat(records.entries).hasSize(1);
    }

    @Test
    void whom_sts_hands_a_key_has_a_name_from_the_next_call_on() throws Exception {
        var answer =
                """
                <AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser>
                <AssumedRoleId>AROADEPLOY:ci-7</AssumedRoleId><Arn>arn:aws:sts::444455556666:assumed-role/deployer/ci-7</Arn>
                </AssumedRoleUser><Credentials><AccessKeyId>ASIADEPLOY</AccessKeyId>
                <SecretAccessKey>s3cr3t</SecretAccessKey><SessionToken>t0k3n</SessionToken>
                <Expiration>2026-11-21T02:02:03Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>\
                """;
        var gateway =
                before(peer -> {
                    while (true) {
                        var posted = peer.head().startsWith("POST");
                        var said = posted ? answer : "";
                        if (posted) {
                            peer.body(ASSUME_ROLE.length());
                        }
                        peer.say(
                                "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s"
                                        .formatted(said.length(), said));
                    }
                });
        var head =
                new Request(
                        "POST",
                        "/",
                        "",
                        Headers.of(
                                "Host",
                                "sts.example",
                                "Content-Type",
                                "application/x-www-form-urlencoded",
                                "Content-Length",
                                Integer.toString(ASSUME_ROLE.length()),
                                "Authorization",
                                "AWS4-HMAC-SHA256 Credential=AKIASOMEONE/20261121/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0"));
        var relay =
                gateway.pass(
                        arrival(
                                head,
                                new ByteArrayInputStream(ASSUME_ROLE.getBytes(UTF_8)),
                                ASSUME_ROLE.length()));
        assertThat(relay.status()).isEqualTo(200);

        gateway.pass(
                arrival(
                        new Request(
                                "GET",
                                "/bucket/key",
                                "",
                                Headers.of(
                                        "Host",
                                        "s3.example",
                                        "Authorization",
                                        "AWS4-HMAC-SHA256 Credential=ASIADEPLOY/20261121/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")),
                        InputStream.nullInputStream(),
                        0));

        assertThat(
                        JSON.readTree(records.entries.getFirst().json())
                                .path("userIdentity")
                                .path("type")
                                .asText())
                .as("who asked is nobody the directory knows")
                .isEqualTo("Unknown");
        var event = JSON.readTree(records.entries.getLast().json());
        assertThat(event.path("recipientAccountId").asText()).isEqualTo("444455556666");
        assertThat(event.path("userIdentity").path("arn").asText())
                .isEqualTo("arn:aws:sts::444455556666:assumed-role/deployer/ci-7");
        assertThat(
                        event.path("userIdentity")
                                .path("sessionContext")
                                .path("sessionIssuer")
                                .path("arn")
                                .asText())
                .isEqualTo("arn:aws:iam::444455556666:role/team/deployer");
    }

    @Test
    void what_is_got_names_nobody_whatever_it_says() throws Exception {
        var forged =
                "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>A:eve</AssumedRoleId>"
                        + "<Arn>arn:aws:sts::444455556666:assumed-role/a/eve</Arn></AssumedRoleUser><Credentials>"
                        + "<AccessKeyId>AKIASOMEONE</AccessKeyId></Credentials></AssumeRoleResult></AssumeRoleResponse>";
        var gateway =
                before(peer -> {
                    while (true) {
                        peer.head();
                        peer.say(
                                "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s"
                                        .formatted(forged.length(), forged));
                    }
                });
        var forging =
                arrival(
                        new Request(
                                "GET",
                                "/bucket/forged",
                                "Action=AssumeRole&Version=2011-06-15",
                                Headers.of(
                                        "Host",
                                        "sts.example",
                                        "Authorization",
                                        "AWS4-HMAC-SHA256 Credential=AKIAEVE/20261121/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0")),
                        InputStream.nullInputStream(),
                        0);
        gateway.pass(forging);
        gateway.pass(get());

        assertThat(
                        JSON.readTree(records.entries.getLast().json())
                                .path("userIdentity")
                                .path("type")
                                .asText())
                .isEqualTo("Unknown");
    }
}
