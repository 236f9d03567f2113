package dev.cairn.server.door;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.access.Access;
import dev.cairn.account.Accounts;
import dev.cairn.account.Credentials;
import dev.cairn.account.Token;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.Payload;
import dev.cairn.aws.sigv4.RequestSigner;
import dev.cairn.aws.sigv4.Signature;
import dev.cairn.catalog.Outbox;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.event.Place;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.gateway.source.KubernetesAudit;
import dev.cairn.gateway.source.MinioAudit;
import dev.cairn.gateway.source.SignIns;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import dev.cairn.server.http.Bodies;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IntakeDoorTest {
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-11-21T08:00:00Z"));
    private static final String ACCOUNT = "123456789012";
    private static final String KEY = "AKIAIOSFODNN7EXAMPLE";
    private static final int LARGE = 5 << 20;
    private static final int MEMORY = 64 << 20;

    @TempDir private Path folder;
    private SegmentLedger ledger;
    private MemoryCatalog catalog;
    private Accounts accounts;
    private IntakeDoor door;

    @BeforeEach
    void open() throws Exception {
        open(0);
    }

    private void open(long diskFreeMin) throws Exception {
        ledger =
                SegmentLedger.open(
                        new RealDisk(folder),
                        LedgerSettings.DEFAULTS.withDiskFreeMin(diskFreeMin),
                        CLOCK);
        catalog = new MemoryCatalog();
        var seed = new AtomicInteger();
        Secrets secrets =
                count -> {
                    var bytes = new byte[count];
                    new Random(seed.incrementAndGet()).nextBytes(bytes);
                    return bytes;
                };
        accounts =
                Accounts.open(
                        catalog,
                        new Vault(new byte[Vault.MASTER_KEY_BYTES], secrets),
                        secrets,
                        CLOCK,
                        new Accounts.Settings(
                                ACCOUNT, new Credentials(KEY, new Secret("right secret"))));
        door =
                new IntakeDoor(
                        new Authenticator(accounts, CLOCK),
                        new Access(ACCOUNT),
                        ledger,
                        CLOCK,
                        new IntakeDoor.Limits(16 << 20, 256 << 10),
                        new Bodies(folder.resolve("absent"), MEMORY, 16),
                        IntakeDoor.Sources.of(
                                "eu-west-1",
                                List.of(
                                        new MinioAudit(new Principals(catalog, accounts)),
                                        new KubernetesAudit(),
                                        new SignIns())),
                        new OwnCalls(
                                ledger,
                                new Outbox(catalog, ledger),
                                accounts,
                                secrets,
                                CLOCK,
                                "us-east-1"));
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    private static Reply take(IntakeDoor door, Request head, InputStream body)
            throws InterruptedException {
        return door.take(
                new Exchange(head, body, LARGE, "203.0.113.9", null),
                Signature.read(head),
                "request-1");
    }

    @Test
    void a_large_body_is_not_taken_in_when_the_head_already_shows_a_wrong_signature()
            throws Exception {
        var sha256 = "0".repeat(64);
        var head =
                new RequestSigner(KEY, "wrong secret", Optional.empty(), "us-east-1", "cloudtrail")
                        .sign(
                                new Request(
                                        "POST",
                                        "/intake/v1/events",
                                        "",
                                        Headers.of("Host", "127.0.0.1")),
                                new Payload.Declared(sha256),
                                sha256,
                                CLOCK.instant());
        var untouched = InputStream.nullInputStream();
        untouched.close();

        var reply = take(door, head, untouched);

        assertThat(reply.status()).isEqualTo(403);
        assertThat(reply.headers()).containsEntry("Connection", "close");
    }

    @Test
    void a_body_that_finds_no_room_is_pushed_back_and_not_refused() throws Exception {
        Token.Made made =
                catalog.<Token.Made, RuntimeException>write(
                        tx -> accounts.createToken(tx, ACCOUNT, Token.Purpose.INTAKE));
        var head =
                new Request(
                        "POST",
                        "/intake/v1/events",
                        "",
                        Headers.of("Authorization", "Bearer " + made.bearer().reveal()));

        var reply = take(door, head, new ByteArrayInputStream(new byte[LARGE]));

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.headers()).containsKey("Retry-After");
    }

    private Reply chunked(String framed, String payload) throws Exception {
        var unsigned =
                new Request(
                        "POST",
                        "/intake/v1/events",
                        "",
                        Headers.of("Host", "localhost", "x-amz-content-sha256", payload));
        var signer =
                new RequestSigner(KEY, "right secret", Optional.empty(), "us-east-1", "cloudtrail");
        var head =
                signer.sign(
                        unsigned,
                        new Payload.Chunked(
                                !payload.contains("UNSIGNED"), payload.endsWith("TRAILER")),
                        "",
                        CLOCK.instant());
        var bytes = framed.getBytes(UTF_8);
        return door.take(
                new Exchange(
                        head, new ByteArrayInputStream(bytes), bytes.length, "203.0.113.9", null),
                Signature.read(head),
                "request-1");
    }

    @Test
    void a_body_in_chunks_is_unframed() throws Exception {
        var event =
                """
                {"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2026-11-21T07:00:00Z",\
                "eventSource":"s3.amazonaws.com","eventName":"X","awsRegion":"us-east-1",\
                "eventID":"6f9619ff-8b86-4d01-b42d-00c04fc964ff","recipientAccountId":"123456789012"}\
                """;
        var reply =
                chunked(
                        "%x\r\n%s\r\n0\r\n\r\n".formatted(event.length(), event),
                        "STREAMING-UNSIGNED-PAYLOAD-TRAILER");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(ledger.span(0).end()).isEqualTo(1);
    }

    @Test
    void a_chunk_with_another_signature_is_refused_and_nothing_is_recorded() throws Exception {
        var reply =
                chunked(
                        "2;chunk-signature=%s\r\n{}\r\n".formatted("0".repeat(64)),
                        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");

        assertThat(reply.status()).isEqualTo(403);
        // Nothing but the event of the refusal itself.
        assertThat(ledger.read(new Position(0, 0), 2, 1 << 20).items())
                .singleElement()
                .asString()
                .contains("OWN");
    }

    private static final String MINIO_PUT =
            """
            {"version":"1","time":"2026-11-21T07:59:00Z","api":{"name":"PutObject","bucket":"finance","object":"q3","statusCode":200},"requestID":"A1"}
            """;

    private Reply post(String path, byte[] body) throws Exception {
        Token.Made made =
                catalog.<Token.Made, RuntimeException>write(
                        tx -> accounts.createToken(tx, ACCOUNT, Token.Purpose.INTAKE));
        var head =
                new Request(
                        "POST",
                        path,
                        "",
                        Headers.of("Authorization", "Bearer " + made.bearer().reveal()));
        return door.take(
                new Exchange(
                        head, new ByteArrayInputStream(body), body.length, "203.0.113.9", null),
                Signature.read(head),
                "request-1");
    }

    private JsonNode answered(Reply reply) throws Exception {
        return new ObjectMapper().readTree(((Reply.Whole) reply.body()).bytes());
    }

    private List<Place> places() throws Exception {
        return ledger.read(new Position(0, 0), 10, 1 << 20).items().stream()
                .map(item -> ((Slice.Held) item).entry().place())
                .toList();
    }

    @Test
    void what_a_source_says_is_on_disk_before_the_answer_and_known_when_it_comes_again()
            throws Exception {
        var reply = post("/intake/v1/minio", MINIO_PUT.getBytes(UTF_8));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(answered(reply).path("recorded").asInt()).isEqualTo(1);
        assertThat(answered(reply).path("positions").path(0).asText()).isEqualTo("0:0");
        assertThat(ledger.span(0).end()).isEqualTo(1);

        var again = post("/intake/v1/minio", MINIO_PUT.repeat(2).getBytes(UTF_8));

        assertThat(again.status()).isEqualTo(200);
        assertThat(answered(again).path("duplicates").asInt()).isEqualTo(2);
        assertThat(ledger.span(0).end()).isEqualTo(1);
        assertThat(places()).containsExactly(new Place(ACCOUNT, "eu-west-1"));
    }

    @Test
    void the_path_says_where_the_events_of_a_source_belong() throws Exception {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(MINIO_PUT.getBytes(UTF_8));
        }

        assertThat(
                        post("/intake/v1/minio/" + ACCOUNT + "/us-west-2", packed.toByteArray())
                                .status())
                .isEqualTo(200);
        assertThat(post("/intake/v1/minio/sa-east-1", packed.toByteArray()).status())
                .isEqualTo(200);

        assertThat(places())
                .containsExactly(new Place(ACCOUNT, "us-west-2"), new Place(ACCOUNT, "sa-east-1"));
    }

    @Test
    void a_token_records_for_its_account_only() throws Exception {
        var reply = post("/intake/v1/minio/999988887777", MINIO_PUT.getBytes(UTF_8));

        assertThat(reply.status()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/intake/v1/",
                "/intake/v1/syslog",
                "/intake/v1/minio/",
                "/intake/v1/minio/eu_west_1",
                "/intake/v1/minio/eu-west-1/eu-west-1",
                "/intake/v1/minio/eu-west-1/111122223333",
                "/intake/v1/events/eu-west-1"
            })
    void other_paths_are_none(String path) throws Exception {
        var reply = post(path, MINIO_PUT.getBytes(UTF_8));

        assertThat(reply.status()).isEqualTo(404);
        assertThat(answered(reply).path("message").asText()).contains("/intake/v1/kubernetes");
    }

    @Test
    void what_holds_nothing_to_record_is_answered_as_done() throws Exception {
        var probe = post("/intake/v1/minio", "{}".getBytes(UTF_8));
        var list =
                post(
                        "/intake/v1/kubernetes",
                        "{\"kind\":\"EventList\",\"items\":[]}".getBytes(UTF_8));

        assertThat(probe.status()).isEqualTo(200);
        assertThat(answered(probe).path("passedOver").asInt()).isEqualTo(1);
        assertThat(list.status()).isEqualTo(200);
        assertThat(ledger.span(0).end()).isZero();
    }

    @Test
    void a_source_is_told_what_of_it_was_refused() throws Exception {
        var some = post("/intake/v1/minio", (MINIO_PUT + "nonsense\n").getBytes(UTF_8));
        var none = post("/intake/v1/sign-ins", "{\"user\":\"mary\"}".getBytes(UTF_8));

        assertThat(some.status()).isEqualTo(200);
        assertThat(answered(some).path("refused").path(0).path("index").asInt()).isEqualTo(1);
        assertThat(none.status()).isEqualTo(400);
        assertThat(answered(none).path("refused").path(0).path("code").asText())
                .isEqualTo("MissingField");
    }

    @Test
    void the_same_id_of_a_form_with_another_content_is_a_conflict() throws Exception {
        var signIn =
                """
                {"id":"1","time":"2026-11-21T07:59:00Z","result":"Success","user":{"name":"mary"},"sourceIPAddress":"203.0.113.9"}\
                """;

        assertThat(post("/intake/v1/sign-ins", signIn.getBytes(UTF_8)).status()).isEqualTo(200);
        var other =
                post("/intake/v1/sign-ins", signIn.replace("Success", "Failure").getBytes(UTF_8));

        assertThat(other.status()).isEqualTo(400);
        assertThat(answered(other).path("refused").path(0).path("code").asText())
                .isEqualTo("EventIdConflict");
    }

    @Test
    void a_source_is_pushed_back_while_nothing_can_be_recorded() throws Exception {
        ledger.close();
        open(Long.MAX_VALUE);

        var reply = post("/intake/v1/minio", MINIO_PUT.getBytes(UTF_8));

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.headers()).containsKey("Retry-After");
    }
}
