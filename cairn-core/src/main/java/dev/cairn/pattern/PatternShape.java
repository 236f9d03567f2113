package dev.cairn.pattern;

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
import software.amazon.event.ruler.MachineComplexityEvaluator;
import software.amazon.event.ruler.MatchType;
import software.amazon.event.ruler.Patterns;
import software.amazon.event.ruler.RuleCompiler;

/// What a pattern asks, and how long Event Ruler may take to ask it.
final class PatternShape {
    /// Event Ruler's own limit for one branch.
    private static final int FIELDS_MAX = 256;

    /// More states than this at once are not counted.
    static final int STATES_COUNTED = 100;

    private static final JsonFactory JSON = new JsonFactory();

    private final List<Map<String, List<Patterns>>> compiled;

    /// For each branch of `$or`, for each field by its path, how many of the field's conditions one
    /// value can meet. A document is taken when all fields of one branch match.
    private final List<SortedMap<String, Integer>> branches = new ArrayList<>();

    private final Set<String> fields = new HashSet<>();
    private final int states;

    private PatternShape(List<Map<String, List<Patterns>>> compiled, boolean wildcards) {
        this.compiled = compiled;
        for (Map<String, List<Patterns>> branch : compiled) {
            SortedMap<String, Integer> met = new TreeMap<>();
            branch.forEach((field, patterns) -> met.put(field, met(patterns)));
            branches.add(met);
            fields.addAll(branch.keySet());
        }
        states = wildcards ? statesCounted() : 0;
    }

    /// A value equals at most one of any number of texts, and one of any number of numbers.
    private static int met(List<Patterns> patterns) {
        long equal =
                patterns.stream()
                        .map(Patterns::type)
                        .filter(type -> type == MatchType.EXACT || type == MatchType.NUMERIC_EQ)
                        .distinct()
                        .count();
        long others =
                patterns.stream()
                        .filter(one ->
                                one.type() != MatchType.EXACT && one.type() != MatchType.NUMERIC_EQ)
                        .count();
        return (int) (equal + others);
    }

    private int statesCounted() {
        Machine machine = Machine.builder().build();
        addTo(machine, "pattern");
        return machine.evaluateComplexity(new MachineComplexityEvaluator(STATES_COUNTED));
    }

    /// Reads a pattern. The branches of several `$or` multiply: what strangers write is to be
    /// bounded before.
    ///
    /// @throws EventPatternException in Event Ruler's words, which are SNS's and EventBridge's own
    static PatternShape of(String json) throws EventPatternException {
        try {
            List<Map<String, List<Patterns>>> compiled = compiled(json);
            if (compiled.stream().anyMatch(branch -> branch.size() > FIELDS_MAX)) {
                throw new EventPatternException("expected at most %d fields".formatted(FIELDS_MAX));
            }
            return new PatternShape(compiled, json.contains("wildcard"));
        } catch (JsonParseException e) {
            throw new EventPatternException(e.getOriginalMessage(), e);
        } catch (IOException | IllegalArgumentException e) {
            throw new EventPatternException(e.getMessage(), e);
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

    void addTo(Machine machine, String name) {
        for (Map<String, List<Patterns>> branch : compiled) {
            machine.addPatternRule(name, branch);
        }
    }

    /// The fields it asks for, by their paths.
    Set<String> fields() {
        return fields;
    }

    /// How many states its wildcards may be in at once, at most [#STATES_COUNTED].
    int states() {
        return states;
    }

    /// In how many ways its first fields may match a document that has each field once.
    long ways(long bound) {
        long sum = 0;
        for (SortedMap<String, Integer> branch : branches) {
            long ways = 1;
            for (int met : branch.values()) {
                ways = Math.min(bound, ways * met);
            }
            sum = Math.min(bound, sum + ways);
        }
        return sum;
    }

    /// An upper bound of the steps that Event Ruler takes when it is asked this pattern alone: it
    /// looks at all values, and again at those that follow for each way in which the first fields
    /// match, in order of their names.
    ///
    /// @param values how many values the document has of each field
    /// @param bound beyond it, only that it is more
    long steps(Map<String, Integer> values, int documentChars, long bound) {
        long all = fields.stream().mapToLong(field -> values.getOrDefault(field, 0)).sum();
        long steps = wildcardSteps(states, documentChars);
        for (SortedMap<String, Integer> branch : branches) {
            long ways = 1;
            for (Map.Entry<String, Integer> field : branch.entrySet()) {
                steps = Math.min(bound + 1, steps + ways * all);
                // No factor is beyond a million: this cannot overflow.
                long matches = (long) values.getOrDefault(field.getKey(), 1) * field.getValue();
                ways = Math.min(bound + 1, ways * matches);
            }
        }
        return steps;
    }

    /// A step from state to state takes a small part of what one from field to field does.
    static long wildcardSteps(long states, int documentChars) {
        return states * documentChars / 64;
    }

    /// How many values a document has of each of some fields; empty when the text is no object.
    static Optional<Map<String, Integer>> values(String document, Set<String> fields) {
        Map<String, Integer> values = new HashMap<>();
        try (JsonParser parser = JSON.createParser(document)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            countObject(parser, "", fields, values);
            return parser.nextToken() == null ? Optional.of(values) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static void countObject(
            JsonParser parser, String path, Set<String> fields, Map<String, Integer> values)
            throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field =
                    path.isEmpty() ? parser.currentName() : path + '.' + parser.currentName();
            parser.nextToken();
            countValue(parser, field, fields, values);
        }
    }

    private static void countValue(
            JsonParser parser, String field, Set<String> fields, Map<String, Integer> values)
            throws IOException {
        switch (parser.currentToken()) {
            case START_OBJECT -> countObject(parser, field, fields, values);
            case START_ARRAY -> {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    countValue(parser, field, fields, values);
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
