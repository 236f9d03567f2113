package dev.cairn.filter;

import com.google.re2j.Pattern;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A pattern of terms, which a message contains anywhere, within words too.
///
/// @param all that must be there
/// @param none that must not
/// @param any of which one must be there, if there are some
record Terms(List<Term> all, List<Term> none, List<Term> any) implements FilterPattern.Form {
    /// What a message contains or not.
    sealed interface Term {
        boolean isIn(String text);

        /// As [FilterPattern#steps].
        default int steps() {
            return 0;
        }
    }

    record Words(String words) implements Term {
        @Override
        public boolean isIn(String text) {
            return text.contains(words);
        }
    }

    record Regex(Pattern pattern) implements Term {
        @Override
        public boolean isIn(String text) {
            return pattern.matcher(text).find();
        }

        @Override
        public int steps() {
            return pattern.programSize();
        }
    }

    @Override
    public boolean takes(LogMessage message) {
        if (all.isEmpty() && none.isEmpty() && any.isEmpty()) {
            return true;
        }
        String text = message.text();
        return all.stream().allMatch(term -> term.isIn(text))
                && none.stream().noneMatch(term -> term.isIn(text))
                && (any.isEmpty() || any.stream().anyMatch(term -> term.isIn(text)));
    }

    @Override
    public int steps() {
        return Stream.of(all, none, any).flatMap(List::stream).mapToInt(Term::steps).sum();
    }

    @Override
    public Map<String, String> extracted(LogMessage message) {
        return Map.of();
    }
}
