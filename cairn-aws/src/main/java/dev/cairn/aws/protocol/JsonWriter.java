package dev.cairn.aws.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.shape.Shape.TimestampFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Writes documents as JSON, or as CBOR, by their shape.
final class JsonWriter {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonFactory FACTORY = MAPPER.getFactory();
    private static final CBORFactory CBOR = new CBORFactory();

    /// Seconds since 1970, as CBOR says it.
    private static final int EPOCH_TAG = 1;

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

    static byte[] cbor(Content content) {
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator cbor = CBOR.createGenerator(bytes)) {
            content.to(cbor);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] cbor(JsonNode value, Shape shape) {
        return cbor(cbor -> write(cbor, value, shape, null));
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
            case Shape.Blob _ -> blob(json, Scalars.bytes(value));
            case Shape.Flag _ -> json.writeBoolean(Documents.flag(value, shape));
            case Shape.Numeric numeric -> number(json, Documents.number(value, shape), numeric);
            case Shape.Timestamp timestamp ->
                    timestamp(json, Documents.number(value, shape), timestamp, member);
        }
    }

    private static void blob(JsonGenerator json, byte[] bytes) throws IOException {
        if (json instanceof CBORGenerator cbor) {
            cbor.writeBinary(bytes);
        } else {
            json.writeString(Base64.getEncoder().encodeToString(bytes));
        }
    }

    private static void number(JsonGenerator json, JsonNode value, Shape.Numeric numeric)
            throws IOException {
        if (!numeric.kind().floating()) {
            json.writeNumber(value.longValue());
        } else if (Double.isFinite(value.doubleValue()) || json instanceof CBORGenerator) {
            json.writeNumber(value.doubleValue());
        } else {
            json.writeString(Double.toString(value.doubleValue()));
        }
    }

    private static void timestamp(
            JsonGenerator json, JsonNode value, Shape.Timestamp timestamp, @Nullable Member member)
            throws IOException {
        if (json instanceof CBORGenerator cbor) {
            cbor.writeTag(EPOCH_TAG);
            cbor.writeNumber(Double.parseDouble(Times.plain(value.decimalValue())));
            return;
        }
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
