package dev.cairn.filter;

import com.google.re2j.Pattern;
import java.util.List;
import java.util.function.IntUnaryOperator;

/// What a pattern asks of a message's fields, which have numbers.
sealed interface Condition {
    boolean holds(Values values);

    /// As [FilterPattern#steps].
    default int steps() {
        return switch (this) {
            case All(List<Condition> parts) -> parts.stream().mapToInt(Condition::steps).sum();
            case Any(List<Condition> parts) -> parts.stream().mapToInt(Condition::steps).sum();
            case Compare(int _, boolean _, Comparison comparison) ->
                    comparison instanceof Comparison.Regex(Pattern pattern)
                            ? pattern.programSize()
                            : 0;
            case Absent _, Is _ -> 0;
        };
    }

    /// The same condition where the fields have other numbers.
    Condition renumbered(IntUnaryOperator numbers);

    /// All of at least two.
    record All(List<Condition> parts) implements Condition {
        @Override
        public boolean holds(Values values) {
            for (Condition part : parts) {
                if (!part.holds(values)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public Condition renumbered(IntUnaryOperator numbers) {
            return new All(parts.stream().map(part -> part.renumbered(numbers)).toList());
        }
    }

    /// One of at least two.
    record Any(List<Condition> parts) implements Condition {
        @Override
        public boolean holds(Values values) {
            for (Condition part : parts) {
                if (part.holds(values)) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public Condition renumbered(IntUnaryOperator numbers) {
            return new Any(parts.stream().map(part -> part.renumbered(numbers)).toList());
        }
    }

    /// `NOT EXISTS`: nothing is there, not even null.
    record Absent(int field) implements Condition {
        @Override
        public boolean holds(Values values) {
            return values.of(field).isEmpty();
        }

        @Override
        public Condition renumbered(IntUnaryOperator numbers) {
            return new Absent(numbers.applyAsInt(field));
        }
    }

    /// `IS NULL`, `IS TRUE` and `IS FALSE`.
    record Is(int field, Value.Kind kind) implements Condition {
        @Override
        public boolean holds(Values values) {
            for (Value value : values.of(field)) {
                if (value.kind() == kind) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public Condition renumbered(IntUnaryOperator numbers) {
            return new Is(numbers.applyAsInt(field), kind);
        }
    }

    /// A scalar for which a comparison holds, or one for which it does not. Where a field has
    /// several values, one is enough; where it has none, neither is true.
    ///
    /// @param equal false for `!=`
    record Compare(int field, boolean equal, Comparison comparison) implements Condition {
        @Override
        public boolean holds(Values values) {
            for (Value value : values.of(field)) {
                if (value.isScalar() && comparison.holds(value) == equal) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public Condition renumbered(IntUnaryOperator numbers) {
            return new Compare(numbers.applyAsInt(field), equal, comparison);
        }
    }
}
