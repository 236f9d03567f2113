package dev.cairn.bus;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.event.Category;
import dev.cairn.event.EventReader;
import dev.cairn.event.Glance;
import dev.cairn.event.Parsed;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An event as buses pass it on.
///
/// @param id names it; a record's is its eventID, so that it is the same whenever it is read
/// @param json an object: `version`, `id`, `detail-type`, `source`, `account`, `time`, `region`,
///   `resources` and, last, `detail`
/// @param passive whether it is the record of a management call that changed nothing: only rules
///   that ask for such are told
public record BusEvent(String id, String json, boolean passive) {
    /// EventBridge's bound on what it passes on.
    public static final int BYTES_MAX = 256 << 10;

    private static final JsonFactory JSON = new JsonFactory();
    private static final EventReader READER = EventReader.lenient();
    private static final String AWS = ".amazonaws.com";

    /// What an event says of itself.
    ///
    /// @param detailType such as `AWS API Call via CloudTrail`
    /// @param source such as `aws.s3`
    /// @param time seconds count
    /// @param resources ARNs
    public record Head(
            String id,
            String detailType,
            String source,
            Place place,
            Instant time,
            List<String> resources) {
        public Head {
            resources = List.copyOf(resources);
        }
    }

    /// @param detail a JSON object
    public static BusEvent of(Head head, String detail) {
        return new BusEvent(head.id(), json(head, detail), false);
    }

    private static String json(Head head, String detail) {
        StringWriter text = new StringWriter(detail.length() + 300);
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("version", "0");
            json.writeStringField("id", head.id());
            json.writeStringField("detail-type", head.detailType());
            json.writeStringField("source", head.source());
            json.writeStringField("account", head.place().account());
            json.writeStringField("time", head.time().truncatedTo(ChronoUnit.SECONDS).toString());
            json.writeStringField("region", head.place().region());
            json.writeArrayFieldStart("resources");
            for (String resource : head.resources()) {
                json.writeString(resource);
            }
            json.writeEndArray();
            json.writeFieldName("detail");
            json.writeRawValue(detail);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does no I/O", e);
        }
        return text.toString();
    }

    /// What is made of a record.
    public sealed interface Made {
        /// An event.
        record Event(BusEvent event) implements Made {}

        /// None: nobody is told of records of its kind.
        record Nothing() implements Made {}

        /// None, though there should be one.
        record Unfit(String reason) implements Made {}
    }

    /// The event that CloudTrail gives to the default bus of the record's account and region.
    ///
    /// Source: Amazon EventBridge User Guide, "AWS service events delivered via AWS CloudTrail".
    public static Made ofRecord(Entry entry) {
        return switch (entry.origin()) {
            case IMPORT, CHANNEL -> new Made.Nothing();
            case INTAKE, OWN -> read(entry);
        };
    }

    private static Made read(Entry entry) {
        Glance glance = Glance.of(entry.json());
        Instant time = glance.time();
        Category category = glance.category();
        Boolean readOnly = glance.readOnly();
        String source = glance.source();
        String type = glance.type();
        if (time == null
                || category == null
                || readOnly == null
                || source == null
                || type == null) {
            Parsed parsed =
                    READER.read(
                            entry.json(),
                            Instant.EPOCH,
                            EventReader.Known.recorded(entry.place(), entry.id()));
            return switch (parsed) {
                case Parsed.Read(var event) ->
                        made(
                                entry,
                                event.time(),
                                event.category(),
                                event.readOnly(),
                                event.source(),
                                event.type());
                case Parsed.Refused refused -> new Made.Unfit(refused.message());
            };
        }
        return made(entry, time, category, readOnly, source, type);
    }

    private static Made made(
            Entry entry,
            Instant time,
            Category category,
            boolean readOnly,
            String source,
            String type) {
        String detailType = detailType(category, type);
        if (detailType == null) {
            return new Made.Nothing();
        }
        String json =
                json(
                        new Head(
                                entry.id(),
                                detailType,
                                source.endsWith(AWS)
                                        ? "aws."
                                                + source.substring(
                                                        0, source.length() - AWS.length())
                                        : source,
                                entry.place(),
                                time,
                                List.of()),
                        new String(entry.json(), UTF_8));
        int bytes = json.getBytes(UTF_8).length;
        return bytes > BYTES_MAX
                ? new Made.Unfit(
                        "%d bytes, where an event of a bus has at most %d"
                                .formatted(bytes, BYTES_MAX))
                : new Made.Event(
                        new BusEvent(
                                entry.id(), json, category == Category.MANAGEMENT && readOnly));
    }

    /// Null for what CloudTrail passes to no bus.
    private static @Nullable String detailType(Category category, String type) {
        return switch (category) {
            case MANAGEMENT, DATA ->
                    switch (type) {
                        case "AwsServiceEvent" -> "AWS Service Event via CloudTrail";
                        case "AwsConsoleAction" -> "AWS Console Action via CloudTrail";
                        // EventBridge's own pages say "Signin"; the events do not.
                        case "AwsConsoleSignIn" -> "AWS Console Sign In via CloudTrail";
                        default -> "AWS API Call via CloudTrail";
                    };
            case NETWORK_ACTIVITY -> "AWS Network Activity Event via CloudTrail";
            case INSIGHT -> "AWS Insight via CloudTrail";
            case AGGREGATED, ACTIVITY_AUDIT_LOG, OTHER -> null;
        };
    }
}
