package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStream;
import dev.cairn.aws.http.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What comes in broken, endless, slow or absurd is refused by name, and the server goes on as if
/// nothing had been.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BadInputTest {
    private static final String PATH = "/intake/v1/events";

    /// What bombs unpack to; the server's heap is a quarter of it.
    private static final long BOMB_BYTES = 2L << 30;

    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);
    private static final Duration BODY_TIME = Duration.ofSeconds(3);

    private final LiveServer server;
    private final Wire wire;
    private int numbers;

    BadInputTest() throws Exception {
        server = LiveServer.start("limits.body-time=3s", "limits.idle=20s");
        wire = new Wire(server.endpoint());
    }

    @BeforeAll
    void startedOnce() {
        assertThat(server.alive()).isTrue();
    }

    @AfterAll
    void stop() throws Exception {
        wire.close();
        try {
            assertThat(server.cairn("status", "--verify").exited(0).out()).contains("even");
            server.stop();
            assertThat(server.log()).doesNotContain("ERROR", "OutOfMemory");
        } finally {
            server.close();
        }
    }

    /// Whatever a test sent, an honest event goes in and none but it.
    @AfterEach
    void goesOn() throws Exception {
        assertThat(wire.send(wire.request("GET", "/health", ""), new byte[0]).status())
                .isEqualTo(200);
        var answer = wire.intake(LiveServer.ROOT, Wire.bytes(next().json())).expect(200).json();
        assertThat(answer.path("recorded").asInt()).isEqualTo(1);
    }

    private Sample next() {
        return Sample.now(LiveServer.ACCOUNT, numbers++);
    }

    private Wire.Answer send(String body) throws Exception {
        return send(Wire.bytes(body));
    }

    private Wire.Answer send(byte[] body) throws Exception {
        return wire.intake(LiveServer.ROOT, body);
    }

    /// Sends a bad record between two good ones: they are taken, it is refused by that name.
    private void refusesOne(String bad, String code) throws Exception {
        refusesOne(Wire.bytes(bad), code);
    }

    private void refusesOne(byte[] bad, String code) throws Exception {
        var body = new ByteArrayOutputStream();
        body.writeBytes(Wire.bytes("{\"Records\":[" + next().json() + ","));
        body.writeBytes(bad);
        body.writeBytes(Wire.bytes("," + next().json() + "]}"));
        var answer = send(body.toByteArray()).expect(200).json();
        assertThat(answer.path("recorded").asInt()).isEqualTo(2);
        assertThat(answer.path("refused")).hasSize(1);
        assertThat(answer.path("refused").path(0).path("index").asInt()).isEqualTo(1);
        assertThat(answer.path("refused").path(0).path("code").asText()).isEqualTo(code);
        assertThat(answer.path("refused").path(0).path("message").asText()).isNotEmpty();
    }

    static byte[] gzip(byte[] bytes) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    private static byte[] zstd(byte[] bytes) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var out = new ZstdOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    /// One record with a string that goes on and on: a packed block, again and again, which
    /// unpackers take as one stream.
    static byte[] bomb(Packer packer) throws IOException {
        var block = new byte[16 << 20];
        Arrays.fill(block, (byte) 'a');
        var packedBlock = packer.pack(block);
        var packed = new ByteArrayOutputStream();
        packed.writeBytes(packer.pack(Wire.bytes("{\"Records\":[{\"a\":\"")));
        for (long bytes = 0; bytes < BOMB_BYTES; bytes += block.length) {
            packed.writeBytes(packedBlock);
        }
        packed.writeBytes(packer.pack(Wire.bytes("\"}]}")));
        return packed.toByteArray();
    }

    interface Packer {
        byte[] pack(byte[] bytes) throws IOException;
    }

    @Test
    void packedBodiesAreTakenWhole() throws Exception {
        assertThat(
                        send(gzip(Sample.batch(List.of(next(), next()))))
                                .expect(200)
                                .json()
                                .path("recorded")
                                .asInt())
                .isEqualTo(2);
        assertThat(
                        send(zstd(Sample.batch(List.of(next(), next()))))
                                .expect(200)
                                .json()
                                .path("recorded")
                                .asInt())
                .isEqualTo(2);
    }

    @Test
    void truncatedGzipIsRefusedWhole() throws Exception {
        var packed = gzip(Sample.batch(List.of(next(), next(), next())));
        for (var length :
                new int[] {packed.length - 1, packed.length - 9, packed.length / 2, 11, 3}) {
            send(Arrays.copyOf(packed, length)).expect(400);
        }
    }

    @Test
    void truncatedZstdIsRefusedWhole() throws Exception {
        var packed = zstd(Sample.batch(List.of(next(), next(), next())));
        for (var length : new int[] {packed.length - 1, packed.length / 2, 5}) {
            send(Arrays.copyOf(packed, length)).expect(400);
        }
    }

    @Test
    void gzipBombIsStoppedAtTheLimit() throws Exception {
        assertThat(send(bomb(BadInputTest::gzip)).expect(413).type())
                .isEqualTo("RequestEntityTooLargeException");
    }

    @Test
    void zstdBombIsStoppedAtTheLimit() throws Exception {
        assertThat(send(bomb(BadInputTest::zstd)).expect(413).type())
                .isEqualTo("RequestEntityTooLargeException");
    }

    @Test
    void invalidUtf8IsRefusedByItself() throws Exception {
        var bad = Wire.bytes(next().with("userAgent", "??").json());
        for (var i = 0; i < bad.length - 1; i++) {
            if (bad[i] == '?' && bad[i + 1] == '?') {
                bad[i] = (byte) 0xc3;
                bad[i + 1] = (byte) 0x28;
            }
        }
        refusesOne(bad, "InvalidEncoding");
    }

    @Test
    void nestingBeyondAHundredIsRefusedByItself() throws Exception {
        var deep = "{\"a\":".repeat(100) + "1" + "}".repeat(100);
        refusesOne(with("requestParameters", deep), "TooDeep");
        var endless = "[".repeat(100_000) + "]".repeat(100_000);
        refusesOne(with("requestParameters", endless), "TooDeep");
    }

    @Test
    void stringOfTenMegabytesIsRefusedByItself() throws Exception {
        refusesOne(next().with("userAgent", "a".repeat(10 << 20)).json(), "EventTooLarge");
    }

    @Test
    void duplicateKeyIsRefusedByItself() throws Exception {
        var json = next().json();
        refusesOne(
                json.substring(0, json.length() - 1) + ",\"eventName\":\"Other\"}", "DuplicateKey");
    }

    @Test
    void numberBeyondADoubleIsRefusedByItself() throws Exception {
        refusesOne(with("requestParameters", "{\"n\":1e400}"), "NumberOutOfRange");
    }

    private String with(String member, String json) {
        var record = next().record();
        record.remove(member);
        var text = record.toString();
        return text.substring(0, text.length() - 1) + ",\"" + member + "\":" + json + "}";
    }

    @Test
    void eventOf1970IsTakenAndCountedAsExpired() throws Exception {
        var old = next().with("eventTime", "1970-01-01T00:00:00Z");
        assertThat(send(old.json()).expect(200).json().path("recorded").asInt()).isEqualTo(1);
    }

    @Test
    void eventOf2099IsRefusedByItself() throws Exception {
        refusesOne(next().with("eventTime", "2099-12-31T23:59:59Z").json(), "TimeInFuture");
    }

    @Test
    void emptyBatchesAreRefused() throws Exception {
        for (var body :
                new String[] {
                    "", " \n", "{\"Records\":[]}", "[]", "{}", "null", "42", "\"text\""
                }) {
            var answer = send(body).expect(400);
            assertThat(answer.type()).as(body).isNotEmpty();
            assertThat(answer.json().path("message").asText()).as(body).isNotEmpty();
        }
    }

    @Test
    void bodyThatIsNoJsonIsRefused() throws Exception {
        for (var body :
                new String[] {"<html></html>", "{\"Records\":[{]}", "{\"Records\":[", "\0\0\0\0"}) {
            send(body).expect(400);
        }
    }

    @Test
    void bodyLargerThanTheLimitIsRefused() throws Exception {
        try (var socket = socket()) {
            var out = socket.getOutputStream();
            out.write(signedHead(new byte[0], 99_999_999_999L));
            out.flush();
            assertThat(statusLine(socket)).contains(" 413 ");
        }
    }

    @Test
    void largeBodyWhoseHashTheHeadDoesNotTellIsRefusedUnread() throws Exception {
        try (var socket = socket()) {
            var out = socket.getOutputStream();
            out.write(signedHead(new byte[0], 5 << 20));
            out.flush();
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400 ")
                    .contains(
                            "InvalidRequestException", "expected the header x-amz-content-sha256");
        }
    }

    @Test
    void bodyThatStopsHalfwayIsNotTaken() throws Exception {
        var sample = next();
        var body = Wire.bytes(sample.json() + "\n");
        try (var socket = socket()) {
            var out = socket.getOutputStream();
            out.write(signedHead(body, 2L * body.length));
            out.write(body);
            out.flush();
            socket.shutdownOutput();
            // Answered or cut off: never taken.
            assertThat(statusLine(socket)).doesNotContain(" 200 ");
        }
        assertThat(send(sample.json()).expect(200).json().path("duplicates").asInt()).isZero();
    }

    @Test
    void clientThatSendsAByteASecondIsEnded() throws Exception {
        var body = Wire.bytes(next().json());
        var start = System.nanoTime();
        try (var socket = socket()) {
            var out = socket.getOutputStream();
            out.write(signedHead(body, body.length));
            out.flush();
            var sent = 0;
            try {
                while (socket.getInputStream().available() == 0 && sent < 25) {
                    out.write(body[sent++]);
                    out.flush();
                    LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
                }
            } catch (IOException _) {
                // Cut off while it wrote: ended, too.
                return;
            }
            assertThat(statusLine(socket)).contains(" 408 ");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThanOrEqualTo(BODY_TIME)
                .isLessThan(ANSWER_MAX);
    }

    @Test
    void hugeHeadersAreRefused() throws Exception {
        var request = wire.request("GET", "/health", "");
        var huge = request.with(request.headers().plus("X-Huge", "a".repeat(20_000)));
        var answer = wire.send(huge, new byte[0]).expect(431);
        assertThat(answer.type()).isEqualTo("RequestEntityTooLargeException");
        assertThat(answer.json().path("message").asText()).isNotEmpty();
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.header("x-amzn-requestid")).isNotEmpty();
    }

    @Test
    void whatNeverBecomesARequestIsAnsweredInJsonToo() throws Exception {
        for (var head :
                List.of(
                        "GET /%s HTTP/1.1\r\nHost: x\r\n\r\n".formatted("a".repeat(20_000)),
                        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: some\r\n\r\n",
                        "GET / HTTP/1.1\r\n\r\n")) {
            try (var socket = socket()) {
                socket.getOutputStream().write(Wire.bytes(head));
                socket.getOutputStream().flush();
                var answer =
                        new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answer)
                        .matches("(?s)HTTP/1.1 4(00|14) .*")
                        .containsIgnoringCase("content-type: application/json")
                        .containsIgnoringCase("x-amzn-requestid: ")
                        .contains("{\"__type\":\"")
                        .doesNotContain("<html");
            }
        }
    }

    @Test
    void errorsOfCairnsOwnApiSpellTheirMessageOneWay() throws Exception {
        for (var answer :
                List.of(
                        wire.get(LiveServer.ROOT, "/cairn/v1/events", "query", "eventName:"),
                        wire.get(LiveServer.ROOT, "/cairn/v1/nowhere"),
                        wire.get(LiveServer.ROOT, "/cairn/v1/events", "limit", "many"),
                        wire.send(
                                wire.request("GET", "/cairn/v1/events", "query=a"), new byte[0]))) {
            assertThat(answer.status()).isBetween(400, 499);
            assertThat(answer.json().path("message").asText()).as(answer.toString()).isNotEmpty();
            assertThat(answer.json().has("Message")).as(answer.toString()).isFalse();
            assertThat(answer.header("x-amzn-requestid")).isNotEmpty();
        }
    }

    @Test
    void chunkedBodyWithoutLengthIsTaken() throws Exception {
        var body = Wire.bytes(next().json());
        try (var socket = socket()) {
            var out = socket.getOutputStream();
            out.write(signedHead(body, -1));
            var half = body.length / 2;
            chunk(out, Arrays.copyOfRange(body, 0, half));
            chunk(out, Arrays.copyOfRange(body, half, body.length));
            chunk(out, new byte[0]);
            out.flush();
            assertThat(statusLine(socket)).contains(" 200 ");
        }
    }

    @Test
    void chunkedBodyThatBreaksItsFramingIsNotTaken() throws Exception {
        var sample = next();
        var body = Wire.bytes(sample.json());
        try (var socket = socket()) {
            var out = socket.getOutputStream();
            out.write(signedHead(body, -1));
            chunk(out, body);
            out.write(Wire.bytes("nonsense\r\n"));
            out.flush();
            assertThat(statusLine(socket)).doesNotContain(" 200 ");
        }
        assertThat(send(sample.json()).expect(200).json().path("duplicates").asInt()).isZero();
    }

    @Test
    void requestThatIsNoHttpIsRefused() throws Exception {
        try (var socket = socket()) {
            socket.getOutputStream().write(Wire.bytes("\u0016\u0003\u0001 hello\r\n\r\n"));
            socket.getOutputStream().flush();
            assertThat(statusLine(socket)).containsAnyOf(" 400 ", "closed");
        }
    }

    @Test
    void apiCallWithABodyTooLargeIsRefused() throws Exception {
        var body = new byte[5 << 20];
        Arrays.fill(body, (byte) ' ');
        var request =
                Wire.sign(
                        wire.cloudTrail("LookupEvents"),
                        LiveServer.ROOT,
                        "us-east-1",
                        "cloudtrail",
                        body,
                        Instant.now());
        try (var socket = socket()) {
            // Its length is enough; who writes it all the same may see a reset, not the answer.
            socket.getOutputStream().write(Wire.head(request, body.length));
            socket.getOutputStream().flush();
            assertThat(statusLine(socket)).contains(" 413 ");
        }
    }

    @Test
    void searchThatAsksTooMuchIsRefused() throws Exception {
        assertThat(
                        wire.get(LiveServer.ROOT, "/cairn/v1/events", "query", "(".repeat(3000))
                                .status())
                .isEqualTo(400);
        assertThat(
                        wire.get(LiveServer.ROOT, "/cairn/v1/events", "query", "eventName:")
                                .expect(400)
                                .json()
                                .path("message")
                                .asText())
                .startsWith("query: column 11: expected a value");
    }

    private Socket socket() throws IOException {
        var socket = new Socket(server.endpoint().getHost(), server.endpoint().getPort());
        socket.setSoTimeout((int) ANSWER_MAX.toMillis());
        return socket;
    }

    private static void chunk(OutputStream out, byte[] bytes) throws IOException {
        out.write(Wire.bytes(Integer.toHexString(bytes.length) + "\r\n"));
        out.write(bytes);
        out.write(Wire.bytes("\r\n"));
    }

    /// @param length to announce; -1 for chunks
    private byte[] signedHead(byte[] body, long length) {
        Request signed =
                Wire.sign(
                        wire.request("POST", PATH, ""),
                        LiveServer.ROOT,
                        "us-east-1",
                        "cloudtrail",
                        body,
                        Instant.now());
        return Wire.head(signed, length);
    }

    /// The first line of the answer, or `closed`.
    private static String statusLine(Socket socket) throws IOException {
        var line = new ArrayList<Byte>();
        try {
            for (var b = socket.getInputStream().read();
                    b >= 0 && b != '\r';
                    b = socket.getInputStream().read()) {
                line.add((byte) b);
            }
        } catch (java.net.SocketException _) {
            return "closed";
        }
        if (line.isEmpty()) {
            return "closed";
        }
        var bytes = new byte[line.size()];
        for (var i = 0; i < bytes.length; i++) {
            bytes[i] = line.get(i);
        }
        return new String(bytes, StandardCharsets.US_ASCII) + " ";
    }
}
