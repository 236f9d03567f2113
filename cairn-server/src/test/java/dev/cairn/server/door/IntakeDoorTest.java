package dev.cairn.server.door;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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
import dev.cairn.ledger.Position;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import dev.cairn.server.http.Bodies;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        ledger =
                SegmentLedger.open(
                        new RealDisk(folder), LedgerSettings.DEFAULTS.withDiskFreeMin(0), CLOCK);
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
}
