package dev.cairn.topic;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.catalog.CatalogException;
import dev.cairn.pattern.EventPattern;
import dev.cairn.pattern.EventPatternException;
import dev.cairn.pattern.EventPatterns;
import dev.cairn.queue.MessageAttribute;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which of a topic's messages a subscription takes: an event pattern, and what of a message it is
/// asked of.
///
/// Source: Amazon SNS Developer Guide, "Amazon SNS message filtering".
///
/// @param policy the pattern as it was set; null takes every message
public record Filter(@Nullable String policy, Scope scope) {
    /// Takes every message.
    public static final Filter NONE = new Filter(null, Scope.MESSAGE_ATTRIBUTES);

    /// AWS takes 256 KB; with five fields and 150 combinations nobody needs so much, and every
    /// message to the topic waits until all its patterns are read.
    public static final int POLICY_CHARS_MAX = 16 << 10;

    private static final JsonFactory JSON = new JsonFactory();
    private static final Pattern NUMBER =
            Pattern.compile("-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?");

    /// What of a message the rule is asked of.
    public enum Scope {
        MESSAGE_ATTRIBUTES("MessageAttributes"),
        MESSAGE_BODY("MessageBody");

        private final String wireName;

        Scope(String wireName) {
            this.wireName = wireName;
        }

        public String wireName() {
            return wireName;
        }

        public static Optional<Scope> of(String wireName) {
            return Arrays.stream(values())
                    .filter(scope -> scope.wireName.equals(wireName))
                    .findFirst();
        }
    }

    /// With another policy; nothing and an empty object are none.
    public Filter withPolicy(String text) {
        String bare = text.strip();
        boolean empty =
                bare.isEmpty()
                        || (bare.startsWith("{")
                                && bare.endsWith("}")
                                && bare.substring(1, bare.length() - 1).isBlank());
        return new Filter(empty ? null : text, scope);
    }

    public Filter withScope(Scope other) {
        return new Filter(policy, other);
    }

    /// Refuses what SNS refuses.
    ///
    /// @throws EventPatternException in SNS's words
    public void check() throws EventPatternException {
        if (policy == null) {
            return;
        }
        if (policy.length() > POLICY_CHARS_MAX) {
            throw new EventPatternException(
                    "FilterPolicy: Filter policy is longer than %d characters"
                            .formatted(POLICY_CHARS_MAX));
        }
        FilterShape shape = shape(policy);
        if (shape.nested() && scope == Scope.MESSAGE_ATTRIBUTES) {
            throw new EventPatternException(
                    "Filter policy scope MessageAttributes does not support nested filter policy");
        }
    }

    private static FilterShape shape(String policy) throws EventPatternException {
        try {
            FilterShape shape = FilterShape.of(policy);
            if (shape.keys() > FilterShape.KEYS_MAX) {
                throw new EventPatternException(
                        "Filter policy can not have more than %d keys"
                                .formatted(FilterShape.KEYS_MAX));
            }
            // Before it is read: it bounds how many branches `$or` makes.
            if (shape.combinations() > FilterShape.COMBINATIONS_MAX) {
                throw new EventPatternException("Filter policy is too complex");
            }
            if (shape.wildcards()) {
                throw new EventPatternException("Unrecognized match type wildcard");
            }
            EventPattern.of(policy);
            return shape;
        } catch (EventPatternException e) {
            throw new EventPatternException("FilterPolicy: " + e.message());
        }
    }

    /// Judges a message.
    ///
    /// @param text what the subscriber would be told
    /// @throws CatalogException CORRUPT when the policy cannot be read: it was checked when set
    EventPattern.Verdict judge(EventPatterns patterns, Message message, String text)
            throws CatalogException {
        if (policy == null) {
            return EventPattern.Verdict.TAKEN;
        }
        try {
            EventPattern pattern = patterns.pattern(policy);
            return switch (scope) {
                case MESSAGE_BODY -> pattern.judge(text);
                // "exists": false asks for a message with other attributes, as SNS has it.
                case MESSAGE_ATTRIBUTES ->
                        message.attributes().isEmpty()
                                ? EventPattern.Verdict.LEFT
                                : pattern.judge(document(message.attributes()));
            };
        } catch (EventPatternException e) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT, "expected a filter policy, got " + policy, e);
        }
    }

    /// The attributes as one flat object; bytes are left out.
    private static String document(Map<String, MessageAttribute> attributes) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            for (Map.Entry<String, MessageAttribute> attribute :
                    new TreeMap<>(attributes).entrySet()) {
                if (!attribute.getValue().binary()) {
                    json.writeFieldName(attribute.getKey());
                    json.writeRawValue(value(attribute.getValue()));
                }
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does no I/O", e);
        }
        return text.toString();
    }

    /// A number as a number, the members of an array, and all else as a string.
    private static String value(MessageAttribute attribute) throws IOException {
        String value = attribute.value();
        if (attribute.type().endsWith(".Array")) {
            return members(value);
        }
        boolean number = attribute.type().startsWith("Number") && NUMBER.matcher(value).matches();
        return number ? value : string(value);
    }

    private static String string(String value) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeString(value);
        }
        return text.toString();
    }

    /// The strings, numbers and keywords of an array; none when the text is no array.
    private static String members(String array) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonParser parser = JSON.createParser(array);
                JsonGenerator json = JSON.createGenerator(text)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                return "[]";
            }
            json.writeStartArray();
            for (JsonToken token = parser.nextToken();
                    token != JsonToken.END_ARRAY;
                    token = parser.nextToken()) {
                if (token.isScalarValue()) {
                    json.copyCurrentEvent(parser);
                } else {
                    parser.skipChildren();
                }
            }
            json.writeEndArray();
        } catch (JacksonException _) {
            return "[]";
        }
        return text.toString();
    }
}
