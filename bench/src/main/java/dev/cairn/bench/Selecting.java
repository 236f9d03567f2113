package dev.cairn.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.bench.Report.Better;
import dev.cairn.event.Category;
import dev.cairn.event.EventReader;
import dev.cairn.event.Glance;
import dev.cairn.event.Parsed;
import dev.cairn.selector.Selectors;
import dev.cairn.selector.Verdict;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;

/// What it costs a trail to refuse an event: the CPU time of one thread, which other work on the
/// machine disturbs little. The peer is Jackson passing over the same records for the same five
/// members.
final class Selecting {
    private static final String FUNCTION = "AWS::Lambda::Function";
    private static final int EVENTS = 50_000;
    private static final int WARM = 5;
    private static final int ROUNDS = 9;

    private static final JsonFactory JSON = new JsonFactory();
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Report report;
    private final List<byte[]> management;
    private final List<byte[]> data;

    Selecting(Traffic traffic, Report report) {
        this.report = report;
        List<byte[]> all =
                java.util.stream.LongStream.range(0, EVENTS).mapToObj(traffic::event).toList();
        management = of(all, Category.MANAGEMENT);
        data =
                of(all, Category.DATA).stream()
                        .filter(json -> !new String(json, UTF_8).contains(FUNCTION))
                        .toList();
    }

    /// Those that say themselves what they are.
    private static List<byte[]> of(List<byte[]> records, Category category) {
        return records.stream().filter(json -> Glance.of(json).category() == category).toList();
    }

    void run() throws BenchException {
        Selectors objects =
                selectors(
                        """
                        [{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}]\
                        """);
        Selectors functions =
                selectors(
                        """
                        [{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::Lambda::Function"]}]\
                        """);
        figure("management events, wanted are data events", management, objects);
        figure("data events, wanted are management events", data, Selectors.DEFAULT);
        figure("data events, wanted are those of another type", data, functions);
    }

    private static Selectors selectors(String fields) {
        return Selectors.read(
                "{\"AdvancedEventSelectors\":[{\"FieldSelectors\":%s}]}".formatted(fields));
    }

    private void figure(String what, List<byte[]> records, Selectors selectors)
            throws BenchException {
        double glance =
                micros(records, json -> selectors.judge(json, Glance.of(json)) != Verdict.REFUSED);
        double jackson = micros(records, Selecting::members);
        double read =
                micros(
                        records,
                        json ->
                                EventReader.lenient().read(json, Instant.EPOCH)
                                                instanceof Parsed.Read(var event)
                                        && selectors.takes(event));
        report.add(
                "selector",
                "refuse " + what,
                glance,
                "µs CPU/event",
                Better.LESS,
                "Jackson, the same five members",
                jackson,
                "reading the whole event: " + Report.number(read) + " µs");
    }

    /// The median over rounds.
    ///
    /// @param ask expected to say no, of all of them
    private static double micros(List<byte[]> records, Predicate<byte[]> ask)
            throws BenchException {
        Sample sample = new Sample();
        long taken = 0;
        for (int round = 0; round < WARM + ROUNDS; round++) {
            long start = THREADS.getCurrentThreadCpuTime();
            for (byte[] json : records) {
                taken += ask.test(json) ? 1 : 0;
            }
            double micros = (THREADS.getCurrentThreadCpuTime() - start) / 1e3 / records.size();
            if (round >= WARM) {
                sample.add(micros);
            }
        }
        if (taken > 0) {
            throw new BenchException("expected every event refused, got %d taken".formatted(taken));
        }
        return sample.median();
    }

    private static boolean members(byte[] json) {
        int found = 0;
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "eventCategory", "eventSource", "eventName", "eventType", "readOnly" ->
                            found += parser.getText().isEmpty() ? 0 : 1;
                    default -> {
                        if (value.isStructStart()) {
                            parser.skipChildren();
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return found == 0;
    }
}
