package dev.cairn.aws.shape;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/// What is wrong with an input according to its model: missing members, lengths, ranges, patterns,
/// enumerations.
///
/// The words are those of AWS's own services (`1 validation error detected: Value null at 'name'
/// failed to satisfy constraint: Member must not be null`). Types are not looked at: a codec has
/// made the document, and refuses wrong types itself. Members the model does not know are ignored,
/// as AWS does.
///
/// @param found in the order of the model, at most [#FOUND_MAX]
public record Violations(List<Violation> found) {

    /// How many are reported before the search ends.
    public static final int FOUND_MAX = 20;

    /// How much of a value a message repeats.
    static final int VALUE_CHARS_MAX = 512;

    public Violations {
        found = List.copyOf(found);
    }

    /// Searches a document that a codec made for this shape.
    public static Violations in(JsonNode document, Shape shape) {
        var search = new Search();
        search.look(document, shape, "");
        return new Violations(search.found);
    }

    /// Whether all is well.
    public boolean isEmpty() {
        return found.isEmpty();
    }

    /// AWS's message for all of them.
    public String message() {
        return found.size()
                + (found.size() == 1 ? " validation error" : " validation errors")
                + " detected: "
                + found.stream().map(Violation::message).collect(Collectors.joining("; "));
    }

    /// Walks document and shape side by side.
    private static final class Search {
        private final List<Violation> found = new ArrayList<>();

        private void look(JsonNode value, Shape shape, String path) {
            switch (shape) {
                case Shape.Structure structure -> structure(value, structure, path);
                case Shape.Listing listing -> listing(value, listing, path);
                case Shape.Mapping mapping -> mapping(value, mapping, path);
                case Shape.Text _, Shape.Numeric _, Shape.Blob _ ->
                        constraints(value, shape)
                                .forEach(constraint -> report(path, value, shape, constraint));
                case Shape.Flag _, Shape.Timestamp _, Shape.Document _ -> {}
            }
        }

        private void structure(JsonNode value, Shape.Structure structure, String path) {
            for (Member member : structure.members().values()) {
                String memberPath =
                        path.isEmpty()
                                ? lowerCamel(member.name())
                                : path + "." + lowerCamel(member.name());
                JsonNode memberValue = value.get(member.name());
                if (memberValue != null && !memberValue.isNull()) {
                    look(memberValue, member.shape(), memberPath);
                } else if (member.required()) {
                    report(new Violation(memberPath, "Value null", "Member must not be null"));
                }
                if (full()) {
                    return;
                }
            }
        }

        private void listing(JsonNode value, Shape.Listing listing, String path) {
            lengths(value.size(), listing.min(), listing.max())
                    .forEach(constraint -> report(path, value, listing, constraint));
            Shape item = listing.item().shape();
            if (simple(item)) {
                for (JsonNode element : value) {
                    List<String> broken =
                            element.isNull()
                                    ? List.of("Member must not be null")
                                    : constraints(element, item);
                    if (!broken.isEmpty()) {
                        // One violation for the list, naming all that its items have to satisfy:
                        // AWS's way.
                        List<String> all = element.isNull() ? broken : allConstraints(item);
                        report(
                                path,
                                value,
                                listing,
                                "Member must satisfy constraint: [" + String.join(", ", all) + "]");
                        return;
                    }
                }
                return;
            }
            for (int i = 0; i < value.size() && !full(); i++) {
                inner(value.path(i), item, path + "." + (i + 1) + ".member");
            }
        }

        private void mapping(JsonNode value, Shape.Mapping mapping, String path) {
            lengths(value.size(), mapping.min(), mapping.max())
                    .forEach(constraint -> report(path, value, mapping, constraint));
            Shape key = mapping.key().shape();
            Shape item = mapping.value().shape();
            for (String name : (Iterable<String>) value::fieldNames) {
                if (!constraints(ModelReader.JSON.getNodeFactory().textNode(name), key).isEmpty()) {
                    report(
                            path,
                            value,
                            mapping,
                            "Map keys must satisfy constraint: ["
                                    + String.join(", ", allConstraints(key))
                                    + "]");
                    break;
                }
            }
            for (var entry : value.properties()) {
                if (full()) {
                    return;
                }
                if (!simple(item)) {
                    inner(
                            entry.getValue(),
                            item,
                            path + "." + shorten(entry.getKey(), 128) + ".member");
                } else if (entry.getValue().isNull()
                        || !constraints(entry.getValue(), item).isEmpty()) {
                    List<String> all =
                            entry.getValue().isNull()
                                    ? List.of("Member must not be null")
                                    : allConstraints(item);
                    report(
                            path,
                            value,
                            mapping,
                            "Map value must satisfy constraint: [" + String.join(", ", all) + "]");
                    return;
                }
            }
        }

        private void inner(JsonNode value, Shape shape, String path) {
            if (value.isNull()) {
                report(new Violation(path, "Value null", "Member must not be null"));
            } else {
                look(value, shape, path);
            }
        }

        private boolean full() {
            return found.size() >= FOUND_MAX;
        }

        private void report(String path, JsonNode value, Shape shape, String constraint) {
            report(new Violation(path, rendered(value, shape), constraint));
        }

        private void report(Violation violation) {
            if (!full()) {
                found.add(violation);
            }
        }
    }

    private static boolean simple(Shape shape) {
        return !(shape instanceof Shape.Structure
                || shape instanceof Shape.Listing
                || shape instanceof Shape.Mapping);
    }

    /// What a simple value breaks.
    private static List<String> constraints(JsonNode value, Shape shape) {
        return switch (shape) {
            case Shape.Text text -> {
                String string = value.asText();
                var broken =
                        new ArrayList<>(
                                lengths(
                                        string.codePointCount(0, string.length()),
                                        text.min(),
                                        text.max()));
                if (!text.values().isEmpty() && !text.values().contains(string)) {
                    broken.add(values(text));
                }
                // Too long to be right anyway: spare the pattern.
                boolean tooLong =
                        text.max().isPresent() && string.length() > 2 * text.max().getAsLong();
                if (!tooLong
                        && text.pattern().isPresent()
                        && !text.pattern().get().matches(string)) {
                    broken.add(pattern(text.pattern().get()));
                }
                yield broken;
            }
            case Shape.Numeric numeric -> {
                var broken = new ArrayList<String>();
                if (Double.isFinite(value.doubleValue())) {
                    if (numeric.max().isPresent()
                            && value.decimalValue().compareTo(numeric.max().get()) > 0) {
                        broken.add(
                                "Member must have value less than or equal to "
                                        + numeric.max().get().toPlainString());
                    }
                    if (numeric.min().isPresent()
                            && value.decimalValue().compareTo(numeric.min().get()) < 0) {
                        broken.add(
                                "Member must have value greater than or equal to "
                                        + numeric.min().get().toPlainString());
                    }
                }
                yield broken;
            }
            case Shape.Blob blob -> lengths(bytes(value), blob.min(), blob.max());
            case Shape.Structure _,
                    Shape.Listing _,
                    Shape.Mapping _,
                    Shape.Flag _,
                    Shape.Timestamp _,
                    Shape.Document _ ->
                    List.of();
        };
    }

    /// What a simple value has to satisfy.
    private static List<String> allConstraints(Shape shape) {
        var all = new ArrayList<String>();
        if (shape instanceof Shape.Text text) {
            text.max().ifPresent(max -> all.add(atMost(max)));
            text.min().ifPresent(min -> all.add(atLeast(min)));
            if (!text.values().isEmpty()) {
                all.add(values(text));
            }
            text.pattern().ifPresent(pattern -> all.add(pattern(pattern)));
        } else if (shape instanceof Shape.Numeric numeric) {
            numeric.max()
                    .ifPresent(max ->
                            all.add(
                                    "Member must have value less than or equal to "
                                            + max.toPlainString()));
            numeric.min()
                    .ifPresent(min ->
                            all.add(
                                    "Member must have value greater than or equal to "
                                            + min.toPlainString()));
        } else if (shape instanceof Shape.Blob blob) {
            blob.max().ifPresent(max -> all.add(atMost(max)));
            blob.min().ifPresent(min -> all.add(atLeast(min)));
        }
        return all;
    }

    private static List<String> lengths(long length, OptionalLong min, OptionalLong max) {
        if (max.isPresent() && length > max.getAsLong()) {
            return List.of(atMost(max.getAsLong()));
        }
        return min.isPresent() && length < min.getAsLong()
                ? List.of(atLeast(min.getAsLong()))
                : List.of();
    }

    private static String atMost(long max) {
        return "Member must have length less than or equal to " + max;
    }

    private static String atLeast(long min) {
        return "Member must have length greater than or equal to " + min;
    }

    private static String values(Shape.Text text) {
        return "Member must satisfy enum value set: [" + String.join(", ", text.values()) + "]";
    }

    private static String pattern(TextPattern pattern) {
        return "Member must satisfy regular expression pattern: " + pattern.text();
    }

    private static long bytes(JsonNode value) {
        try {
            return value.binaryValue().length;
        } catch (IOException e) {
            throw new IllegalArgumentException("expected a blob", e);
        }
    }

    private static String rendered(JsonNode value, Shape shape) {
        if (shape.sensitive()) {
            return "Value";
        }
        var text = new StringBuilder();
        render(value, shape, text);
        return "Value '" + shorten(text.toString(), VALUE_CHARS_MAX) + "'";
    }

    /// Java's way of showing collections, which is AWS's; stops when there is enough.
    private static void render(JsonNode value, Shape shape, StringBuilder into) {
        if (into.length() > VALUE_CHARS_MAX) {
            return;
        }
        if (shape.sensitive()) {
            into.append("***");
            return;
        }
        switch (shape) {
            case Shape.Listing listing -> {
                String separator = "[";
                for (JsonNode item : value) {
                    into.append(separator);
                    separator = ", ";
                    render(item, listing.item().shape(), into);
                }
                into.append(value.isEmpty() ? "[]" : "]");
            }
            case Shape.Mapping mapping -> {
                String separator = "{";
                for (var entry : value.properties()) {
                    into.append(separator).append(entry.getKey()).append('=');
                    separator = ", ";
                    render(entry.getValue(), mapping.value().shape(), into);
                }
                into.append(value.isEmpty() ? "{}" : "}");
            }
            case Shape.Structure structure -> {
                String separator = structure.name() + "(";
                for (Member member : structure.members().values()) {
                    if (value.hasNonNull(member.name())) {
                        into.append(separator).append(member.name()).append('=');
                        separator = ", ";
                        render(value.path(member.name()), member.shape(), into);
                    }
                }
                into.append(separator.equals(", ") ? ")" : structure.name() + "()");
            }
            case Shape.Blob _ -> into.append("java.nio.HeapByteBuffer");
            case Shape.Text _, Shape.Numeric _, Shape.Flag _, Shape.Timestamp _, Shape.Document _ ->
                    into.append(value.isNull() ? "null" : value.asText());
        }
    }

    private static String shorten(String text, int charsMax) {
        if (text.length() <= charsMax) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(charsMax - 1)) ? charsMax - 1 : charsMax;
        return text.substring(0, end) + "...";
    }

    private static String lowerCamel(String name) {
        return name.isEmpty()
                ? name
                : name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
    }
}
