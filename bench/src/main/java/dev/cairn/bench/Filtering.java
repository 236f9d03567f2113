package dev.cairn.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.bench.Report.Better;
import dev.cairn.filter.FilterPattern;
import dev.cairn.filter.FilterPatternException;
import dev.cairn.filter.FilterSet;
import dev.cairn.filter.LogMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import software.amazon.event.ruler.Machine;

/// What it costs to ask an event of many filter patterns: the CPU time of one thread. The peers are
/// Amazon's Event Ruler, bare, with rules that say the same, and a straightforward evaluator:
/// Jackson reads the record once, and each pattern is a condition that is asked of it. All three
/// must give the same answers before anything is measured.
final class Filtering {
    static final int EVENTS = 4_000;
    private static final int WARM = 10;
    private static final int ROUNDS = 5;

    /// The straightforward evaluator asks every pattern of every event.
    static final int ASKED_MAX = 2_000_000;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Report report;
    private final List<byte[]> events;
    private final List<String> texts;
    private final List<JsonNode> samples;

    Filtering(Traffic traffic, Report report) {
        this.report = report;
        events = LongStream.range(0, EVENTS).mapToObj(traffic::event).toList();
        texts = events.stream().map(json -> new String(json, UTF_8)).toList();
        samples = events.stream().limit(Asked.LIVELY).map(Filtering::read).toList();
    }

    void run(List<Integer> sizes) throws BenchException {
        for (int size : sizes) {
            run(size);
        }
    }

    private void run(int size) throws BenchException {
        List<Asked> asked = Asked.of(samples, size);
        FilterSet set = set(asked);
        Machine machine = machine(asked);
        List<Predicate<JsonNode>> conditions = asked.stream().map(Asked::condition).toList();
        int few = Math.min(EVENTS, Math.max(100, ASKED_MAX / size));

        long matches = 0;
        for (int i = 0; i < few; i++) {
            int[] answer = set.taking(LogMessage.of(events.get(i)));
            int[] plain = straightforward(conditions, events.get(i));
            int[] ruler = ruled(machine, texts.get(i));
            if (!Arrays.equals(answer, plain) || !Arrays.equals(answer, ruler)) {
                throw new BenchException(
                        "expected the same answer of all three, got %s, %s straightforward and %s of Event Ruler for %s"
                                .formatted(
                                        Arrays.toString(answer),
                                        Arrays.toString(plain),
                                        Arrays.toString(ruler),
                                        texts.get(i)));
            }
            matches += answer.length;
        }
        double cairn = micros(events, json -> set.taking(LogMessage.of(json)));
        double ruler = micros(texts, json -> ruled(machine, json));
        double plain = micros(events.subList(0, few), json -> straightforward(conditions, json));
        String figure = "ask an event of %,d patterns".formatted(size);
        report.add(
                "filters",
                figure,
                cairn,
                "µs CPU/event",
                Better.LESS,
                "Event Ruler",
                ruler,
                "%s events/s on one core; %d matches in %d events"
                        .formatted(Report.number(1e6 / cairn), matches, few));
        report.add(
                "filters",
                figure,
                cairn,
                "µs CPU/event",
                Better.LESS,
                "straightforward evaluator",
                plain,
                "");
    }

    private static FilterSet set(List<Asked> asked) throws BenchException {
        List<FilterPattern> patterns = new ArrayList<>();
        for (Asked one : asked) {
            try {
                patterns.add(FilterPattern.of(one.pattern()));
            } catch (FilterPatternException e) {
                throw new BenchException(e.message(one.pattern()));
            }
        }
        return FilterSet.of(patterns);
    }

    private static Machine machine(List<Asked> asked) throws BenchException {
        Machine machine = Machine.builder().build();
        for (int i = 0; i < asked.size(); i++) {
            try {
                machine.addRule("" + i, asked.get(i).rule());
            } catch (IOException e) {
                throw new BenchException(asked.get(i).rule() + ": " + e.getMessage());
            }
        }
        return machine;
    }

    static int[] ruled(Machine machine, String json) {
        try {
            return machine.rulesForJSONEvent(json).stream()
                    .mapToInt(Integer::parseInt)
                    .sorted()
                    .toArray();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static int[] straightforward(List<Predicate<JsonNode>> conditions, byte[] json) {
        JsonNode record = read(json);
        List<Integer> taking = new ArrayList<>();
        for (int i = 0; i < conditions.size(); i++) {
            if (conditions.get(i).test(record)) {
                taking.add(i);
            }
        }
        return taking.stream().mapToInt(Integer::intValue).toArray();
    }

    static JsonNode read(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The median over rounds.
    static <T> double micros(List<T> events, Function<T, int[]> ask) throws BenchException {
        Sample sample = new Sample();
        long first = -1;
        for (int round = 0; round < WARM + ROUNDS; round++) {
            long start = THREADS.getCurrentThreadCpuTime();
            long taken = 0;
            for (T event : events) {
                taken += ask.apply(event).length;
            }
            double micros = (THREADS.getCurrentThreadCpuTime() - start) / 1e3 / events.size();
            first = first < 0 ? taken : first;
            if (taken != first) {
                throw new BenchException(
                        "expected the same answers in each round, got %d and %d"
                                .formatted(first, taken));
            }
            if (round >= WARM) {
                sample.add(micros);
            }
        }
        return sample.median();
    }
}
