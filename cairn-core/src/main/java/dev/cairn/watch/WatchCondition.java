package dev.cairn.watch;

import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.filter.FilterPattern;
import dev.cairn.filter.FilterPatternException;
import dev.cairn.history.Condition;
import dev.cairn.history.SearchCost;
import dev.cairn.history.SearchText;
import dev.cairn.history.SearchTextException;
import dev.cairn.pattern.EventPattern;
import dev.cairn.pattern.EventPatternException;
import java.util.Set;

/// Which events a watch waits for, in one of three languages, or by a rule of Cairn's own. Each is
/// what it is elsewhere: what a search takes is what `cairn search` finds.
public sealed interface WatchCondition {
    /// The longest text of one.
    int CHARS_MAX = 2_048;

    /// How many steps the wildcards and regular expressions of a search may take for each
    /// character.
    int SEARCH_STEPS_MAX = 500;

    String text();

    /// What it is called in documents and calls: `search`, `filter` or `pattern`.
    default String kind() {
        return switch (this) {
            case Search _ -> "search";
            case Filter _ -> "filter";
            case Pattern _ -> "pattern";
            case BuiltIn _ -> "built-in";
        };
    }

    /// The search language's (`docs/search.md`).
    record Search(String text) implements WatchCondition {
        /// @throws SearchTextException when it is none
        public Condition condition() throws SearchTextException {
            return SearchText.parse(text);
        }
    }

    /// A filter pattern for JSON: `{ $.field = value }`.
    record Filter(String text) implements WatchCondition {
        /// @throws FilterPatternException when it is none
        public FilterPattern pattern() throws FilterPatternException {
            return FilterPattern.of(text);
        }
    }

    /// An event pattern, asked of the event as the default bus would have it.
    record Pattern(String text) implements WatchCondition {}

    /// A rule that no language says, of a ready-made watch.
    ///
    /// @param text [#PUBLIC_BUCKET], the only one
    record BuiltIn(String text) implements WatchCondition {
        /// A call that opens a bucket or an object to everyone ([BucketOpening]).
        public static final String PUBLIC_BUCKET = "public-bucket";

        /// The calls among which they are.
        public Set<String> names() {
            return BucketOpening.NAMES;
        }
    }

    /// @throws IllegalArgumentException when there is no such kind
    static WatchCondition of(String kind, String text) {
        return switch (kind) {
            case "search" -> new Search(text);
            case "filter" -> new Filter(text);
            case "pattern" -> new Pattern(text);
            case "built-in" -> new BuiltIn(text);
            default ->
                    throw new IllegalArgumentException(
                            "expected search, filter or pattern, got " + kind);
        };
    }

    /// Refuses what cannot be read, or would take too long to ask.
    ///
    /// @throws Failure VALIDATION saying where
    default void check() {
        if (text().length() > CHARS_MAX) {
            throw invalid(
                    "expected at most %d characters, got %d".formatted(CHARS_MAX, text().length()));
        }
        try {
            switch (this) {
                case Search search -> check(SearchText.parseStrictly(search.text()));
                case Filter filter -> {
                    if (!text().strip().startsWith("{")) {
                        throw invalid("expected a pattern in braces, such as { $.eventName = X }");
                    }
                    filter.pattern();
                }
                case Pattern(String json) -> EventPattern.ofStranger(json);
                case BuiltIn(String rule) -> {
                    if (!rule.equals(BuiltIn.PUBLIC_BUCKET)) {
                        throw invalid("expected " + BuiltIn.PUBLIC_BUCKET + ", got " + rule);
                    }
                }
            }
        } catch (SearchTextException | EventPatternException malformed) {
            throw invalid(String.valueOf(malformed.getMessage()));
        } catch (FilterPatternException malformed) {
            throw invalid(malformed.message("Invalid filter pattern"));
        }
    }

    /// How many steps it takes for each character of what it looks at: those of its wildcards and
    /// regular expressions.
    default int steps() {
        try {
            return switch (this) {
                case Search search ->
                        SearchCost.of(search.condition()).looks().stream()
                                .mapToInt(look -> look.steps() - 1)
                                .sum();
                case Filter filter -> filter.pattern().steps();
                // Their machine knows its own bounds.
                case Pattern _, BuiltIn _ -> 0;
            };
        } catch (SearchTextException | FilterPatternException e) {
            throw new IllegalStateException("a condition was read once and not again", e);
        }
    }

    private void check(Condition condition) {
        if (condition instanceof Condition.All) {
            throw invalid("expected a condition, got one that every event meets");
        }
        int steps =
                SearchCost.of(condition).looks().stream().mapToInt(SearchCost.Look::steps).sum();
        if (steps > SEARCH_STEPS_MAX) {
            throw invalid(
                    "expected wildcards and regular expressions of at most %d steps for each character, got %d"
                            .formatted(SEARCH_STEPS_MAX, steps));
        }
    }

    private Failure invalid(String words) {
        return new Failure(ErrorCode.VALIDATION, kind() + ": " + words);
    }
}
