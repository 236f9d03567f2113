package dev.cairn.server.door;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.access.Access;
import dev.cairn.account.Credentials;
import dev.cairn.account.Token;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.WriteCheck;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.Payload;
import dev.cairn.aws.sigv4.RequestSigner;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Outbox;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.secret.SystemKeys;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.secret.Vault;
import dev.cairn.server.bucket.S3Operations;
import dev.cairn.server.http.Bodies;
import dev.cairn.server.http.BodyException;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.operation.Operations;
import dev.cairn.server.operation.StatusSource;
import dev.cairn.server.operation.TestParts;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.testkit.catalog.FaultyCatalog;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.topic.TopicKeys;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every request leaves one event under the id it was answered with, whatever became of it.
class OwnEventsTest {
    private static final InstantSource CLOCK = InstantSource.fixed(TestParts.NOW);
    private static final int BODY_BYTES_MAX = 64 << 10;
    private static final byte[] EMPTY_DOCUMENT = "{}".getBytes(UTF_8);
    private static final String INTAKE = "/intake/v1/events";

    /// The bucket whose data events are wanted.
    private static final String LOGS = "trail-logs";

    private static final FaultyCatalog.Faults NO_ANSWER =
            new FaultyCatalog.Faults() {
                @Override
                public void beforeRead() throws CatalogException {
                    throw new CatalogException(
                            CatalogException.Kind.UNAVAILABLE, "no answer (simulated)");
                }
            };

    private static final FaultyCatalog.Faults BROKEN =
            new FaultyCatalog.Faults() {
                @Override
                public void beforeRead() {
                    throw new IllegalStateException("a mistake of ours (simulated)");
                }
            };

    private static final FaultyCatalog.Faults BROKEN_CHANGES =
            new FaultyCatalog.Faults() {
                @Override
                public void inWrite() {
                    throw new IllegalStateException("a mistake of ours (simulated)");
                }
            };

    @TempDir private Path folder;
    private TestParts parts;
    private Credentials root;
    private OwnCalls ownCalls;
    private DiskArchive archive;
    private FrontDoor door;

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder.resolve("ledger"));
        root =
                parts.catalog.<Credentials, RuntimeException>write(
                        tx -> parts.accounts.rootKey(tx, TestParts.ACCOUNT));
        var access = new Access(TestParts.ACCOUNT);
        ownCalls =
                new OwnCalls(
                        parts.ledger,
                        new Outbox(parts.catalog, parts.ledger),
                        parts.accounts,
                        parts.secrets,
                        CLOCK,
                        "us-east-1");
        var authenticator = new Authenticator(parts.accounts, CLOCK);
        var bodies = new Bodies(folder, 64 << 20, 16);
        var buckets = new BucketRegister(parts.catalog);
        archive =
                DiskArchive.open(
                        new DiskArchive.Parts(
                                new RealDisk(folder.resolve("archive")),
                                new MemoryCatalog(),
                                buckets,
                                new WriteCheck(false),
                                new byte[32],
                                parts.secrets,
                                CLOCK));
        door =
                new FrontDoor(
                        new ServiceDoor(
                                parts.operations,
                                authenticator,
                                access,
                                ownCalls,
                                CLOCK,
                                new ServiceDoor.Limits(BODY_BYTES_MAX, BODY_BYTES_MAX),
                                bodies),
                        new S3Door(
                                new S3Operations(access, buckets, archive),
                                Operations.s3(),
                                authenticator,
                                ownCalls,
                                bucket -> _ -> bucket.name().equals(LOGS),
                                CLOCK,
                                new S3Door.Settings(
                                        List.of(),
                                        BODY_BYTES_MAX,
                                        1 << 20,
                                        "us-east-1",
                                        Optional.empty()),
                                bodies),
                        new IntakeDoor(
                                authenticator,
                                access,
                                parts.ledger,
                                CLOCK,
                                new IntakeDoor.Limits(BODY_BYTES_MAX, BODY_BYTES_MAX),
                                bodies,
                                IntakeDoor.Sources.of("us-east-1", List.of()),
                                ownCalls),
                        new GatewayQuestions(
                                authenticator,
                                access,
                                parts.ledger,
                                new Principals(parts.catalog, parts.accounts),
                                CLOCK,
                                ownCalls),
                        new Inside(
                                new StatusSource(
                                        access,
                                        parts.ledger,
                                        List::of,
                                        ownCalls::unrecorded,
                                        Optional::empty,
                                        "test",
                                        "",
                                        TestParts.NOW),
                                () -> "numbers",
                                authenticator,
                                access,
                                CLOCK,
                                ownCalls),
                        new TopicDoor(
                                parts.topics.topics(),
                                new TopicKeys(
                                        parts.catalog,
                                        new Vault(new byte[Vault.MASTER_KEY_BYTES], parts.secrets),
                                        new SystemKeys()::make),
                                parts.operations.signedAs("sns").orElseThrow(),
                                ownCalls,
                                CLOCK));
    }

    @AfterEach
    void close() throws Exception {
        archive.close();
        parts.ledger.close();
    }

    private static Request request(String method, String path, String... headers) {
        return new Request(method, path, "", Headers.of(headers));
    }

    private static Request cloudTrail(String operation) {
        return request(
                "POST",
                "/",
                "Host",
                "localhost",
                "Content-Type",
                "application/x-amz-json-1.1",
                "X-Amz-Target",
                "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101." + operation);
    }

    private Request signed(Request head, String service, boolean declared, byte[] body)
            throws Exception {
        var hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        return new RequestSigner(
                        root.accessKeyId(),
                        root.secretAccessKey().reveal(),
                        Optional.empty(),
                        "eu-west-1",
                        service)
                .sign(
                        head,
                        declared ? new Payload.Declared(hash) : new Payload.Whole(),
                        hash,
                        CLOCK.instant());
    }

    private Reply send(Request head, byte[] body) {
        return send(head, new ByteArrayInputStream(body), body.length);
    }

    private Reply send(Request head, InputStream body, long length) {
        return door.answer(new Exchange(head, body, length, "203.0.113.9", null));
    }

    private Reply call(String operation) throws Exception {
        return send(
                signed(cloudTrail(operation), "cloudtrail", false, EMPTY_DOCUMENT), EMPTY_DOCUMENT);
    }

    private List<JsonNode> events() throws Exception {
        var events = new ArrayList<JsonNode>();
        for (var item : parts.ledger.read(new Position(0, 0), 100, 1 << 20).items()) {
            if (item instanceof Slice.Held held && held.entry().origin() == Origin.OWN) {
                events.add(new ObjectMapper().readTree(held.entry().json()));
            }
        }
        return events;
    }

    /// The one event since the first `before`; it says what the answer says.
    private JsonNode event(Reply reply, int status, int before) throws Exception {
        assertThat(reply.status()).isEqualTo(status);
        assertThat(events()).hasSize(before + 1);
        var event = events().getLast();
        assertThat(event.path("requestID").asText())
                .isEqualTo(reply.headers().get("x-amzn-RequestId"));
        return event;
    }

    private static void fails(JsonNode event, String source, String name, String code) {
        assertThat(event.path("eventSource").asText()).isEqualTo(source + ".amazonaws.com");
        assertThat(event.path("eventName").asText()).isEqualTo(name);
        assertThat(event.path("errorCode").asText()).isEqualTo(code);
        assertThat(event.path("errorMessage").asText()).isNotEmpty();
    }

    private static void byRoot(JsonNode event) {
        assertThat(event.path("userIdentity").path("type").asText()).isEqualTo("Root");
        assertThat(event.path("awsRegion").asText()).isEqualTo("eu-west-1");
    }

    private static void byStranger(JsonNode event) {
        assertThat(event.path("userIdentity").path("type").asText()).isEqualTo("Unknown");
        assertThat(event.path("recipientAccountId").asText()).isEqualTo(TestParts.ACCOUNT);
    }

    @Test
    void aCallThatSucceeds() throws Exception {
        var event = event(call("ListTrails"), 200, 0);

        byRoot(event);
        assertThat(event.path("eventName").asText()).isEqualTo("ListTrails");
        assertThat(event.has("errorCode")).isFalse();
    }

    @Test
    void aCallWhoseCatalogDoesNotAnswer() throws Exception {
        call("ListTrails");
        parts.faults = NO_ANSWER;

        var event = event(call("ListTrails"), 503, 1);

        byRoot(event);
        fails(event, "cloudtrail", "ListTrails", "ServiceUnavailable");
    }

    @Test
    void aCallOfWhichNobodyCanTellWhoseItIs() throws Exception {
        parts.faults = NO_ANSWER;

        var event = event(call("ListTrails"), 503, 0);

        byStranger(event);
        fails(event, "cloudtrail", "ListTrails", "ServiceUnavailableException");
        assertThat(event.path("userIdentity").path("accessKeyId").asText())
                .isEqualTo(root.accessKeyId());
    }

    private Reply readObjects() throws Exception {
        var document = "{\"bucket\":\"audit-logs\",\"keys\":[\"a\"]}".getBytes(UTF_8);
        return send(
                signed(
                        request("POST", "/cairn/v1/objects", "Host", "localhost"),
                        "cairn",
                        true,
                        document),
                document);
    }

    @Test
    void aCallThatRecordsWhatItStandsForIsNotRecordedItself() throws Exception {
        var asked = new ArrayList<String>();
        parts.readObjects =
                (call, exchange, requestId) -> {
                    asked.add(call.text("bucket", "") + exchange.remoteAddress() + requestId);
                    return Reply.of(200, "text/plain", "objects");
                };

        var reply = readObjects();

        assertThat(reply.status()).isEqualTo(200);
        assertThat(asked)
                .containsExactly("audit-logs203.0.113.9" + reply.headers().get("x-amzn-RequestId"));
        assertThat(events()).isEmpty();
    }

    @Test
    void aCallThatStandsForOthersAndIsRefused() throws Exception {
        parts.readObjects =
                (_, _, _) -> {
                    throw new Failure(ErrorCode.SERVICE_UNAVAILABLE, "full", Duration.ofSeconds(3));
                };

        var reply = readObjects();

        var event = event(reply, 503, 0);
        byRoot(event);
        fails(event, "cairn", "ReadObjects", "ServiceUnavailable");
        assertThat(event.path("readOnly").asBoolean()).isTrue();
        assertThat(reply.headers().get("Retry-After")).isEqualTo("3");
    }

    @Test
    void aCallThatFailsByAMistakeOfOurs() throws Exception {
        call("ListTrails");
        parts.faults = BROKEN;

        var reply = call("ListTrails");

        var event = event(reply, 500, 1);
        byRoot(event);
        fails(event, "cloudtrail", "ListTrails", "InternalFailure");
        assertThat(reply.headers().get("Content-Type")).isEqualTo("application/x-amz-json-1.1");
    }

    @Test
    void aChangeThatFailsByAMistakeOfOursIsNotMadeAndNotRecordedAsMade() throws Exception {
        call("ListTrails");
        parts.faults = BROKEN_CHANGES;
        var document = "{\"Name\":\"main\",\"S3BucketName\":\"audit-logs\"}".getBytes(UTF_8);

        var reply =
                send(signed(cloudTrail("CreateTrail"), "cloudtrail", false, document), document);

        var event = event(reply, 500, 1);
        fails(event, "cloudtrail", "CreateTrail", "InternalFailure");
        assertThat(event.path("requestParameters").path("name").asText()).isEqualTo("main");
        assertThat(event.path("responseElements").isNull()).isTrue();
    }

    @Test
    void aChangeThatIsMadeIsRecordedOnce() throws Exception {
        call("ListTrails");
        parts.faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void afterWrite() {
                        throw new IllegalStateException("a mistake of ours (simulated)");
                    }
                };
        var document = "{\"Name\":\"main\",\"S3BucketName\":\"audit-logs\"}".getBytes(UTF_8);
        send(signed(cloudTrail("CreateTrail"), "cloudtrail", false, document), document);
        parts.faults = FaultyCatalog.Faults.NONE;
        // What stands in the catalog is recorded from there.
        new Outbox(parts.catalog, parts.ledger).drain();

        assertThat(events().stream().filter(event -> !event.has("errorCode")).toList())
                .extracting(event -> event.path("eventName").asText())
                .containsExactly("ListTrails", "CreateTrail");
    }

    @Test
    void aBodyThatStopsHalfway() throws Exception {
        var half = new ByteArrayInputStream(EMPTY_DOCUMENT);

        var reply =
                send(
                        signed(cloudTrail("CreateTrail"), "cloudtrail", true, EMPTY_DOCUMENT),
                        half,
                        10L * EMPTY_DOCUMENT.length);

        var event = event(reply, 408, 0);
        byRoot(event);
        fails(event, "cloudtrail", "CreateTrail", "RequestTimeoutException");
    }

    @Test
    void aBodyThatStopsHalfwayAndOnlyItsEndWouldProveItsSender() throws Exception {
        var reply =
                send(
                        signed(cloudTrail("CreateTrail"), "cloudtrail", false, EMPTY_DOCUMENT),
                        new ByteArrayInputStream(EMPTY_DOCUMENT),
                        10L * EMPTY_DOCUMENT.length);

        var event = event(reply, 408, 0);
        byStranger(event);
        fails(event, "cloudtrail", "CreateTrail", "RequestTimeoutException");
    }

    @Test
    void aBodyThatIsTooLarge() throws Exception {
        var large = new byte[BODY_BYTES_MAX + 1];

        var event =
                event(
                        send(signed(cloudTrail("CreateTrail"), "cloudtrail", true, large), large),
                        413,
                        0);

        byRoot(event);
        fails(event, "cloudtrail", "CreateTrail", "RequestEntityTooLargeException");
    }

    @Test
    void anotherBodyThanTheOneSigned() throws Exception {
        var reply =
                send(
                        signed(cloudTrail("CreateTrail"), "cloudtrail", true, EMPTY_DOCUMENT),
                        "[]".getBytes(UTF_8));

        byStranger(event(reply, 400, 0));
    }

    @Test
    void anUnsignedCall() throws Exception {
        var event = event(send(cloudTrail("StopLogging"), EMPTY_DOCUMENT), 400, 0);

        byStranger(event);
        fails(event, "cloudtrail", "StopLogging", "MissingAuthenticationTokenException");
    }

    @Test
    void anUnsignedCallThatItsPathNames() throws Exception {
        var event = event(send(request("DELETE", "/cairn/v1/keys/AKIA0"), new byte[0]), 403, 0);

        byStranger(event);
        fails(event, "cairn", "RevokeKey", "MissingAuthenticationTokenException");
    }

    @Test
    void anS3CallByAKeyThatIsNotKnown() throws Exception {
        root = new Credentials("AKIAUNKNOWNUNKNOWN00", root.secretAccessKey());
        var head = request("PUT", "/audit-logs", "Host", "localhost");

        var event = event(send(signed(head, "s3", true, new byte[0]), new byte[0]), 403, 0);

        byStranger(event);
        fails(event, "s3", "CreateBucket", "InvalidAccessKeyId");
    }

    @Test
    void strangersAreRecordedTenTimesASecondAndTheRestIsSummed() throws Exception {
        for (var i = 0; i < 25; i++) {
            assertThat(send(cloudTrail("ListTrails"), EMPTY_DOCUMENT).status()).isEqualTo(400);
        }
        assertThat(events()).hasSize(10);

        ownCalls.recordSums();

        assertThat(events().getLast().path("eventName").asText()).isEqualTo("RefusedRequests");
        assertThat(events().getLast().path("serviceEventDetails").path("count").asInt())
                .isEqualTo(15);
    }

    @Test
    void whomTheGatewayHasNoPlaceForIsSummed() throws Exception {
        for (var i = 0; i < 3; i++) {
            ownCalls.crowdedOutOfGateway("203.0.113.9");
        }
        assertThat(events()).isEmpty();

        ownCalls.recordSums();
        ownCalls.recordSums();

        assertThat(events()).hasSize(1);
        var event = events().getLast();
        assertThat(event.path("eventName").asText()).isEqualTo("RefusedRequests");
        var details = event.path("serviceEventDetails");
        assertThat(details.path("sourceIPAddress").asText()).isEqualTo("203.0.113.9");
        assertThat(details.path("count").asInt()).isEqualTo(3);
        assertThat(details.path("reason").asText()).isEqualTo("too many requests at once");
    }

    @Test
    void thatReadsAreSampledIsAnEvent() throws Exception {
        assertThat(ownCalls.sampledReads(0.25, 75)).isTrue();

        var event = events().getLast();
        assertThat(event.path("eventName").asText()).isEqualTo("SampledReads");
        assertThat(event.path("eventType").asText()).isEqualTo("AwsServiceEvent");
        assertThat(event.path("serviceEventDetails").path("share").asDouble()).isEqualTo(0.25);
        assertThat(event.path("serviceEventDetails").path("leftOut").asInt()).isEqualTo(75);
    }

    @Test
    void thatTheTimeOfRetentionWentOnAtOnceIsAnEvent() throws Exception {
        var to = TestParts.NOW.plus(Duration.ofDays(3650));
        assertThat(ownCalls.retentionTimeJumped(Duration.ofDays(3650), to)).isTrue();

        var event = events().getLast();
        assertThat(event.path("eventName").asText()).isEqualTo("RetentionTimeJumped");
        assertThat(event.path("serviceEventDetails").path("seconds").asLong())
                .isEqualTo(Duration.ofDays(3650).toSeconds());
        assertThat(event.path("serviceEventDetails").path("to").asText()).isEqualTo(to.toString());
    }

    @Test
    void anEventThatTheLedgerDoesNotTakeIsCounted() throws Exception {
        call("ListTrails");
        parts.faults = BROKEN;
        parts.ledger.close();

        assertThat(call("ListTrails").status()).isEqualTo(500);

        assertThat(ownCalls.unrecorded()).isEqualTo(1);
    }

    @Test
    void anS3CallThatFailsByAMistakeOfOurs() throws Exception {
        call("ListTrails");
        parts.faults = BROKEN_CHANGES;

        var reply =
                send(
                        signed(
                                request("PUT", "/audit-logs", "Host", "localhost"),
                                "s3",
                                true,
                                new byte[0]),
                        new byte[0]);

        var event = event(reply, 500, 1);
        byRoot(event);
        fails(event, "s3", "CreateBucket", "InternalError");
        assertThat(reply.headers().get("Content-Type")).contains("xml");
    }

    @Test
    void anS3DocumentThatStopsHalfway() throws Exception {
        var head = new Request("POST", "/audit-logs", "delete", Headers.of("Host", "localhost"));

        var reply =
                send(
                        signed(head, "s3", true, EMPTY_DOCUMENT),
                        new ByteArrayInputStream(EMPTY_DOCUMENT),
                        10);

        fails(event(reply, 400, 0), "s3", "DeleteObjects", "IncompleteBody");
    }

    @Test
    void anObjectWhoseBucketCannotBeToldForTheCatalogDoesNotAnswer() throws Exception {
        call("ListTrails");
        parts.faults = NO_ANSWER;

        var reply =
                send(
                        signed(
                                request("GET", "/audit-logs/key", "Host", "localhost"),
                                "s3",
                                true,
                                new byte[0]),
                        new byte[0]);

        var event = event(reply, 503, 1);
        byRoot(event);
        fails(event, "s3", "GetObject", "ServiceUnavailable");
        assertThat(event.path("eventCategory").asText()).isEqualTo("Data");
    }

    private Reply s3(String method, String path, String... headers) throws Exception {
        var head = request(method, path, headers);
        return send(
                signed(
                        new Request(method, path, "", head.headers().plus("Host", "localhost")),
                        "s3",
                        true,
                        new byte[0]),
                new byte[0]);
    }

    @Test
    void aCopyOutOfABucketOfWhichEverythingIsWantedIsRecordedHoweverItsSourceIsWritten()
            throws Exception {
        s3("PUT", "/" + LOGS);
        s3("PUT", "/elsewhere");
        var before = events().size();
        var source = "X-Amz-Copy-Source";

        s3("PUT", "/elsewhere/a", source, "elsewhere/b");
        assertThat(events()).hasSize(before);

        assertThat(s3("PUT", "/elsewhere/a", source, "/trail%2Dlogs%2FAWSLogs/b").status())
                .isEqualTo(404);
        var event = events().getLast();
        assertThat(events()).hasSize(before + 1);
        fails(event, "s3", "CopyObject", "NoSuchKey");
        assertThat(event.path("eventCategory").asText()).isEqualTo("Data");
        assertThat(event.path("resources").findValuesAsText("ARN"))
                .containsExactly(
                        "arn:aws:s3:::elsewhere/a",
                        "arn:aws:s3:::elsewhere",
                        "arn:aws:s3:::trail-logs/AWSLogs/b",
                        "arn:aws:s3:::trail-logs");
    }

    @Test
    void aListingTouchesWhatItsPrefixBegins() throws Exception {
        s3("PUT", "/" + LOGS);

        s3("GET", "/" + LOGS);

        var event = events().getLast();
        assertThat(event.path("eventName").asText()).isEqualTo("ListObjects");
        assertThat(event.at("/resources/0/type").asText()).isEqualTo("AWS::S3::Object");
        assertThat(event.at("/resources/0/ARNPrefix").asText())
                .isEqualTo("arn:aws:s3:::trail-logs/");
        assertThat(event.at("/resources/1/ARN").asText()).isEqualTo("arn:aws:s3:::trail-logs");
    }

    @Test
    void anIntakeWithAnUnknownToken() throws Exception {
        var reply = send(request("POST", INTAKE, "Authorization", "Bearer none"), EMPTY_DOCUMENT);

        var event = event(reply, 401, 0);
        byStranger(event);
        fails(event, "cairn", "RecordEvents", "MissingAuthenticationTokenException");
    }

    private String bearer(Token.Purpose purpose) throws Exception {
        Token.Made made =
                parts.catalog.<Token.Made, RuntimeException>write(
                        tx -> parts.accounts.createToken(tx, TestParts.ACCOUNT, purpose));
        return "Bearer " + made.bearer().reveal();
    }

    @Test
    void anIntakeWithATokenForSomethingElse() throws Exception {
        var bearer = bearer(Token.Purpose.METRICS);

        var event =
                event(
                        send(request("POST", INTAKE, "Authorization", bearer), EMPTY_DOCUMENT),
                        403,
                        0);

        fails(event, "cairn", "RecordEvents", "AccessDeniedException");
        assertThat(bearer).contains(event.path("userIdentity").path("principalId").asText());
        assertThat(event.path("userIdentity").path("principalId").asText()).isNotEmpty();
        assertThat(event.path("awsRegion").asText()).isEqualTo("us-east-1");
        assertThat(event.path("eventCategory").asText()).isEqualTo("Management");
    }

    @Test
    void anIntakeOfNothingThatIsAnEvent() throws Exception {
        var reply =
                send(
                        signed(
                                request("POST", INTAKE, "Host", "x"),
                                "cloudtrail",
                                false,
                                EMPTY_DOCUMENT),
                        EMPTY_DOCUMENT);

        var event = event(reply, 400, 0);
        byRoot(event);
        fails(event, "cairn", "RecordEvents", "InvalidEventsException");
    }

    @Test
    void anIntakeWhoseBodyIsTooLarge() throws Exception {
        var large = new byte[BODY_BYTES_MAX + 1];
        var bearer = bearer(Token.Purpose.INTAKE);

        var event = event(send(request("POST", INTAKE, "Authorization", bearer), large), 413, 0);

        fails(event, "cairn", "RecordEvents", "RequestEntityTooLargeException");
    }

    @Test
    void anIntakeThatFailsByAMistakeOfOurs() throws Exception {
        var bearer = bearer(Token.Purpose.INTAKE);
        parts.faults = BROKEN;

        var event =
                event(
                        send(request("POST", INTAKE, "Authorization", bearer), EMPTY_DOCUMENT),
                        500,
                        0);

        byStranger(event);
        fails(event, "cairn", "RecordEvents", "InternalFailure");
    }

    @Test
    void anIntakeThatIsPushedBackLeavesNothingToPushBack() throws Exception {
        var bearer = bearer(Token.Purpose.INTAKE);
        var event =
                """
                {"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2026-11-21T07:00:00Z",\
                "eventSource":"s3.amazonaws.com","eventName":"X","awsRegion":"us-east-1",\
                "eventID":"6f9619ff-8b86-4d01-b42d-00c04fc964ff","recipientAccountId":"123456789012"}\
                """
                        .getBytes(UTF_8);
        parts.ledger.close();

        var reply = send(request("POST", INTAKE, "Authorization", bearer), event);

        assertThat(reply.status()).isEqualTo(503);
        assertThat(ownCalls.unrecorded()).isZero();
    }

    @Test
    void anIntakeWhoseBodyComesTooSlowly() throws Exception {
        var bearer = bearer(Token.Purpose.INTAKE);
        var slow =
                new InputStream() {
                    @Override
                    public int read() throws BodyException {
                        return read(new byte[1], 0, 1);
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) throws BodyException {
                        throw new BodyException(BodyException.Kind.TOO_SLOW, "slow (simulated)");
                    }
                };

        var event = event(send(request("POST", INTAKE, "Authorization", bearer), slow, 10), 408, 0);

        fails(event, "cairn", "RecordEvents", "RequestTimeoutException");
    }

    @Test
    void metricsReadWithoutAToken() throws Exception {
        var event = event(send(request("GET", "/metrics"), new byte[0]), 401, 0);

        byStranger(event);
        fails(event, "cairn", "ReadMetrics", "MissingAuthenticationTokenException");
        assertThat(event.path("readOnly").asBoolean()).isTrue();
    }

    @Test
    void metricsReadWithATokenForSomethingElse() throws Exception {
        var bearer = bearer(Token.Purpose.INTAKE);

        var event =
                event(
                        send(request("GET", "/metrics", "Authorization", bearer), new byte[0]),
                        403,
                        0);

        fails(event, "cairn", "ReadMetrics", "AccessDeniedException");
    }

    @Test
    void metricsReadByWhoeverMayLeaveNone() throws Exception {
        var bearer = bearer(Token.Purpose.METRICS);

        assertThat(send(request("GET", "/metrics", "Authorization", bearer), new byte[0]).status())
                .isEqualTo(200);

        assertThat(events()).isEmpty();
    }

    @Test
    void whatFailsBeforeAnyDoorKnowsIt() throws Exception {
        call("ListTrails");
        parts.faults = BROKEN;

        // Whether an unsigned path names a bucket is asked of the catalog.
        var event = event(send(request("GET", "/some/path"), new byte[0]), 500, 1);

        byStranger(event);
        assertThat(event.path("errorCode").asText()).isEqualTo("InternalFailure");
    }

    private Reply kms(String operation, String body) throws Exception {
        var bytes = body.getBytes(UTF_8);
        return send(
                signed(
                        request(
                                "POST",
                                "/",
                                "Host",
                                "localhost",
                                "Content-Type",
                                "application/x-amz-json-1.1",
                                "X-Amz-Target",
                                "TrentService." + operation),
                        "kms",
                        false,
                        bytes),
                bytes);
    }

    private static JsonNode json(Reply reply) throws Exception {
        return new ObjectMapper().readTree(((Reply.Whole) reply.body()).bytes());
    }

    @Test
    void aCallOfKmsNamesTheKeyAndShowsNothingThatIsSecret() throws Exception {
        var reply = kms("CreateKey", "{}");
        var arn = json(reply).at("/KeyMetadata/Arn").asText();
        var made = event(reply, 200, 0);

        assertThat(made.path("eventSource").asText()).isEqualTo("kms.amazonaws.com");
        assertThat(made.at("/responseElements/keyMetadata/arn").asText()).isEqualTo(arn);
        assertThat(made.has("apiVersion")).isFalse();
        assertThat(made.path("readOnly").asBoolean()).isFalse();
        touches(made, arn);

        kms("CreateAlias", "{\"AliasName\":\"alias/a\",\"TargetKeyId\":\"%s\"}".formatted(arn));
        touches(events().getLast(), arn.replaceAll("key/.*", "alias/a"), arn);
        reply =
                kms(
                        "Encrypt",
                        "{\"KeyId\":\"alias/a\",\"Plaintext\":\"c2VjcmV0\",\"EncryptionContext\":{\"Project\":\"Alpha\"}}");
        var blob = json(reply).path("CiphertextBlob").asText();
        var encrypted = event(reply, 200, 2);

        assertThat(encrypted.path("readOnly").asBoolean()).isTrue();
        assertThat(encrypted.path("requestParameters").toString())
                .isEqualTo("{\"keyId\":\"alias/a\",\"encryptionContext\":{\"Project\":\"Alpha\"}}");
        assertThat(encrypted.path("responseElements").isNull()).isTrue();
        touches(encrypted, arn);

        reply = kms("Decrypt", "{\"CiphertextBlob\":\"%s\"}".formatted(blob));
        var refused = event(reply, 400, 3);

        fails(refused, "kms", "Decrypt", "InvalidCiphertextException");
        assertThat(refused.path("requestParameters").isNull()).isTrue();
        touches(refused, arn);
        assertThat(events().toString()).doesNotContain("c2VjcmV0").doesNotContain(blob);
    }

    private static void touches(JsonNode event, String... arns) {
        assertThat(event.path("resources"))
                .extracting(resource -> resource.path("ARN").asText())
                .containsExactly(arns);
        assertThat(event.at("/resources/0/type").asText()).isEqualTo("AWS::KMS::Key");
        assertThat(event.at("/resources/0/accountId").asText()).isEqualTo(TestParts.ACCOUNT);
    }

    @Test
    void aKeyThatIsNotThereIsAnswered400AsKmsDoes() throws Exception {
        var reply = kms("DescribeKey", "{\"KeyId\":\"12345678-1234-1234-1234-123456789012\"}");

        var event = event(reply, 400, 0);

        byRoot(event);
        fails(event, "kms", "DescribeKey", "NotFoundException");
    }

    @Test
    void anUnreadableSignatureOfACallOfKmsIsAnsweredAsKmsDoes() throws Exception {
        var reply =
                send(
                        request(
                                "POST",
                                "/",
                                "Host",
                                "localhost",
                                "X-Amz-Target",
                                "TrentService.ListKeys"),
                        EMPTY_DOCUMENT);

        assertThat(events())
                .singleElement()
                .satisfies(event -> {
                    byStranger(event);
                    assertThat(event.path("eventSource").asText()).isEqualTo("kms.amazonaws.com");
                    assertThat(event.path("eventName").asText()).isEqualTo("ListKeys");
                });
        assertThat(reply.status()).isEqualTo(400);
    }
}
