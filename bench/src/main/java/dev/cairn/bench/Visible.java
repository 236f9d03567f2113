package dev.cairn.bench;

import dev.cairn.bench.Report.Better;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/// Design row 2: how long after its acknowledgement an event is found by LookupEvents, while events
/// come at a steady rate.
///
/// Batches are sent when they are due, whether or not earlier ones are answered late. Some events
/// are looked up by their id, again and again from their acknowledgement on until they are found;
/// what is told is the time to the end of the answer that holds them. The highest rate is offered
/// twice: to a program that has just started, most of whose code the JVM has not compiled yet, and
/// to the same program once it has caught up. When the rate is not sustained then, the next lower
/// one is tried.
final class Visible {
    private static final List<Integer> RATES = List.of(10_000, 7_500, 5_000, 3_000, 2_000, 1_000);
    private static final int SAMPLES_PER_SECOND = 10;

    /// What is told may be too long by this. Asked more often, the looking itself is much of the
    /// load: each LookupEvents is an event, too.
    private static final int POLL_MILLIS = 50;

    private static final double FOUND_SECONDS_MAX = 120;
    private static final double AWS_SECONDS = 300;

    private final Checkout checkout;
    private final Scratch scratch;
    private final Traffic traffic;
    private final int connections;
    private final Report report;
    private long sent;

    Visible(Checkout checkout, Scratch scratch, Traffic traffic, int connections, Report report) {
        this.checkout = checkout;
        this.scratch = scratch;
        this.traffic = traffic;
        this.connections = connections;
        this.report = report;
    }

    void run(int seconds) throws BenchException, InterruptedException {
        Path data = scratch.resolve("visible-cairn");
        try (CairnServer server = CairnServer.start(checkout, data)) {
            String head = server.intakeHead(server.intakeToken());
            at(server, head, RATES.getFirst(), seconds, "just started");
            server.drain();
            for (int rate : RATES) {
                if (at(server, head, rate, seconds, "warm")) {
                    break;
                }
                server.drain();
            }
        }
        Scratch.remove(data);
    }

    /// @return whether the rate was sustained
    private boolean at(CairnServer server, String head, int rate, int seconds, String state)
            throws BenchException, InterruptedException {
        Load load = offer(server, head, rate, seconds);
        boolean sustained = load.rate() > 0.97 * rate && load.backlog() < 2L * rate;
        String note =
                "%s; recorded %.0f/s, history %d behind at the end, %d looked up"
                        .formatted(
                                sustained ? "sustained" : "NOT sustained",
                                load.rate(),
                                load.backlog(),
                                load.found().count());
        String figure = "acknowledged to found at %,d/s, %s, ".formatted(rate, state);
        String aws = "AWS's documentation, not measured: about 5 minutes";
        report.add(
                "visible",
                figure + "p50",
                load.found().median(),
                "s",
                Better.LESS,
                aws,
                AWS_SECONDS,
                note);
        report.add(
                "visible",
                figure + "p99",
                load.found().percentile(0.99),
                "s",
                Better.LESS,
                aws,
                AWS_SECONDS,
                "");
        return sustained;
    }

    /// @param rate events a second that were acknowledged
    /// @param backlog how many of them history had not taken when the last was acknowledged
    private record Load(Sample found, double rate, long backlog) {}

    private Load offer(CairnServer server, String head, int rate, int seconds)
            throws BenchException, InterruptedException {
        long first = sent;
        sent += SteadyLoad.events(rate, seconds);
        long every = Math.max(1, rate / SteadyLoad.BATCH / SAMPLES_PER_SECOND);
        Sample found = new Sample();
        var load =
                new SteadyLoad(
                        connections,
                        () -> new Ingest.HttpSender(server, head, traffic, new AtomicLong()));
        try (ExecutorService watchers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> watching = Collections.synchronizedList(new ArrayList<>());
            double took =
                    load.offer(
                            first,
                            rate,
                            seconds,
                            batch -> {
                                if (batch % every == 0) {
                                    long acknowledged = System.nanoTime();
                                    String id = sampled(first + batch * SteadyLoad.BATCH);
                                    watching.add(
                                            watchers.submit(
                                                    () -> watch(server, id, acknowledged, found)));
                                }
                            });
            long backlog = server.pending();
            for (Future<?> one : watching) {
                one.get();
            }
            return new Load(found, SteadyLoad.events(rate, seconds) / took, backlog);
        } catch (ExecutionException e) {
            throw new BenchException("a look-up failed: " + e.getCause(), e);
        }
    }

    /// The id of the first event of a batch that LookupEvents finds.
    private String sampled(long first) {
        for (long at = first; at < first + SteadyLoad.BATCH; at++) {
            if (traffic.isLookedUp(at)) {
                return traffic.id(at);
            }
        }
        throw new IllegalStateException("expected an event to look up in every batch");
    }

    private static Void watch(CairnServer server, String id, long acknowledged, Sample found)
            throws BenchException, IOException, InterruptedException {
        byte[] body = Lookup.question("EventId", id);
        try (var connection = new HttpConnection(server.endpoint())) {
            while (true) {
                var answer = connection.send(server.lookupHead(body), body, body.length);
                double seconds = (System.nanoTime() - acknowledged) / 1e9;
                if (answer.status() != 200) {
                    throw new BenchException(
                            "LookupEvents: %d %s".formatted(answer.status(), answer.text()));
                }
                if (new String(answer.body(), StandardCharsets.UTF_8).contains(id)) {
                    found.add(seconds);
                    return null;
                }
                if (seconds > FOUND_SECONDS_MAX) {
                    throw new BenchException(id + " was not found within two minutes");
                }
                Thread.sleep(POLL_MILLIS);
            }
        }
    }
}
