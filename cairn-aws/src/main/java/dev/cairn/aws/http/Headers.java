package dev.cairn.aws.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Header fields in the order they came, names compared without case, repeated fields kept apart.
/// Immutable.
///
/// @param fields every field line, in order
public record Headers(List<Field> fields) {

    /// No header at all.
    public static final Headers NONE = new Headers(List.of());

    /// One field line.
    ///
    /// @param name as sent
    /// @param value as sent, without the surrounding white space an HTTP parser removes
    public record Field(String name, String value) {}

    public Headers {
        fields = List.copyOf(fields);
    }

    /// Headers of alternating names and values.
    public static Headers of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException(
                    "expected names and values in pairs, got " + namesAndValues.length);
        }
        var fields = new ArrayList<Field>(namesAndValues.length / 2);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(new Field(namesAndValues[i], namesAndValues[i + 1]));
        }
        return new Headers(fields);
    }

    /// The first value of the field, if it is there.
    public Optional<String> first(String name) {
        for (var field : fields) {
            if (field.name().equalsIgnoreCase(name)) {
                return Optional.of(field.value());
            }
        }
        return Optional.empty();
    }

    /// Every value of the field, in the order they came.
    public List<String> all(String name) {
        return fields.stream()
                .filter(field -> field.name().equalsIgnoreCase(name))
                .map(Field::value)
                .toList();
    }

    /// Whether the field is there, be it empty.
    public boolean has(String name) {
        return fields.stream().anyMatch(field -> field.name().equalsIgnoreCase(name));
    }

    /// These headers with one more field line at the end.
    public Headers plus(String name, String value) {
        var more = new ArrayList<>(fields);
        more.add(new Field(name, value));
        return new Headers(more);
    }

    /// These headers without any line of that field.
    public Headers without(String name) {
        return new Headers(
                fields.stream().filter(field -> !field.name().equalsIgnoreCase(name)).toList());
    }

    /// The distinct names, lower-cased, in order of first appearance.
    public List<String> names() {
        return fields.stream()
                .map(field -> field.name().toLowerCase(Locale.ROOT))
                .distinct()
                .toList();
    }

    /// Why these cannot stand in lines, as HTTP/1.1 has them, without being read as others. Empty
    /// when they can.
    public Optional<String> flaw() {
        for (var field : fields) {
            if (!isToken(field.name())) {
                return Optional.of(
                        "expected a field's name that is a token, got '%s'"
                                .formatted(field.name()));
            }
            if (!isOneLine(field.value())) {
                return Optional.of("expected one line as the value of " + field.name());
            }
        }
        return Optional.empty();
    }

    /// RFC 9110, 5.6.2.
    static boolean isToken(String text) {
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (!((c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "!#$%&'*+-.^_`|~".indexOf(c) >= 0)) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isOneLine(String value) {
        return value.indexOf('\r') < 0 && value.indexOf('\n') < 0 && value.indexOf('\0') < 0;
    }

    /// Names only: values may be credentials.
    @Override
    public String toString() {
        return "Headers" + names();
    }
}
