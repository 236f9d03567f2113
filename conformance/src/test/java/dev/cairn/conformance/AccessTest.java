package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cairn.aws.http.Request;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudtrail.model.CloudTrailException;
import software.amazon.awssdk.services.cloudtrail.model.QueryStatus;
import software.amazon.awssdk.services.cloudtrail.model.ResourcePolicyNotFoundException;

/// Who may do what, asked over the wire: keys, tokens, and accounts that cannot see each other.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AccessTest {
    private static final String MINE = "111111111111";
    private static final String THEIRS = "222222222222";
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);
    private static final Duration FOUND_MAX = Duration.ofSeconds(20);

    private final LiveServer server;
    private final Wire wire;
    private final LiveServer.Credentials owner;
    private int numbers;

    AccessTest() throws Exception {
        server = LiveServer.start();
        wire = new Wire(server.endpoint());
        for (var account : List.of(MINE, THEIRS)) {
            post(LiveServer.ROOT, "/cairn/v1/accounts", "{\"accountId\":\"" + account + "\"}")
                    .expect(200);
            assertThat(record(LiveServer.ROOT, account).json().path("recorded").asInt())
                    .isEqualTo(1);
        }
        var root =
                post(LiveServer.ROOT, "/cairn/v1/accounts/" + MINE + "/root-credentials", "")
                        .expect(200)
                        .json();
        owner =
                new LiveServer.Credentials(
                        root.path("accessKeyId").asText(), root.path("secretAccessKey").asText());
        Await.until(
                Await.Bound.of("both events in history", FOUND_MAX),
                () -> wire.search(LiveServer.ROOT, "eventSource:sample.amazonaws.com").size() == 2);
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

    private Wire.Answer post(LiveServer.Credentials by, String path, String body) throws Exception {
        return wire.signed(by, "cairn", wire.request("POST", path, ""), Wire.bytes(body));
    }

    private Wire.Answer delete(LiveServer.Credentials by, String path) throws Exception {
        return wire.signed(by, "cairn", wire.request("DELETE", path, ""), new byte[0]);
    }

    private Wire.Answer record(LiveServer.Credentials by, String account) throws Exception {
        return wire.intake(by, Wire.bytes(Sample.now(account, numbers++).json()));
    }

    private LiveServer.Credentials key(String allow) throws Exception {
        var key =
                post(
                                owner,
                                "/cairn/v1/keys",
                                "{\"userName\":\"user-of-%s\",\"allow\":\"%s\"}"
                                        .formatted(allow, allow))
                        .expect(200)
                        .json();
        return new LiveServer.Credentials(
                key.path("key").path("accessKeyId").asText(), key.path("secretAccessKey").asText());
    }

    private Wire.Answer lookup(LiveServer.Credentials by) throws Exception {
        return wire.signed(by, "cloudtrail", wire.cloudTrail("LookupEvents"), Wire.bytes("{}"));
    }

    private static void denied(Wire.Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isIn(400, 403);
        assertThat(answer.header("x-amzn-errortype")).isEqualTo("AccessDeniedException");
    }

    private static void takesNothing(Wire.Answer answer) {
        answer.expect(400);
        assertThat(answer.json().path("recorded").asInt()).isZero();
        assertThat(answer.json().path("refused").path(0).path("code").asText())
                .isEqualTo("AccessDenied");
    }

    @Test
    void keyThatReadsLooksUpAndDoesNothingElse() throws Exception {
        var reader = key("read");
        lookup(reader).expect(200);
        assertThat(wire.search(reader, "eventSource:sample.amazonaws.com")).isNotEmpty();
        takesNothing(record(reader, MINE));
        denied(post(reader, "/cairn/v1/keys", "{\"userName\":\"x\",\"allow\":\"read\"}"));
        denied(post(reader, "/cairn/v1/tokens", "{\"purpose\":\"intake\"}"));
        denied(wire.get(reader, "/cairn/v1/keys"));
        // Whether the sums are even is for every reader to see; where the data lies is not.
        assertThat(wire.get(reader, "/cairn/v1/status").expect(200).body())
                .doesNotContain(server.data().toString());
        denied(post(reader, "/cairn/v1/accounts", "{\"accountId\":\"333333333333\"}"));
        denied(
                wire.signed(
                        reader,
                        "cairn",
                        wire.request("PUT", "/cairn/v1/import", "file=x"),
                        Wire.bytes("{}")));
    }

    @Test
    void anotherAccountAsksTheEventDataStoreWhosePolicyLetsIt() throws Exception {
        try (var ours = JavaSdk.root(server.endpoint(), CloudTrailClient.builder()).build();
                var theirs =
                        JavaSdk.as(owner, server.endpoint(), CloudTrailClient.builder()).build()) {
            var arn = ours.createEventDataStore(ask -> ask.name("all")).eventDataStoreArn();
            Supplier<String> asked =
                    () ->
                            theirs.startQuery(ask ->
                                            ask.queryStatement("SELECT count(*) AS n FROM " + arn)
                                                    .eventDataStoreOwnerAccountId(
                                                            LiveServer.ACCOUNT))
                                    .queryId();
            assertThatExceptionOfType(CloudTrailException.class)
                    .isThrownBy(asked::get)
                    .withMessageContaining(
                            "is not authorized to perform: cloudtrail:StartQuery on resource: %s because no resource-based policy allows"
                                    .formatted(arn));
            assertThatExceptionOfType(ResourcePolicyNotFoundException.class)
                    .isThrownBy(() -> ours.getResourcePolicy(ask -> ask.resourceArn(arn)));
            ours.putResourcePolicy(ask ->
                    ask.resourceArn(arn)
                            .resourcePolicy(
                                    """
                                    {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},
                                     "Action":["cloudtrail:StartQuery","cloudtrail:GetQueryResults"],"Resource":"%s"}]}
                                    """
                                            .formatted(MINE, arn)));
            var id = asked.get();
            var result =
                    Await.value(
                            Await.Bound.of("the answer", ANSWER_MAX),
                            () ->
                                    theirs.getQueryResults(ask ->
                                            ask.queryId(id)
                                                    .eventDataStoreOwnerAccountId(
                                                            LiveServer.ACCOUNT)),
                            answer -> answer.queryStatus() == QueryStatus.FINISHED);
            assertThat(result.queryResultRows()).hasSize(1);
            assertThatExceptionOfType(CloudTrailException.class)
                    .isThrownBy(() ->
                            theirs.cancelQuery(ask ->
                                    ask.queryId(id)
                                            .eventDataStoreOwnerAccountId(LiveServer.ACCOUNT)))
                    .withMessageContaining("cloudtrail:CancelQuery");
        }
    }

    @Test
    void keyThatOperatesRecordsForItsOwnAccountOnly() throws Exception {
        var operator = key("operate");
        record(operator, MINE).expect(200);
        takesNothing(record(operator, THEIRS));
        denied(post(operator, "/cairn/v1/keys", "{\"userName\":\"x\",\"allow\":\"read\"}"));
    }

    @Test
    void keyThatMayDoAllAdministersItsOwnAccountOnly() throws Exception {
        var administrator = key("all");
        var body = "{\"userName\":\"x\",\"allow\":\"read\"%s}";
        post(administrator, "/cairn/v1/keys", body.formatted("")).expect(200);
        denied(
                post(
                        administrator,
                        "/cairn/v1/keys",
                        body.formatted(",\"accountId\":\"" + THEIRS + "\"")));
        denied(wire.get(administrator, "/cairn/v1/keys", "account", THEIRS));
        denied(wire.get(administrator, "/cairn/v1/accounts"));
        denied(post(administrator, "/cairn/v1/accounts/" + MINE + "/root-credentials", ""));
        denied(post(administrator, "/cairn/v1/accounts/" + THEIRS + "/root-credentials", ""));
    }

    @Test
    void refusedCallIsInTheHistoryOfItsCaller() throws Exception {
        var reader = key("read");
        denied(post(reader, "/cairn/v1/accounts", "{\"accountId\":\"333333333333\"}"));
        var found =
                Await.value(
                        Await.Bound.of("the refused call", FOUND_MAX),
                        () ->
                                wire.search(
                                        reader,
                                        "eventName:CreateAccount AND userIdentity.accessKeyId:"
                                                + reader.accessKeyId()),
                        events -> !events.isEmpty());
        assertThat(found.getFirst().path("errorCode").asText()).isEqualTo("AccessDeniedException");
        assertThat(found.getFirst().path("account").asText()).isEqualTo(MINE);
    }

    @Test
    void revokedKeyIsRefusedAtOnce() throws Exception {
        var key = key("read");
        lookup(key).expect(200);
        delete(owner, "/cairn/v1/keys/" + key.accessKeyId()).expect(200);
        assertThat(lookup(key).type()).isEqualTo("UnrecognizedClientException");
    }

    @Test
    void keyOfAnotherAccountCannotBeRevoked() throws Exception {
        var key = key("all");
        post(LiveServer.ROOT, "/cairn/v1/accounts/" + THEIRS + "/root-credentials", "").expect(200);
        var theirs =
                post(
                                LiveServer.ROOT,
                                "/cairn/v1/keys",
                                "{\"accountId\":\"%s\",\"userName\":\"x\",\"allow\":\"read\"}"
                                        .formatted(THEIRS))
                        .expect(200)
                        .json();
        var id = theirs.path("key").path("accessKeyId").asText();
        assertThat(delete(key, "/cairn/v1/keys/" + id).status()).isBetween(400, 404);
        denied(
                wire.signed(
                        key,
                        "cairn",
                        wire.request("DELETE", "/cairn/v1/keys/" + id, "account=" + THEIRS),
                        new byte[0]));
        lookup(new LiveServer.Credentials(id, theirs.path("secretAccessKey").asText())).expect(200);
    }

    private Wire.Answer bearing(String token, Request request, byte[] body) throws Exception {
        return wire.send(
                request.with(request.headers().plus("Authorization", "Bearer " + token)), body);
    }

    @Test
    void tokensDoWhatTheyAreForAndNothingElse() throws Exception {
        var intake = post(owner, "/cairn/v1/tokens", "{\"purpose\":\"intake\"}").expect(200).json();
        var metrics =
                post(owner, "/cairn/v1/tokens", "{\"purpose\":\"metrics\"}").expect(200).json();
        var events = wire.request("POST", "/intake/v1/events", "");
        var numbersOf = wire.request("GET", "/metrics", "");
        var mine = Wire.bytes(Sample.now(MINE, numbers++).json());
        bearing(intake.path("secret").asText(), events, mine).expect(200);
        takesNothing(
                bearing(
                        intake.path("secret").asText(),
                        events,
                        Wire.bytes(Sample.now(THEIRS, numbers++).json())));
        bearing(intake.path("secret").asText(), numbersOf, new byte[0]).expect(403);
        assertThat(
                        bearing(metrics.path("secret").asText(), numbersOf, new byte[0])
                                .expect(200)
                                .body())
                .contains("# TYPE ");
        bearing(metrics.path("secret").asText(), events, mine).expect(403);
        assertThat(
                        bearing(
                                        intake.path("secret").asText(),
                                        wire.request("GET", "/cairn/v1/events", ""),
                                        new byte[0])
                                .status())
                .isEqualTo(403);
        delete(owner, "/cairn/v1/tokens/" + intake.path("token").path("tokenId").asText())
                .expect(200);
        bearing(intake.path("secret").asText(), events, mine).expect(401);
    }

    private static Set<String> accounts(Wire.Answer answer) {
        return answer.expect(200)
                .json()
                .path("events")
                .valueStream()
                .map(event -> event.path("account").asText())
                .collect(Collectors.toSet());
    }

    @Test
    void anAccountSeesItsOwnEventsOnly() throws Exception {
        // One resource that an event of each account has touched.
        var resource = "arn:aws:s3:::shared-bucket";
        for (var account : List.of(MINE, THEIRS)) {
            var sample = Sample.now(account, numbers++).resource("AWS::S3::Bucket", resource);
            wire.intake(LiveServer.ROOT, Wire.bytes(sample.json())).expect(200);
        }
        Await.until(
                Await.Bound.of("both events in history", FOUND_MAX),
                () ->
                        accounts(wire.get(LiveServer.ROOT, "/cairn/v1/who/shared-bucket"))
                                .containsAll(Set.of(MINE, THEIRS)));
        for (var by : List.of(owner, key("read"))) {
            assertThat(accounts(wire.get(by, "/cairn/v1/events", "query", "")))
                    .isEqualTo(Set.of(MINE));
            assertThat(accounts(wire.get(by, "/cairn/v1/who/shared-bucket")))
                    .isEqualTo(Set.of(MINE));
            assertThat(accounts(wire.get(by, "/cairn/v1/tail", "after", "0", "limit", "1000")))
                    .isEqualTo(Set.of(MINE));
            assertThat(wire.get(by, "/cairn/v1/download", "format", "ndjson").expect(200).body())
                    .contains("\"" + MINE + "\"")
                    .doesNotContain("\"recipientAccountId\":\"" + THEIRS + "\"");
            for (var path :
                    List.of(
                            "/cairn/v1/events",
                            "/cairn/v1/who/shared-bucket",
                            "/cairn/v1/tail",
                            "/cairn/v1/download")) {
                denied(wire.get(by, path, "account", THEIRS, "format", "json"));
            }
            assertThat(accounts(wire.get(by, "/cairn/v1/events", "query", "account:" + THEIRS)))
                    .isEmpty();
            lookup(by)
                    .expect(200)
                    .json()
                    .path("Events")
                    .forEach(event ->
                            assertThat(event.path("CloudTrailEvent").asText())
                                    .doesNotContain("\"recipientAccountId\":\"" + THEIRS + "\""));
        }
    }

    @Test
    void aRegionHasItsOwnEventsOnly() throws Exception {
        var sample =
                Sample.now(MINE, numbers++)
                        .with("awsRegion", "ap-south-1")
                        .with("eventName", "InOneRegion");
        wire.intake(owner, Wire.bytes(sample.json())).expect(200);
        var ask =
                Wire.bytes(
                        "{\"LookupAttributes\":[{\"AttributeKey\":\"EventName\",\"AttributeValue\":\"InOneRegion\"}]}");
        Await.until(
                Await.Bound.of("the event in its region", FOUND_MAX),
                () ->
                        wire.signed(
                                                owner,
                                                "ap-south-1",
                                                "cloudtrail",
                                                wire.cloudTrail("LookupEvents"),
                                                ask)
                                        .expect(200)
                                        .json()
                                        .path("Events")
                                        .size()
                                == 1);
        assertThat(
                        wire.signed(owner, "cloudtrail", wire.cloudTrail("LookupEvents"), ask)
                                .expect(200)
                                .json()
                                .path("Events"))
                .isEmpty();
    }
}
