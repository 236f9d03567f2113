package dev.cairn.proof;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The file form of heads: `{"format":"cairn-head/1","heads":[{"bucket","digest","digestEndTime",
/// "signature"}]}`.
public final class Heads {
    private static final String FORMAT = "cairn-head/1";

    private Heads() {}

    /// @throws Malformed when it is no such file
    public static List<Head> parse(byte[] json) throws Malformed {
        List<Head> heads = new ArrayList<>();
        boolean known = false;
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new Malformed("expected an object in a head file");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "format" -> known = parser.getText().equals(FORMAT);
                    case "heads" -> {
                        while (parser.nextToken() == JsonToken.START_OBJECT) {
                            heads.add(head(parser));
                        }
                    }
                    default -> parser.skipChildren();
                }
            }
        } catch (Malformed e) {
            throw e;
        } catch (IOException | DateTimeException e) {
            throw new Malformed("expected a head file: " + e.getMessage(), e);
        }
        if (!known) {
            throw new Malformed("expected \"format\":\"" + FORMAT + "\" in a head file");
        }
        return List.copyOf(heads);
    }

    private static Head head(JsonParser parser) throws IOException {
        Map<String, String> texts = new HashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            if (parser.nextToken() == JsonToken.VALUE_STRING) {
                texts.put(name, parser.getText());
            } else {
                parser.skipChildren();
            }
        }
        for (String name : List.of("bucket", "digest", "digestEndTime", "signature")) {
            if (!texts.containsKey(name)) {
                throw new Malformed("expected " + name + " in a head");
            }
        }
        return new Head(
                texts.getOrDefault("bucket", ""),
                texts.getOrDefault("digest", ""),
                Instant.parse(texts.getOrDefault("digestEndTime", "")),
                texts.getOrDefault("signature", ""));
    }

    /// The same the other way.
    public static byte[] write(List<Head> heads) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeStringField("format", FORMAT);
            json.writeArrayFieldStart("heads");
            for (Head head : heads) {
                json.writeStartObject();
                json.writeStringField("bucket", head.bucket());
                json.writeStringField("digest", head.key());
                json.writeStringField("digestEndTime", head.end().toString());
                json.writeStringField("signature", head.signature());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory", impossible);
        }
        return text.append('\n').toString().getBytes(UTF_8);
    }
}
