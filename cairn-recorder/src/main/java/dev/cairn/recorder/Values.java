package dev.cairn.recorder;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Values as records show them: text, finite numbers, booleans, null, lists and maps of these.
final class Values {

    /// Records may be 100 deep in all.
    static final int DEPTH_MAX = 80;

    private static final char REPLACEMENT = '\uFFFD';

    private Values() {}

    /// A copy of a value, in these forms only. Enums, UUIDs, URIs and moments become text, arrays
    /// lists. Half surrogate pairs, which a log file cannot hold, become `U+FFFD`.
    ///
    /// @throws IllegalArgumentException for any other class: what it would show of itself, nobody
    ///   has looked at
    static @Nullable Object plain(@Nullable Object value) {
        return plain(value, 0);
    }

    /// The same of an object's members.
    static Map<String, @Nullable Object> members(Map<?, ?> members) {
        return members(members, 0);
    }

    private static @Nullable Object plain(@Nullable Object value, int depth) {
        if (depth > DEPTH_MAX) {
            throw new IllegalArgumentException(
                    "expected values at most " + DEPTH_MAX + " levels deep, got deeper ones");
        }
        if (value == null || value instanceof Boolean) {
            return value;
        }
        if (value instanceof CharSequence text) {
            return text(text);
        }
        if (value instanceof Number number) {
            return number(number);
        }
        if (value instanceof Enum<?> one) {
            return one.name();
        }
        if (value instanceof Character
                || value instanceof UUID
                || value instanceof URI
                || value instanceof TemporalAccessor) {
            return text(value.toString());
        }
        if (value instanceof Optional<?> optional) {
            return plain(optional.orElse(null), depth);
        }
        if (value instanceof Map<?, ?> map) {
            return members(map, depth);
        }
        if (value instanceof Collection<?> items) {
            return list(items, depth);
        }
        if (value instanceof Object[] items) {
            return list(Arrays.asList(items), depth);
        }
        throw new IllegalArgumentException(
                "expected text, a number, a boolean, a list or a map, got a "
                        + value.getClass().getName());
    }

    private static Map<String, @Nullable Object> members(Map<?, ?> map, int depth) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        map.forEach(
                (name, value) -> members.put(text(String.valueOf(name)), plain(value, depth + 1)));
        return Collections.unmodifiableMap(members);
    }

    private static List<@Nullable Object> list(Collection<?> items, int depth) {
        List<@Nullable Object> list = new ArrayList<>(items.size());
        items.forEach(item -> list.add(plain(item, depth + 1)));
        return Collections.unmodifiableList(list);
    }

    /// A number that a double can hold, or its text.
    private static Object number(Number number) {
        if (number instanceof BigDecimal || number instanceof BigInteger) {
            return Double.isFinite(number.doubleValue()) ? number : number.toString();
        }
        if (number instanceof Double || number instanceof Float) {
            return Double.isFinite(number.doubleValue()) ? number : number.toString();
        }
        if (number instanceof Integer
                || number instanceof Long
                || number instanceof Short
                || number instanceof Byte) {
            return number;
        }
        return text(number.toString());
    }

    /// Text that UTF-8 can hold.
    static String text(CharSequence text) {
        var whole = text.toString();
        var i = 0;
        while (i < whole.length()) {
            var c = whole.codePointAt(i);
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                return repaired(whole);
            }
            i += Character.charCount(c);
        }
        return whole;
    }

    private static String repaired(String text) {
        var repaired = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c ->
                        repaired.appendCodePoint(
                                c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE
                                        ? REPLACEMENT
                                        : c));
        return repaired.toString();
    }

    /// Text of at most so many bytes of UTF-8, cut between two characters.
    static String cut(String text, int bytesMax) {
        var bytes = 0;
        var end = 0;
        while (end < text.length()) {
            var c = text.codePointAt(end);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            if (bytes > bytesMax) {
                return text.substring(0, end);
            }
            end += Character.charCount(c);
        }
        return text;
    }
}
