package dev.cairn.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Reads one CloudTrail record into an [Event], in one pass over its bytes.
///
/// *Strict* readers take exactly what AWS's CloudTrail Processing Library 1.1.3 can parse, so that
/// no log file is ever delivered that its users cannot read. *Lenient* ones take every JSON object
/// with a time, for real log files are older and untidier than that. Neither changes a byte.
///
/// Immutable; any thread may use it.
public final class EventReader {
    /// The most resources an event carries; what a record names beyond that is not listed.
    public static final int RESOURCES_MAX = 200;

    /// How deep objects and arrays may lie inside each other.
    public static final int NESTING_MAX = 100;

    /// The largest record taken by default: CloudTrail's limit since version 1.05.
    public static final int EVENT_BYTES_DEFAULT = 256 * 1024;

    /// The largest record that the limit may be raised to: CloudTrail Lake's `Large`.
    public static final int EVENT_BYTES_LIMIT = 1024 * 1024;

    /// How far `eventTime` may lie ahead of now: what SigV4 allows clocks to differ by.
    public static final Duration AHEAD_MAX = Duration.ofMinutes(15);

    /// Bytes are UTF-8 whatever they look like; Jackson would else guess UTF-16 and UTF-32. Lengths
    /// are bounded by the record's, so that of Jackson's own limits only nesting can be met.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CHARSET_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(NESTING_MAX)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNameLength(Integer.MAX_VALUE)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private final boolean strict;
    private final int eventBytesMax;

    private EventReader(boolean strict, int eventBytesMax) {
        if (eventBytesMax < 1 || eventBytesMax > EVENT_BYTES_LIMIT) {
            throw new IllegalArgumentException(
                    "expected 1 to %d bytes, got %d".formatted(EVENT_BYTES_LIMIT, eventBytesMax));
        }
        this.strict = strict;
        this.eventBytesMax = eventBytesMax;
    }

    /// A reader for events that will be delivered.
    ///
    /// @param eventBytesMax longer records are refused; at most [#EVENT_BYTES_LIMIT]
    public static EventReader strict(int eventBytesMax) {
        return new EventReader(true, eventBytesMax);
    }

    /// A reader for events of existing log files, and for what the ledger holds already.
    public static EventReader lenient() {
        return new EventReader(false, EVENT_BYTES_LIMIT);
    }

    /// Reads a record that nothing else is known about.
    ///
    /// @param json becomes the event's bytes, and must not be changed afterwards
    /// @param now for the check of `eventTime` by a strict reader
    public Parsed read(byte[] json, Instant now) {
        return read(json, now, Known.NOTHING);
    }

    /// Reads a record, with what is known from elsewhere.
    ///
    /// @param json becomes the event's bytes, and must not be changed afterwards
    /// @param now for the check of `eventTime` by a strict reader
    /// @param known used by lenient readers only
    public Parsed read(byte[] json, Instant now, Known known) {
        return read(json, now, known, null);
    }

    /// Reads a record, and visits all its values in the same pass. When it is refused, some of them
    /// have been visited.
    ///
    /// @param json becomes the event's bytes, and must not be changed afterwards
    /// @param now for the check of `eventTime` by a strict reader
    /// @param known used by lenient readers only
    /// @param fields whose visitor receives the values; null for nobody's
    public Parsed read(byte[] json, Instant now, Known known, @Nullable EventFields fields) {
        Parsed.Refused refused = refused(json);
        return refused == null
                ? reading(json, now, known, new ResourceFinder(), fields).read()
                : refused;
    }

    /// Checks a record exactly as [#read(byte[], Instant)] does, and tells no more of it than its
    /// name: what recording needs, for two thirds of the work.
    ///
    /// @param json must not be changed afterwards
    /// @param now for the check of `eventTime` by a strict reader
    public Named name(byte[] json, Instant now) {
        Parsed.Refused refused = refused(json);
        return refused == null ? reading(json, now, Known.NOTHING, null, null).name() : refused;
    }

    /// What is wrong with a record's size or encoding; null when nothing is.
    private Parsed.@Nullable Refused refused(byte[] json) {
        if (json.length > eventBytesMax) {
            return new Parsed.Refused(
                    RefusalCode.EVENT_TOO_LARGE,
                    "expected at most %d bytes, got %d".formatted(eventBytesMax, json.length));
        }
        int invalid = Utf8.firstInvalid(json);
        if (invalid >= 0) {
            return new Parsed.Refused(
                    RefusalCode.INVALID_ENCODING,
                    "expected UTF-8, got byte 0x%02x at %d".formatted(json[invalid], invalid));
        }
        int lone = strict ? Utf8.firstLoneSurrogate(json) : -1;
        return lone < 0
                ? null
                : new Parsed.Refused(
                        RefusalCode.INVALID_ENCODING,
                        "expected both halves of a surrogate pair, got one at byte " + lone);
    }

    private Reading reading(
            byte[] json,
            Instant now,
            Known known,
            @Nullable ResourceFinder resources,
            @Nullable EventFields fields) {
        boolean lone = !strict && Utf8.firstLoneSurrogate(json) >= 0;
        return new Reading(strict, json, now, known, lone, resources, fields);
    }

    static JsonParser parser(byte[] json) throws java.io.IOException {
        return JSON.createParser(json);
    }

    /// What is known about a record before it is read.
    ///
    /// @param account for a record that names none, from its file's path; empty when not known
    /// @param region for a record that names none; empty when not known
    /// @param id the event's id when it was decided before, as for an entry of the ledger; empty
    ///   when the record decides
    /// @param decided account and region hold whatever the record says
    public record Known(String account, String region, String id, boolean decided) {
        /// The record alone decides.
        public static final Known NOTHING = new Known("", "", "", false);

        /// For the importer: a file's path tells where its records belong if they do not.
        public static Known fallback(String account, String region) {
            return new Known(account, region, "", false);
        }

        /// For readers of the ledger: place and id were decided when the event was recorded.
        public static Known recorded(Place place, String id) {
            return new Known(place.account(), place.region(), id, true);
        }
    }
}
