package dev.cairn.filter;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cairn.filter.Comparison.Order;
import dev.cairn.filter.Condition.Compare;

/// Reads what follows a field: an operator and a value. Counts the regular expressions, of which a
/// pattern may have two.
final class Operands {
    private static final int REGEXES_MAX = 2;

    /// What a match may cost, in steps for each character: counted repetitions multiply.
    private static final int REGEX_STEPS_MAX = 200;

    private static final String REGEX_SYMBOLS = ":_#=@/;,-^$?[]{}|\\*+.";

    private final Cursor cursor;
    private int regexes;

    Operands(Cursor cursor) {
        this.cursor = cursor;
    }

    /// @param field to be compared
    Condition comparison(int field) throws FilterPatternException {
        cursor.skipSpace();
        if (cursor.take("!=") || cursor.take("=!")) {
            return new Compare(field, false, value());
        }
        if (cursor.take("=")) {
            return new Compare(field, true, value());
        }
        if (cursor.take("<=")) {
            return ordered(field, Order.AT_MOST);
        }
        if (cursor.take(">=")) {
            return ordered(field, Order.AT_LEAST);
        }
        if (cursor.take("<")) {
            return ordered(field, Order.LESS);
        }
        if (cursor.take(">")) {
            return ordered(field, Order.MORE);
        }
        throw cursor.expected("an operator");
    }

    private Comparison value() throws FilterPatternException {
        cursor.skipSpace();
        if (cursor.take('"')) {
            return Comparison.ofText(cursor.quoted('"'));
        }
        if (cursor.is('%')) {
            return new Comparison.Regex(regex());
        }
        return Comparison.ofBare(bare());
    }

    private String bare() throws FilterPatternException {
        String bare = cursor.bare();
        if (bare.isEmpty()) {
            throw cursor.atEnd() || cursor.is('}') || cursor.is(')')
                    ? cursor.expected("a value")
                    : cursor.characters();
        }
        if (!cursor.atEnd()
                && !Character.isWhitespace(cursor.peek())
                && ")}],&|".indexOf(cursor.peek()) < 0) {
            throw cursor.characters();
        }
        return bare;
    }

    /// Only numbers have an order.
    private Condition ordered(int field, Order order) throws FilterPatternException {
        cursor.skipSpace();
        boolean quoted = cursor.take('"');
        String text = quoted ? cursor.quoted('"') : bare();
        var number = Value.number(text);
        if (quoted || number.isEmpty()) {
            throw FilterPatternException.characters('"' + text + '"');
        }
        return new Compare(field, true, new Comparison.Ordered(order, number.get()));
    }

    /// Reads `%regex%`. What may stand in one is what AWS allows, which has no groups.
    Pattern regex() throws FilterPatternException {
        cursor.expect('%');
        int start = cursor.at();
        while (!cursor.atEnd() && !cursor.is('%')) {
            char c = cursor.next();
            if (!(c < 0x80 && Character.isLetterOrDigit(c)) && REGEX_SYMBOLS.indexOf(c) < 0) {
                throw FilterPatternException.characters(String.valueOf(c));
            }
        }
        String regex = cursor.since(start);
        cursor.expect('%');
        regexes++;
        if (regexes > REGEXES_MAX) {
            throw FilterPatternException.malformed(
                    "expected at most %d regular expressions".formatted(REGEXES_MAX));
        }
        return compiled(regex);
    }

    private static Pattern compiled(String regex) throws FilterPatternException {
        Pattern pattern;
        try {
            pattern = Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw FilterPatternException.malformed(
                    "expected a regular expression, got %%%s%%: %s"
                            .formatted(regex, e.getDescription()));
        }
        if (regex.isEmpty() || pattern.programSize() > REGEX_STEPS_MAX) {
            throw FilterPatternException.malformed(
                    "expected a regular expression that is neither empty nor beyond %d steps, got %%%s%%"
                            .formatted(REGEX_STEPS_MAX, regex));
        }
        return pattern;
    }
}
