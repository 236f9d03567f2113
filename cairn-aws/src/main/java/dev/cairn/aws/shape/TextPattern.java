package dev.cairn.aws.shape;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// A model's regular expression, which the whole value has to match.
///
/// Callers choose the value, models the pattern, and some patterns backtrack: a match that looks at
/// characters more than [#STEPS_MAX] times is given up, and the value counts as not matching. A
/// pattern that Java cannot read constrains nothing.
public final class TextPattern {

    static final int STEPS_MAX = 5_000_000;

    private final String text;
    private final @Nullable Pattern compiled;

    TextPattern(String text) {
        this.text = text;
        this.compiled = compile(text);
    }

    private static @Nullable Pattern compile(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException _) {
            return null;
        }
    }

    /// As in the model.
    public String text() {
        return text;
    }

    /// Whether Java can read it.
    public boolean usable() {
        return compiled != null;
    }

    /// Whether the whole value matches.
    public boolean matches(String value) {
        if (compiled == null) {
            return true;
        }
        try {
            return compiled.matcher(new Counted(value, new AtomicInteger(STEPS_MAX))).matches();
        } catch (OutOfSteps _) {
            return false;
        } catch (StackOverflowError _) {
            // Java matches repeated groups by recursion; a value deep enough for this is no value
            // any service expects.
            return false;
        }
    }

    @Override
    public String toString() {
        return text;
    }

    private static final class OutOfSteps extends RuntimeException {
        private static final long serialVersionUID = 1;

        OutOfSteps() {
            super("", null, false, false);
        }
    }

    /// The value, counting each look at it.
    private record Counted(CharSequence value, AtomicInteger left) implements CharSequence {
        @Override
        public char charAt(int index) {
            if (left.decrementAndGet() < 0) {
                throw new OutOfSteps();
            }
            return value.charAt(index);
        }

        @Override
        public int length() {
            return value.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Counted(value.subSequence(start, end), left);
        }

        @Override
        public String toString() {
            return value.toString();
        }
    }
}
