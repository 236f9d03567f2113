package dev.cairn.topic;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.pattern.EventPatternException;
import java.io.IOException;

/// What SNS asks of a filter policy beside being an event pattern: how many fields and values it
/// may have.
///
/// Source: Amazon SNS Developer Guide, "Filter policy constraints in Amazon SNS".
///
/// @param keys how many fields stand at the top
/// @param combinations the number of values of each field times the depth it lies at, multiplied;
///   the branches of `$or` are added. Beyond [#COMBINATIONS_MAX] only that it is more
/// @param nested whether a field has fields
/// @param wildcards whether an operator is `wildcard`, which SNS does not have
record FilterShape(int keys, long combinations, boolean nested, boolean wildcards) {
    static final int KEYS_MAX = 5;
    static final int COMBINATIONS_MAX = 150;

    private static final JsonFactory JSON = new JsonFactory();

    /// @throws EventPatternException when the text is no JSON object
    static FilterShape of(String policy) throws EventPatternException {
        try (JsonParser parser = JSON.createParser(policy)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new EventPatternException("Filter is not an object");
            }
            Reader reader = new Reader(parser);
            long combinations = reader.object(1, 1);
            if (parser.nextToken() == null) {
                return new FilterShape(reader.keys, combinations, reader.nested, reader.wildcards);
            }
        } catch (IOException _) {
            // Told below.
        }
        throw new EventPatternException("failed to parse JSON.");
    }

    private static final class Reader {
        private final JsonParser parser;
        private int keys;
        private boolean nested;
        private boolean wildcards;

        Reader(JsonParser parser) {
            this.parser = parser;
        }

        /// What the object's fields make of the combinations before them.
        long object(int depth, long before) throws IOException {
            long combinations = before;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean top = parser.getParsingContext().getParent().inRoot();
                keys += top ? 1 : 0;
                boolean or = parser.currentName().equals("$or");
                combinations =
                        switch (parser.nextToken()) {
                            case START_OBJECT -> {
                                nested = true;
                                yield object(depth + 1, combinations);
                            }
                            case START_ARRAY ->
                                    or
                                            ? branches(depth, combinations)
                                            : bounded(combinations * values() * depth);
                            default -> combinations;
                        };
            }
            return combinations;
        }

        private long branches(int depth, long before) throws IOException {
            long sum = 0;
            for (JsonToken token = parser.nextToken();
                    token != JsonToken.END_ARRAY;
                    token = parser.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    sum = bounded(sum + object(depth, before));
                } else {
                    parser.skipChildren();
                    sum = bounded(sum + before);
                }
            }
            return sum;
        }

        /// How many values the array has.
        private int values() throws IOException {
            int count = 0;
            for (int open = 1; open > 0; ) {
                JsonToken token = parser.nextToken();
                boolean value = token.isScalarValue() || token.isStructStart();
                count += open == 1 && value ? 1 : 0;
                wildcards |= token == JsonToken.FIELD_NAME && isWildcard();
                open += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            }
            return count;
        }

        private boolean isWildcard() throws IOException {
            return parser.currentName().equals("wildcard");
        }

        /// Depths and counts fit an int, so that a bounded product cannot overflow.
        private static long bounded(long combinations) {
            return Math.min(combinations, COMBINATIONS_MAX + 1L);
        }
    }
}
