package dev.cairn.recorder;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Events as the bytes that are sent, within CloudTrail's limits: a document over its limit is left
/// out whole, a text is cut, so that no call goes unrecorded for its record's size. What was left
/// out is named in `additionalEventData.cairnOmitted`.
///
/// @param account where an event names none
/// @param region where an event names none
/// @param source where an event names none
record EventForm(String account, String region, String source, Redaction redaction) {

    static final String OMITTED = "cairnOmitted";

    private static final int DOCUMENT_BYTES_MAX = 100 << 10;
    private static final int ADDITIONAL_BYTES_MAX = 28 << 10;
    private static final int TEXT_BYTES_MAX = 1 << 10;

    /// CloudTrail's limit for a standard event, and Cairn's default.
    static final int EVENT_BYTES_MAX = 256 << 10;

    /// What an event lets go of when it is too large as a whole.
    private static final List<String> DISPENSABLE =
            List.of("resources", "responseElements", "requestParameters");

    private static final JsonFactory JSON = new JsonFactory();

    /// @param id where the event has none
    /// @param now where the event says no time
    /// @throws RecordingException with TOO_LARGE
    byte[] json(Event event, UUID id, Instant now) {
        var redacting = redaction.and(event.redacted);
        var in = event.account == null ? account : event.account;
        var at = event.region == null ? region : event.region;
        List<String> omitted = new ArrayList<>();
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        record.put("eventVersion", "1.11");
        record.put("userIdentity", identity(event, in, at));
        record.put(
                "eventTime",
                (event.time == null ? now : event.time).truncatedTo(ChronoUnit.SECONDS).toString());
        record.put("eventSource", event.source == null ? source : event.source);
        record.put("eventName", event.name);
        record.put("awsRegion", at);
        record.put(
                "sourceIPAddress", event.sourceAddress == null ? "127.0.0.1" : event.sourceAddress);
        text(record, "userAgent", event.userAgent);
        text(record, "errorCode", event.errorCode);
        text(record, "errorMessage", event.errorMessage);
        record.put(
                "requestParameters",
                within(
                        "requestParameters",
                        redacting.applied(event.requestParameters),
                        DOCUMENT_BYTES_MAX,
                        omitted));
        record.put(
                "responseElements",
                event.readOnly
                        ? null
                        : within(
                                "responseElements",
                                redacting.applied(event.responseElements),
                                DOCUMENT_BYTES_MAX,
                                omitted));
        // Its place among the others; what it says is known at the end.
        record.put("additionalEventData", null);
        text(record, "requestID", event.requestId);
        record.put("eventID", (event.id == null ? id : event.id).toString());
        record.put("readOnly", event.readOnly);
        if (!event.resources.isEmpty()) {
            record.put("resources", placed(event.resources, in, at));
        }
        record.put("eventType", "AwsApiCall");
        record.put("managementEvent", event.management);
        record.put("recipientAccountId", in);
        record.put("eventCategory", event.management ? "Management" : "Data");
        var additional =
                within(
                        "additionalEventData",
                        redacting.applied(event.additionalEventData),
                        ADDITIONAL_BYTES_MAX,
                        omitted);
        return whole(record, additional, omitted);
    }

    private static byte[] whole(
            Map<String, @Nullable Object> record,
            @Nullable Map<String, @Nullable Object> additional,
            List<String> omitted) {
        var json = finished(record, additional, omitted);
        for (var dispensable : DISPENSABLE) {
            if (json.length <= EVENT_BYTES_MAX) {
                break;
            }
            if (record.get(dispensable) != null) {
                omitted.add(dispensable);
                if (dispensable.equals("resources")) {
                    record.remove(dispensable);
                } else {
                    record.put(dispensable, null);
                }
                json = finished(record, additional, omitted);
            }
        }
        if (json.length > EVENT_BYTES_MAX) {
            throw new RecordingException(
                    RecordingException.Kind.TOO_LARGE,
                    "expected an event of at most %d bytes, got %d"
                            .formatted(EVENT_BYTES_MAX, json.length));
        }
        return json;
    }

    private static byte[] finished(
            Map<String, @Nullable Object> record,
            @Nullable Map<String, @Nullable Object> additional,
            List<String> omitted) {
        Map<String, @Nullable Object> said = new LinkedHashMap<>();
        if (additional != null) {
            said.putAll(additional);
        }
        if (!omitted.isEmpty()) {
            said.put(OMITTED, List.copyOf(omitted));
        }
        Map<String, @Nullable Object> finished = new LinkedHashMap<>(record);
        if (said.isEmpty()) {
            finished.remove("additionalEventData");
        } else {
            finished.put("additionalEventData", said);
        }
        return bytes(finished);
    }

    private static Object identity(Event event, String account, String region) {
        return placed(
                event.identity == null
                        ? Map.of("type", "Unknown", "principalId", "", "accountId", account)
                        : event.identity.members(),
                account,
                region);
    }

    /// With the event's account and region where they were left open.
    private static Object placed(Object value, String account, String region) {
        if (value instanceof String text) {
            return text.indexOf('{') < 0
                    ? text
                    : text.replace(Identity.ACCOUNT, account).replace("{region}", region);
        }
        if (value instanceof Map<?, ?> members) {
            Map<String, @Nullable Object> placed = new LinkedHashMap<>();
            members.forEach((name, member) ->
                    placed.put(
                            String.valueOf(name),
                            member == null ? null : placed(member, account, region)));
            return placed;
        }
        if (value instanceof List<?> items) {
            List<@Nullable Object> placed = new ArrayList<>(items.size());
            items.forEach(item -> placed.add(item == null ? null : placed(item, account, region)));
            return placed;
        }
        return value;
    }

    private static void text(
            Map<String, @Nullable Object> record, String member, @Nullable String text) {
        if (text != null) {
            record.put(member, Values.cut(text, TEXT_BYTES_MAX));
        }
    }

    /// @return null for an empty document, and for one over the limit, which is noted
    private static @Nullable Map<String, @Nullable Object> within(
            String member,
            Map<String, @Nullable Object> document,
            int bytesMax,
            List<String> omitted) {
        if (document.isEmpty()) {
            return null;
        }
        if (bytes(document).length > bytesMax) {
            omitted.add(member);
            return null;
        }
        return document;
    }

    private static byte[] bytes(Map<String, @Nullable Object> document) {
        var bytes = new ByteArrayOutputStream(1024);
        try (var json = JSON.createGenerator(bytes)) {
            write(json, document);
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory can always be written to", impossible);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
        if (value instanceof Map<?, ?> members) {
            json.writeStartObject();
            for (var member : members.entrySet()) {
                json.writeFieldName(String.valueOf(member.getKey()));
                write(json, member.getValue());
            }
            json.writeEndObject();
        } else if (value instanceof List<?> items) {
            json.writeStartArray();
            for (var item : items) {
                write(json, item);
            }
            json.writeEndArray();
        } else if (value instanceof String text) {
            json.writeString(text);
        } else if (value instanceof Boolean flag) {
            json.writeBoolean(flag);
        } else if (value instanceof Number number) {
            json.writeNumber(number.toString());
        } else {
            json.writeNull();
        }
    }
}
