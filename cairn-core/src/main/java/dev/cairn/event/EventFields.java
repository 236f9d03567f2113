package dev.cairn.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Goes through every value of a record, for what searches ask of it (`dev.cairn.history.Condition`
/// tells what a path is).
///
/// It follows the tokens of another's pass, so that a record that is read and indexed is parsed
/// once ([EventReader#read(byte[], Instant, EventReader.Known, EventFields)]). Paths are kept from
/// one record to the next, for they are mostly the same: making their text anew would cost as much
/// as parsing. For one thread at a time.
public final class EventFields {
    /// At most this many values of one record are visited.
    public static final int VALUES_MAX = 20_000;

    /// Values whose path is longer are passed over. Without a bound, long keys inside each other
    /// would make of a record of a megabyte gigabytes of paths.
    public static final int PATH_CHARS_MAX = 1_000;

    /// When the paths known are longer than this together, they are forgotten as the next record
    /// begins.
    private static final int KNOWN_CHARS_MAX = 1 << 20;

    private static final Path TOO_LONG = new Path(null, "", 0);

    private final Visitor visitor;
    private final Path[] outer = new Path[2 * EventReader.NESTING_MAX];
    private Path root = new Path(null, "", 0);
    private int knownChars;

    // Of the record that is gone through.
    private boolean loneSurrogates;
    private int depth;
    private Path object = root;
    private Path value = root;
    private int values;
    private boolean complete = true;

    /// @param visitor receives the values of each record that is read with this
    public EventFields(Visitor visitor) {
        this.visitor = visitor;
    }

    /// Visits every scalar of a record, in the record's order. Arrays are transparent: their items
    /// are visited under the array's own path. Empty objects and arrays have no values.
    ///
    /// @param json an object that [EventReader] has read
    /// @return false when some values were not visited, because of one of the bounds
    /// @throws IllegalArgumentException when the bytes are not a JSON object
    public static boolean walk(byte[] json, Visitor visitor) {
        EventFields fields = new EventFields(visitor);
        try (JsonParser parser = EventReader.parser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("expected a JSON object");
            }
            fields.begin(Utf8.firstLoneSurrogate(json) >= 0);
            while (fields.depth > 0) {
                JsonToken token = parser.nextToken();
                if (token == null) {
                    throw new IllegalArgumentException("expected a whole JSON object");
                }
                fields.token(parser, token);
            }
            return fields.complete;
        } catch (StreamConstraintsException _) {
            return false;
        } catch (IOException malformed) {
            throw new IllegalArgumentException("expected a JSON object", malformed);
        }
    }

    /// Begins a record, whose first token, a START_OBJECT, has been read.
    void begin(boolean hasLoneSurrogates) {
        if (knownChars > KNOWN_CHARS_MAX) {
            root = new Path(null, "", 0);
            knownChars = 0;
        }
        loneSurrogates = hasLoneSurrogates;
        depth = 1;
        object = root;
        value = root;
        values = 0;
        complete = true;
    }

    /// Follows each further token. What lies inside each other is bounded by the parser
    /// ([EventReader#NESTING_MAX]).
    void token(JsonParser parser, JsonToken token) throws IOException {
        switch (token) {
            case FIELD_NAME -> value = path(object, parser.currentName());
            case START_OBJECT -> {
                enter();
                object = value;
            }
            case START_ARRAY -> enter();
            case END_OBJECT, END_ARRAY -> leave();
            case VALUE_STRING -> visit(Kind.TEXT, parser);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> visit(Kind.NUMBER, parser);
            case VALUE_TRUE, VALUE_FALSE -> visit(Kind.BOOLEAN, parser);
            case VALUE_NULL -> visit(Kind.NULL, parser);
            case NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                    throw new IllegalStateException("expected a token of JSON text, got " + token);
        }
    }

    private void enter() {
        outer[2 * (depth - 1)] = object;
        outer[2 * (depth - 1) + 1] = value;
        depth++;
    }

    private void leave() {
        depth--;
        if (depth > 0) {
            object = outer[2 * (depth - 1)];
            value = outer[2 * (depth - 1) + 1];
        }
    }

    private Path path(Path above, String key) {
        if (above == TOO_LONG) {
            return TOO_LONG;
        }
        Path known = above.below.get(key);
        if (known != null) {
            return known;
        }
        int length = above.length == 0 ? key.length() : above.length + 1 + key.length();
        if (length > PATH_CHARS_MAX) {
            return TOO_LONG;
        }
        Path made = new Path(above, key, length);
        above.below.put(key, made);
        knownChars += length;
        return made;
    }

    private void visit(Kind kind, JsonParser parser) throws IOException {
        if (value == TOO_LONG || values == VALUES_MAX) {
            complete = false;
            return;
        }
        values++;
        visitor.visit(value.text(), kind, clean(parser.getText()));
    }

    /// Text that UTF-8 can carry: half surrogate pairs become U+FFFD. In keys Jackson refuses them.
    private String clean(String text) {
        return loneSurrogates ? Utf8.clean(text) : text;
    }

    /// A path, and those one key longer that were met.
    private static final class Path {
        private final @Nullable Path above;
        private final String key;
        private final int length;
        private final Map<String, Path> below = new HashMap<>(4);
        private @Nullable String text;

        Path(@Nullable Path above, String key, int length) {
            this.above = above;
            this.key = key;
            this.length = length;
        }

        /// Made when a value is there: most objects have none of their own.
        String text() {
            String made = text;
            if (made == null) {
                made = above == null || above.length == 0 ? key : above.text() + '.' + key;
                text = made;
            }
            return made;
        }
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
