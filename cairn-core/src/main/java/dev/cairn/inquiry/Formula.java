package dev.cairn.inquiry;

import com.google.re2j.Pattern;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a value is made of. A field that is not there has no value, and satisfies no comparison.
sealed interface Formula {
    String TRUE = "1";
    String FALSE = "0";

    /// As Insights shows moments.
    DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /// The longest text that is made.
    int CHARS_MAX = 256 << 10;

    /// How many digits an exponent has: a number that is compared exactly has all its digits.
    int EXPONENT_DIGITS_MAX = 3;

    record Field(String name) implements Formula {}

    record Literal(String value) implements Formula {}

    record Not(Formula of) implements Formula {}

    record Both(Formula left, Formula right) implements Formula {}

    record Either(Formula left, Formula right) implements Formula {}

    record Compare(String operator, Formula left, Formula right) implements Formula {}

    record Calculate(char operator, Formula left, Formula right) implements Formula {}

    record In(Formula of, List<Formula> some) implements Formula {}

    record Like(Formula of, Pattern pattern) implements Formula {}

    /// @param millis how long a bin is
    record Bin(Formula of, long millis) implements Formula {}

    record Call(Function function, List<Formula> of) implements Formula {}

    /// The functions, by their names in lower case, and how many values each takes.
    enum Function {
        ABS(1, 1),
        CEIL(1, 1),
        FLOOR(1, 1),
        SQRT(1, 1),
        LOG(1, 1),
        GREATEST(1, 20),
        LEAST(1, 20),
        STRLEN(1, 1),
        TOUPPER(1, 1),
        TOLOWER(1, 1),
        TRIM(1, 1),
        SUBSTR(2, 3),
        REPLACE(3, 3),
        STRCONTAINS(2, 2),
        CONCAT(1, 20),
        COALESCE(1, 20),
        ISEMPTY(1, 1),
        ISBLANK(1, 1),
        ISPRESENT(1, 1),
        FROMMILLIS(1, 1),
        TOMILLIS(1, 1);

        final int min;
        final int max;

        Function(int min, int max) {
            this.min = min;
            this.max = max;
        }
    }

    /// Whether its value is a moment, which is shown as such.
    default boolean isMoment() {
        return switch (this) {
            case Bin _ -> true;
            case Call(Function function, _) -> function == Function.FROMMILLIS;
            case Field _,
                    Literal _,
                    Not _,
                    Both _,
                    Either _,
                    Compare _,
                    Calculate _,
                    In _,
                    Like _ ->
                    false;
        };
    }

    /// Adds the fields that it asks for.
    default void fields(Set<String> into) {
        switch (this) {
            case Field(String name) -> into.add(name);
            case Literal _ -> {}
            case Not(Formula of) -> of.fields(into);
            case Both(Formula left, Formula right) -> fields(into, left, right);
            case Either(Formula left, Formula right) -> fields(into, left, right);
            case Compare(_, Formula left, Formula right) -> fields(into, left, right);
            case Calculate(_, Formula left, Formula right) -> fields(into, left, right);
            case In(Formula of, List<Formula> some) -> {
                of.fields(into);
                some.forEach(one -> one.fields(into));
            }
            case Like(Formula of, _) -> of.fields(into);
            case Bin(Formula of, _) -> of.fields(into);
            case Call(_, List<Formula> of) -> of.forEach(one -> one.fields(into));
        }
    }

    private static void fields(Set<String> into, Formula left, Formula right) {
        left.fields(into);
        right.fields(into);
    }

    /// Whether it holds.
    default boolean holds(Row row) {
        String value = of(row);
        return value != null && !value.isEmpty() && !value.equals(FALSE);
    }

    /// Its value for a row; null for none.
    default @Nullable String of(Row row) {
        return switch (this) {
            case Field(String name) -> row.get(name);
            case Literal(String value) -> value;
            case Not(Formula of) -> truth(!of.holds(row));
            case Both(Formula left, Formula right) -> truth(left.holds(row) && right.holds(row));
            case Either(Formula left, Formula right) -> truth(left.holds(row) || right.holds(row));
            case Compare(String operator, Formula left, Formula right) ->
                    truth(compares(operator, left.of(row), right.of(row)));
            case Calculate(char operator, Formula left, Formula right) ->
                    text(calculated(operator, number(left.of(row)), number(right.of(row))));
            case In(Formula of, List<Formula> some) -> {
                String value = of.of(row);
                yield truth(some.stream().anyMatch(one -> compares("=", value, one.of(row))));
            }
            case Like(Formula of, Pattern pattern) -> {
                String value = of.of(row);
                yield truth(value != null && pattern.matcher(value).find());
            }
            case Bin(Formula of, long millis) -> {
                double time = number(of.of(row));
                yield Double.isNaN(time) ? null : text(Math.floor(time / millis) * millis);
            }
            case Call(Function function, List<Formula> of) ->
                    called(function, of.stream().map(one -> one.of(row)).toArray(String[]::new));
        };
    }

    private static String truth(boolean holds) {
        return holds ? TRUE : FALSE;
    }

    private static boolean compares(
            String operator, @Nullable String left, @Nullable String right) {
        if (left == null || right == null) {
            return operator.equals("!=") && left != null;
        }
        int order = order(left, right);
        return switch (operator) {
            case "=" -> order == 0;
            case "!=" -> order != 0;
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
        };
    }

    /// Numbers by size, all else by the alphabet.
    static int order(String left, String right) {
        return isNumber(left) && isNumber(right)
                ? orderOfNumbers(left, right)
                : left.compareTo(right);
    }

    /// As rows are sorted: what is no number comes before what is.
    static int sortOrder(String left, String right) {
        boolean number = isNumber(left);
        return number == isNumber(right)
                ? number ? orderOfNumbers(left, right) : left.compareTo(right)
                : number ? 1 : -1;
    }

    private static boolean isNumber(String text) {
        return !Double.isNaN(number(text));
    }

    /// Those that doubles do not tell apart too: ids.
    private static int orderOfNumbers(String left, String right) {
        double one = number(left);
        double other = number(right);
        return one == other
                ? new BigDecimal(left).compareTo(new BigDecimal(right))
                : one < other ? -1 : 1;
    }

    private static double calculated(char operator, double left, double right) {
        return switch (operator) {
            case '+' -> left + right;
            case '-' -> left - right;
            case '*' -> left * right;
            case '/' -> left / right;
            case '%' -> left % right;
            default -> Math.pow(left, right);
        };
    }

    private static @Nullable String called(Function function, @Nullable String[] of) {
        String first = of[0];
        return switch (function) {
            case ABS -> text(Math.abs(number(first)));
            case CEIL -> text(Math.ceil(number(first)));
            case FLOOR -> text(Math.floor(number(first)));
            case SQRT -> text(Math.sqrt(number(first)));
            case LOG -> text(Math.log(number(first)));
            case GREATEST -> extreme(of, 1);
            case LEAST -> extreme(of, -1);
            case STRLEN -> first == null ? null : text(first.length());
            case TOUPPER -> first == null ? null : first.toUpperCase(Locale.ROOT);
            case TOLOWER -> first == null ? null : first.toLowerCase(Locale.ROOT);
            case TRIM -> first == null ? null : first.strip();
            case SUBSTR -> substring(of);
            case REPLACE -> replaced(of);
            case STRCONTAINS -> {
                String part = of[1];
                yield truth(first != null && part != null && first.contains(part));
            }
            case CONCAT -> {
                StringBuilder all = new StringBuilder();
                for (String one : of) {
                    all.append(one == null ? "" : one);
                }
                yield bounded(all.toString());
            }
            case COALESCE -> {
                for (String one : of) {
                    if (one != null) {
                        yield one;
                    }
                }
                yield null;
            }
            case ISEMPTY -> truth(first == null || first.isEmpty());
            case ISBLANK -> truth(first == null || first.isBlank());
            case ISPRESENT -> truth(first != null);
            case FROMMILLIS, TOMILLIS -> text(number(first));
        };
    }

    private static @Nullable String extreme(@Nullable String[] of, int sign) {
        String found = null;
        for (String one : of) {
            if (one != null && (found == null || order(one, found) * sign > 0)) {
                found = one;
            }
        }
        return found;
    }

    private static @Nullable String substring(@Nullable String[] of) {
        String text = of[0];
        double from = number(of[1]);
        double length = of.length > 2 ? number(of[2]) : Integer.MAX_VALUE;
        if (text == null || Double.isNaN(from) || Double.isNaN(length)) {
            return null;
        }
        int start = (int) Math.max(0, Math.min(text.length(), from));
        int end = (int) Math.max(start, Math.min(text.length(), start + length));
        return text.substring(start, end);
    }

    private static @Nullable String replaced(@Nullable String[] of) {
        String text = of[0];
        String part = of[1];
        String by = of[2];
        if (text == null || part == null || by == null || part.isEmpty()) {
            return text;
        }
        int found = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            found++;
        }
        if (text.length() + (long) found * by.length() > CHARS_MAX) {
            return null;
        }
        return text.replace(part, by);
    }

    private static @Nullable String bounded(String text) {
        return text.length() > CHARS_MAX ? null : text;
    }

    /// NaN for what is no number.
    static double number(@Nullable String text) {
        if (text == null || text.isEmpty() || text.length() > 40) {
            return Double.NaN;
        }
        char first = text.charAt(0);
        if (first != '-' && first != '.' && (first < '0' || first > '9')) {
            return Double.NaN;
        }
        int exponent = Math.max(text.indexOf('e'), text.indexOf('E'));
        if (exponent >= 0 && text.length() - exponent - 2 > EXPONENT_DIGITS_MAX) {
            return Double.NaN;
        }
        for (int i = 1; i < text.length(); i++) {
            if ("0123456789.eE+-".indexOf(text.charAt(i)) < 0) {
                return Double.NaN;
            }
        }
        try {
            double number = Double.parseDouble(text);
            return Double.isFinite(number) ? number : Double.NaN;
        } catch (NumberFormatException _) {
            return Double.NaN;
        }
    }

    /// Null for what is no number.
    static @Nullable String text(double number) {
        if (!Double.isFinite(number)) {
            return null;
        }
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? Long.toString((long) number)
                : Double.toString(number);
    }

    /// A moment as it is shown.
    static String moment(String millis) {
        double number = number(millis);
        return Double.isNaN(number) || Math.abs(number) > 1e15
                ? millis
                : MOMENT.format(Instant.ofEpochMilli((long) number));
    }
}
