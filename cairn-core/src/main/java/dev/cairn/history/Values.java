package dev.cairn.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.BiConsumer;

/// Walks the leaves of a record.
final class Values {
    private static final JsonFactory FACTORY = new JsonFactory();

    private Values() {}

    static void walk(byte[] json, BiConsumer<String, String> consumer) {
        try (JsonParser parser = FACTORY.createParser(json)) {
            parser.nextToken();
            value(parser, "", consumer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void value(JsonParser parser, String path, BiConsumer<String, String> consumer)
            throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                value(parser, path.isEmpty() ? name : path + "." + name, consumer);
            }
        } else if (parser.currentToken() == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                value(parser, path, consumer);
            }
        } else {
            consumer.accept(path, parser.getText());
        }
    }
}
