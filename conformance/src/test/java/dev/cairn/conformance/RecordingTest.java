package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.testkit.archive.Radosgw;
import dev.cairn.testkit.wire.Ports;
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
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.IamException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
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

    private final Instant begun = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private static S3Client client(URI endpoint, CallLog log) {
        return client(endpoint, AwsBasicCredentials.create(KEY, SECRET), log);
    }

    private static S3Client client(URI endpoint, AwsCredentials credentials, CallLog log) {
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

    @Test
    void eachCallToACephIsOneEventWithItsFiveParts() throws Exception {
        var parts =
                new FiveParts(
                        "s3.amazonaws.com",
                        new LiveServer.Credentials(KEY, SECRET),
                        ACCOUNT,
                        begun);
        var log = new CallLog();
        try (var ceph = Radosgw.assume(KEY, SECRET);
                var server =
                        LiveServer.start(
                                "gateway.listen=127.0.0.1:0",
                                "gateway.upstream=" + ceph.endpoint());
                var s3 = client(server.gateway(0), log)) {
            server.introduce(new LiveServer.Credentials(KEY, SECRET), ACCOUNT);
            assertThat(server.cairn("gateway", "principals", "list").exited(0).out())
                    .contains(KEY, "IAMUser", ACCOUNT, "mary");

            S3Calls.make(s3, true);
            try (var wrong =
                    client(
                            server.gateway(0),
                            AwsBasicCredentials.create(KEY, "not/" + SECRET),
                            log)) {
                assertThatExceptionOfType(S3Exception.class)
                        .isThrownBy(() -> wrong.deleteBucket(it -> it.bucket("finance")))
                        .matches(refused -> refused.statusCode() == 403);
            }

            assertThat(log.calls())
                    .hasSizeGreaterThan(15)
                    .noneMatch(made -> made.answered().requestId().isEmpty());
            var found =
                    Await.value(
                            FOUND,
                            () -> server.events("eventSource:s3.amazonaws.com"),
                            all -> all.size() >= log.size());
            var byRequest = new HashMap<String, JsonNode>();
            for (var event : found) {
                assertThat(byRequest.put(event.path("requestID").asText(), event)).isNull();
            }
            assertThat(found).hasSameSizeAs(log.calls());
            for (var made : log.calls()) {
                var event = byRequest.get(made.answered().requestId());
                assertThat(event).as(made.toString()).isNotNull();
                parts.check(made, Objects.requireNonNull(event));
                var parameters = event.path("requestParameters");
                assertThat(parameters.path("bucketName").asText(""))
                        .isEqualTo(made.asked("Bucket"));
                assertThat(parameters.path("key").asText("")).isEqualTo(made.asked("Key"));
            }
        }
    }

    @Test
    @Tag("long")
    void addressesThatAreSignedAndCopiesOfTheCliAreEvents() throws Exception {
        var mary = new LiveServer.Credentials(KEY, SECRET);
        var gateway = URI.create("http://127.0.0.1:" + Ports.free());
        try (var ceph = Radosgw.assume(KEY, SECRET);
                var server =
                        LiveServer.start(
                                "gateway.listen=" + gateway.getAuthority(),
                                "gateway.upstream=" + ceph.endpoint());
                var http = HttpClient.newHttpClient();
                var presigner =
                        S3Presigner.builder()
                                .endpointOverride(gateway)
                                .credentialsProvider(
                                        StaticCredentialsProvider.create(
                                                AwsBasicCredentials.create(KEY, SECRET)))
                                .region(Region.US_EAST_1)
                                .serviceConfiguration(
                                        S3Configuration.builder()
                                                .pathStyleAccessEnabled(true)
                                                .build())
                                .build()) {
            server.introduce(mary, ACCOUNT);
            var cli = new CliClient(server.home(), gateway, mary, "us-east-1");
            Files.writeString(server.home().resolve("report.pdf"), "a report");
            cli.run(List.of("s3", "mb", "s3://finance")).exited(0);
            cli.run(List.of("s3", "cp", "report.pdf", "s3://finance/2026/")).exited(0);
            cli.run(List.of("s3", "cp", "s3://finance/2026/report.pdf", "back.pdf")).exited(0);
            assertThat(server.home().resolve("back.pdf")).content().isEqualTo("a report");
            var address =
                    presigner
                            .presignGetObject(it ->
                                    it.signatureDuration(Duration.ofMinutes(5))
                                            .getObjectRequest(get ->
                                                    get.bucket("finance").key("2026/report.pdf")))
                            .url()
                            .toURI();
            var answer =
                    http.send(
                            HttpRequest.newBuilder(address).build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.body()).isEqualTo("a report");

            var found =
                    Await.value(
                            FOUND,
                            () -> server.events("eventSource:s3.amazonaws.com"),
                            all -> all.size() >= 5);
            assertThat(found)
                    .extracting(event -> event.path("eventName").asText())
                    .containsExactlyInAnyOrder(
                            "GetObject", "GetObject", "HeadObject", "PutObject", "CreateBucket");
            assertThat(found)
                    .allSatisfy(event -> {
                        assertThat(event.at("/userIdentity/userName").asText()).isEqualTo("mary");
                        assertThat(event.at("/requestParameters/bucketName").asText())
                                .isEqualTo("finance");
                    });
            assertThat(found)
                    .filteredOn(event -> !event.path("eventName").asText().equals("CreateBucket"))
                    .hasSize(4)
                    .allMatch(event ->
                            event.at("/requestParameters/key").asText().equals("2026/report.pdf"));
            assertThat(found)
                    .filteredOn(event -> method(event).equals("AuthHeader"))
                    .hasSize(4)
                    .noneMatch(event ->
                            event.path("userAgent").asText().startsWith("Java-http-client/"));
            assertThat(found)
                    .filteredOn(event -> method(event).equals("QueryString"))
                    .singleElement()
                    .satisfies(presigned -> {
                        assertThat(presigned.path("requestID").asText())
                                .isEqualTo(
                                        answer.headers()
                                                .firstValue("x-amz-request-id")
                                                .orElseThrow());
                        assertThat(presigned.path("userAgent").asText())
                                .startsWith("Java-http-client/");
                        assertThat(presigned.toString())
                                .doesNotContain(
                                        address.getQuery().replaceFirst(".*X-Amz-Signature=", ""));
                    });
        }
    }

    private static String method(JsonNode event) {
        return event.at("/additionalEventData/AuthenticationMethod").asText();
    }

    @Test
    void sessionsThatTheServerHandsOutHaveNames() throws Exception {
        var mary = new LiveServer.Credentials(KEY, SECRET);
        var log = new CallLog();
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
            server.introduce(mary, ACCOUNT);
            AwsSessionCredentials session;
            try (var sts =
                    JavaSdk.as(mary, server.gateway(0), StsClient.builder())
                            .overrideConfiguration(it -> it.addExecutionInterceptor(log))
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
            try (var s3 = client(server.gateway(0), session, new CallLog())) {
                s3.createBucket(it -> it.bucket("releases"));
            }
            server.kill();
            server.restart();
            try (var s3 = client(server.gateway(0), session, new CallLog())) {
                s3.putObject(it -> it.bucket("releases").key("a"), RequestBody.fromString("hello"));
            }

            for (var name : List.of("CreateBucket", "PutObject")) {
                var who =
                        Await.value(
                                        FOUND,
                                        () -> server.events("eventName:" + name),
                                        found -> !found.isEmpty())
                                .getFirst()
                                .path("userIdentity");
                assertThat(who.path("type").asText()).as(who.toString()).isEqualTo("AssumedRole");
                assertThat(who.path("arn").asText()).endsWith(":assumed-role/team/deployer/ci-7");
                assertThat(who.path("accessKeyId").asText()).isEqualTo(session.accessKeyId());
                assertThat(who.path("sessionContext").path("sessionIssuer").path("arn").asText())
                        .isEqualTo("arn:aws:iam:::role/team/deployer");
            }
            var handingOut = server.events("eventName:AssumeRole");
            assertThat(handingOut).hasSize(1);
            var made = log.calls().getFirst();
            assertThat(made.answered().requestId()).isNotEmpty();
            new FiveParts("sts.amazonaws.com", mary, ACCOUNT, begun)
                    .check(made, handingOut.getFirst());
            assertThat(handingOut.toString())
                    .contains(session.accessKeyId())
                    .doesNotContain(session.secretAccessKey());
        }
    }

    @Test
    void callsToTheServersIamAreEvents() throws Exception {
        var mary = new LiveServer.Credentials(KEY, SECRET);
        var log = new CallLog();
        try (var ceph = Radosgw.assume(KEY, SECRET);
                var server =
                        LiveServer.start(
                                "gateway.listen=127.0.0.1:0",
                                "gateway.upstream=" + ceph.endpoint());
                var iam =
                        JavaSdk.as(mary, server.gateway(0), IamClient.builder())
                                .overrideConfiguration(it -> it.addExecutionInterceptor(log))
                                .build()) {
            ceph.administer("caps", "add", "--uid=cairn", "--caps=roles=*");
            server.introduce(mary, ACCOUNT);
            iam.createRole(it ->
                    it.roleName("auditor")
                            .assumeRolePolicyDocument(
                                    policy(
                                            "\"Principal\":{\"AWS\":[\"arn:aws:iam:::user/cairn\"]},\"Action\":[\"sts:AssumeRole\"]")));
            var cli = new CliClient(server.home(), server.gateway(0), mary, "us-east-1");
            assertThat(
                            cli.call(List.of("iam", "get-role", "--role-name", "auditor"))
                                    .path("Role")
                                    .path("RoleName")
                                    .asText())
                    .isEqualTo("auditor");
            // Ceph's errors of IAM have no form in which the SDK would find the code.
            assertThatExceptionOfType(IamException.class)
                    .isThrownBy(() -> iam.deleteRole(it -> it.roleName("nobody")))
                    .matches(refused -> refused.statusCode() == 404);

            var found =
                    Await.value(
                            FOUND,
                            () -> server.events("eventSource:iam.amazonaws.com"),
                            all -> all.size() >= 3);
            assertThat(found)
                    .extracting(event ->
                            "%s %s %s"
                                    .formatted(
                                            event.path("eventName").asText(),
                                            event.path("requestParameters")
                                                    .path("roleName")
                                                    .asText(),
                                            event.path("errorCode").asText("")))
                    .containsExactlyInAnyOrder(
                            "CreateRole auditor ",
                            "GetRole auditor ",
                            "DeleteRole nobody NoSuchEntityException");
            var parts = new FiveParts("iam.amazonaws.com", mary, ACCOUNT, begun);
            var byCli = new ArrayList<String>();
            for (var event : found) {
                var number = CallLog.number(event.path("userAgent").asText());
                if (number.isPresent()) {
                    parts.check(log.calls().get(number.get() - 1), event);
                } else {
                    byCli.add(event.path("eventName").asText());
                    assertThat(event.at("/userIdentity/userName").asText()).isEqualTo("mary");
                    assertThat(event.path("userAgent").asText()).startsWith("aws-cli/");
                }
            }
            assertThat(byCli).containsExactly("GetRole");
            assertThat(log.calls()).noneMatch(made -> made.answered().requestId().isEmpty());
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
            var gateway = server.gateway(0);
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
                                    () -> server.events("eventName:PutObject"),
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
        var log = new CallLog();
        try (var ceph = Radosgw.assume(KEY, SECRET);
                var server = LiveServer.start("region=eu-central-1");
                var s3 = client(ceph.endpoint(), log)) {
            S3Calls.make(s3, true);
            var made =
                    log.calls().stream().filter(call -> !call.asked("Bucket").isEmpty()).toList();
            assertThat(made).hasSizeGreaterThan(15);
            Await.until(
                    Await.Bound.of("each call in the ops log", Duration.ofSeconds(30)),
                    () -> {
                        var text = Files.readString(ceph.opsLog());
                        return made.stream()
                                .allMatch(call -> text.contains(call.answered().requestId()));
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
                            () -> server.events("additionalEventData.source:radosgw"),
                            all -> all.size() >= made.size());
            var byRequest = new HashMap<String, JsonNode>();
            for (var event : found) {
                assertThat(byRequest.put(event.path("requestID").asText(), event)).isNull();
            }
            for (var call : made) {
                checkLogged(
                        call,
                        Objects.requireNonNull(
                                byRequest.get(call.answered().requestId()), call::toString));
            }
        }
    }

    private static void checkLogged(CallLog.Made made, JsonNode event) {
        assertThat(event.path("eventSource").asText()).isEqualTo("s3.amazonaws.com");
        assertThat(event.path("eventName").asText()).isEqualTo(FiveParts.eventName(made));
        assertThat(event.path("requestParameters").path("bucketName").asText())
                .isEqualTo(made.asked("Bucket"));
        assertThat(event.path("requestParameters").path("key").asText(""))
                .isEqualTo(made.asked("Key"));
        assertThat(event.path("userIdentity").path("userName").asText()).isEqualTo("cairn");
        assertThat(event.path("awsRegion").asText()).isEqualTo("eu-central-1");
        assertThat(event.path("sourceIPAddress").asText()).isEqualTo("127.0.0.1");
        assertThat(event.path("userAgent").asText()).contains("aws-sdk-java");
        assertThat(event.path("errorCode").isMissingNode())
                .as(made.toString())
                .isEqualTo(made.answered().status() < 400);
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
                                        server.events(
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

    @Tag("long")
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
                var endpoint = server.gateway(0);
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
        for (var event : server.events("eventName:DeleteObject")) {
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
            // The ledger knew when it opened: not even the first call is passed on.
            assertThat(delete(http, server.gateway(0), "turned-away")).isFalse();
            var kept = new ArrayList<String>();
            while (delete(http, server.gateway(1), "kept-" + kept.size())) {
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
            assertThat(delete(http, server.gateway(0), "goes-on")).isTrue();
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
