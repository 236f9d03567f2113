package dev.cairn.inquiry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.cairn.log.LogEvent;
import dev.cairn.log.LogGroup;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Reads the fields that a question asks for off a message: those that every message has, and,
/// where it is a JSON object, its values by their paths (`userIdentity.type`, `resources.0.ARN`).
final class MessageFields {
    /// Messages are bounded before: one that the parser gave up on would have no fields.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(Integer.MAX_VALUE)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNameLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private final Set<String> wanted = new HashSet<>();

    /// All beginnings of paths that are asked for: the rest is skipped.
    private final Set<String> above = new HashSet<>();

    MessageFields(Set<String> names) {
        for (String name : names) {
            if (!name.startsWith("@")) {
                wanted.add(name);
                for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
                    above.add(name.substring(0, dot));
                }
            }
        }
    }

    Row of(LogGroup group, LogEvent event) {
        Map<String, String> values = new HashMap<>();
        values.put(Inquiry.TIMESTAMP, Long.toString(event.time().toEpochMilli()));
        values.put(Inquiry.INGESTED, Long.toString(event.ingested().toEpochMilli()));
        values.put(Inquiry.MESSAGE, event.message());
        values.put("@logStream", event.stream());
        values.put("@log", group.name().account() + ':' + group.name().name());
        if (!wanted.isEmpty() && event.message().startsWith("{")) {
            read(event.message(), values);
        }
        return new Row(values, event.time().toEpochMilli(), group.name().name() + '/' + event.id());
    }

    private void read(String message, Map<String, String> values) {
        Map<String, String> found = new HashMap<>();
        try (JsonParser parser = JSON.createParser(message)) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                object(parser, "", found);
                if (parser.nextToken() == null) {
                    values.putAll(found);
                }
            }
        } catch (IOException _) {
            // Not JSON: it has no fields of its own.
        }
    }

    private void object(JsonParser parser, String path, Map<String, String> into)
            throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = path + parser.currentName();
            parser.nextToken();
            value(parser, name, into);
        }
    }

    private void array(JsonParser parser, String path, Map<String, String> into)
            throws IOException {
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            value(parser, path + i, into);
        }
    }

    private void value(JsonParser parser, String name, Map<String, String> into)
            throws IOException {
        switch (parser.currentToken()) {
            case START_OBJECT -> {
                if (above.contains(name)) {
                    object(parser, name + '.', into);
                } else {
                    parser.skipChildren();
                }
            }
            case START_ARRAY -> {
                if (above.contains(name)) {
                    array(parser, name + '.', into);
                } else {
                    parser.skipChildren();
                }
            }
            case VALUE_NULL -> {}
            case VALUE_TRUE -> put(name, Formula.TRUE, into);
            case VALUE_FALSE -> put(name, Formula.FALSE, into);
            default -> {
                if (wanted.contains(name)) {
                    into.putIfAbsent(name, parser.getText());
                }
            }
        }
    }

    private void put(String name, String value, Map<String, String> into) {
        if (wanted.contains(name)) {
            into.putIfAbsent(name, value);
        }
    }
}
