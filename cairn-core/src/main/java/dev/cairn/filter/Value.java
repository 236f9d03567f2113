package dev.cairn.filter;

import java.math.BigDecimal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a field of a message is.
final class Value {
    /// To read a number takes time that grows with the square of its length.
    static final int NUMBER_CHARS_MAX = 1_000;

    /// How many zeros a number's exponent may stand for. Beyond some two billion of them arithmetic
    /// fails, and well before it takes long.
    static final int SCALE_MAX = 10_000;

    private final Kind kind;
    private final String text;
    private @Nullable BigDecimal number;
    private boolean asked;

    /// @param text of a number as it is written; empty for structures and null
    Value(Kind kind, String text) {
        this.kind = kind;
        this.text = text;
    }

    enum Kind {
        /// A text of JSON: never a number, whatever it looks like.
        TEXT,
        /// A number of JSON.
        NUMBER,
        /// A column of a line: a number if it looks like one.
        WORD,
        TRUE,
        FALSE,
        NULL,
        /// An object or array.
        STRUCTURE
    }

    Kind kind() {
        return kind;
    }

    String text() {
        return text;
    }

    /// Whether it can be compared: null, objects and arrays are neither equal to a value nor
    /// unequal.
    boolean isScalar() {
        return kind != Kind.NULL && kind != Kind.STRUCTURE;
    }

    /// Empty for what is no number, or cannot be compared as one.
    Optional<BigDecimal> number() {
        if (!asked) {
            asked = true;
            number = kind == Kind.NUMBER || kind == Kind.WORD ? number(text).orElse(null) : null;
        }
        return Optional.ofNullable(number);
    }

    /// A number with an optional sign, decimals and exponent. One that is too long or too far from
    /// 1 is none, in patterns as in messages.
    static Optional<BigDecimal> number(String text) {
        if (text.isEmpty() || text.length() > NUMBER_CHARS_MAX || !mayBeNumber(text)) {
            return Optional.empty();
        }
        try {
            BigDecimal number = new BigDecimal(text);
            return number.scale() >= -SCALE_MAX && number.scale() <= SCALE_MAX
                    ? Optional.of(number)
                    : Optional.empty();
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }

    /// Spares most words an exception.
    private static boolean mayBeNumber(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && "+-.eE".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }
}
