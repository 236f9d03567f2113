package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.testkit.archive.Radosgw;
import dev.cairn.testkit.wire.ScriptedServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/// `cairn gateway` in a process of its own: what its clients do is found in the Cairn it records
/// to, whichever of the two is away or killed meanwhile.
final class OwnGatewayTest {
    private static final String KEY = "AKIARADOSGWUSER00001";
    private static final String SECRET = "radosgw/secret/0123456789abcdef012345678";
    private static final Await.Bound FOUND =
            Await.Bound.of("every call in event history", Duration.ofSeconds(60));
    private static final Await.Bound ANSWERED =
            Await.Bound.of("a call answered again", Duration.ofSeconds(60));
    private static final Duration CALL_MAX = Duration.ofSeconds(40);
    private static final int CLIENTS = 4;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void theIssuesCommandRecordsToTheCairnRunningOnTheDataFolder() throws Exception {
        try (var ceph = Radosgw.assume(KEY, SECRET);
                var cairn = LiveServer.start();
                var gateway =
                        LiveGateway.start(
                                cairn.home(),
                                List.of(ceph.endpoint()),
                                "--data",
                                cairn.data().toString());
                var s3 = client(gateway.address(0))) {
            s3.createBucket(it -> it.bucket("finance"));
            Files.writeString(
                    cairn.home().resolve("users.csv"),
                    "accessKeyId,type,accountId,name\n%s,IAMUser,111122223333,mary\n"
                            .formatted(KEY));
            cairn.cairn(
                            "gateway",
                            "principals",
                            "import",
                            cairn.home().resolve("users.csv").toString())
                    .exited(0);
            Await.until(
                    Await.Bound.of("a change of the directory", Duration.ofSeconds(30)),
                    () -> {
                        s3.putObject(
                                it -> it.bucket("finance").key("report.pdf"),
                                RequestBody.fromString("hello"));
                        return !events(cairn, "eventName:PutObject AND userIdentity.userName:mary")
                                .isEmpty();
                    });

            var event = events(cairn, "requestParameters.bucketName:finance").getFirst();
            assertThat(event.path("userIdentity").path("arn").asText())
                    .isEqualTo("arn:aws:iam::111122223333:user/mary");
            assertThat(events(cairn, "eventName:CreateBucket"))
                    .singleElement()
                    .satisfies(unknown ->
                            assertThat(unknown.path("userIdentity").path("type").asText())
                                    .isEqualTo("Unknown"));
            gateway.stop();
            cairn.cairn("status", "--verify").exited(0);
        }
    }

    private static S3Client client(URI endpoint) {
        return S3Client.builder()
                .endpointOverride(endpoint)
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY, SECRET)))
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .serviceConfiguration(it -> it.chunkedEncodingEnabled(false))
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

    private static List<String> deleted(LiveServer server) throws Exception {
        var ids = new ArrayList<String>();
        for (var event : events(server, "eventName:DeleteObject")) {
            ids.add(event.path("requestParameters").path("key").asText());
        }
        return ids;
    }

    /// An upstream that remembers what it was asked to delete, and does it.
    private static ScriptedServer upstream(Collection<String> seen) throws IOException {
        return new ScriptedServer(peer -> {
            while (true) {
                var path = peer.head().split(" ", 3)[1];
                seen.add(path.substring(path.lastIndexOf('/') + 1));
                peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        });
    }

    /// One strict door and one that spools, before the same upstream, with a token for gateways.
    private static LiveGateway twoDoors(
            LiveServer cairn, ScriptedServer upstream, String... settings) throws Exception {
        Path token = cairn.home().resolve("gateway.token");
        Files.writeString(
                token, cairn.cairn("token", "create", "--for", "gateway").exited(0).out());
        var arguments =
                new ArrayList<>(
                        List.of(
                                "--endpoint",
                                cairn.endpoint().toString(),
                                "--token-file",
                                token.toString(),
                                "--mode",
                                "strict,spool"));
        for (var setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        return LiveGateway.start(
                cairn.home(),
                List.of(upstream.address(), upstream.address()),
                arguments.toArray(String[]::new));
    }

    private static void restart(LiveServer cairn, String... settings)
            throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of("http.port=" + cairn.endpoint().getPort()));
        all.addAll(List.of(settings));
        cairn.restart(all.toArray(String[]::new));
    }

    /// @return the status; 0 when no whole answer came
    private int delete(URI gateway, String id) throws InterruptedException {
        var request =
                HttpRequest.newBuilder(gateway.resolve("/bucket/" + id))
                        .timeout(CALL_MAX)
                        .DELETE()
                        .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofByteArray()).statusCode();
        } catch (IOException _) {
            return 0;
        }
    }

    private HttpResponse<String> health(LiveGateway gateway)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(gateway.inside().resolve("/health")).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void whileCairnIsAwayStrictRefusesAndSpoolKeepsThroughAKillOfTheGateway() throws Exception {
        var seen = new CopyOnWriteArrayList<String>();
        try (var upstream = upstream(seen);
                var cairn = LiveServer.start();
                var gateway = twoDoors(cairn, upstream)) {
            assertThat(delete(gateway.address(0), "strict-1")).isEqualTo(200);
            assertThat(delete(gateway.address(1), "spool-1")).isEqualTo(200);
            assertThat(health(gateway).statusCode()).isEqualTo(200);

            cairn.kill();
            assertThat(delete(gateway.address(0), "turned-away")).isEqualTo(503);
            assertThat(delete(gateway.address(1), "spool-2")).isEqualTo(200);
            gateway.kill();
            gateway.restart();
            assertThat(delete(gateway.address(0), "turned-away")).isEqualTo(503);
            assertThat(delete(gateway.address(1), "spool-3")).isEqualTo(200);
            assertThat(health(gateway).statusCode()).isEqualTo(503);
            assertThat(health(gateway).body()).contains("no Cairn answers at");
            assertThat(seen).containsExactly("strict-1", "spool-1", "spool-2", "spool-3");

            restart(cairn);
            Await.until(
                    Await.Bound.of("strict calls passed on again", Duration.ofSeconds(30)),
                    () -> delete(gateway.address(0), "strict-2") == 200);
            assertThat(Await.value(FOUND, () -> deleted(cairn), ids -> ids.size() >= seen.size()))
                    .containsExactlyInAnyOrderElementsOf(seen);
            gateway.stop();
        }
    }

    @Test
    @Tag("long")
    void whileCairnIsFullStrictRefusesAndSpoolKeepsUntilItIsFullItself() throws Exception {
        var seen = new CopyOnWriteArrayList<String>();
        try (var upstream = upstream(seen);
                var cairn = LiveServer.start();
                var gateway = twoDoors(cairn, upstream, "gateway.spool-bytes=4KB")) {
            cairn.stop();
            // More than any disk has free: to the ledger, this disk is full.
            restart(cairn, "ledger.disk-free-min=1000000GB");

            assertThat(delete(gateway.address(0), "turned-away")).isEqualTo(503);
            var kept = new ArrayList<String>();
            while (delete(gateway.address(1), "kept-" + kept.size()) == 200) {
                kept.add("kept-" + kept.size());
                assertThat(kept).hasSizeLessThan(100);
            }
            assertThat(kept).hasSizeGreaterThan(1);
            assertThat(seen).isEqualTo(kept);
            var health = health(gateway);
            assertThat(health.statusCode()).isEqualTo(503);
            assertThat(health.body())
                    .containsPattern(
                            "\\b\\d+ bytes of events wait in the gateway's spool, which holds gateway\\.spool-bytes = 4096\\b");

            cairn.stop();
            restart(cairn, "ledger.disk-free-min=0");
            Await.until(
                    Await.Bound.of("strict calls passed on again", Duration.ofSeconds(30)),
                    () -> delete(gateway.address(0), "goes-on") == 200);
            assertThat(Await.value(FOUND, () -> deleted(cairn), ids -> ids.size() >= seen.size()))
                    .containsExactlyInAnyOrderElementsOf(seen);
            gateway.stop();
            cairn.cairn("status", "--verify").exited(0);
        }
    }

    @Test
    void whatTheServerSawIsRecordedOnceWhoeverIsKilled() throws Exception {
        kill(2, 150);
    }

    @Test
    @Tag("long")
    void whatTheServerSawIsRecordedOnceHoweverOftenWhoeverIsKilled() throws Exception {
        kill(20, 1500);
    }

    /// Clients go on calling while the gateway and its Cairn are killed in turns.
    private void kill(int kills, int callsBetweenMax) throws Exception {
        var random = new Random(20261121);
        var numbers = new AtomicInteger();
        Set<String> answered = ConcurrentHashMap.newKeySet();
        Set<String> attempted = ConcurrentHashMap.newKeySet();
        Set<String> seen = ConcurrentHashMap.newKeySet();
        var ended = new AtomicBoolean();
        try (var upstream = upstream(seen);
                var cairn = LiveServer.start("history.commit-interval=1s");
                var gateway = twoDoors(cairn, upstream);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var clients = new ArrayList<Future<?>>();
            try {
                for (var i = 0; i < CLIENTS; i++) {
                    var address = gateway.address(i % 2);
                    clients.add(
                            threads.submit(() -> {
                                while (!ended.get()) {
                                    Await.until(
                                            ANSWERED,
                                            () -> {
                                                var id = "call-" + numbers.incrementAndGet();
                                                attempted.add(id);
                                                return delete(address, id) == 200
                                                        && answered.add(id);
                                            });
                                }
                                return null;
                            }));
                }
                for (var kill = 0; kill < kills; kill++) {
                    var target = answered.size() + 1 + random.nextInt(callsBetweenMax);
                    Await.until(
                            Await.Bound.of("enough calls", Duration.ofSeconds(60)),
                            () -> answered.size() >= target);
                    if (kill % 2 == 0) {
                        gateway.kill();
                        gateway.restart();
                    } else {
                        cairn.kill();
                        restart(cairn);
                    }
                }
            } finally {
                ended.set(true);
            }
            for (var client : clients) {
                client.get();
            }

            var recorded = Await.value(FOUND, () -> deleted(cairn), ids -> ids.containsAll(seen));
            assertThat(recorded).doesNotHaveDuplicates();
            assertThat(attempted).containsAll(recorded);
            assertThat(recorded).containsAll(answered);
        }
    }
}
