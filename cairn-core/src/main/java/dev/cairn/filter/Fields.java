package dev.cairn.filter;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.cairn.filter.Selector.AnyIndex;
import dev.cairn.filter.Selector.AnyName;
import dev.cairn.filter.Selector.Index;
import dev.cairn.filter.Selector.Name;
import dev.cairn.filter.Selector.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Fields that are wanted of JSON messages, all of them read in one pass that skips what nobody
/// wants. Any thread may read.
final class Fields {
    /// No limits of Jackson's: a message that is beyond one would match nothing, and nobody would
    /// know. Messages are bounded before they come here, and no name's hash is trusted.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(Integer.MAX_VALUE)
                                    .maxNameLength(Integer.MAX_VALUE)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build();

    private final Map<Selector, Integer> numbers = new LinkedHashMap<>();
    private final Node root = new Node();

    /// A place in messages that some selector passes or ends at.
    private static final class Node {
        private int field = -1;
        private final Map<String, Node> names = new HashMap<>();
        private final Map<Integer, Node> indexes = new HashMap<>();
        private @Nullable Node anyName;
        private @Nullable Node anyIndex;

        boolean goesOn() {
            return !names.isEmpty() || !indexes.isEmpty() || anyName != null || anyIndex != null;
        }

        Node next(Step step) {
            return switch (step) {
                case Name(String name) -> names.computeIfAbsent(name, _ -> new Node());
                case Index(int index) -> indexes.computeIfAbsent(index, _ -> new Node());
                case AnyName() -> {
                    anyName = Objects.requireNonNullElseGet(anyName, Node::new);
                    yield anyName;
                }
                case AnyIndex() -> {
                    anyIndex = Objects.requireNonNullElseGet(anyIndex, Node::new);
                    yield anyIndex;
                }
            };
        }
    }

    /// The number of a field, which it has from now on. Not to be called once messages are read.
    int number(Selector selector) {
        return numbers.computeIfAbsent(
                selector,
                wanted -> {
                    Node node = root;
                    for (Step step : wanted.steps()) {
                        node = node.next(step);
                    }
                    node.field = numbers.size();
                    return node.field;
                });
    }

    int count() {
        return numbers.size();
    }

    /// In order of their numbers.
    List<Selector> selectors() {
        return List.copyOf(numbers.keySet());
    }

    /// The fields of a message; empty when it is no JSON object or array.
    Optional<Values> read(LogMessage message) {
        Values values = new Values(numbers.size());
        try (JsonParser parser = message.parser(JSON)) {
            JsonToken start = parser.nextToken();
            if (start == null || !start.isStructStart()) {
                return Optional.empty();
            }
            inside(parser, start, List.of(root), values);
            return parser.nextToken() == null ? Optional.of(values) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// Reads one value, of which the parser has the first token.
    private static void value(JsonParser parser, JsonToken token, List<Node> nodes, Values values)
            throws IOException {
        Value value = null;
        for (Node node : nodes) {
            if (node.field >= 0) {
                value = value == null ? scalar(parser, token) : value;
                values.add(node.field, value);
            }
        }
        if (token.isStructStart()) {
            inside(parser, token, nodes, values);
        }
    }

    /// Goes through an object or array to its end, skipping at once what no selector goes into.
    private static void inside(JsonParser parser, JsonToken start, List<Node> nodes, Values values)
            throws IOException {
        if (nodes.stream().noneMatch(Node::goesOn)) {
            parser.skipChildren();
        } else if (start == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                List<Node> below = named(nodes, parser.currentName());
                next(parser, parser.nextToken(), below, values);
            }
        } else {
            int index = 0;
            for (JsonToken token = parser.nextToken();
                    token != JsonToken.END_ARRAY;
                    token = parser.nextToken()) {
                next(parser, token, numbered(nodes, index++), values);
            }
        }
    }

    private static void next(
            JsonParser parser, @Nullable JsonToken token, List<Node> nodes, Values values)
            throws IOException {
        if (token == null) {
            throw new IOException("expected a value, got the end");
        }
        if (nodes.isEmpty()) {
            parser.skipChildren();
        } else {
            value(parser, token, nodes, values);
        }
    }

    private static List<Node> named(List<Node> nodes, String name) {
        if (nodes.size() == 1 && nodes.getFirst().anyName == null) {
            Node below = nodes.getFirst().names.get(name);
            return below == null ? List.of() : List.of(below);
        }
        List<Node> all = new ArrayList<>();
        for (Node node : nodes) {
            add(all, node.names.get(name));
            add(all, node.anyName);
        }
        return all;
    }

    private static List<Node> numbered(List<Node> nodes, int index) {
        List<Node> all = new ArrayList<>();
        for (Node node : nodes) {
            add(all, node.indexes.get(index));
            add(all, node.anyIndex);
        }
        return all;
    }

    private static void add(List<Node> all, @Nullable Node node) {
        if (node != null) {
            all.add(node);
        }
    }

    private static Value scalar(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_STRING -> new Value(Value.Kind.TEXT, parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                    new Value(Value.Kind.NUMBER, parser.getText());
            case VALUE_TRUE -> new Value(Value.Kind.TRUE, "true");
            case VALUE_FALSE -> new Value(Value.Kind.FALSE, "false");
            case VALUE_NULL -> new Value(Value.Kind.NULL, "");
            default -> new Value(Value.Kind.STRUCTURE, "");
        };
    }
}
