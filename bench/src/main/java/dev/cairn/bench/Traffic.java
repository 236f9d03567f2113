package dev.cairn.bench;

import dev.cairn.event.Category;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.event.Place;
import dev.cairn.event.Resource;
import dev.cairn.testkit.event.EventGenerator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// As many events as one wants, at the cost of copying them.
///
/// A pool of generated events, given out again and again, each time with an `eventID` and a
/// `requestID` of its own, and, where asked for, a time. Making each anew would cost the load
/// driver more than Cairn needs to record it. Safe for use by many threads.
final class Traffic {
    static final String ACCOUNT = "123456789012";
    static final String REGION = "us-east-1";

    private static final byte[] EVENT_ID = "\"eventID\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REQUEST_ID = "\"requestID\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT_TIME = "\"eventTime\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int POOL = 100_000;
    private static final EventReader STRICT = EventReader.strict(EventReader.EVENT_BYTES_DEFAULT);

    private final List<Template> pool;
    private final double bytesMean;

    private Traffic(List<Template> pool) {
        this.pool = pool;
        this.bytesMean = pool.stream().mapToInt(one -> one.json.length).average().orElseThrow();
    }

    /// The last hour's traffic of one account in three regions, a tenth of it data events.
    static Traffic make(Instant now) {
        var settings =
                EventGenerator.Settings.month(now.minus(Duration.ofHours(1)), POOL)
                        .withAccounts(List.of(ACCOUNT));
        var lastHour =
                new EventGenerator.Settings(
                        settings.accounts(),
                        settings.regions(),
                        settings.people(),
                        now.minus(Duration.ofHours(1)),
                        now.minusSeconds(10),
                        POOL,
                        settings.dataShare(),
                        settings.errorShare());
        var generator = new EventGenerator(1, lastHour);
        List<Template> pool = new ArrayList<>(POOL);
        for (int i = 0; i < POOL; i++) {
            pool.add(Template.of(generator.next(), now));
        }
        return new Traffic(pool);
    }

    double bytesMean() {
        return bytesMean;
    }

    /// How many bytes an event has.
    int length(long ordinal) {
        return template(ordinal).json.length;
    }

    /// Whether LookupEvents of [#ACCOUNT] in [#REGION] finds an event.
    boolean isLookedUp(long ordinal) {
        return template(ordinal).lookedUp();
    }

    /// What an event tells, but for the ids and times, which are another's.
    Event read(long ordinal) {
        return template(ordinal).event;
    }

    Place place(long ordinal) {
        return read(ordinal).place();
    }

    /// What an event answers to an attribute of LookupEvents; null when it has none.
    @Nullable String value(String attribute, long ordinal) {
        Event event = read(ordinal);
        return switch (attribute) {
            case "" -> "";
            case "EventId" -> id(ordinal);
            case "EventName" -> event.name();
            case "EventSource" -> event.source();
            case "ReadOnly" -> Boolean.toString(event.readOnly());
            case "Username" -> event.username();
            case "AccessKeyId" -> event.accessKeyId();
            case "ResourceType" ->
                    event.resources().stream()
                            .map(Resource::type)
                            .filter(type -> !type.isEmpty())
                            .findFirst()
                            .orElse(null);
            case "ResourceName" ->
                    event.resources().isEmpty() ? null : event.resources().getFirst().name();
            default -> throw new IllegalArgumentException("no attribute " + attribute);
        };
    }

    /// An event in an array of its own.
    byte[] event(long ordinal) {
        byte[] json = new byte[length(ordinal)];
        copy(ordinal, json, 0);
        return json;
    }

    /// An event in an array of its own, at a time.
    ///
    /// @param time `2026-11-21T02:19:26Z`, as ASCII
    byte[] event(long ordinal, byte[] time) {
        byte[] json = event(ordinal);
        System.arraycopy(time, 0, json, template(ordinal).time, time.length);
        return json;
    }

    /// Copies an event.
    ///
    /// @return where it ends
    int copy(long ordinal, byte[] to, int at) {
        Template template = template(ordinal);
        System.arraycopy(template.json, 0, to, at, template.json.length);
        stampId(ordinal, to, at + template.id);
        if (template.requestId >= 0) {
            stampId(ordinal, to, at + template.requestId);
        }
        return at + template.json.length;
    }

    /// The eventID of an event.
    String id(long ordinal) {
        byte[] id = template(ordinal).idBytes();
        stampId(ordinal, id, 0);
        return new String(id, StandardCharsets.US_ASCII);
    }

    private Template template(long ordinal) {
        return pool.get((int) (ordinal % pool.size()));
    }

    /// Overwrites the first eight hex digits of an id with the ordinal; the others stay as they
    /// were.
    private static void stampId(long ordinal, byte[] to, int at) {
        for (int i = 0; i < 8; i++) {
            to[at + i] = HEX[(int) (ordinal >>> (28 - 4 * i)) & 15];
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Template(byte[] json, int id, int requestId, int time, Event event) {
        static Template of(byte[] json, Instant now) {
            if (!(STRICT.read(json, now) instanceof Parsed.Read(Event event))) {
                throw new IllegalStateException(
                        "expected an event that the intake takes, got "
                                + new String(json, StandardCharsets.UTF_8));
            }
            return new Template(
                    json,
                    after(json, EVENT_ID),
                    after(json, REQUEST_ID),
                    after(json, EVENT_TIME),
                    event);
        }

        boolean lookedUp() {
            return event.category() == Category.MANAGEMENT && event.place().region().equals(REGION);
        }

        byte[] idBytes() {
            return java.util.Arrays.copyOfRange(json, id, id + 36);
        }

        /// Where the text behind the last occurrence begins; -1 when there is none.
        private static int after(byte[] json, byte[] key) {
            for (int at = json.length - key.length; at >= 0; at--) {
                if (java.util.Arrays.equals(json, at, at + key.length, key, 0, key.length)) {
                    return at + key.length;
                }
            }
            return -1;
        }
    }
}
