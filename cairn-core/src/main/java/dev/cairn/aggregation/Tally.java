package dev.cairn.aggregation;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.event.InventedId;
import dev.cairn.event.Place;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Counts data events in windows of five minutes of `eventTime`, and writes the counts as records.
///
/// The same events in the same order give the same records. What it holds is bounded: when it is
/// [#full] the caller had better stop; what is counted all the same goes under names it has
/// already, or under [#OTHER], so that sums stay right. For one thread.
public final class Tally {
    /// The length of a window.
    public static final Duration WINDOW = Duration.ofMinutes(5);

    /// Stands for all that are not named one by one.
    static final String OTHER = "(other)";

    /// The most names in the statistics of a detail, [#OTHER] included: the most frequent.
    static final int STATISTICS_MAX = 100;

    private static final JsonFactory JSON = new JsonFactory();

    private final Set<Template> templates;
    private final int countersMax;
    private final Map<Key, Count> counts = new HashMap<>();
    private int counters;

    /// What one record tells of.
    ///
    /// @param end of the window, exclusive
    /// @param name the primary dimension's value
    private record Key(Place place, Instant end, String source, Template template, String name) {
        static final Comparator<Key> ORDER =
                Comparator.comparing((Key key) -> key.place().account())
                        .thenComparing(key -> key.place().region())
                        .thenComparing(Key::end)
                        .thenComparing(Key::source)
                        .thenComparing(Key::template)
                        .thenComparing(Key::name);

        Key named(String other) {
            return new Key(place, end, source, template, other);
        }

        Key from(String other) {
            return new Key(place, end, other, template, name);
        }
    }

    private static final class Count {
        private long events;
        private final Map<Dimension, Map<String, Long>> details = new EnumMap<>(Dimension.class);
    }

    /// An aggregated event.
    ///
    /// @param windowStart when its window began
    /// @param json the record
    @SuppressWarnings("ArrayRecordComponent") // The array's identity is never relied on.
    public record Aggregate(Place place, Instant windowStart, byte[] json) {}

    /// @param countersMax how many counts it holds before it is full
    public Tally(Set<Template> templates, int countersMax) {
        this.templates = templates;
        this.countersMax = countersMax;
    }

    /// When the window ends that a time lies in; the end itself lies in the next one.
    public static Instant end(Instant time) {
        long seconds = WINDOW.toSeconds();
        return Instant.ofEpochSecond((Math.floorDiv(time.getEpochSecond(), seconds) + 1) * seconds);
    }

    /// Whether more different values were met than it is to tell apart.
    public boolean full() {
        return counters >= countersMax;
    }

    /// Counts a data event.
    ///
    /// @param json an object that [dev.cairn.event.EventReader] has read
    public void count(Place place, Instant time, byte[] json) {
        Traits traits = Traits.of(json);
        for (Template template : templates) {
            String name = traits.names().getOrDefault(template.primary(), Traits.UNKNOWN);
            Count count = count(new Key(place, end(time), traits.source(), template, name));
            count.events++;
            traits.names()
                    .forEach((dimension, value) -> {
                        if (dimension != template.primary()) {
                            add(
                                    count.details.computeIfAbsent(dimension, _ -> new HashMap<>()),
                                    value);
                        }
                    });
        }
    }

    private Count count(Key wanted) {
        Key key = wanted;
        if (full() && !counts.containsKey(key)) {
            key = key.named(OTHER);
            if (counters >= 2L * countersMax && !counts.containsKey(key)) {
                key = key.from(OTHER);
            }
        }
        Count known = counts.get(key);
        if (known == null) {
            known = new Count();
            counts.put(key, known);
            counters++;
        }
        return known;
    }

    private void add(Map<String, Long> statistics, String value) {
        String name = full() && !statistics.containsKey(value) ? OTHER : value;
        if (statistics.merge(name, 1L, Long::sum) == 1) {
            counters++;
        }
    }

    /// What was counted, in order of place, then window.
    ///
    /// @param lateUntil windows that end here or before were told of already: their records say
    ///   that they come late
    /// @param seed makes the ids differ from those of other tallies
    public List<Aggregate> aggregates(Instant lateUntil, String seed) {
        Map<Key, Count> ordered = new TreeMap<>(Key.ORDER);
        ordered.putAll(counts);
        List<Aggregate> aggregates = new ArrayList<>();
        ordered.forEach((key, count) ->
                aggregates.add(
                        new Aggregate(
                                key.place(),
                                key.end().minus(WINDOW),
                                json(key, count, lateUntil, seed))));
        return aggregates;
    }

    private static byte[] json(Key key, Count count, Instant lateUntil, String seed) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("eventVersion", "1.0");
            json.writeStringField("accountId", key.place().account());
            json.writeStringField("eventId", id(key, seed));
            json.writeStringField("eventCategory", "Aggregated");
            json.writeStringField("eventType", "AwsAggregatedEvent");
            json.writeStringField("awsRegion", key.place().region());
            json.writeStringField("eventSource", key.source());
            json.writeObjectFieldStart("timeWindow");
            json.writeStringField("windowStart", key.end().minus(WINDOW).toString());
            json.writeStringField("windowEnd", key.end().toString());
            json.writeStringField("windowSize", WINDOW.toString());
            json.writeEndObject();
            json.writeObjectFieldStart("summary");
            json.writeFieldName("primaryDimension");
            write(json, key.template().primary(), Map.of(key.name(), count.events));
            json.writeArrayFieldStart("details");
            for (Map.Entry<Dimension, Map<String, Long>> detail : count.details.entrySet()) {
                write(json, detail.getKey(), detail.getValue());
            }
            json.writeEndArray();
            json.writeEndObject();
            if (!key.end().isAfter(lateUntil)) {
                json.writeObjectFieldStart("addendum");
                json.writeStringField("reason", "DELAYED_DATA");
                json.writeEndObject();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a ByteArrayOutputStream does no I/O", e);
        }
        return bytes.toByteArray();
    }

    private static String id(Key key, String seed) {
        String all =
                String.join(
                        "\n",
                        seed,
                        key.end().toString(),
                        key.source(),
                        key.template().name(),
                        key.name());
        return InventedId.of(key.place(), all.getBytes(UTF_8));
    }

    private static void write(JsonGenerator json, Dimension dimension, Map<String, Long> counted)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("dimension", dimension.wireName());
        json.writeArrayFieldStart("statistics");
        for (Map.Entry<String, Long> statistic : mostFrequent(counted)) {
            json.writeStartObject();
            json.writeStringField("name", statistic.getKey());
            json.writeNumberField("value", statistic.getValue());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeStringField("aggregationType", "Count");
        json.writeEndObject();
    }

    /// By frequency, then name; all that have no room are one, at the end.
    private static List<Map.Entry<String, Long>> mostFrequent(Map<String, Long> counted) {
        long other = counted.getOrDefault(OTHER, 0L);
        List<Map.Entry<String, Long>> ordered = new ArrayList<>();
        for (Map.Entry<String, Long> statistic : counted.entrySet()) {
            if (!statistic.getKey().equals(OTHER)) {
                ordered.add(statistic);
            }
        }
        ordered.sort(
                Map.Entry.<String, Long>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()));
        int room =
                other > 0 || ordered.size() > STATISTICS_MAX ? STATISTICS_MAX - 1 : STATISTICS_MAX;
        for (Map.Entry<String, Long> cut :
                ordered.subList(Math.min(room, ordered.size()), ordered.size())) {
            other += cut.getValue();
        }
        List<Map.Entry<String, Long>> shown =
                new ArrayList<>(ordered.subList(0, Math.min(room, ordered.size())));
        if (other > 0) {
            shown.add(Map.entry(OTHER, other));
        }
        return shown;
    }
}
