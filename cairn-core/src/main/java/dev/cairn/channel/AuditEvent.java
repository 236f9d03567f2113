package dev.cairn.channel;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.cairn.event.EventReader;
import dev.cairn.event.InventedId;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One event as a program puts it into a channel: checked, and made a record of.
///
/// Its `eventData` stays as it was sent, byte for byte, within the record. The record's id is a
/// hash of the channel, the event's own id and its data, so that the same event sent again is the
/// same record.
///
/// Source: the AWS CloudTrail User Guide, integration event schema; API Reference, PutAuditEvents.
///
/// @param id as its sender calls it
/// @param data a JSON object as text
/// @param checksum base64 of the SHA-256 of the data; null when none was sent
public record AuditEvent(String id, String data, @Nullable String checksum) {
    private static final String VERSION = "1.0";
    private static final int KILOBYTE = 1024;

    /// The longest texts, in characters.
    private static final Map<String, Integer> CHARS_MAX =
            Map.of(
                    "version", 256,
                    "userIdentity.type", 128,
                    "userIdentity.principalId", 1024,
                    "eventSource", 1024,
                    "eventName", 1024,
                    "UID", 1024,
                    "userAgent", 1024,
                    "errorCode", 256,
                    "errorMessage", 256);

    private static final Set<String> TEXTS =
            Set.of(
                    "version",
                    "userIdentity.type",
                    "userIdentity.principalId",
                    "eventSource",
                    "eventName",
                    "eventTime",
                    "UID",
                    "recipientAccountId",
                    "userAgent",
                    "errorCode",
                    "errorMessage",
                    "sourceIPAddress");

    /// The largest objects, in bytes as they are written.
    private static final Map<String, Integer> BYTES_MAX =
            Map.of(
                    "requestParameters", 100 * KILOBYTE,
                    "responseElements", 100 * KILOBYTE,
                    "additionalEventData", 28 * KILOBYTE,
                    "userIdentity.details", Integer.MAX_VALUE);

    private static final String[] NEEDED = {
        "version",
        "userIdentity.type",
        "userIdentity.principalId",
        "eventSource",
        "eventName",
        "eventTime",
        "UID",
        "recipientAccountId"
    };

    /// Bytes are UTF-8 whatever they look like; what holds the data is one level more.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CHARSET_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(EventReader.NESTING_MAX - 1)
                                    .build())
                    .build();

    /// What became of the check.
    public sealed interface Checked {
        /// To be recorded.
        record Fit(Entry entry) implements Checked {}

        /// Not to be recorded.
        ///
        /// @param code as the API names it
        record Unfit(Code code, String message) implements Checked {}
    }

    /// Why an event is not taken, as the API names it.
    public enum Code {
        FIELD_TOO_LONG("FieldTooLong"),
        FIELD_NOT_FOUND("FieldNotFound"),
        INVALID_CHECKSUM("InvalidChecksum"),
        INVALID_DATA("InvalidData"),
        INVALID_RECIPIENT("InvalidRecipient");

        private final String wireName;

        Code(String wireName) {
            this.wireName = wireName;
        }

        public String wireName() {
            return wireName;
        }
    }

    /// Checks it, and makes the record.
    ///
    /// @param channel that it was put into
    /// @param now when it came
    public Checked check(Channel channel, Instant now) {
        try {
            byte[] bytes = utf8(data);
            checkChecksum(bytes);
            Instant time = new Look(bytes).time(channel, now);
            Place place = new Place(channel.account(), channel.region());
            String eventId = eventId(channel, place, bytes);
            byte[] json = record(channel, eventId, time, now, bytes);
            if (json.length > EventReader.EVENT_BYTES_LIMIT) {
                throw new Unfit(Code.INVALID_DATA, "the event is too large");
            }
            return new Checked.Fit(new Entry(place, eventId, Origin.CHANNEL, json));
        } catch (Unfit unfit) {
            return new Checked.Unfit(unfit.code, String.valueOf(unfit.getMessage()));
        }
    }

    /// What is wrong with an event, on its way out of the check.
    private static final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;

        private final Code code;

        Unfit(Code code, String message) {
            super(message, null, false, false);
            this.code = code;
        }
    }

    private static byte[] utf8(String text) throws Unfit {
        try {
            ByteBuffer buffer = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        } catch (CharacterCodingException _) {
            throw new Unfit(
                    Code.INVALID_DATA,
                    "expected eventData of Unicode, got half of a surrogate pair");
        }
    }

    private void checkChecksum(byte[] bytes) throws Unfit {
        if (checksum == null) {
            return;
        }
        String right = Base64.getEncoder().encodeToString(sha256(bytes));
        if (!right.equals(checksum)) {
            throw new Unfit(
                    Code.INVALID_CHECKSUM,
                    "expected the base64 of the SHA-256 of eventData, %s, got %s"
                            .formatted(right, cut(checksum)));
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private String eventId(Channel channel, Place place, byte[] bytes) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(channel.id().getBytes(StandardCharsets.UTF_8));
        all.write(0);
        all.writeBytes(id.getBytes(StandardCharsets.UTF_8));
        all.write(0);
        all.writeBytes(bytes);
        return InventedId.of(place, all.toByteArray());
    }

    private static byte[] record(
            Channel channel, String eventId, Instant time, Instant now, byte[] data) {
        ByteArrayOutputStream json = new ByteArrayOutputStream(data.length + KILOBYTE);
        try (JsonGenerator generator = JSON.createGenerator(json)) {
            generator.writeStartObject();
            generator.writeStringField("eventVersion", VERSION);
            generator.writeStringField("eventCategory", "ActivityAuditLog");
            generator.writeStringField("eventType", "ActivityLog");
            generator.writeStringField("eventID", eventId);
            generator.writeStringField("eventTime", time.toString());
            generator.writeStringField("awsRegion", channel.region());
            generator.writeStringField("recipientAccountId", channel.account());
            generator.writeObjectFieldStart("metadata");
            generator.writeStringField(
                    "ingestionTime", now.truncatedTo(ChronoUnit.SECONDS).toString());
            generator.writeStringField("channelARN", channel.arn());
            generator.writeEndObject();
            generator.writeFieldName("eventData");
            generator.writeRawValue(new String(data, StandardCharsets.UTF_8));
            generator.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("an array does no I/O", impossible);
        }
        return json.toByteArray();
    }

    private static String cut(String text) {
        return text.length() <= 128 ? text : text.substring(0, 128) + "…";
    }

    /// One pass over the data.
    private static final class Look {
        private final byte[] bytes;
        private final Map<String, String> found = new HashMap<>();
        private final Set<String> seen = new HashSet<>();

        Look(byte[] bytes) {
            this.bytes = bytes;
        }

        /// The event's time, once everything else is right as well.
        Instant time(Channel channel, Instant now) throws Unfit {
            read();
            for (String field : NEEDED) {
                if (found.getOrDefault(field, "").isEmpty()) {
                    throw new Unfit(
                            Code.FIELD_NOT_FOUND, "eventData does not have the field " + field);
                }
            }
            String recipient = found.getOrDefault("recipientAccountId", "");
            if (!recipient.equals(channel.account())) {
                throw new Unfit(
                        Code.INVALID_RECIPIENT,
                        "expected the account of the channel, %s, for recipientAccountId, got %s"
                                .formatted(channel.account(), cut(recipient)));
            }
            return time(found.getOrDefault("eventTime", ""), now);
        }

        private static Instant time(String text, Instant now) throws Unfit {
            Instant time;
            try {
                String plain = text.endsWith("Z") ? text.substring(0, text.length() - 1) : text;
                time =
                        LocalDateTime.parse(plain, DateTimeFormatter.ISO_LOCAL_DATE_TIME)
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toInstant(ZoneOffset.UTC);
            } catch (DateTimeException _) {
                throw new Unfit(
                        Code.INVALID_DATA,
                        "expected eventTime in UTC, such as 2026-11-21T08:00:00, got " + cut(text));
            }
            if (time.isAfter(now.plus(EventReader.AHEAD_MAX))) {
                throw new Unfit(
                        Code.INVALID_DATA,
                        "expected an eventTime that is not ahead of now by more than %s, got %s"
                                .formatted(EventReader.AHEAD_MAX, cut(text)));
            }
            return time;
        }

        private void read() throws Unfit {
            try (JsonParser parser = JSON.createParser(bytes)) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    throw new Unfit(Code.INVALID_DATA, "expected a JSON object as eventData");
                }
                members(parser, "");
                if (parser.nextToken() != null) {
                    throw new Unfit(
                            Code.INVALID_DATA,
                            "expected one JSON object as eventData, got more behind it");
                }
            } catch (JsonProcessingException malformed) {
                throw new Unfit(
                        Code.INVALID_DATA,
                        "expected a JSON object as eventData: "
                                + cut(malformed.getOriginalMessage()));
            } catch (IOException impossible) {
                throw new UncheckedIOException("an array does no I/O", impossible);
            }
        }

        /// @param prefix empty, or `userIdentity.`
        private void members(JsonParser parser, String prefix) throws IOException, Unfit {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = prefix + parser.currentName();
                JsonToken value = parser.nextToken();
                if (!seen.add(name)) {
                    throw new Unfit(
                            Code.INVALID_DATA,
                            "the field %s occurs more than once".formatted(cut(name)));
                }
                if (value == JsonToken.VALUE_NULL) {
                    continue;
                }
                if (TEXTS.contains(name)) {
                    text(parser, name, value);
                } else if (name.equals("userIdentity")) {
                    expect(name, "an object", value == JsonToken.START_OBJECT);
                    members(parser, "userIdentity.");
                } else if (BYTES_MAX.containsKey(name)) {
                    object(parser, name, value);
                } else {
                    parser.skipChildren();
                }
            }
        }

        private void text(JsonParser parser, String name, JsonToken value)
                throws IOException, Unfit {
            expect(name, "a text", value == JsonToken.VALUE_STRING);
            String text = parser.getText();
            int most = CHARS_MAX.getOrDefault(name, Integer.MAX_VALUE);
            if (text.length() > most) {
                throw new Unfit(
                        Code.FIELD_TOO_LONG,
                        "expected at most %d characters for %s, got %d"
                                .formatted(most, name, text.length()));
            }
            found.put(name, text);
        }

        private static void object(JsonParser parser, String name, JsonToken value)
                throws IOException, Unfit {
            expect(name, "an object", value == JsonToken.START_OBJECT);
            long from = parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            long length = parser.currentLocation().getByteOffset() - from;
            int most = BYTES_MAX.getOrDefault(name, Integer.MAX_VALUE);
            if (length > most) {
                throw new Unfit(
                        Code.FIELD_TOO_LONG,
                        "expected at most %d bytes for %s, got %d".formatted(most, name, length));
            }
        }

        private static void expect(String name, String what, boolean is) throws Unfit {
            if (!is) {
                throw new Unfit(
                        Code.INVALID_DATA, "expected %s for the field %s".formatted(what, name));
            }
        }
    }
}
