package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.Payload;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Nobody is trusted who has not signed, with their own secret, just this request, just now: and
/// whoever tried is in the history.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SignatureTest {
    private static final String REGION = "us-east-1";
    private static final Duration FOUND_MAX = Duration.ofSeconds(20);
    private static final Duration TOO_FAR = Duration.ofMinutes(16);

    private final LiveServer server;
    private final Wire wire;

    SignatureTest() throws Exception {
        server = LiveServer.start();
        wire = new Wire(server.endpoint());
    }

    @BeforeAll
    void startedOnce() {
        assertThat(server.alive()).isTrue();
    }

    @AfterAll
    void stop() {
        wire.close();
        server.close();
    }

    /// The three protocols, one call in each.
    enum Speech {
        JSON("cloudtrail", "{}"),
        QUERY("sts", "Action=GetCallerIdentity&Version=2011-06-15"),
        REST_JSON("cairn", "");

        private final String service;
        private final String body;

        Speech(String service, String body) {
            this.service = service;
            this.body = body;
        }

        Request request(Wire wire) {
            return switch (this) {
                case JSON -> wire.cloudTrail("LookupEvents");
                case QUERY -> wire.sts();
                case REST_JSON -> wire.request("GET", "/cairn/v1/accounts", "limit=1");
            };
        }
    }

    /// What goes out.
    record Sent(Request request, String body) {}

    /// How a request is spoilt.
    enum Fault {
        WRONG_SECRET("InvalidSignatureException", "SignatureDoesNotMatch", 403),
        UNKNOWN_KEY("UnrecognizedClientException", "InvalidClientTokenId", 403),
        ALTERED_BODY("InvalidSignatureException", "SignatureDoesNotMatch", 403),
        ALTERED_HEADER("InvalidSignatureException", "SignatureDoesNotMatch", 403),
        REMOVED_HEADER("InvalidSignatureException", "SignatureDoesNotMatch", 403),
        ALTERED_PATH("InvalidSignatureException", "SignatureDoesNotMatch", 403),
        ALTERED_QUERY("InvalidSignatureException", "SignatureDoesNotMatch", 403),
        ALTERED_REGION("InvalidSignatureException", "SignatureDoesNotMatch", 403),
        UNSIGNED_AMZ_HEADER("InvalidSignatureException", "SignatureDoesNotMatch", 403),
        TOO_OLD("InvalidSignatureException", "SignatureDoesNotMatch", 403),
        TOO_EARLY("InvalidSignatureException", "SignatureDoesNotMatch", 403),
        PRESIGNED_AND_EXPIRED("InvalidSignatureException", "RequestExpired", 400),
        WRONG_DAY("InvalidSignatureException", "SignatureDoesNotMatch", 403),
        WRONG_TERMINATOR("InvalidSignatureException", "SignatureDoesNotMatch", 403),
        NO_DATE("IncompleteSignatureException", "IncompleteSignature", 400),
        NO_SIGNATURE_PART("IncompleteSignatureException", "IncompleteSignature", 400),
        MALFORMED("IncompleteSignatureException", "IncompleteSignature", 400),
        OTHER_ALGORITHM("IncompleteSignatureException", "IncompleteSignature", 400),
        UNSIGNED("MissingAuthenticationTokenException", "MissingAuthenticationToken", 403);

        private final String jsonCode;
        private final String queryCode;
        private final int queryStatus;

        Fault(String jsonCode, String queryCode, int queryStatus) {
            this.jsonCode = jsonCode;
            this.queryCode = queryCode;
            this.queryStatus = queryStatus;
        }

        Sent make(Request whole, Speech speech, Instant now) {
            var body = speech.body;
            var stranger = new LiveServer.Credentials("AKIANOBODYKNOWSTHIS0", "whatever it may be");
            var forger = new LiveServer.Credentials(LiveServer.ROOT.accessKeyId(), "a guess");
            var honest = signed(whole, LiveServer.ROOT, speech, now);
            return switch (this) {
                case WRONG_SECRET -> new Sent(signed(whole, forger, speech, now), body);
                case UNKNOWN_KEY -> new Sent(signed(whole, stranger, speech, now), body);
                case ALTERED_BODY -> new Sent(honest, body + " ");
                case ALTERED_HEADER -> new Sent(replaced(honest, "X-Sample", "other"), body);
                case REMOVED_HEADER ->
                        new Sent(honest.with(honest.headers().without("X-Sample")), body);
                case ALTERED_PATH -> new Sent(moved(honest, honest.rawPath() + "x"), body);
                case ALTERED_QUERY ->
                        new Sent(
                                new Request(
                                        honest.method(),
                                        honest.rawPath(),
                                        "limit=2",
                                        honest.headers()),
                                body);
                case ALTERED_REGION ->
                        new Sent(authorization(honest, "/" + REGION + "/", "/eu-west-1/"), body);
                case UNSIGNED_AMZ_HEADER ->
                        new Sent(
                                honest.with(honest.headers().plus("X-Amz-Sample", "unsigned")),
                                body);
                case TOO_OLD ->
                        new Sent(signed(whole, LiveServer.ROOT, speech, now.minus(TOO_FAR)), body);
                case TOO_EARLY ->
                        new Sent(signed(whole, LiveServer.ROOT, speech, now.plus(TOO_FAR)), body);
                case PRESIGNED_AND_EXPIRED ->
                        new Sent(
                                Wire.signer(LiveServer.ROOT, REGION, speech.service)
                                        .presign(
                                                whole,
                                                new Payload.Whole(),
                                                Wire.sha256(Wire.bytes(body)),
                                                now.minusSeconds(60),
                                                Duration.ofSeconds(30)),
                                body);
                case WRONG_DAY ->
                        new Sent(
                                replaced(
                                        honest,
                                        "Authorization",
                                        authorization(honest)
                                                .replaceFirst("/\\d{8}/", "/20200101/")),
                                body);
                case WRONG_TERMINATOR ->
                        new Sent(authorization(honest, "aws4_request", "aws5_request"), body);
                case NO_DATE -> new Sent(honest.with(honest.headers().without("X-Amz-Date")), body);
                case NO_SIGNATURE_PART ->
                        new Sent(
                                replaced(
                                        honest,
                                        "Authorization",
                                        authorization(honest).replaceFirst(", Signature=.*", "")),
                                body);
                case MALFORMED ->
                        new Sent(
                                replaced(honest, "Authorization", "AWS4-HMAC-SHA256 nonsense"),
                                body);
                case OTHER_ALGORITHM ->
                        new Sent(authorization(honest, "AWS4-HMAC-SHA256", "AWS4-HMAC-MD5"), body);
                case UNSIGNED -> new Sent(whole, body);
            };
        }

        private static Request signed(
                Request whole, LiveServer.Credentials by, Speech speech, Instant at) {
            return Wire.sign(whole, by, REGION, speech.service, Wire.bytes(speech.body), at);
        }

        private static Request moved(Request request, String path) {
            return new Request(request.method(), path, request.rawQuery(), request.headers());
        }

        private static Request replaced(Request request, String name, String value) {
            return request.with(request.headers().without(name).plus(name, value));
        }

        private static String authorization(Request request) {
            return request.headers().first("authorization").orElseThrow();
        }

        private static Request authorization(Request request, String from, String to) {
            return replaced(request, "Authorization", authorization(request).replace(from, to));
        }
    }

    static Stream<Arguments> faults() {
        return Stream.of(Speech.values())
                .flatMap(speech ->
                        Stream.of(Fault.values()).map(fault -> Arguments.of(speech, fault)));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void faultIsRefusedInTheProtocolsOwnFormAndFoundInHistory(Speech speech, Fault fault)
            throws Exception {
        var agent = "fault-" + UUID.randomUUID();
        var whole =
                speech.request(wire)
                        .with(
                                speech.request(wire)
                                        .headers()
                                        .plus("User-Agent", agent)
                                        .plus("X-Sample", "signed"));
        var sent = fault.make(whole, speech, Instant.now());
        var answer = wire.send(sent.request(), Wire.bytes(sent.body()));
        var code = speech == Speech.QUERY ? fault.queryCode : fault.jsonCode;
        switch (speech) {
            case JSON -> {
                answer.expect(400);
                assertThat(answer.header("content-type")).isEqualTo("application/x-amz-json-1.1");
                assertThat(answer.type()).isEqualTo(code);
            }
            case QUERY -> {
                answer.expect(fault.queryStatus);
                assertThat(answer.header("content-type")).startsWith("text/xml");
                assertThat(answer.body())
                        .contains("<ErrorResponse", "<Code>" + code + "</Code>", "<Type>Sender<");
            }
            case REST_JSON -> {
                answer.expect(403);
                assertThat(answer.header("x-amzn-errortype")).isEqualTo(code);
            }
        }
        assertThat(answer.header("x-amzn-requestid")).isNotEmpty();
        var found =
                Await.value(
                        Await.Bound.of("the refused call in history", FOUND_MAX),
                        () -> wire.search(LiveServer.ROOT, "userAgent:" + agent),
                        events -> !events.isEmpty());
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().path("errorCode").asText()).isEqualTo(code);
        assertThat(found.getFirst().path("record").asText()).doesNotContain("secret");
    }

    @Test
    void presignedRequestWithinItsTimeIsServed() throws Exception {
        var body = Speech.QUERY.body;
        var request =
                Wire.signer(LiveServer.ROOT, REGION, "sts")
                        .presign(
                                wire.sts(),
                                new Payload.Whole(),
                                Wire.sha256(Wire.bytes(body)),
                                Instant.now(),
                                Duration.ofMinutes(1));
        assertThat(wire.send(request, Wire.bytes(body)).expect(200).body())
                .contains("<Account>" + LiveServer.ACCOUNT + "</Account>");
    }

    @Test
    void callOfOneServiceSignedForAnotherDoesNothing() throws Exception {
        // One port for all services: the scope says which is meant, and that one does not know it.
        var agent = "fault-" + UUID.randomUUID();
        var body = Wire.bytes("{}");
        var request = wire.cloudTrail("LookupEvents");
        request = request.with(request.headers().plus("User-Agent", agent));
        for (var service : List.of("sts", "s3")) {
            var answer = wire.signed(LiveServer.ROOT, service, request, body);
            assertThat(answer.status()).as(service).isBetween(400, 501);
            assertThat(answer.body()).doesNotContain("Events");
        }
        var found =
                Await.value(
                        Await.Bound.of("both calls in history", FOUND_MAX),
                        () -> wire.search(LiveServer.ROOT, "userAgent:" + agent),
                        events -> events.size() == 2);
        assertThat(found).allSatisfy(event -> assertThat(event.has("errorCode")).isTrue());
    }

    @Test
    void serviceThatIsNotSpokenIsRefusedAndFoundInHistory() throws Exception {
        var agent = "fault-" + UUID.randomUUID();
        var request = wire.request("POST", "/", "");
        request =
                request.with(
                        request.headers()
                                .plus("User-Agent", agent)
                                .plus("Content-Type", "application/x-www-form-urlencoded"));
        var answer =
                wire.signed(
                        LiveServer.ROOT,
                        "ec2",
                        request,
                        Wire.bytes("Action=DescribeInstances&Version=2016-11-15"));
        assertThat(answer.status()).isEqualTo(501);
        assertThat(answer.body()).contains("Cairn does not speak the service 'ec2'");
        var found =
                Await.value(
                        Await.Bound.of("the refused call in history", FOUND_MAX),
                        () -> wire.search(LiveServer.ROOT, "userAgent:" + agent),
                        events -> events.size() == 1);
        assertThat(found.getFirst().path("errorCode").asText())
                .isEqualTo("UnsupportedOperationException");
    }

    @Test
    void intakeRefusesWhatIsNotSignedAndRecordsNothingOfIt() throws Exception {
        var sample = Sample.now(LiveServer.ACCOUNT, 7001);
        var body = Sample.batch(List.of(sample));
        var request = wire.request("POST", "/intake/v1/events", "");
        assertThat(wire.send(request, body).status()).isEqualTo(401);
        var token = request.with(request.headers().plus("Authorization", "Bearer made-up"));
        assertThat(wire.send(token, body).status()).isEqualTo(401);
        var forger = new LiveServer.Credentials(LiveServer.ROOT.accessKeyId(), "a guess");
        var wrong = wire.intake(forger, body);
        assertThat(wrong.status()).isEqualTo(403);
        assertThat(wrong.type()).isEqualTo("InvalidSignatureException");
        var altered =
                Wire.sign(request, LiveServer.ROOT, REGION, "cloudtrail", body, Instant.now());
        assertThat(wire.send(altered, Sample.batch(List.of(sample, sample))).status())
                .isEqualTo(403);
        var elsewhere = wire.signed(LiveServer.ROOT, "s3", request, body);
        assertThat(elsewhere.status()).isEqualTo(403);
        // None of these came in: now it does, for the first time.
        var answer = wire.intake(LiveServer.ROOT, body).expect(200).json();
        assertThat(answer.path("recorded").asInt()).isEqualTo(1);
        assertThat(answer.path("duplicates").asInt()).isZero();
    }

    @Test
    void strangersCannotFloodTheHistory() throws Exception {
        try (var flooded = LiveServer.start();
                var door = new Wire(flooded.endpoint())) {
            var stranger = new LiveServer.Credentials("AKIAFLOODFLOODFLOOD0", "whatever");
            var count = 100;
            var start = System.nanoTime();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var calls = new ArrayList<Callable<Wire.Answer>>();
                for (var i = 0; i < count; i++) {
                    calls.add(() -> {
                        var body = Wire.bytes("{}");
                        return door.signed(
                                stranger, "cloudtrail", door.cloudTrail("LookupEvents"), body);
                    });
                }
                for (var answer : threads.invokeAll(calls)) {
                    assertThat(answer.get().type()).isEqualTo("UnrecognizedClientException");
                }
            }
            var seconds = (System.nanoTime() - start) / 1_000_000_000 + 2;
            // A stop writes down the sums that would be written once a minute.
            flooded.stop();
            flooded.restart();
            try (var again = new Wire(flooded.endpoint())) {
                var sums =
                        Await.value(
                                Await.Bound.of("the sum in history", FOUND_MAX),
                                () -> again.search(LiveServer.ROOT, "eventName:RefusedRequests"),
                                events -> !events.isEmpty());
                var summed =
                        Wire.JSON
                                .readTree(sums.getFirst().path("record").asText())
                                .path("serviceEventDetails")
                                .path("count")
                                .asInt();
                var single =
                        again.search(
                                        LiveServer.ROOT,
                                        "userIdentity.accessKeyId:" + stranger.accessKeyId())
                                .size();
                assertThat(single).isPositive().isLessThanOrEqualTo((int) (10 * seconds));
                assertThat(single + summed).isEqualTo(count);
            }
        }
    }
}
