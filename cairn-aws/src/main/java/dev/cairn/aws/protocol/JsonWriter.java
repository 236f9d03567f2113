package dev.cairn.aws.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.shape.Shape.TimestampFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Writes documents as JSON, by their shape.
final class JsonWriter {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonFactory FACTORY = MAPPER.getFactory();

    private JsonWriter() {}

    /// What is written in one go.
    interface Content {
        void to(JsonGenerator json) throws IOException;
    }

    static byte[] bytes(Content content) {
        // Through text: a generator of bytes would throw at half a surrogate pair, which a stored
        // event may well contain.
        var text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            content.to(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    static byte[] bytes(JsonNode value, Shape shape) {
        return bytes(json -> write(json, value, shape, null));
    }

    /// The members for which `which` holds, without the braces.
    static void members(
            JsonGenerator json, JsonNode value, Shape.Structure structure, Predicate<Member> which)
            throws IOException {
        Documents.checkMembers(value, structure);
        for (Member member : structure.members().values()) {
            JsonNode memberValue = value.get(member.name());
            if (memberValue != null && !memberValue.isNull() && which.test(member)) {
                json.writeFieldName(member.wireName());
                write(json, memberValue, member.shape(), member);
            }
        }
    }

    private static void write(
            JsonGenerator json, JsonNode value, Shape shape, @Nullable Member member)
            throws IOException {
        if (value.isNull()) {
            json.writeNull();
            return;
        }
        switch (shape) {
            case Shape.Structure structure -> {
                json.writeStartObject();
                members(json, value, structure, _ -> true);
                json.writeEndObject();
            }
            case Shape.Listing listing -> {
                json.writeStartArray();
                for (JsonNode item : Documents.array(value, shape)) {
                    write(json, item, listing.item().shape(), listing.item());
                }
                json.writeEndArray();
            }
            case Shape.Mapping mapping -> {
                json.writeStartObject();
                for (var entry : Documents.object(value, shape).properties()) {
                    json.writeFieldName(entry.getKey());
                    write(json, entry.getValue(), mapping.value().shape(), mapping.value());
                }
                json.writeEndObject();
            }
            case Shape.Document _ -> MAPPER.writeTree(json, value);
            case Shape.Text _ ->
                    json.writeString(
                            member != null && member.jsonValue()
                                    ? value.toString()
                                    : Documents.text(value, shape));
            case Shape.Blob _ ->
                    json.writeString(Base64.getEncoder().encodeToString(Scalars.bytes(value)));
            case Shape.Flag _ -> json.writeBoolean(Documents.flag(value, shape));
            case Shape.Numeric numeric -> number(json, Documents.number(value, shape), numeric);
            case Shape.Timestamp timestamp ->
                    timestamp(json, Documents.number(value, shape), timestamp, member);
        }
    }

    private static void number(JsonGenerator json, JsonNode value, Shape.Numeric numeric)
            throws IOException {
        if (!numeric.kind().floating()) {
            json.writeNumber(value.longValue());
        } else if (Double.isFinite(value.doubleValue())) {
            json.writeNumber(value.doubleValue());
        } else {
            json.writeString(Double.toString(value.doubleValue()));
        }
    }

    private static void timestamp(
            JsonGenerator json, JsonNode value, Shape.Timestamp timestamp, @Nullable Member member)
            throws IOException {
        TimestampFormat format =
                member == null
                        ? timestamp.format().orElse(TimestampFormat.UNIX)
                        : member.timestampFormat(TimestampFormat.UNIX);
        if (format == TimestampFormat.UNIX) {
            json.writeNumber(new BigDecimal(Times.plain(value.decimalValue())));
        } else {
            json.writeString(Times.format(value, format));
        }
    }
}
