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

/// What is noted of a bucket in a file: `{"format":"cairn-head/1","heads":[{"bucket","digest",
/// "digestEndTime","signature"}],"unsealed":[{"bucket","base","from","to", "sealedBy"}]}`.
///
/// @param heads the ends of what was proved
/// @param unsealed when files were delivered that no digest beside them names, as far as the server
///   said
public record Heads(List<Head> heads, List<Unsealed> unsealed) {
    private static final String FORMAT = "cairn-head/1";

    public Heads {
        heads = List.copyOf(heads);
        unsealed = List.copyOf(unsealed);
    }

    /// @throws Malformed when it is no such file
    public static Heads parse(byte[] json) throws Malformed {
        List<Head> heads = new ArrayList<>();
        List<Unsealed> unsealed = new ArrayList<>();
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
                    case "unsealed" -> {
                        while (parser.nextToken() == JsonToken.START_OBJECT) {
                            unsealed.add(unsealed(parser));
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
        return new Heads(heads, unsealed);
    }

    private static Head head(JsonParser parser) throws IOException {
        Map<String, String> texts =
                texts(parser, List.of("bucket", "digest", "digestEndTime", "signature"));
        return new Head(
                texts.getOrDefault("bucket", ""),
                texts.getOrDefault("digest", ""),
                Instant.parse(texts.getOrDefault("digestEndTime", "")),
                texts.getOrDefault("signature", ""));
    }

    private static Unsealed unsealed(JsonParser parser) throws IOException {
        Map<String, String> texts =
                texts(parser, List.of("bucket", "base", "from", "to", "sealedBy"));
        return new Unsealed(
                texts.getOrDefault("bucket", ""),
                texts.getOrDefault("base", ""),
                Instant.parse(texts.getOrDefault("from", "")),
                Instant.parse(texts.getOrDefault("to", "")),
                texts.getOrDefault("sealedBy", ""));
    }

    private static Map<String, String> texts(JsonParser parser, List<String> names)
            throws IOException {
        Map<String, String> texts = new HashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            if (parser.nextToken() == JsonToken.VALUE_STRING) {
                texts.put(name, parser.getText());
            } else {
                parser.skipChildren();
            }
        }
        for (String name : names) {
            if (!texts.containsKey(name)) {
                throw new Malformed("expected " + name + " in a head file");
            }
        }
        return texts;
    }

    /// The same the other way.
    public byte[] json() {
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
            json.writeArrayFieldStart("unsealed");
            for (Unsealed span : unsealed) {
                json.writeStartObject();
                json.writeStringField("bucket", span.bucket());
                json.writeStringField("base", span.base());
                json.writeStringField("from", span.from().toString());
                json.writeStringField("to", span.to().toString());
                json.writeStringField("sealedBy", span.sealedBy());
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
