package dev.cairn.filter;

import com.google.re2j.Pattern;
import java.math.BigDecimal;
import java.util.List;

/// What stands on the right of an operator, asked of one scalar value.
sealed interface Comparison {
    boolean holds(Value value);

    /// A text without wildcards. A number is its text here: `"12"` is not `12.0`.
    record Exact(String text) implements Comparison {
        @Override
        public boolean holds(Value value) {
            return value.text().equals(text);
        }
    }

    /// A number without quotes: the same number, or the same text where the value is none.
    record Numeric(BigDecimal number, String text) implements Comparison {
        @Override
        public boolean holds(Value value) {
            return value.number()
                    .map(n -> n.compareTo(number) == 0)
                    .orElseGet(() -> value.text().equals(text));
        }
    }

    /// A text with wildcards; an asterisk stands for any characters, or none.
    ///
    /// @param parts what stands before, between and after the asterisks: at least two, some empty
    record Like(List<String> parts) implements Comparison {
        @Override
        public boolean holds(Value value) {
            String text = value.text();
            String first = parts.getFirst();
            String last = parts.getLast();
            if (text.length() < first.length() + last.length()
                    || !text.startsWith(first)
                    || !text.endsWith(last)) {
                return false;
            }
            int end = text.length() - last.length();
            int at = first.length();
            // The leftmost place leaves most room for what follows.
            for (String part : parts.subList(1, parts.size() - 1)) {
                int found = text.indexOf(part, at);
                if (found < 0 || found + part.length() > end) {
                    return false;
                }
                at = found + part.length();
            }
            return true;
        }
    }

    /// A regular expression that is found anywhere in the value.
    record Regex(Pattern pattern) implements Comparison {
        @Override
        public boolean holds(Value value) {
            return pattern.matcher(value.text()).find();
        }
    }

    /// A number that the value is more or less than; what is no number is neither.
    record Ordered(Order order, BigDecimal number) implements Comparison {
        @Override
        public boolean holds(Value value) {
            return value.number().map(n -> order.holds(n.compareTo(number))).orElse(false);
        }
    }

    enum Order {
        LESS,
        AT_MOST,
        MORE,
        AT_LEAST;

        boolean holds(int difference) {
            return switch (this) {
                case LESS -> difference < 0;
                case AT_MOST -> difference <= 0;
                case MORE -> difference > 0;
                case AT_LEAST -> difference >= 0;
            };
        }
    }

    /// A text, with wildcards if it has an asterisk.
    static Comparison ofText(String text) {
        return text.indexOf('*') < 0 ? new Exact(text) : new Like(List.of(text.split("\\*", -1)));
    }

    /// A value without quotes: a number if it looks like one.
    static Comparison ofBare(String text) {
        return Value.number(text)
                .<Comparison>map(number -> new Numeric(number, text))
                .orElseGet(() -> ofText(text));
    }
}
