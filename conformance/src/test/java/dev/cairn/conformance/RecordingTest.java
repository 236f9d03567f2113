package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.testkit.archive.Radosgw;
import dev.cairn.testkit.wire.ScriptedServer;
import dev.cairn.testkit.wire.TestCertificate;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.sts.StsClient;

/// The recording gateway before servers that are not Cairn: each call that a client made is one
/// event, and says what the client says of it.
final class RecordingTest {
    private static final String KEY = "AKIARADOSGWUSER00001";
    private static final String SECRET = "radosgw/secret/0123456789abcdef012345678";
    private static final String ACCOUNT = "111122223333";
    private static final Await.Bound FOUND =
            Await.Bound.of("every call in event history", Duration.ofSeconds(60));

    private static final int KILLS = 3;
    private static final int CLIENTS = 4;
    private static final int CALLS_BEFORE_KILL_MAX = 300;
    private static final Duration CALL_MAX = Duration.ofSeconds(30);

    /// What a client made of one request and its answer.
    private record Made(
            String operation, String bucket, String key, int status, String requestId) {}

    /// The driver's own log.
    private static final class Log implements ExecutionInterceptor {
        final List<Made> calls = new CopyOnWriteArrayList<>();

        @Override
        public void afterTransmission(
                Context.AfterTransmission context, ExecutionAttributes attributes) {
            calls.add(
                    new Made(
                            attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME),
                            context.request().getValueForField("Bucket", String.class).orElse(""),
                            context.request().getValueForField("Key", String.class).orElse(""),
                            context.httpResponse().statusCode(),
                            context.httpResponse()
                                    .firstMatchingHeader("x-amz-request-id")
                                    .orElse("")));
        }
    }

    private static URI gateway(LiveServer server) throws IOException {
        return gateway(server, 0);
    }

    private static URI gateway(LiveServer server, int number) throws IOException {
        var note = Wire.JSON.readTree(Files.readString(server.data().resolve("server.json")));
        return URI.create(note.path("gateways").path(number).path("url").asText());
    }

    private static S3Client client(URI endpoint, Log log) {
        return client(endpoint, AwsBasicCredentials.create(KEY, SECRET), log);
    }

    private static S3Client client(URI endpoint, AwsCredentials credentials, Log log) {
        return S3Client.builder()
                .endpointOverride(endpoint)
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                // As this radosgw wants it.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .serviceConfiguration(it -> it.chunkedEncodingEnabled(false))
                .overrideConfiguration(it -> it.addExecutionInterceptor(log))
                .build();
    }

    private static List<JsonNode> events(LiveServer server, String question) throws Exception {
        var events = new ArrayList<JsonNode>();
        var out = server.cairn("search", question, "--since", "1d", "--ndjson").exited(0).out();
        for (var line : out.lines().toList()) {
            events.add(Wire.JSON.readTree(line));
        }
        return events;
    }

    @Test
    void eachCallToACephIsOneEventWithItsFiveParts() throws Exception {
        var begun = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        var log = new Log();
        try (var ceph = Radosgw.assume(KEY, SECRET);
                var server =
                        LiveServer.start(
                                "gateway.listen=127.0.0.1:0",
                                "gateway.upstream=" + ceph.endpoint());
                var s3 = client(gateway(server), log)) {
            Files.writeString(
                    server.home().resolve("users.csv"),
                    "accessKeyId,type,accountId,name\n%s,IAMUser,%s,mary\n"
                            .formatted(KEY, ACCOUNT));
            server.cairn(
                            "gateway",
                            "principals",
                            "import",
                            server.home().resolve("users.csv").toString())
                    .exited(0);
            assertThat(server.cairn("gateway", "principals", "list").exited(0).out())
                    .contains(KEY, "IAMUser", ACCOUNT, "mary");

            drive(s3);

            assertThat(log.calls)
                    .hasSizeGreaterThan(15)
                    .noneMatch(made -> made.requestId().isEmpty());
            var found =
                    Await.value(
                            FOUND,
                            () -> events(server, "eventSource:s3.amazonaws.com"),
                            all -> all.size() >= log.calls.size());
            var byRequest = new HashMap<String, JsonNode>();
            for (var event : found) {
                assertThat(byRequest.put(event.path("requestID").asText(), event)).isNull();
            }
            assertThat(found).hasSameSizeAs(log.calls);
            for (var made : log.calls) {
                var event = byRequest.get(made.requestId());
                assertThat(event).as(made.toString()).isNotNull();
                check(made, Objects.requireNonNull(event), begun);
            }
        }
    }

    private static void drive(S3Client s3) {
        var large = new byte[6 << 20];
        new Random(7).nextBytes(large);
        s3.createBucket(it -> it.bucket("finance"));
        s3.headBucket(it -> it.bucket("finance"));
        s3.putBucketVersioning(
                it -> it.bucket("finance").versioningConfiguration(v -> v.status("Enabled")));
        s3.getBucketVersioning(it -> it.bucket("finance"));
        s3.putObject(
                it -> it.bucket("finance").key("q3/report é+&.txt").metadata(Map.of("by", "mary")),
                RequestBody.fromString("hello"));
        assertThat(
                        s3.getObjectAsBytes(it -> it.bucket("finance").key("q3/report é+&.txt"))
                                .asUtf8String())
                .isEqualTo("hello");
        s3.putObject(it -> it.bucket("finance").key("large"), RequestBody.fromBytes(large));
        assertThat(s3.getObjectAsBytes(it -> it.bucket("finance").key("large")).asByteArray())
                .isEqualTo(large);
        s3.headObject(it -> it.bucket("finance").key("large"));
        s3.getObjectAsBytes(it -> it.bucket("finance").key("large").range("bytes=5-9"));
        s3.copyObject(it ->
                it.sourceBucket("finance")
                        .sourceKey("large")
                        .destinationBucket("finance")
                        .destinationKey("copy"));
        assertThatExceptionOfType(NoSuchKeyException.class)
                .isThrownBy(() -> s3.getObject(it -> it.bucket("finance").key("none")));
        assertThatExceptionOfType(S3Exception.class)
                .isThrownBy(() -> s3.headObject(it -> it.bucket("finance").key("none")));
        assertThatExceptionOfType(S3Exception.class)
                .isThrownBy(() -> s3.listObjectsV2(it -> it.bucket("nowhere")));
        var upload = s3.createMultipartUpload(it -> it.bucket("finance").key("parts"));
        var part =
                s3.uploadPart(
                        it ->
                                it.bucket("finance")
                                        .key("parts")
                                        .uploadId(upload.uploadId())
                                        .partNumber(1),
                        RequestBody.fromBytes(large));
        var whole = CompletedPart.builder().partNumber(1).eTag(part.eTag()).build();
        s3.completeMultipartUpload(it ->
                it.bucket("finance")
                        .key("parts")
                        .uploadId(upload.uploadId())
                        .multipartUpload(all -> all.parts(whole)));
        s3.listObjectsV2(it -> it.bucket("finance").prefix("q3/"));
        s3.deleteObject(it -> it.bucket("finance").key("copy"));
        var parts = ObjectIdentifier.builder().key("parts").build();
        s3.deleteObjects(it -> it.bucket("finance").delete(all -> all.objects(parts)));
        s3.listBuckets();
    }

    /// CloudTrail knows one name for both versions of a list.
    private static final Map<String, String> EVENT_NAMES = Map.of("ListObjectsV2", "ListObjects");

    private static final Set<String> READS = Set.of("Get", "Head", "List");

    private static void check(Made made, JsonNode event, Instant begun) {
        // Who.
        var who = event.path("userIdentity");
        assertThat(who.path("arn").asText()).isEqualTo("arn:aws:iam::111122223333:user/mary");
        assertThat(who.path("accessKeyId").asText()).isEqualTo(KEY);
        assertThat(event.path("recipientAccountId").asText()).isEqualTo(ACCOUNT);
        // What, on what.
        assertThat(event.path("eventName").asText())
                .isEqualTo(EVENT_NAMES.getOrDefault(made.operation(), made.operation()));
        assertThat(event.path("readOnly").asBoolean())
                .as(made.operation())
                .isEqualTo(READS.stream().anyMatch(made.operation()::startsWith));
        assertThat(event.path("requestParameters").path("bucketName").asText(""))
                .isEqualTo(made.bucket());
        assertThat(event.path("requestParameters").path("key").asText("")).isEqualTo(made.key());
        // When.
        assertThat(Instant.parse(event.path("eventTime").asText())).isBetween(begun, Instant.now());
        assertThat(event.path("awsRegion").asText()).isEqualTo("us-east-1");
        // From where.
        assertThat(event.path("sourceIPAddress").asText()).isEqualTo("127.0.0.1");
        assertThat(event.path("userAgent").asText()).contains("aws-sdk-java");
        // With what result.
        assertThat(event.path("errorCode").isMissingNode())
                .as(made.toString())
                .isEqualTo(made.status() < 400);
    }

    @Test
    void sessionsThatTheServerHandsOutHaveNames() throws Exception {
        try (var ceph = Radosgw.assume(KEY, SECRET);
                var server =
                        LiveServer.start(
                                "gateway.listen=127.0.0.1:0",
                                "gateway.upstream=" + ceph.endpoint())) {
            ceph.administer(
                    "role",
                    "create",
                    "--role-name=deployer",
                    "--path=/team/",
                    "--assume-role-policy-doc="
                            + policy(
                                    "\"Principal\":{\"AWS\":[\"arn:aws:iam:::user/cairn\"]},\"Action\":[\"sts:AssumeRole\"]"));
            ceph.administer(
                    "role-policy",
                    "put",
                    "--role-name=deployer",
                    "--policy-name=all",
                    "--policy-doc="
                            + policy("\"Action\":[\"s3:*\"],\"Resource\":[\"arn:aws:s3:::*\"]"));
            AwsSessionCredentials session;
            try (var sts =
                    StsClient.builder()
                            .endpointOverride(gateway(server))
                            .region(Region.US_EAST_1)
                            .credentialsProvider(
                                    StaticCredentialsProvider.create(
                                            AwsBasicCredentials.create(KEY, SECRET)))
                            .build()) {
                var handedOut =
                        sts.assumeRole(it ->
                                        it.roleArn("arn:aws:iam:::role/team/deployer")
                                                .roleSessionName("ci-7"))
                                .credentials();
                session =
                        AwsSessionCredentials.create(
                                handedOut.accessKeyId(),
                                handedOut.secretAccessKey(),
                                handedOut.sessionToken());
            }
            try (var s3 = client(gateway(server), session, new Log())) {
                s3.createBucket(it -> it.bucket("releases"));
            }
            server.kill();
            server.restart();
            try (var s3 = client(gateway(server), session, new Log())) {
                s3.putObject(it -> it.bucket("releases").key("a"), RequestBody.fromString("hello"));
            }

            for (var name : List.of("CreateBucket", "PutObject")) {
                var who =
                        Await.value(
                                        FOUND,
                                        () -> events(server, "eventName:" + name),
                                        found -> !found.isEmpty())
                                .getFirst()
                                .path("userIdentity");
                assertThat(who.path("type").asText()).as(who.toString()).isEqualTo("AssumedRole");
                assertThat(who.path("arn").asText()).endsWith(":assumed-role/team/deployer/ci-7");
                assertThat(who.path("accessKeyId").asText()).isEqualTo(session.accessKeyId());
                assertThat(who.path("sessionContext").path("sessionIssuer").path("arn").asText())
                        .isEqualTo("arn:aws:iam:::role/team/deployer");
            }
            var handingOut = events(server, "eventName:AssumeRole");
            assertThat(handingOut).hasSize(1);
            assertThat(handingOut.toString())
                    .contains(session.accessKeyId())
                    .doesNotContain(session.secretAccessKey());
        }
    }

    private static String policy(String statement) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",%s}]}"
                .formatted(statement);
    }

    @Test
    void callsOverTlsToAnUpstreamOverTlsAreEventsThatSaySo() throws Exception {
        var folder = Files.createTempDirectory("cairn-tls");
        var front = TestCertificate.make(folder, "front", "dns:localhost,ip:127.0.0.1", "EC");
        var back = TestCertificate.make(folder, "back", "dns:localhost", "RSA");
        try (var upstream =
                        new ScriptedServer(
                                peer -> {
                                    while (true) {
                                        peer.head();
                                        peer.say(
                                                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nx-amz-request-id: tx1\r\n\r\n");
                                    }
                                },
                                back.server());
                var server =
                        LiveServer.start(
                                "http.tls=true",
                                "tls.certificate=" + front.certificate(),
                                "tls.key=" + front.key(),
                                "gateway.listen=https://127.0.0.1:0",
                                "gateway.upstream=" + upstream.address(),
                                "gateway.upstream-ca=" + back.certificate());
                var http =
                        HttpClient.newBuilder()
                                .version(HttpClient.Version.HTTP_2)
                                .sslContext(front.client())
                                .build()) {
            assertThat(server.endpoint()).hasScheme("https");
            var gateway = gateway(server);
            var answer =
                    http.send(
                            HttpRequest.newBuilder(gateway.resolve("/finance/a"))
                                    .timeout(CALL_MAX)
                                    .PUT(HttpRequest.BodyPublishers.ofString("hello"))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(upstream.nextHead())
                    .startsWith("PUT /finance/a HTTP/1.1\r\n")
                    .containsIgnoringCase("Host: " + gateway.getAuthority() + "\r\n");
            // The command, too, speaks TLS to the server.
            var event =
                    Await.value(
                                    FOUND,
                                    () -> events(server, "eventName:PutObject"),
                                    found -> !found.isEmpty())
                            .getFirst();
            assertThat(event.path("requestID").asText()).isEqualTo("tx1");
            assertThat(event.path("tlsDetails").path("tlsVersion").asText()).isEqualTo("TLSv1.3");
            assertThat(event.path("tlsDetails").path("cipherSuite").asText()).startsWith("TLS_");
            assertThat(event.path("tlsDetails").path("clientProvidedHostHeader").asText())
                    .isEqualTo(gateway.getAuthority());
            server.cairn("status").exited(0);
        } finally {
            LiveServer.delete(folder);
        }
    }

    @Test
    void theOpsLogOfACephIsRecordedOnceHoweverOftenItIsRead() throws Exception {
        var log = new Log();
        try (var ceph = Radosgw.assume(KEY, SECRET);
                var server = LiveServer.start("region=eu-central-1");
                var s3 = client(ceph.endpoint(), log)) {
            drive(s3);
            var made = log.calls.stream().filter(call -> !call.bucket().isEmpty()).toList();
            assertThat(made).hasSizeGreaterThan(15);
            Await.until(
                    Await.Bound.of("each call in the ops log", Duration.ofSeconds(30)),
                    () -> {
                        var text = Files.readString(ceph.opsLog());
                        return made.stream().allMatch(call -> text.contains(call.requestId()));
                    });

            var file = ceph.opsLog().toString();
            var state = server.home().resolve("state").toString();
            assertThat(
                            server.cairn("source", "radosgw", file, "--once", "--state", state)
                                    .exited(0)
                                    .out())
                    .contains(" 0 were there already, 0 refused");
            assertThat(
                            server.cairn("source", "radosgw", file, "--once", "--state", state)
                                    .exited(0)
                                    .out())
                    .contains("0 recorded, 0 were there already");
            assertThat(
                            server.cairn(
                                            "source",
                                            "radosgw",
                                            file,
                                            "--once",
                                            "--state",
                                            state + ".other")
                                    .exited(0)
                                    .out())
                    .contains("0 recorded, ")
                    .doesNotContain(" 0 were there already");

            var found =
                    Await.value(
                            FOUND,
                            () -> events(server, "additionalEventData.source:radosgw"),
                            all -> all.size() >= made.size());
            var byRequest = new HashMap<String, JsonNode>();
            for (var event : found) {
                assertThat(byRequest.put(event.path("requestID").asText(), event)).isNull();
            }
            for (var call : made) {
                checkLogged(
                        call,
                        Objects.requireNonNull(byRequest.get(call.requestId()), call::toString));
            }
        }
    }

    private static void checkLogged(Made made, JsonNode event) {
        assertThat(event.path("eventSource").asText()).isEqualTo("s3.amazonaws.com");
        assertThat(event.path("eventName").asText())
                .isEqualTo(EVENT_NAMES.getOrDefault(made.operation(), made.operation()));
        assertThat(event.path("requestParameters").path("bucketName").asText())
                .isEqualTo(made.bucket());
        assertThat(event.path("requestParameters").path("key").asText("")).isEqualTo(made.key());
        assertThat(event.path("userIdentity").path("userName").asText()).isEqualTo("cairn");
        assertThat(event.path("awsRegion").asText()).isEqualTo("eu-central-1");
        assertThat(event.path("sourceIPAddress").asText()).isEqualTo("127.0.0.1");
        assertThat(event.path("userAgent").asText()).contains("aws-sdk-java");
        assertThat(event.path("errorCode").isMissingNode())
                .as(made.toString())
                .isEqualTo(made.status() < 400);
    }

    @Test
    void whatOtherProgramsPostIsFound() throws Exception {
        try (var server = LiveServer.start();
                var http = HttpClient.newHttpClient()) {
            var token = server.cairn("token", "create", "--for", "intake").exited(0).out().strip();
            var time = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            post(
                    http,
                    server,
                    token,
                    "minio",
                    """
                    {"version":"1","time":"%s","api":{"name":"NewMultipartUpload","bucket":"b","object":"k","statusCode":200},"accessKey":"mary"}
                    """
                            .formatted(time));
            post(
                    http,
                    server,
                    token,
                    "kubernetes",
                    """
                    {"kind":"EventList","items":[{"stage":"ResponseComplete","verb":"create","user":{"username":"mary"},\
                    "objectRef":{"resource":"pods","subresource":"exec","namespace":"prod","name":"web-1"},"requestReceivedTimestamp":"%s"}]}
                    """
                            .formatted(time));
            post(
                    http,
                    server,
                    token,
                    "otlp/v1/logs",
                    """
                    {"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"invoice.delete","timeUnixNano":"%d000000000",\
                    "attributes":[{"key":"user.name","value":{"stringValue":"mary"}}]}]}]}]}
                    """
                            .formatted(time.getEpochSecond()));
            post(
                    http,
                    server,
                    token,
                    "sign-ins",
                    """
                    {"time":"%s","result":"Failure","user":{"name":"mary"},"sourceIPAddress":"203.0.113.9"}
                    """
                            .formatted(time));
            post(
                    http,
                    server,
                    token,
                    "service-events",
                    """
                    {"time":"%s","service":"vault.example.com","event":"RotateKey"}
                    """
                            .formatted(time));

            var names =
                    Await.value(
                            FOUND,
                            () -> {
                                var all = new ArrayList<String>();
                                for (var event :
                                        events(
                                                server,
                                                "userIdentity.userName:mary OR eventName:RotateKey")) {
                                    all.add(event.path("eventName").asText());
                                }
                                return all;
                            },
                            all -> all.size() >= 5);
            assertThat(names)
                    .containsExactlyInAnyOrder(
                            "CreateMultipartUpload",
                            "CreatePodsExec",
                            "InvoiceDelete",
                            "ConsoleLogin",
                            "RotateKey");
        }
    }

    private static void post(
            HttpClient http, LiveServer server, String token, String source, String body)
            throws Exception {
        var answer =
                http.send(
                        HttpRequest.newBuilder(server.endpoint().resolve("/intake/v1/" + source))
                                .header("Authorization", "Bearer " + token)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"strict", "spool"})
    void whatTheServerSawOutlivesKillsOfTheGateway(String mode) throws Exception {
        var numbers = new AtomicInteger();
        var answered = ConcurrentHashMap.<String>newKeySet();
        var attempted = ConcurrentHashMap.<String>newKeySet();
        var seen = ConcurrentHashMap.<String>newKeySet();
        var random = new Random(20261121);
        try (var upstream =
                        new ScriptedServer(peer -> {
                            while (true) {
                                var path = peer.head().split(" ", 3)[1];
                                seen.add(path.substring(path.lastIndexOf('/') + 1));
                                peer.say(
                                        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nx-amz-request-id: %s\r\n\r\n"
                                                .formatted(
                                                        path.substring(path.lastIndexOf('/') + 1)));
                            }
                        });
                var server =
                        LiveServer.start(
                                "gateway.listen=127.0.0.1:0",
                                "gateway.upstream=" + upstream.address(),
                                "gateway.mode=" + mode,
                                "history.commit-interval=1s")) {
            for (var kill = 0; kill < KILLS; kill++) {
                var target = answered.size() + 1 + random.nextInt(CALLS_BEFORE_KILL_MAX);
                var ended = new AtomicBoolean();
                var endpoint = gateway(server);
                try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                        var http = HttpClient.newHttpClient()) {
                    var clients = new ArrayList<Future<?>>();
                    for (var i = 0; i < CLIENTS; i++) {
                        clients.add(
                                threads.submit(() -> {
                                    while (!ended.get()) {
                                        var id = "call-" + numbers.incrementAndGet();
                                        attempted.add(id);
                                        if (delete(http, endpoint, id)) {
                                            answered.add(id);
                                        }
                                    }
                                    return null;
                                }));
                    }
                    Await.until(
                            Await.Bound.of("enough calls", Duration.ofSeconds(60)),
                            () -> answered.size() >= target);
                    server.kill();
                    ended.set(true);
                    for (var client : clients) {
                        client.get();
                    }
                }
                server.restart();
            }

            var recorded = Await.value(FOUND, () -> deleted(server), ids -> ids.containsAll(seen));
            assertThat(recorded).doesNotHaveDuplicates();
            assertThat(attempted).containsAll(recorded);
            // A client calls again only when its call before has ended.
            assertThat(recorded).hasSizeLessThanOrEqualTo(answered.size() + KILLS * CLIENTS);
            assertThat(recorded).containsAll(answered);
        }
    }

    private static List<String> deleted(LiveServer server) throws Exception {
        var ids = new ArrayList<String>();
        for (var event : events(server, "eventName:DeleteObject")) {
            ids.add(event.path("requestParameters").path("key").asText());
        }
        return ids;
    }

    @Test
    void aFullCairnPassesNothingOnThatItCannotKeep() throws Exception {
        var seen = new CopyOnWriteArrayList<String>();
        try (var upstream =
                        new ScriptedServer(peer -> {
                            while (true) {
                                var path = peer.head().split(" ", 3)[1];
                                seen.add(path.substring(path.lastIndexOf('/') + 1));
                                peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                            }
                        });
                var http = HttpClient.newHttpClient();
                var server =
                        LiveServer.start(
                                "gateway.listen=127.0.0.1:0,127.0.0.1:0",
                                "gateway.upstream=%s,%s"
                                        .formatted(upstream.address(), upstream.address()),
                                "gateway.mode=strict,spool",
                                "gateway.spool-bytes=4KB")) {
            server.stop();
            // More than any disk has free: to the ledger, this disk is full.
            server.restart("ledger.disk-free-min=1000000GB");
            // The ledger knows when it has been asked to record something: the first question.
            Await.value(
                    Await.Bound.of("the full disk noticed", Duration.ofSeconds(30)),
                    () -> server.cairn("status"),
                    status -> status.exit() == 1);

            assertThat(delete(http, gateway(server), "turned-away")).isFalse();
            var kept = new ArrayList<String>();
            while (delete(http, gateway(server, 1), "kept-" + kept.size())) {
                kept.add("kept-" + kept.size());
                assertThat(kept).hasSizeLessThan(100);
            }

            assertThat(kept).hasSizeGreaterThan(1);
            assertThat(seen).isEqualTo(kept);
            assertThat(
                            Await.value(
                                    Await.Bound.of(
                                            "the spool's trouble shown", Duration.ofSeconds(30)),
                                    () -> server.cairn("status").exited(1).out(),
                                    out -> out.contains("FAILING: ")))
                    .contains(kept.size() + " events of the gateway wait for the ledger");
            assertThat(deleted(server)).isEmpty();

            server.stop();
            server.restart("ledger.disk-free-min=0");
            assertThat(Await.value(FOUND, () -> deleted(server), ids -> ids.size() >= kept.size()))
                    .containsExactlyInAnyOrderElementsOf(kept);
            assertThat(delete(http, gateway(server), "goes-on")).isTrue();
            server.cairn("status").exited(0);
        }
    }

    /// @return whether the whole answer came
    private static boolean delete(HttpClient http, URI endpoint, String id)
            throws InterruptedException {
        var request =
                HttpRequest.newBuilder(endpoint.resolve("/bucket/" + id))
                        .timeout(CALL_MAX)
                        .DELETE()
                        .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofByteArray()).statusCode() == 200;
        } catch (IOException _) {
            return false;
        }
    }
}
