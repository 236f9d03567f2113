package dev.cairn.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;

/// Goes through every value of a record, for what searches ask of it (`dev.cairn.history.Condition`
/// tells what a path is).
public final class EventFields {
    /// At most this many values of one record are visited.
    public static final int VALUES_MAX = 20_000;

    /// Values whose path is longer are passed over. Without a bound, long keys inside each other
    /// would make of a record of a megabyte gigabytes of paths.
    public static final int PATH_CHARS_MAX = 1_000;

    private final Visitor visitor;
    private final boolean loneSurrogates;
    private final StringBuilder path = new StringBuilder();
    private int values;
    private boolean complete = true;

    private EventFields(Visitor visitor, boolean loneSurrogates) {
        this.visitor = visitor;
        this.loneSurrogates = loneSurrogates;
    }

    /// Visits every scalar of a record, in the record's order. Arrays are transparent: their items
    /// are visited under the array's own path. Empty objects and arrays have no values.
    ///
    /// @param json an object that [EventReader] has read
    /// @return false when some values were not visited, because of one of the bounds
    /// @throws IllegalArgumentException when the bytes are not a JSON object
    public static boolean walk(byte[] json, Visitor visitor) {
        EventFields fields = new EventFields(visitor, Utf8.firstLoneSurrogate(json) >= 0);
        try (JsonParser parser = EventReader.parser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("expected a JSON object");
            }
            fields.object(parser);
            return fields.complete;
        } catch (StreamConstraintsException _) {
            return false;
        } catch (IOException malformed) {
            throw new IllegalArgumentException("expected a JSON object", malformed);
        }
    }

    /// Recursion is bounded by [EventReader#NESTING_MAX].
    private void object(JsonParser parser) throws IOException {
        int outer = path.length();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            if (outer > 0) {
                path.append('.');
            }
            path.append(parser.currentName());
            JsonToken value = parser.nextToken();
            String whole = "";
            if (value.isScalarValue() || value == JsonToken.START_ARRAY) {
                whole = path.length() > PATH_CHARS_MAX ? "" : path.toString();
            }
            value(parser, value, whole);
            path.setLength(outer);
        }
    }

    /// @param whole the path as text, made once for all items of an array; empty when too long
    private void value(JsonParser parser, JsonToken value, String whole) throws IOException {
        switch (value) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> {
                for (JsonToken item = parser.nextToken();
                        item != JsonToken.END_ARRAY;
                        item = parser.nextToken()) {
                    value(parser, item, whole);
                }
            }
            case VALUE_STRING -> visit(whole, Kind.TEXT, parser);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> visit(whole, Kind.NUMBER, parser);
            case VALUE_TRUE, VALUE_FALSE -> visit(whole, Kind.BOOLEAN, parser);
            case VALUE_NULL -> visit(whole, Kind.NULL, parser);
            default -> throw new IllegalArgumentException("expected a JSON value, got " + value);
        }
    }

    private void visit(String whole, Kind kind, JsonParser parser) throws IOException {
        if (whole.length() > PATH_CHARS_MAX || path.length() > PATH_CHARS_MAX) {
            complete = false;
            return;
        }
        if (values == VALUES_MAX) {
            complete = false;
            return;
        }
        values++;
        visitor.visit(whole, kind, clean(parser.getText()));
    }

    /// Text that UTF-8 can carry: half surrogate pairs become U+FFFD. In keys Jackson refuses them.
    private String clean(String text) {
        return loneSurrogates ? Utf8.clean(text) : text;
    }

    /// What a value is in JSON.
    public enum Kind {
        TEXT,
        NUMBER,
        BOOLEAN,
        NULL
    }

    /// Receives the values of a record.
    public interface Visitor {
        /// Receives one value.
        ///
        /// @param path the keys joined with dots, such as
        ///   `userIdentity.sessionContext.sessionIssuer.arn`
        /// @param text the text of a string; of others their JSON text: `12`, `1e3`, `true`, `null`
        void visit(String path, Kind kind, String text);
    }
}
