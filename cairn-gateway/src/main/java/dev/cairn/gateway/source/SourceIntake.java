package dev.cairn.gateway.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.EventReader;
import dev.cairn.event.InventedId;
import dev.cairn.event.Parsed;
import dev.cairn.event.Place;
import dev.cairn.event.RefusalCode;
import dev.cairn.gateway.recording.CallEvent;
import dev.cairn.intake.Checked;
import dev.cairn.intake.Refusal;
import dev.cairn.intake.Split;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes events of what a [Source] sends.
///
/// An event's id is a hash of its place and of what names its original: the source's own ids, or
/// all its bytes. What is sent again is known again. Immutable; any thread may use it.
public final class SourceIntake {
    private static final int NESTING_MAX = 1000;

    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(NESTING_MAX)
                                                    .maxStringLength(Integer.MAX_VALUE)
                                                    .maxNameLength(Integer.MAX_VALUE)
                                                    .maxNumberLength(Integer.MAX_VALUE)
                                                    .build())
                                    .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
                                    .build())
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .build();

    private static final EventReader STRICT = EventReader.strict(EventReader.EVENT_BYTES_DEFAULT);

    /// Times before are what a clock says that was never set.
    private static final Instant EARLIEST = Instant.parse("1990-01-01T00:00:00Z");

    private final int originalBytesMax;
    private final int originalsMax;

    /// Pays for the memory of what is made of a body.
    @FunctionalInterface
    public interface Memory {
        /// @throws IOException when there is not as much
        void reserve(long bytes) throws IOException;
    }

    /// @param originalBytesMax longer originals are refused
    /// @param originalsMax bodies with more are refused as a whole
    public SourceIntake(int originalBytesMax, int originalsMax) {
        this.originalBytesMax = originalBytesMax;
        this.originalsMax = originalsMax;
    }

    /// Reads a body.
    ///
    /// @param body unpacked; bounded by who gives it
    /// @param place whose events they become
    /// @param now of receipt
    /// @throws IOException what the body's stream or the memory throws; then nothing was taken
    public Sifted sift(Source source, InputStream body, Place place, Instant now, Memory memory)
            throws IOException, CatalogException {
        var originals = source.originals(body, originalBytesMax);
        List<Entry> taken = new ArrayList<>();
        List<Integer> indexes = new ArrayList<>();
        List<Refusal> refused = new ArrayList<>();
        var passedOver = 0;
        while (true) {
            switch (originals.next()) {
                case Split.End(long _) -> {
                    return new Sifted(new Checked.Batch(taken, indexes, refused), passedOver);
                }
                case Split.Refused(long index, RefusalCode code, String message) ->
                        refused.add(new Refusal((int) index, code, message));
                case Split.Found(long index, byte[] json) -> {
                    if (index >= originalsMax) {
                        return new Sifted(new Checked.TooMany(originalsMax), passedOver);
                    }
                    switch (made(source, json, place, now)) {
                        case Made.Event(Entry entry) -> {
                            memory.reserve(entry.json().length);
                            taken.add(entry);
                            indexes.add((int) index);
                        }
                        case Made.Nothing() -> passedOver++;
                        case Made.Refused(RefusalCode code, String message) ->
                                refused.add(new Refusal((int) index, code, message));
                    }
                }
            }
        }
    }

    /// What the ledger said of the events of a source. Of a log, one that is there already under
    /// its id with other content is the same original all the same, read at another time or by
    /// another version.
    public static List<Append> outcomes(Source source, List<Append> appended) {
        return source.isForm()
                ? appended
                : appended.stream()
                        .map(outcome ->
                                outcome instanceof Append.Conflict(var first)
                                        ? new Append.Duplicate(first)
                                        : outcome)
                        .toList();
    }

    /// Why a body must be sent again, in words for its sender; empty when the ledger took all of
    /// it.
    public static Optional<Append.Pushback> pushedBack(List<Append> appended) {
        var all = appended.stream().allMatch(Append.Pushback.class::isInstance);
        return appended.stream()
                .filter(Append.Pushback.class::isInstance)
                .map(Append.Pushback.class::cast)
                .findFirst()
                .map(first ->
                        new Append.Pushback(
                                first.retryAfter(),
                                (all
                                                ? "nothing was taken: "
                                                : "not all was taken; send it again, what was taken is not recorded twice: ")
                                        + first.reason()));
    }

    private sealed interface Made {
        record Event(Entry entry) implements Made {}

        record Nothing() implements Made {}

        record Refused(RefusalCode code, String message) implements Made {}
    }

    private static Made made(Source source, byte[] bytes, Place place, Instant now)
            throws CatalogException {
        ObjectNode original;
        try {
            // Logs hold what clients sent, and that need not be UTF-8.
            var text = new String(bytes, UTF_8);
            if (!(JSON.readTree(text) instanceof ObjectNode object)) {
                return new Made.Refused(RefusalCode.INVALID_JSON, "expected a JSON object");
            }
            original = Shown.writable(object);
        } catch (JsonProcessingException broken) {
            return new Made.Refused(
                    RefusalCode.INVALID_JSON,
                    "expected a JSON object, got an error: " + broken.getOriginalMessage());
        }
        return switch (source.hear(original, place)) {
            case Heard.Nothing() -> new Made.Nothing();
            case Heard.Refused(var code, var message) -> new Made.Refused(code, message);
            case Heard.Written(var record, var ownId) ->
                    written(record, place, id(source, place, ownId, bytes), now);
            case Heard.Call call ->
                    new Made.Event(
                            event(
                                    source,
                                    call,
                                    original,
                                    bytes,
                                    id(source, place, call.ownId(), bytes),
                                    place.region(),
                                    now));
        };
    }

    private static String id(Source source, Place place, @Nullable String ownId, byte[] bytes) {
        return InventedId.of(
                place, ownId == null ? bytes : (source.name() + '\0' + ownId).getBytes(UTF_8));
    }

    private static Made written(ObjectNode record, Place place, String id, Instant now) {
        record.put("eventVersion", "1.11");
        record.put("awsRegion", place.region());
        record.put("eventID", id);
        record.put("recipientAccountId", place.account());
        var json = record.toString().getBytes(UTF_8);
        return switch (STRICT.read(json, now)) {
            case Parsed.Read(var event) ->
                    new Made.Event(new Entry(event.place(), id, Origin.INTAKE, json));
            case Parsed.Refused(var code, var message) -> new Made.Refused(code, message);
        };
    }

    /// The event of a call with as much as fits: the original first goes down to its hash, then the
    /// call's own parameters.
    private static Entry event(
            Source source,
            Heard.Call call,
            ObjectNode original,
            byte[] bytes,
            String id,
            String region,
            Instant now) {
        var passage = JsonNodeFactory.instance.objectNode();
        passage.put("source", source.name());
        var time = call.time();
        if (time == null
                || time.isBefore(EARLIEST)
                || time.isAfter(now.plus(EventReader.AHEAD_MAX))) {
            time = now;
            passage.put("eventTimeOf", "receipt");
        }
        passage.set("original", Shown.withoutSecrets(original));
        var event =
                new CallEvent(
                        id,
                        time,
                        call.who(),
                        call.sourceAddress(),
                        call.userAgent(),
                        null,
                        call.decoded(),
                        null,
                        passage,
                        region);
        return event.whole()
                .or(() -> {
                    passage.remove("original");
                    passage.putObject("originalOmitted")
                            .put("bytes", bytes.length)
                            .put("sha256", sha256(bytes));
                    return event.whole();
                })
                .orElseGet(event::entry);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
