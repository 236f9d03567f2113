package dev.cairn.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.cairn.bench.Report.Better;
import dev.cairn.testkit.wire.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/// How long after its acknowledgement an event that a rule wants is posted to an HTTPS server,
/// while events come at a steady rate. The bus has as many rules as it may have, of which one wants
/// a share of the events; the server is in the bench's own process, and answers at once.
final class Posted {
    private static final int RULES = 299;

    /// What the rule that tells the server wants: about one event in sixty.
    private static final String WANTED = "00-";

    private static final double ARRIVE_SECONDS_MAX = 60;
    private static final double TARGET_SECONDS = 1;

    private final Checkout checkout;
    private final Scratch scratch;
    private final Traffic traffic;
    private final int connections;
    private final Report report;
    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, Long> arrived = new ConcurrentHashMap<>();

    Posted(Checkout checkout, Scratch scratch, Traffic traffic, int connections, Report report) {
        this.checkout = checkout;
        this.scratch = scratch;
        this.traffic = traffic;
        this.connections = connections;
        this.report = report;
    }

    void run(int rate, int seconds) throws BenchException, InterruptedException {
        Path data = scratch.resolve("posted-cairn");
        try {
            Path folder = Files.createDirectories(scratch.resolve("posted-certificate"));
            var certificate = TestCertificate.make(folder, "bench", "ip:127.0.0.1", "EC");
            HttpsServer hook =
                    HttpsServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            hook.setHttpsConfigurator(new HttpsConfigurator(certificate.server()));
            hook.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            hook.createContext("/", this::take);
            hook.start();
            try (CairnServer server =
                    CairnServer.start(
                            checkout,
                            data,
                            "topic.private-addresses=127.0.0.1",
                            "topic.receivers-ca=" + certificate.certificate())) {
                rules(server, "https://127.0.0.1:%d/".formatted(hook.getAddress().getPort()));
                String head = server.intakeHead(server.intakeToken());
                offer(server, head, rate, seconds, 0, "just started");
                server.drain();
                offer(server, head, rate, seconds, SteadyLoad.events(rate, seconds), "warm");
            } finally {
                hook.stop(0);
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new BenchException("the server to post to: " + e.getMessage(), e);
        }
        Scratch.remove(data);
    }

    private void take(HttpExchange exchange) throws IOException {
        long now = System.nanoTime();
        String id = json.readTree(exchange.getRequestBody()).path("id").asText();
        arrived.putIfAbsent(id, now);
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
    }

    private static void rules(CairnServer server, String url) throws BenchException {
        String connection =
                server.events(
                                "CreateConnection",
                                "{\"Name\":\"hook\",\"AuthorizationType\":\"API_KEY\",\"AuthParameters\":{\"ApiKeyAuthParameters\":{\"ApiKeyName\":\"x-key\",\"ApiKeyValue\":\"bench\"}}}")
                        .path("ConnectionArn")
                        .asText();
        String destination =
                server.events(
                                "CreateApiDestination",
                                "{\"Name\":\"hook\",\"ConnectionArn\":\"%s\",\"InvocationEndpoint\":\"%s\",\"HttpMethod\":\"POST\"}"
                                        .formatted(connection, url))
                        .path("ApiDestinationArn")
                        .asText();
        for (int i = 0; i < RULES; i++) {
            rule(
                    server,
                    "other-" + i,
                    "{\\\"detail\\\":{\\\"eventName\\\":[\\\"Other%d\\\"]}}".formatted(i));
        }
        rule(
                server,
                "hook",
                "{\\\"detail\\\":{\\\"eventID\\\":[{\\\"wildcard\\\":\\\"*%s*\\\"}]}}"
                        .formatted(WANTED));
        server.events(
                "PutTargets",
                "{\"Rule\":\"hook\",\"Targets\":[{\"Id\":\"1\",\"Arn\":\"%s\"}]}"
                        .formatted(destination));
    }

    private static void rule(CairnServer server, String name, String pattern)
            throws BenchException {
        server.events(
                "PutRule",
                "{\"Name\":\"%s\",\"State\":\"ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS\",\"EventPattern\":\"%s\"}"
                        .formatted(name, pattern));
    }

    private void offer(
            CairnServer server, String head, int rate, int seconds, long first, String state)
            throws BenchException, InterruptedException {
        Map<String, Long> acknowledged = new ConcurrentHashMap<>();
        var load =
                new SteadyLoad(
                        connections,
                        () -> new Ingest.HttpSender(server, head, traffic, new AtomicLong()));
        double took =
                load.offer(
                        first,
                        rate,
                        seconds,
                        batch -> {
                            long now = System.nanoTime();
                            long begin = first + batch * SteadyLoad.BATCH;
                            for (long at = begin; at < begin + SteadyLoad.BATCH; at++) {
                                if (traffic.place(at).region().equals(Traffic.REGION)
                                        && traffic.id(at).contains(WANTED)) {
                                    acknowledged.put(traffic.id(at), now);
                                }
                            }
                        });
        long end = System.nanoTime() + (long) (ARRIVE_SECONDS_MAX * 1e9);
        while (!arrived.keySet().containsAll(acknowledged.keySet())) {
            if (System.nanoTime() > end) {
                var missing = new ArrayList<>(acknowledged.keySet());
                missing.removeAll(arrived.keySet());
                throw new BenchException(
                        "%d of %d were not posted within a minute, such as %s"
                                .formatted(
                                        missing.size(), acknowledged.size(), missing.getFirst()));
            }
            Thread.sleep(50);
        }
        Sample late = new Sample();
        acknowledged.forEach(
                (id, at) -> late.add(Math.max(0, (arrived.getOrDefault(id, at) - at) / 1e9)));
        String figure = "acknowledged to posted at %,d/s, %s, ".formatted(rate, state);
        String note =
                "recorded %.0f/s, %.0f posted/s"
                        .formatted(
                                SteadyLoad.events(rate, seconds) / took,
                                acknowledged.size() / took);
        for (double part : Arrays.asList(0.5, 0.99)) {
            report.add(
                    "rules",
                    figure + "p%.0f".formatted(part * 100),
                    late.percentile(part),
                    "s",
                    Better.LESS,
                    "the target",
                    TARGET_SECONDS,
                    note);
        }
    }
}
