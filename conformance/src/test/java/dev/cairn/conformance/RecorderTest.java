package dev.cairn.conformance;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.recorder.Event;
import dev.cairn.recorder.Identity;
import dev.cairn.recorder.Recorder;
import dev.cairn.recorder.sdk.RecordingInterceptor;
import java.io.BufferedReader;
import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sts.StsClient;

/// Applications that record their own calls, against the real program: each call made is one event,
/// whoever is killed in between.
final class RecorderTest {
    private static final Duration SENT_MAX = Duration.ofSeconds(60);
    private static final Await.Bound FOUND =
            Await.Bound.of("every call in event history", Duration.ofSeconds(60));

    @TempDir Path folder;

    private static List<JsonNode> search(LiveServer server, String query) throws Exception {
        try (var wire = new Wire(server.endpoint())) {
            return wire.search(LiveServer.ROOT, query);
        }
    }

    /// The record of an event that a search found.
    private static JsonNode record(JsonNode found) throws Exception {
        return Wire.JSON.readTree(found.path("record").asText());
    }

    @Test
    void whatAnApplicationRecordedOutlivesKillsOfCairnAndOfItself() throws Exception {
        try (var server = LiveServer.start()) {
            var token = token(server);
            var recorded = new ArrayList<String>();

            var taking = orderBook(server, token, 0, 0);
            try (var out = taking.inputReader(StandardCharsets.UTF_8)) {
                read(out, 150, recorded);
                server.kill();
                // Nobody listens now; the application goes on.
                read(out, 150, recorded);
                // Not the process's own way, which would close what it printed and was not read
                // yet.
                assertThat(taking.toHandle().destroyForcibly()).isTrue();
                out.lines().forEach(recorded::add);
            }
            taking.waitFor();
            server.restart();

            var ending = orderBook(server, token, 1_000_000, 50);
            try (var out = ending.inputReader(StandardCharsets.UTF_8)) {
                out.lines().forEach(recorded::add);
            }
            assertThat(ending.waitFor()).isZero();
            assertThat(recorded.removeLast()).isEqualTo("sent");

            var found =
                    Await.value(
                            FOUND,
                            () -> search(server, "eventSource:orders.example.com"),
                            all -> all.size() >= recorded.size());
            var ids = new ArrayList<String>();
            for (var event : found) {
                ids.add(event.path("eventId").asText());
            }
            assertThat(ids).doesNotHaveDuplicates().containsAll(recorded);
            // The order whose event was on disk when the process was killed, and not printed yet.
            assertThat(ids.size() - recorded.size()).isBetween(0, 1);
            check(search(server, "requestParameters.orderId:1000007"));
        }
    }

    private static void check(List<JsonNode> found) throws Exception {
        assertThat(found).hasSize(1);
        var event = record(found.getFirst());
        assertThat(event.path("userIdentity").path("arn").asText())
                .isEqualTo("arn:aws:iam::%s:user/mary".formatted(LiveServer.ACCOUNT));
        assertThat(event.path("sourceIPAddress").asText()).isEqualTo("198.51.100.7");
        assertThat(event.path("requestParameters").path("card").asText())
                .isEqualTo("HIDDEN_DUE_TO_SECURITY_REASONS");
        assertThat(event.path("resources").path(0).path("ARN").asText())
                .isEqualTo(
                        "arn:shop:orders:us-east-1:%s:order/1000007".formatted(LiveServer.ACCOUNT));
    }

    private static String token(LiveServer server) throws Exception {
        return server.cairn("token", "create", "--for", "intake").exited(0).out().strip();
    }

    private Process orderBook(LiveServer server, String token, int first, int count)
            throws Exception {
        return Command.builder(
                        server.home(),
                        Map.of(),
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.cairn.conformance.OrderBook",
                                server.endpoint().toString(),
                                folder.resolve("spool").toString(),
                                token,
                                LiveServer.ACCOUNT,
                                Integer.toString(first),
                                Integer.toString(count)))
                .redirectError(
                        ProcessBuilder.Redirect.appendTo(
                                server.home().resolve("order-book.log").toFile()))
                .start();
    }

    private static void read(BufferedReader out, int lines, List<String> into) throws Exception {
        for (var i = 0; i < lines; i++) {
            into.add(requireNonNull(out.readLine(), "the application has ended"));
        }
    }

    @Test
    void theExampleShopInSpringBootRecordsItsOwnCalls() throws Exception {
        try (var server = LiveServer.start();
                var http = HttpClient.newHttpClient()) {
            var shop = shop(server, token(server));
            try (var out = shop.inputReader(StandardCharsets.UTF_8)) {
                var open = out.lines().filter(line -> line.startsWith("open at ")).findFirst();
                var orders =
                        URI.create(
                                "http://127.0.0.1:%s/orders/main"
                                        .formatted(open.orElseThrow().substring(8)));
                var order =
                        HttpRequest.newBuilder(orders)
                                .header("Content-Type", "application/json")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "{\"items\":3,\"card\":{\"number\":\"4111\"}}"));
                assertThat(
                                http.send(order.build(), HttpResponse.BodyHandlers.discarding())
                                        .statusCode())
                        .isEqualTo(401);
                order.header("X-User", "mary");
                assertThat(
                                http.send(order.build(), HttpResponse.BodyHandlers.discarding())
                                        .statusCode())
                        .isEqualTo(200);

                var found =
                        Await.value(
                                FOUND,
                                () -> search(server, "eventSource:orders.example.com"),
                                all -> all.size() >= 2);
                assertThat(found).hasSize(2);
                var made = record(search(server, "eventName:CreateOrder").getFirst());
                assertThat(made.path("userIdentity").path("arn").asText())
                        .isEqualTo("arn:aws:iam::%s:user/mary".formatted(LiveServer.ACCOUNT));
                assertThat(made.path("requestParameters"))
                        .isEqualTo(
                                Wire.JSON.readTree(
                                        "{\"shop\":\"main\",\"items\":3,\"card\":{\"number\":\"HIDDEN_DUE_TO_SECURITY_REASONS\"}}"));
                assertThat(made.path("responseElements").toString()).isEqualTo("{\"orderId\":1}");
                assertThat(search(server, "errorCode:Unauthorized")).hasSize(1);
            } finally {
                shop.destroyForcibly().waitFor();
            }
        }
    }

    /// The recorder's example application, by the class path that it was built with.
    private Process shop(LiveServer server, String token) throws Exception {
        var built = Path.of("../cairn-recorder/target").toAbsolutePath().normalize();
        var classPath =
                String.join(
                        File.pathSeparator,
                        built.resolve("test-classes").toString(),
                        built.resolve("classes").toString(),
                        Files.readString(built.resolve("classpath")).strip());
        return Command.builder(
                        server.home(),
                        Map.of(),
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                classPath,
                                "dev.cairn.recorder.spring.OrderShop",
                                "--server.port=0",
                                "--spring.application.name=orders.example.com",
                                "--cairn.recorder.endpoint=" + server.endpoint(),
                                "--cairn.recorder.token=" + token,
                                "--cairn.recorder.account=" + LiveServer.ACCOUNT,
                                "--cairn.recorder.spool=" + folder.resolve("shop")))
                .redirectError(
                        ProcessBuilder.Redirect.appendTo(
                                server.home().resolve("shop.log").toFile()))
                .start();
    }

    @Test
    void aKeySignsAndWhatItMayNotRecordIsKept() throws Exception {
        try (var server = LiveServer.start();
                var recorder =
                        Recorder.to(server.endpoint(), folder.resolve("spool"))
                                .token(token(server))
                                .account(LiveServer.ACCOUNT)
                                .source("signed.example.com")
                                .open();
                var signing =
                        Recorder.to(server.endpoint(), folder.resolve("signing"))
                                .key(
                                        LiveServer.ROOT.accessKeyId(),
                                        LiveServer.ROOT.secretAccessKey())
                                .account(LiveServer.ACCOUNT)
                                .region("eu-central-1")
                                .source("signed.example.com")
                                .open()) {
            signing.record(Event.named("Signed").identity(Identity.service("signed.example.com")));
            recorder.record(Event.named("Borne"));
            var foreign = recorder.record(Event.named("Foreign").account("999999999999"));

            assertThat(signing.flush(SENT_MAX)).as("%s", signing.status()).isTrue();
            assertThat(recorder.flush(SENT_MAX)).as("%s", recorder.status()).isTrue();

            assertThat(recorder.status().refused()).isEqualTo(1);
            assertThat(folder.resolve("spool/refused/" + foreign + ".json"))
                    .content()
                    .contains("AccessDenied");
            Await.until(FOUND, () -> search(server, "eventSource:signed.example.com").size() == 2);
        }
    }

    /// The driver's own log of the calls it made.
    private static final class Log implements ExecutionInterceptor {
        final List<String> calls = new CopyOnWriteArrayList<>();

        @Override
        public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes made) {
            calls.add(made.getAttribute(SdkExecutionAttribute.OPERATION_NAME));
        }
    }

    @Test
    void eachCallThroughTheSdkIsOneEventWithItsParts() throws Exception {
        var log = new Log();
        try (var server = LiveServer.start();
                var recorder =
                        Recorder.to(server.endpoint(), folder.resolve("spool"))
                                .token(token(server))
                                .account(LiveServer.ACCOUNT)
                                .source("copies.example.com")
                                .open()) {
            drive(
                    server,
                    log,
                    new RecordingInterceptor(
                            recorder, key -> Identity.user("mary").with("accessKeyId", key)));
            assertThat(recorder.flush(SENT_MAX)).as("%s", recorder.status()).isTrue();

            var found =
                    Await.value(
                            FOUND,
                            () ->
                                    search(
                                            server,
                                            "additionalEventData.recordedBy:copies.example.com"),
                            all -> all.size() >= log.calls.size());
            var byName = new HashMap<String, List<JsonNode>>();
            for (var event : found) {
                var record = record(event);
                byName.computeIfAbsent(record.path("eventName").asText(), name -> new ArrayList<>())
                        .add(record);
            }
            var names = new ArrayList<String>();
            byName.forEach((name, events) -> events.forEach(event -> names.add(name)));
            assertThat(names).containsExactlyInAnyOrderElementsOf(log.calls);
            checkCalls(byName);
            // Every call says who, from where, with what and under which id.
            var requestIds = new HashSet<String>();
            for (var event : byName.values().stream().flatMap(List::stream).toList()) {
                assertThat(event.path("userIdentity").path("userName").asText()).isEqualTo("mary");
                assertThat(event.path("userIdentity").path("accessKeyId").asText())
                        .isEqualTo(LiveServer.ROOT.accessKeyId());
                assertThat(event.path("awsRegion").asText()).isEqualTo("us-west-2");
                assertThat(event.path("userAgent").asText()).contains("aws-sdk-java");
                assertThat(requestIds.add(event.path("requestID").asText()))
                        .as("%s", event)
                        .isTrue();
            }
            assertThat(found.toString()).doesNotContain("a secret message", "what the file says");
        }
    }

    private static List<JsonNode> events(Map<String, List<JsonNode>> byName, String name) {
        return requireNonNull(byName.get(name), name);
    }

    private static void checkCalls(Map<String, List<JsonNode>> byName) {
        var put = events(byName, "PutObject").getFirst();
        assertThat(put.path("eventSource").asText()).isEqualTo("s3.amazonaws.com");
        assertThat(put.path("eventCategory").asText()).isEqualTo("Data");
        assertThat(put.path("readOnly").asBoolean()).isFalse();
        assertThat(put.path("requestParameters").path("bucketName").asText()).isEqualTo("copies");
        assertThat(put.path("requestParameters").path("key").asText()).isEqualTo("a/file");
        assertThat(put.path("responseElements").path("eTag").asText()).isNotEmpty();
        var create = events(byName, "CreateBucket").getFirst();
        assertThat(create.path("eventCategory").asText()).isEqualTo("Management");
        var none =
                events(byName, "GetObject").stream()
                        .filter(event ->
                                event.path("requestParameters").path("key").asText().equals("none"))
                        .findFirst()
                        .orElseThrow();
        assertThat(none.path("errorCode").asText()).isEqualTo("NoSuchKey");
        assertThat(none.path("readOnly").asBoolean()).isTrue();
        assertThat(none.path("responseElements").isNull()).isTrue();
        var send = events(byName, "SendMessage").getFirst();
        assertThat(send.path("eventSource").asText()).isEqualTo("sqs.amazonaws.com");
        assertThat(send.path("requestParameters").path("messageBody").asText())
                .isEqualTo("HIDDEN_DUE_TO_SECURITY_REASONS");
        assertThat(send.path("responseElements").path("messageId").asText()).isNotEmpty();
        assertThat(events(byName, "GetQueueUrl").getFirst().path("errorCode").asText())
                .contains("NonExistentQueue");
        assertThat(events(byName, "GetCallerIdentity").getFirst().path("eventSource").asText())
                .isEqualTo("sts.amazonaws.com");
    }

    private static void drive(LiveServer server, Log log, RecordingInterceptor recording) {
        var both =
                ClientOverrideConfiguration.builder()
                        .addExecutionInterceptor(log)
                        .addExecutionInterceptor(recording)
                        .build();
        try (var s3 =
                        JavaSdk.root(server.endpoint(), S3Client.builder())
                                .region(Region.US_WEST_2)
                                .forcePathStyle(true)
                                .overrideConfiguration(both)
                                .build();
                var sqs =
                        JavaSdk.root(server.endpoint(), SqsClient.builder())
                                .region(Region.US_WEST_2)
                                .overrideConfiguration(both)
                                .build();
                var sts =
                        JavaSdk.root(server.endpoint(), StsClient.builder())
                                .region(Region.US_WEST_2)
                                .overrideConfiguration(both)
                                .build()) {
            sts.getCallerIdentity();
            s3.createBucket(it -> it.bucket("copies"));
            s3.putObject(
                    it -> it.bucket("copies").key("a/file"),
                    RequestBody.fromString("what the file says"));
            s3.getObjectAsBytes(it -> it.bucket("copies").key("a/file"));
            assertThatExceptionOfType(NoSuchKeyException.class)
                    .isThrownBy(() -> s3.getObjectAsBytes(it -> it.bucket("copies").key("none")));
            s3.listObjectsV2(it -> it.bucket("copies"));
            s3.deleteObject(it -> it.bucket("copies").key("a/file"));
            assertThatExceptionOfType(QueueDoesNotExistException.class)
                    .isThrownBy(() -> sqs.getQueueUrl(it -> it.queueName("none")));
            var url = sqs.createQueue(it -> it.queueName("copies")).queueUrl();
            sqs.sendMessage(it -> it.queueUrl(url).messageBody("a secret message"));
            sqs.receiveMessage(it -> it.queueUrl(url));
        }
    }
}
