package dev.cairn.bus;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What a target is told of an event.
///
/// Source: Amazon EventBridge User Guide, "Amazon EventBridge input transformation".
public sealed interface TargetInput {
    /// The most characters of a text that is made of parts; no target takes more bytes.
    int CHARS_MAX = 1 << 20;

    /// The event as it is.
    record Whole() implements TargetInput {}

    /// Always the same.
    ///
    /// @param json any JSON
    record Constant(String json) implements TargetInput {}

    /// A part of the event.
    ///
    /// @param path an [EventPath]
    record Part(String path) implements TargetInput {}

    /// A text with `<name>` where values of the event are to stand.
    ///
    /// @param paths an [EventPath] for each name
    record Template(Map<String, String> paths, String text) implements TargetInput {
        private static final Pattern NAMED = Pattern.compile("<([A-Za-z0-9_.-]{1,256})>");

        /// Names that every event has a value for.
        private static final Set<String> GIVEN =
                Set.of(
                        "aws.events.rule-arn",
                        "aws.events.rule-name",
                        "aws.events.event.ingestion-time",
                        "aws.events.event",
                        "aws.events.event.json");

        public Template {
            paths = Map.copyOf(paths);
        }

        /// Names in the text that nothing gives a value.
        public Set<String> unknown() {
            Set<String> unknown = new TreeSet<>();
            Matcher matcher = NAMED.matcher(text);
            while (matcher.find()) {
                if (!paths.containsKey(matcher.group(1)) && !GIVEN.contains(matcher.group(1))) {
                    unknown.add(matcher.group(1));
                }
            }
            return unknown;
        }

        /// Within quotes a value stands as text, elsewhere as JSON; what an event lacks is an empty
        /// text. Nothing when it would be longer than [#CHARS_MAX].
        private Optional<String> filled(RuleName rule, String event, Instant ingested) {
            StringBuilder filled = new StringBuilder();
            Map<String, String> values = new HashMap<>();
            Matcher matcher = NAMED.matcher(text);
            boolean quoted = false;
            int at = 0;
            while (matcher.find()) {
                String before = text.substring(at, matcher.start());
                quoted = quoted(quoted, before);
                filled.append(before);
                String json =
                        values.computeIfAbsent(
                                matcher.group(1), name -> value(name, rule, event, ingested));
                filled.append(quoted ? inQuotes(json) : json);
                if (filled.length() > CHARS_MAX) {
                    return Optional.empty();
                }
                at = matcher.end();
            }
            return Optional.of(filled.append(text.substring(at)).toString());
        }

        private String value(String name, RuleName rule, String event, Instant ingested) {
            String path = paths.get(name);
            if (path != null) {
                return part(path, event).orElse("\"\"");
            }
            return switch (name) {
                case "aws.events.rule-arn" -> string(rule.arn());
                case "aws.events.rule-name" -> string(rule.name());
                case "aws.events.event.ingestion-time" -> string(ingested.toString());
                // Without the caller's own part, as EventBridge has it.
                case "aws.events.event" -> withoutDetail(event);
                case "aws.events.event.json" -> event;
                default -> '<' + name + '>';
            };
        }

        private static boolean quoted(boolean before, String text) {
            boolean quoted = before;
            for (int i = 0; i < text.length(); i++) {
                switch (text.charAt(i)) {
                    case '\\' -> i++;
                    case '"' -> quoted = !quoted;
                    default -> {
                        // Nothing begins or ends here.
                    }
                }
            }
            return quoted;
        }

        private static String inQuotes(String json) {
            return json.startsWith("\"") ? json.substring(1, json.length() - 1) : escaped(json);
        }

        private static String withoutDetail(String event) {
            int detail = event.indexOf(",\"detail\":");
            return detail < 0 ? event : event.substring(0, detail) + '}';
        }
    }

    /// The text for an event; nothing when it would be longer than [#CHARS_MAX].
    ///
    /// @param event as [BusEvent] writes it
    /// @param ingested when the bus got it
    default Optional<String> text(RuleName rule, String event, Instant ingested) {
        return switch (this) {
            case Whole() -> Optional.of(event);
            case Constant(String json) -> Optional.of(json);
            case Part(String path) -> Optional.of(part(path, event).orElse("{}"));
            case Template template -> template.filled(rule, event, ingested);
        };
    }

    private static Optional<String> part(String path, String event) {
        return EventPath.of(path).flatMap(found -> found.in(event));
    }

    private static String string(String text) {
        return '"' + escaped(text) + '"';
    }

    private static String escaped(String text) {
        return new String(JsonStringEncoder.getInstance().quoteAsString(text));
    }

    /// Whether a text is one JSON value.
    static boolean isJson(String text) {
        try (JsonParser parser = new JsonFactory().createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return false;
            }
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (IOException _) {
            return false;
        }
    }
}
