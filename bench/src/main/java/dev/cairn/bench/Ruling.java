package dev.cairn.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.bench.Report.Better;
import dev.cairn.bus.BusEvent;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.pattern.EventPatternException;
import dev.cairn.pattern.PatternSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import software.amazon.event.ruler.Machine;

/// What it costs to make a bus's event of a record and ask it of many rules: the CPU time of one
/// thread. The peers are Amazon's Event Ruler, bare, which is given the event as it is, and the
/// straightforward evaluator of [Filtering], which is given the record. All three must give the
/// same answers before anything is measured.
final class Ruling {
    private final Report report;
    private final List<Entry> entries;
    private final List<JsonNode> samples;

    Ruling(Traffic traffic, Report report) {
        this.report = report;
        entries =
                LongStream.range(0, Filtering.EVENTS)
                        .mapToObj(i ->
                                new Entry(
                                        new Place(Traffic.ACCOUNT, Traffic.REGION),
                                        traffic.id(i),
                                        Origin.INTAKE,
                                        traffic.event(i)))
                        .filter(entry -> BusEvent.ofRecord(entry) instanceof BusEvent.Made.Event)
                        .toList();
        samples =
                entries.stream()
                        .limit(Asked.LIVELY)
                        .map(entry -> Filtering.read(entry.json()))
                        .toList();
    }

    void run(List<Integer> sizes) throws BenchException {
        for (int size : sizes) {
            run(size);
        }
    }

    private void run(int size) throws BenchException {
        List<Asked> asked = Asked.of(samples, size);
        PatternSet set = set(asked);
        Machine machine = machine(asked);
        List<Predicate<JsonNode>> conditions = asked.stream().map(Asked::condition).toList();
        List<String> events = entries.stream().map(Ruling::event).toList();
        int few = Math.min(entries.size(), Math.max(100, Filtering.ASKED_MAX / size));

        long matches = 0;
        for (int i = 0; i < few; i++) {
            int[] answer = judged(set, entries.get(i));
            int[] plain = Filtering.straightforward(conditions, entries.get(i).json());
            int[] ruler = Filtering.ruled(machine, events.get(i));
            if (!Arrays.equals(answer, plain) || !Arrays.equals(answer, ruler)) {
                throw new BenchException(
                        "expected the same answer of all three, got %s, %s straightforward and %s of Event Ruler for %s"
                                .formatted(
                                        Arrays.toString(answer),
                                        Arrays.toString(plain),
                                        Arrays.toString(ruler),
                                        events.get(i)));
            }
            matches += answer.length;
        }
        double cairn = Filtering.micros(entries, entry -> judged(set, entry));
        double ruler = Filtering.micros(events, event -> Filtering.ruled(machine, event));
        double plain =
                Filtering.micros(
                        entries.subList(0, few),
                        entry -> Filtering.straightforward(conditions, entry.json()));
        String figure = "ask a record of %,d rules".formatted(size);
        report.add(
                "rules",
                figure,
                cairn,
                "µs CPU/event",
                Better.LESS,
                "Event Ruler",
                ruler,
                "%s events/s on one core; %d matches in %d events"
                        .formatted(Report.number(1e6 / cairn), matches, few));
        report.add(
                "rules",
                figure,
                cairn,
                "µs CPU/event",
                Better.LESS,
                "straightforward evaluator",
                plain,
                "");
    }

    private static String event(Entry entry) {
        return ((BusEvent.Made.Event) BusEvent.ofRecord(entry)).event().json();
    }

    private static int[] judged(PatternSet set, Entry entry) {
        PatternSet.Verdict verdict = set.judge(event(entry));
        if (!verdict.tooComplex().isEmpty()) {
            throw new IllegalStateException(
                    "expected every rule to be asked of " + new String(entry.json(), UTF_8));
        }
        return verdict.taken().stream().mapToInt(Integer::parseInt).sorted().toArray();
    }

    private static String rule(Asked asked) {
        return "{\"detail\":" + asked.rule() + '}';
    }

    private static PatternSet set(List<Asked> asked) throws BenchException {
        Map<String, String> texts = new HashMap<>();
        for (int i = 0; i < asked.size(); i++) {
            texts.put("" + i, rule(asked.get(i)));
        }
        try {
            return new PatternSet(texts);
        } catch (EventPatternException e) {
            throw new BenchException(e.message());
        }
    }

    private static Machine machine(List<Asked> asked) throws BenchException {
        Machine machine = Machine.builder().build();
        List<String> rules = new ArrayList<>();
        asked.forEach(one -> rules.add(rule(one)));
        for (int i = 0; i < rules.size(); i++) {
            try {
                machine.addRule("" + i, rules.get(i));
            } catch (IOException e) {
                throw new BenchException(rules.get(i) + ": " + e.getMessage());
            }
        }
        return machine;
    }
}
