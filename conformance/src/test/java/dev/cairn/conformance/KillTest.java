package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The real process, killed while clients record: what was acknowledged is there, once (I2); what
/// was not is there at most once.
final class KillTest {
    private static final int CLIENTS = 4;
    private static final int BATCH = 20;

    /// Long enough for kills between, during and after the first syncs and commits.
    private static final int EVENTS_BEFORE_KILL_MAX = 3000;

    private static final Duration KILLED_MAX = Duration.ofSeconds(60);
    private static final Duration CAUGHT_UP_MAX = Duration.ofSeconds(60);
    private static final String SOURCE = "kill.amazonaws.com";

    /// Where each acknowledged event is, by its id.
    private final Map<String, String> acknowledged = new ConcurrentHashMap<>();

    /// Events that were sent and never acknowledged.
    private final Set<String> open = ConcurrentHashMap.newKeySet();

    private final AtomicInteger numbers = new AtomicInteger();

    @Test
    void acknowledgedEventsOutliveFiveKills() throws Exception {
        killed(5, 20261121);
    }

    @Test
    @Tag("long")
    void acknowledgedEventsOutliveTwentyFiveKills() throws Exception {
        killed(25, 4711);
    }

    private void killed(int kills, long seed) throws Exception {
        var random = new Random(seed);
        // Small segments, so that kills meet sealing; seldom commits, so that history has to catch
        // up.
        try (var server =
                LiveServer.start("ledger.segment-bytes=1MB", "history.commit-interval=1s")) {
            for (var kill = 0; kill < kills; kill++) {
                record(server, 1 + random.nextInt(EVENTS_BEFORE_KILL_MAX));
                server.restart();
            }
            check(server, seed);
            server.stop();
            fsck(server);
        }
    }

    /// Records from several clients until so many more events are acknowledged, and kills.
    private void record(LiveServer server, int events) throws Exception {
        var target = acknowledged.size() + events;
        var ended = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var clients = new ArrayList<Future<?>>();
            for (var i = 0; i < CLIENTS; i++) {
                clients.add(
                        threads.submit(() -> {
                            client(server.endpoint(), ended);
                            return null;
                        }));
            }
            try {
                Await.until(
                        Await.Bound.of(target + " acknowledged events", KILLED_MAX),
                        () -> acknowledged.size() >= target);
                server.kill();
            } finally {
                ended.set(true);
            }
            for (var client : clients) {
                client.get();
            }
        }
    }

    private void client(URI endpoint, AtomicBoolean ended) throws InterruptedException {
        try (var wire = new Wire(endpoint)) {
            while (!ended.get()) {
                var batch = new ArrayList<Sample>();
                for (var i = 0; i < BATCH; i++) {
                    batch.add(
                            Sample.now(LiveServer.ACCOUNT, numbers.incrementAndGet())
                                    .with("eventSource", SOURCE));
                }
                batch.forEach(sample -> open.add(sample.id()));
                var answer = wire.intake(LiveServer.ROOT, Sample.batch(batch));
                if (answer.status() == 200) {
                    var positions = answer.json().path("positions");
                    for (var i = 0; i < BATCH; i++) {
                        acknowledged.put(batch.get(i).id(), positions.path(i).asText());
                        open.remove(batch.get(i).id());
                    }
                }
            }
        } catch (IOException _) {
            // Killed in the middle of it: the batch stays open.
        }
    }

    private void check(LiveServer server, long seed) throws Exception {
        try (var wire = new Wire(server.endpoint())) {
            var inLedger = ledger(wire);
            assertThat(inLedger).as("ledger, seed %d", seed).containsAllEntriesOf(acknowledged);
            assertThat(inLedger.keySet())
                    .as("nothing but what was sent, seed %d", seed)
                    .allMatch(id -> acknowledged.containsKey(id) || open.contains(id));
            var inHistory =
                    Await.value(
                            Await.Bound.of("history caught up", CAUGHT_UP_MAX),
                            () -> history(wire),
                            found -> found.size() >= inLedger.size());
            assertThat(inHistory).as("history, seed %d", seed).isEqualTo(inLedger);
            // An event that was open is recorded now, or known as a duplicate: once in any case.
            for (var id : List.copyOf(open).subList(0, Math.min(5, open.size()))) {
                assertThat(wire.search(LiveServer.ROOT, "eventID:" + id)).hasSizeLessThan(2);
            }
        }
        var status = server.cairn("status", "--verify").exited(0);
        assertThat(status.out()).contains("even").doesNotContain("NOT EVEN", "DAMAGED");
    }

    /// Positions by id, as the ledger has them; fails on an id that is there twice.
    private static Map<String, String> ledger(Wire wire) throws Exception {
        var found = new HashMap<String, String>();
        var after = "0";
        while (true) {
            var page =
                    wire.get(
                                    LiveServer.ROOT,
                                    "/cairn/v1/tail",
                                    "after",
                                    after,
                                    "query",
                                    "eventSource:" + SOURCE,
                                    "limit",
                                    "1000")
                            .expect(200)
                            .json();
            for (var event : page.path("events")) {
                add(found, event.path("eventId").asText(), event.path("position").asText());
            }
            var next = page.path("after").asText();
            if (next.equals(after)) {
                return found;
            }
            after = next;
        }
    }

    private static Map<String, String> history(Wire wire) throws Exception {
        var found = new HashMap<String, String>();
        for (var event : wire.search(LiveServer.ROOT, "eventSource:" + SOURCE)) {
            add(found, event.path("eventId").asText(), event.path("position").asText());
        }
        return found;
    }

    private static void add(Map<String, String> found, String id, String position) {
        var other = found.put(id, position);
        if (other != null) {
            throw new AssertionError(
                    "expected %s once, got it at %s and %s".formatted(id, other, position));
        }
    }

    private static void fsck(LiveServer server) throws Exception {
        if (server.cairnHelp().contains(" fsck ")) {
            server.cairn("fsck").exited(0);
        }
    }
}
