package dev.cairn.bench;

import dev.cairn.embedded.history.HistorySettings;
import dev.cairn.embedded.history.LuceneHistory;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.history.Condition;
import dev.cairn.history.HistoryException;
import dev.cairn.history.Query;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.testkit.event.EventGenerator;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// How fast history takes generated events, what they weigh, and how fast it answers.
///
/// `HistoryBench FOLDER EVENTS`; the folder is filled, or, when it is, only asked.
public final class HistoryBench {
    private static final Instant START = Instant.parse("2026-10-01T00:00:00Z");
    private static final InstantSource CLOCK = InstantSource.fixed(START.plus(Duration.ofDays(31)));
    private static final EventReader READER = EventReader.lenient();
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int BATCH = 2_000;
    private static final int ROUNDS = 500;

    private final LuceneHistory history;
    private final List<Event> samples = new ArrayList<>();

    private HistoryBench(LuceneHistory history) {
        this.history = history;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        int events = Integer.parseInt(arguments[1]);
        try (LuceneHistory history =
                LuceneHistory.open(
                        folder,
                        HistorySettings.DEFAULT.withRetention(Duration.ofDays(365)),
                        CLOCK)) {
            HistoryBench bench = new HistoryBench(history);
            bench.take(events);
            System.out.printf("%,d bytes an event on disk%n", bytes(folder) / events);
            bench.ask();
        }
    }

    private void take(int events) throws HistoryException {
        EventGenerator generator =
                new EventGenerator(7, EventGenerator.Settings.month(START, events));
        boolean filled = history.position(0) >= events;
        long nanos = 0;
        long cpu = 0;
        long bytes = 0;
        for (int from = 0; from < events; from += BATCH) {
            List<Slice.Item> items = new ArrayList<>();
            for (int i = from; i < from + BATCH; i++) {
                byte[] json = generator.next();
                bytes += json.length;
                if (READER.read(json, CLOCK.instant()) instanceof Parsed.Read(Event event)) {
                    if (i % Math.max(1, events / ROUNDS) == 0) {
                        samples.add(event);
                    }
                    Entry entry = new Entry(event.place(), event.id(), Origin.INTAKE, json);
                    items.add(new Slice.Held(new Position(0, i), event.time(), entry));
                }
            }
            if (filled) {
                continue;
            }
            long cpuBefore = THREADS.getCurrentThreadCpuTime();
            long start = System.nanoTime();
            history.take(new Slice(0, items, from + (long) BATCH));
            if (from / BATCH % 5 == 0) {
                history.refresh();
            }
            nanos += System.nanoTime() - start;
            cpu += THREADS.getCurrentThreadCpuTime() - cpuBefore;
        }
        long start = System.nanoTime();
        history.commit();
        nanos += System.nanoTime() - start;
        if (!filled) {
            System.out.printf(
                    "%,d events of %,d bytes: %,.0f events/s, %,.0f per second of the thread's CPU, refreshed every %,d%n",
                    events,
                    bytes / events,
                    events / (nanos / 1e9),
                    events / (cpu / 1e9),
                    5 * BATCH);
        }
    }

    private void ask() throws HistoryException {
        history.refresh();
        ask("event id", event -> new Condition.Is("eventID", event.id()));
        ask("username", event -> new Condition.Is("username", "" + event.username()));
        ask("event name", event -> new Condition.Is("eventName", event.name()));
        ask("access key", event -> new Condition.Is("accessKeyId", "" + event.accessKeyId()));
        ask("everything", _ -> new Condition.All());
        ask(
                "denied to",
                event ->
                        new Condition.And(
                                List.of(
                                        new Condition.Exists("errorCode"),
                                        new Condition.Is("username", "" + event.username()))));
        ask(
                "touched",
                event ->
                        new Condition.Touched(
                                event.resources().isEmpty()
                                        ? event.id()
                                        : event.resources().getFirst().name()));
        ask("word", event -> new Condition.Words(event.name()));
        ask("phrase", event -> new Condition.Words(event.source()));
        ask(
                "*name*",
                event -> new Condition.Like("userIdentity.arn", "*" + event.username() + "*"));
    }

    private interface Question {
        Condition of(Event event);
    }

    private void ask(String name, Question question) throws HistoryException {
        long[] nanos = new long[samples.size()];
        long found = 0;
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < nanos.length; i++) {
                Query query =
                        new Query(
                                question.of(samples.get(i)),
                                null,
                                null,
                                Instant.EPOCH,
                                CLOCK.instant(),
                                null,
                                50);
                long start = System.nanoTime();
                found += history.search(query).hits().size();
                nanos[i] = System.nanoTime() - start;
            }
        }
        Arrays.sort(nanos);
        System.out.printf(
                "%-12s p50 %6.2f ms  p99 %7.2f ms  max %7.2f ms  (%.1f found)%n",
                name,
                nanos[nanos.length / 2] / 1e6,
                nanos[nanos.length * 99 / 100] / 1e6,
                nanos[nanos.length - 1] / 1e6,
                found / 2.0 / nanos.length);
    }

    private static long bytes(Path folder) throws IOException {
        Map<String, Long> byKind = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                String kind = name.contains(".") ? name.substring(name.lastIndexOf('.')) : name;
                byKind.merge(
                        kind.startsWith("segments") ? "segments" : kind,
                        Files.size(file),
                        Long::sum);
            }
        }
        byKind.forEach((kind, size) -> System.out.printf("  %-12s %,d%n", kind, size));
        return byKind.values().stream().mapToLong(Long::longValue).sum();
    }
}
