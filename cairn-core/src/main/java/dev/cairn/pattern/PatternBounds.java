package dev.cairn.pattern;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/// How much a pattern of a stranger may ask.
///
/// Source: Amazon EventBridge User Guide, "Amazon EventBridge quotas" and "Event pattern
/// operators".
final class PatternBounds {
    /// EventBridge's own limit, before anyone asks for a higher one.
    static final int CHARS_MAX = 2_048;

    /// How many branches all `$or` of a pattern may make.
    static final int BRANCHES_MAX = 1_000;

    /// How many states wildcards may be in at once.
    static final int STATES_MAX = 10;

    private static final JsonFactory JSON = new JsonFactory();

    private PatternBounds() {}

    /// To be asked before Event Ruler, which writes all branches out.
    ///
    /// @throws EventPatternException when there is too much of something
    static void check(String json) throws EventPatternException {
        if (json.length() > CHARS_MAX) {
            throw new EventPatternException(
                    "expected at most %d characters, got %d".formatted(CHARS_MAX, json.length()));
        }
        if (branches(json) > BRANCHES_MAX) {
            throw new EventPatternException(
                    "Rule is too complex - $or makes more than %d combinations"
                            .formatted(BRANCHES_MAX));
        }
    }

    /// None for what is not JSON: Event Ruler says what is wrong with it.
    private static long branches(String json) {
        try (JsonParser parser = JSON.createParser(json)) {
            return parser.nextToken() == JsonToken.START_OBJECT ? object(parser) : 0;
        } catch (IOException _) {
            return 0;
        }
    }

    private static long object(JsonParser parser) throws IOException {
        long product = 1;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean or = parser.currentName().equals("$or");
            JsonToken value = parser.nextToken();
            if (value == JsonToken.START_OBJECT) {
                product = bounded(product * object(parser));
            } else if (value == JsonToken.START_ARRAY && or) {
                product = bounded(product * alternatives(parser));
            } else {
                parser.skipChildren();
            }
        }
        return product;
    }

    private static long alternatives(JsonParser parser) throws IOException {
        long sum = 0;
        for (JsonToken token = parser.nextToken();
                token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            if (token == JsonToken.START_OBJECT) {
                sum = bounded(sum + object(parser));
            } else {
                parser.skipChildren();
                sum = bounded(sum + 1);
            }
        }
        return Math.max(1, sum);
    }

    private static long bounded(long branches) {
        return Math.min(branches, BRANCHES_MAX + 1L);
    }
}
