package dev.cairn.event;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What can be told of a record at a glance: a few of its own members, found by passing over its
/// bytes without reading them. It costs a small part of what [EventReader] does, so that whoever
/// refuses most events asks here first.
///
/// A glance never says what the reader would not say of a record that a strict reader took: what is
/// missing, escaped, spelt unusually or not ASCII is null, and a record that is not plain JSON
/// gives nothing at all. Of records that a strict reader refuses it may say anything; so it is not
/// for imported events.
///
/// @param time `eventTime`, when it is written as a strict reader wants it
/// @param category `eventCategory`; null when it has to be derived
/// @param readOnly `readOnly`; null when it has to be derived
/// @param source `eventSource`
/// @param name `eventName`
/// @param type `eventType`
/// @param touched where the record's own `resources` stand in its bytes
public record Glance(
        @Nullable Instant time,
        @Nullable Category category,
        @Nullable Boolean readOnly,
        @Nullable String source,
        @Nullable String name,
        @Nullable String type,
        Range touched) {
    /// Nothing can be told, not even where its resources are.
    public static final Glance NOTHING =
            new Glance(null, null, null, null, null, null, new Range(0, Integer.MAX_VALUE));

    /// A part of a record's bytes.
    ///
    /// @param from the first
    /// @param to the one behind the last; may lie behind the record's end
    public record Range(int from, int to) {
        /// No bytes.
        public static final Range EMPTY = new Range(0, 0);
    }

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long QUOTES = ONES * '"';
    private static final long BACKSLASHES = ONES * '\\';

    private static final byte[] TIME = "eventTime".getBytes(US_ASCII);
    private static final byte[] CATEGORY = "eventCategory".getBytes(US_ASCII);
    private static final byte[] READ_ONLY = "readOnly".getBytes(US_ASCII);
    private static final byte[] SOURCE = "eventSource".getBytes(US_ASCII);
    private static final byte[] NAME = "eventName".getBytes(US_ASCII);
    private static final byte[] TYPE = "eventType".getBytes(US_ASCII);
    private static final byte[] RESOURCES = "resources".getBytes(US_ASCII);

    /// Glances at a record.
    public static Glance of(byte[] json) {
        return new Scan(json).glance();
    }

    /// Whether one of the record's own resources may be of a type: false only when none is. JSON
    /// hides such a word only behind an escape by number.
    ///
    /// @param json the record that was glanced at
    /// @param resourceType of letters, digits, underscores and colons
    public boolean mayTouch(byte[] json, String resourceType) {
        int end = Math.min(touched.to(), json.length);
        for (int at = touched.from(); at < end; at++) {
            byte sign = json[at];
            if (sign == '"' ? quotes(json, at, resourceType) : sign == '\\' && escapes(json, at)) {
                return true;
            }
        }
        return false;
    }

    /// Whether a quote begins a text that is a word and nothing else.
    private static boolean quotes(byte[] json, int quote, String word) {
        int end = quote + 1 + word.length();
        if (end >= json.length || json[end] != '"') {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (json[quote + 1 + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean escapes(byte[] json, int backslash) {
        return backslash + 1 < json.length && json[backslash + 1] == 'u';
    }

    /// One pass over one record.
    private static final class Scan {
        private final byte[] json;
        private int at;

        /// Whether the text that was passed over last is plain: printable ASCII, nothing escaped.
        private boolean plain;

        private @Nullable Instant time;
        private @Nullable Category category;
        private @Nullable Boolean readOnly;
        private @Nullable String source;
        private @Nullable String name;
        private @Nullable String type;
        private Range touched = Range.EMPTY;

        Scan(byte[] json) {
            this.json = json;
        }

        Glance glance() {
            space();
            if (!take('{')) {
                return NOTHING;
            }
            space();
            if (take('}')) {
                return NOTHING;
            }
            do {
                space();
                int from = at + 1;
                if (!text() || !plain) {
                    return NOTHING;
                }
                int to = at - 1;
                space();
                if (!take(':')) {
                    return NOTHING;
                }
                space();
                int value = at;
                if (!value()) {
                    return NOTHING;
                }
                member(from, to, value);
                space();
            } while (take(','));
            return take('}')
                    ? new Glance(time, category, readOnly, source, name, type, touched)
                    : NOTHING;
        }

        private void member(int from, int to, int value) {
            switch (to - from) {
                case 8 -> {
                    if (is(from, READ_ONLY)) {
                        readOnly =
                                json[value] == 't'
                                        ? Boolean.TRUE
                                        : json[value] == 'f' ? Boolean.FALSE : null;
                    }
                }
                case 9 -> {
                    if (is(from, NAME)) {
                        name = string(value);
                    } else if (is(from, TYPE)) {
                        type = string(value);
                    } else if (is(from, TIME)) {
                        String text = string(value);
                        time = text == null ? null : EventTime.strict(text);
                    } else if (is(from, RESOURCES)) {
                        touched = new Range(value, at);
                    }
                }
                case 11 -> {
                    if (is(from, SOURCE)) {
                        source = string(value);
                    }
                }
                case 13 -> {
                    if (is(from, CATEGORY)) {
                        String word = string(value);
                        // The other arguments count only where there is no word.
                        category =
                                word == null ? null : Derivation.category(word, "", null, "", "");
                    }
                }
                default -> {
                    // Nobody asks for it.
                }
            }
        }

        private boolean is(int from, byte[] key) {
            return Arrays.equals(json, from, from + key.length, key, 0, key.length);
        }

        /// The text that was passed over last, from its quote on; null when it is none that can be
        /// taken as it stands, or empty.
        private @Nullable String string(int quote) {
            return json[quote] == '"' && plain && at - quote > 2
                    ? new String(json, quote + 1, at - quote - 2, ISO_8859_1)
                    : null;
        }

        private boolean take(char wanted) {
            if (at < json.length && json[at] == wanted) {
                at++;
                return true;
            }
            return false;
        }

        private void space() {
            while (at < json.length
                    && (json[at] == ' '
                            || json[at] == '\n'
                            || json[at] == '\r'
                            || json[at] == '\t')) {
                at++;
            }
        }

        /// Passes over a value.
        private boolean value() {
            if (at >= json.length) {
                return false;
            }
            return switch (json[at]) {
                case '"' -> text();
                case '{', '[' -> nested();
                default -> word();
            };
        }

        private boolean word() {
            int start = at;
            while (at < json.length && isWord(json[at])) {
                at++;
            }
            return at > start;
        }

        private static boolean isWord(byte sign) {
            return sign != ',' && sign != '}' && sign != ']' && sign > ' ';
        }

        private boolean nested() {
            int depth = 0;
            do {
                if (at >= json.length) {
                    return false;
                }
                switch (json[at]) {
                    case '"' -> {
                        if (!text()) {
                            return false;
                        }
                    }
                    case '{', '[' -> {
                        depth++;
                        at++;
                    }
                    case '}', ']' -> {
                        depth--;
                        at++;
                    }
                    default -> at++;
                }
            } while (depth > 0);
            return true;
        }

        /// Passes over a text, from quote to quote.
        private boolean text() {
            if (!take('"')) {
                return false;
            }
            boolean escaped = false;
            long signs = 0;
            while (at + Long.BYTES <= json.length) {
                long eight = (long) LONGS.get(json, at);
                long stops = stops(eight);
                if (stops == 0) {
                    signs |= eight;
                    at += Long.BYTES;
                    continue;
                }
                int before = Long.numberOfTrailingZeros(stops) >>> 3;
                signs |= eight & ((1L << (before * Byte.SIZE)) - 1);
                at += before;
                if (json[at] == '"') {
                    at++;
                    plain = !escaped && (signs & HIGHS) == 0;
                    return true;
                }
                escaped = true;
                at += 2;
            }
            while (at < json.length) {
                byte sign = json[at++];
                if (sign == '"') {
                    plain = !escaped && (signs & HIGHS) == 0;
                    return true;
                }
                signs |= sign;
                if (sign == '\\') {
                    escaped = true;
                    at++;
                }
            }
            return false;
        }

        /// A high bit at the first quote or backslash, and perhaps at signs behind it.
        private static long stops(long eight) {
            long quote = eight ^ QUOTES;
            long backslash = eight ^ BACKSLASHES;
            return (((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash)) & HIGHS;
        }
    }
}
