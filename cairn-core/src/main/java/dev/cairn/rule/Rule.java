package dev.cairn.rule;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import software.amazon.event.ruler.JsonRuleCompiler;
import software.amazon.event.ruler.Machine;
import software.amazon.event.ruler.Patterns;
import software.amazon.event.ruler.RuleCompiler;

/// Which JSON documents someone wants: fields, each with values of which it must have one.
///
/// A field is named by its path; it may have several values, since arrays are looked into. What is
/// asked of fields that lie in one array of objects must hold for one and the same object. Any
/// thread may judge.
///
/// Source: Amazon EventBridge User Guide, "Event patterns"; Event Ruler's README.
public final class Rule {
    /// How many steps a verdict may take, at less than a microsecond each: whoever waits for it
    /// must not be held up.
    static final long STEPS_MAX = 250_000;

    /// Event Ruler's own limit for one branch.
    private static final int FIELDS_MAX = 256;

    private static final JsonFactory JSON = new JsonFactory();
    private static final String NAME = "rule";

    private final Machine machine = Machine.builder().build();

    /// For each branch of `$or` how many values are given for each field, by its path. A document
    /// is taken when all fields of one branch match.
    private final List<SortedMap<String, Integer>> branches = new ArrayList<>();

    private final Set<String> fields = new HashSet<>();

    private Rule(List<Map<String, List<Patterns>>> compiled) {
        for (Map<String, List<Patterns>> branch : compiled) {
            machine.addPatternRule(NAME, branch);
            SortedMap<String, Integer> values = new TreeMap<>();
            branch.forEach((field, patterns) -> values.put(field, patterns.size()));
            branches.add(values);
            fields.addAll(branch.keySet());
        }
    }

    /// What is to be said of a document.
    public enum Verdict {
        /// The rule wants it.
        TAKEN,
        /// The rule does not want it, or it is no JSON object.
        LEFT,
        /// It has so many values that judging it would take too long.
        TOO_COMPLEX
    }

    /// Reads a rule. The branches of several `$or` multiply: what strangers write is to be bounded
    /// before.
    ///
    /// @throws RuleException in Event Ruler's words, which are SNS's and EventBridge's own
    public static Rule of(String json) throws RuleException {
        try {
            List<Map<String, List<Patterns>>> compiled = compiled(json);
            if (compiled.stream().anyMatch(branch -> branch.size() > FIELDS_MAX)) {
                throw new RuleException("expected at most %d fields".formatted(FIELDS_MAX));
            }
            return new Rule(compiled);
        } catch (JsonParseException e) {
            throw new RuleException(e.getOriginalMessage(), e);
        } catch (IOException | IllegalArgumentException e) {
            throw new RuleException(e.getMessage(), e);
        }
    }

    /// Where `$or` is not followed by at least two objects of fields, it is a field's name.
    private static List<Map<String, List<Patterns>>> compiled(String json) throws IOException {
        try {
            return JsonRuleCompiler.compile(json);
        } catch (JsonParseException _) {
            return List.of(RuleCompiler.compile(json));
        }
    }

    /// Judges a document.
    public Verdict judge(String document) {
        Optional<Map<String, Integer>> values = values(document);
        if (values.isEmpty()) {
            return Verdict.LEFT;
        }
        if (steps(values.get()) > STEPS_MAX) {
            return Verdict.TOO_COMPLEX;
        }
        try {
            return machine.rulesForJSONEvent(document).isEmpty() ? Verdict.LEFT : Verdict.TAKEN;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("a document was read once and not again", e);
        }
    }

    /// An upper bound of the steps that Event Ruler takes: it looks at all values, and again at
    /// those that follow for each way in which the first fields match, in order of their names.
    private long steps(Map<String, Integer> values) {
        long all = values.values().stream().mapToLong(Integer::longValue).sum();
        long steps = 0;
        for (SortedMap<String, Integer> branch : branches) {
            long ways = 1;
            for (Map.Entry<String, Integer> field : branch.entrySet()) {
                steps = Math.min(STEPS_MAX + 1, steps + ways * all);
                // No factor is beyond a million: this cannot overflow.
                long matches = (long) values.getOrDefault(field.getKey(), 1) * field.getValue();
                ways = Math.min(STEPS_MAX + 1, ways * matches);
            }
        }
        return steps;
    }

    /// How many values each field has that the rule asks for; empty when the text is no object.
    private Optional<Map<String, Integer>> values(String document) {
        Map<String, Integer> values = new HashMap<>();
        try (JsonParser parser = JSON.createParser(document)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            countObject(parser, "", values);
            return parser.nextToken() == null ? Optional.of(values) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private void countObject(JsonParser parser, String path, Map<String, Integer> values)
            throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field =
                    path.isEmpty() ? parser.currentName() : path + '.' + parser.currentName();
            parser.nextToken();
            countValue(parser, field, values);
        }
    }

    private void countValue(JsonParser parser, String field, Map<String, Integer> values)
            throws IOException {
        switch (parser.currentToken()) {
            case START_OBJECT -> countObject(parser, field, values);
            case START_ARRAY -> {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    countValue(parser, field, values);
                }
            }
            default -> {
                if (fields.contains(field)) {
                    values.merge(field, 1, Integer::sum);
                }
            }
        }
    }
}
