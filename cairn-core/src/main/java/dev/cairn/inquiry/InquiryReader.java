package dev.cairn.inquiry;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cairn.inquiry.Inquiry.Aggregate;
import dev.cairn.inquiry.Inquiry.Command;
import dev.cairn.inquiry.Inquiry.Named;
import dev.cairn.inquiry.Inquiry.SortKey;
import dev.cairn.inquiry.Inquiry.Sum;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/// Reads a question from left to right. To be used once.
final class InquiryReader {
    private static final int NESTING_MAX = 50;
    private static final int COMMANDS_MAX = 50;

    /// How many operators there are in all: each is a level of the tree that is worked out.
    private static final int OPERATORS_MAX = 500;

    /// How many names a path into a message has.
    private static final int PATH_MAX = 50;

    /// Of all regular expressions, for each character of a message: counted repetitions multiply.
    private static final int STEPS_MAX = 2_000;

    private static final String EXPECTED_COMMAND =
            "fields, display, filter, stats, sort, limit, parse or dedup";

    private final String text;
    private int at;
    private int nesting;
    private int operators;
    private int steps;

    InquiryReader(String text) {
        this.text = text;
    }

    List<Command> commands() {
        List<Command> commands = new ArrayList<>();
        do {
            if (commands.size() == COMMANDS_MAX) {
                throw wrong("at most %d commands".formatted(COMMANDS_MAX));
            }
            commands.add(command());
        } while (take("|"));
        space();
        if (at < text.length()) {
            throw wrong("| or the end");
        }
        if (commands.stream().filter(Command.Stats.class::isInstance).count() > 1) {
            throw new InquiryException("More than one stats command is not built.");
        }
        return commands;
    }

    private Command command() {
        int from = at;
        String name = word().toLowerCase(Locale.ROOT);
        return switch (name) {
            case "fields" -> new Command.Fields(list(this::named));
            case "display" -> new Command.Display(list(this::named));
            case "filter" -> new Command.Filter(formula());
            case "stats" -> {
                List<Sum> sums = list(this::sum);
                yield new Command.Stats(sums, keyword("by") ? list(this::named) : List.of());
            }
            case "sort" -> new Command.Sort(list(this::key));
            case "limit", "head" -> new Command.Limit(rows());
            case "parse" -> parse();
            case "dedup" -> new Command.Dedup(list(this::field));
            default -> {
                at = from;
                throw wrong(EXPECTED_COMMAND);
            }
        };
    }

    private <T> List<T> list(Supplier<T> one) {
        List<T> all = new ArrayList<>();
        do {
            all.add(one.get());
        } while (take(","));
        return all;
    }

    private Named named() {
        space();
        int from = at;
        Formula formula = formula();
        String written = text.substring(from, at).strip();
        return new Named(
                formula,
                keyword("as")
                        ? field()
                        : formula instanceof Formula.Field(String name) ? name : written);
    }

    private Sum sum() {
        space();
        int from = at;
        String name = word().toLowerCase(Locale.ROOT);
        Aggregate.Kind kind = null;
        for (Aggregate.Kind one : Aggregate.Kind.values()) {
            if (one.name().toLowerCase(Locale.ROOT).equals(name)) {
                kind = one;
            }
        }
        if (kind == null) {
            at = from;
            throw wrong(
                    "count, count_distinct, sum, avg, min, max, stddev, median, pct, earliest, latest, sortsFirst or sortsLast");
        }
        need("(");
        Optional<Formula> of = Optional.empty();
        if (kind != Aggregate.Kind.COUNT || !(take("*") || peek(")"))) {
            of = Optional.of(formula());
        }
        double percent = 50;
        if (kind == Aggregate.Kind.PCT) {
            need(",");
            percent = number();
            if (percent < 0 || percent > 100) {
                throw wrong("a percentage from 0 to 100");
            }
        }
        need(")");
        String written = text.substring(from, at).strip();
        return new Sum(new Aggregate(kind, of, percent), keyword("as") ? field() : written);
    }

    private SortKey key() {
        Formula of = formula();
        if (keyword("desc")) {
            return new SortKey(of, true);
        }
        keyword("asc");
        return new SortKey(of, false);
    }

    private int rows() {
        double rows = number();
        if (rows < 1 || rows > Inquiry.ROWS_MAX || rows != Math.rint(rows)) {
            throw wrong("a limit from 1 to %d".formatted(Inquiry.ROWS_MAX));
        }
        return (int) rows;
    }

    /// `parse FIELD "a * b" as x`, or `parse FIELD /(?<x>…)/`; the field may be left out.
    private Command parse() {
        space();
        Formula of = new Formula.Field(Inquiry.MESSAGE);
        if (!peek("\"") && !peek("'") && !peek("/")) {
            of = primary();
        }
        if (peek("/")) {
            Pattern pattern = regex();
            List<String> names = new ArrayList<>(pattern.namedGroups().keySet());
            if (names.isEmpty()) {
                throw wrong("a regular expression with names, such as (?<user>\\S+)");
            }
            return new Command.Parse(of, pattern, names);
        }
        String[] parts = quoted().split("\\*", -1);
        if (!keyword("as")) {
            throw wrong("as and a name for each *");
        }
        List<String> names = list(this::field);
        if (names.size() != parts.length - 1) {
            throw wrong("%d names, one for each *".formatted(parts.length - 1));
        }
        StringBuilder regex = new StringBuilder("(?s)");
        for (int i = 0; i < parts.length; i++) {
            regex.append(Pattern.quote(parts[i]));
            if (i < names.size()) {
                boolean last = i == names.size() - 1 && parts[i + 1].isEmpty();
                regex.append(last ? "(.*)" : "(.*?)");
            }
        }
        return new Command.Parse(of, compiled(regex.toString()), names);
    }

    // Formulas, from what binds least to what binds most.

    private Formula formula() {
        return deeper(this::either);
    }

    private Formula deeper(Supplier<Formula> part) {
        if (++nesting > NESTING_MAX) {
            throw wrong("at most %d levels".formatted(NESTING_MAX));
        }
        Formula formula = part.get();
        nesting--;
        return formula;
    }

    private Formula either() {
        Formula left = both();
        while (keyword("or")) {
            operator();
            left = new Formula.Either(left, both());
        }
        return left;
    }

    private Formula both() {
        Formula left = negated();
        while (keyword("and")) {
            operator();
            left = new Formula.Both(left, negated());
        }
        return left;
    }

    private void operator() {
        if (++operators > OPERATORS_MAX) {
            throw wrong("at most %d operators".formatted(OPERATORS_MAX));
        }
    }

    private Formula negated() {
        return keyword("not") ? new Formula.Not(deeper(this::negated)) : compared();
    }

    private Formula compared() {
        Formula left = added();
        if (take("=~")) {
            return new Formula.Like(left, regexOrText());
        }
        for (String operator : new String[] {"!=", "<=", ">=", "=", "<", ">"}) {
            if (take(operator)) {
                return new Formula.Compare(operator, left, added());
            }
        }
        int from = at;
        boolean not = keyword("not");
        Formula found = null;
        if (keyword("like")) {
            found = new Formula.Like(left, regexOrText());
        } else if (keyword("in")) {
            need("[");
            List<Formula> some = list(this::added);
            need("]");
            found = new Formula.In(left, some);
        }
        if (found == null) {
            at = from;
            return left;
        }
        return not ? new Formula.Not(found) : found;
    }

    private Pattern regexOrText() {
        return peek("/") ? regex() : compiled(Pattern.quote(quoted()));
    }

    private Formula added() {
        Formula left = multiplied();
        while (true) {
            operator();
            if (take("+")) {
                left = new Formula.Calculate('+', left, multiplied());
            } else if (take("-")) {
                left = new Formula.Calculate('-', left, multiplied());
            } else {
                operators--;
                return left;
            }
        }
    }

    private Formula multiplied() {
        Formula left = raised();
        while (true) {
            operator();
            if (take("*")) {
                left = new Formula.Calculate('*', left, raised());
            } else if (take("/")) {
                left = new Formula.Calculate('/', left, raised());
            } else if (take("%")) {
                left = new Formula.Calculate('%', left, raised());
            } else {
                operators--;
                return left;
            }
        }
    }

    private Formula raised() {
        Formula left = primary();
        return take("^") ? new Formula.Calculate('^', left, deeper(this::raised)) : left;
    }

    private Formula primary() {
        if (take("(")) {
            Formula inner = formula();
            need(")");
            return inner;
        }
        if (take("-")) {
            return new Formula.Calculate('-', new Formula.Literal("0"), deeper(this::primary));
        }
        if (peek("\"") || peek("'")) {
            return new Formula.Literal(quoted());
        }
        space();
        if (at < text.length() && Character.isDigit(text.charAt(at))) {
            int from = at;
            number();
            return new Formula.Literal(text.substring(from, at));
        }
        boolean plain = !peek("`");
        String name = field();
        return plain && take("(") ? called(name.toLowerCase(Locale.ROOT)) : new Formula.Field(name);
    }

    private Formula called(String name) {
        if (name.equals("bin") || name.equals("datefloor")) {
            Formula of = new Formula.Field(Inquiry.TIMESTAMP);
            if (name.equals("datefloor")) {
                of = formula();
                need(",");
            }
            long millis = period();
            need(")");
            return new Formula.Bin(of, millis);
        }
        for (Formula.Function function : Formula.Function.values()) {
            if (function.name().toLowerCase(Locale.ROOT).equals(name)) {
                List<Formula> of = list(this::formula);
                need(")");
                if (of.size() < function.min || of.size() > function.max) {
                    throw wrong(
                            "%d to %d values for %s".formatted(function.min, function.max, name));
                }
                return new Formula.Call(function, of);
            }
        }
        throw new InquiryException("The function %s is not built.".formatted(name));
    }

    /// Such as `5m`.
    private long period() {
        double number = number();
        String unit = word().toLowerCase(Locale.ROOT);
        long millis =
                switch (unit) {
                    case "ms", "msec" -> 1;
                    case "s", "sec", "secs", "second", "seconds" -> 1_000;
                    case "m", "min", "mins", "minute", "minutes" -> 60_000;
                    case "h", "hr", "hrs", "hour", "hours" -> 3_600_000;
                    case "d", "day", "days" -> 86_400_000;
                    case "w", "week", "weeks" -> 7 * 86_400_000L;
                    default -> throw wrong("a period such as 30s, 5m, 1h or 1d");
                };
        if (number < 1 || number > 1_000_000 || number != Math.rint(number)) {
            throw wrong("a whole number of a period's units");
        }
        return ((long) number) * millis;
    }

    // Words.

    private void space() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (Character.isWhitespace(c)) {
                at++;
            } else {
                return;
            }
        }
    }

    private boolean peek(String token) {
        space();
        return text.startsWith(token, at);
    }

    private boolean take(String token) {
        if (!peek(token)) {
            return false;
        }
        at += token.length();
        return true;
    }

    private void need(String token) {
        if (!take(token)) {
            throw wrong(token);
        }
    }

    private boolean keyword(String word) {
        space();
        int end = at + word.length();
        if (text.regionMatches(true, at, word, 0, word.length())
                && (end == text.length() || !isName(text.charAt(end)))) {
            at = end;
            return true;
        }
        return false;
    }

    private static boolean isName(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '@' || c == '.';
    }

    private String word() {
        space();
        int from = at;
        while (at < text.length() && isName(text.charAt(at))) {
            at++;
        }
        return text.substring(from, at);
    }

    private String field() {
        if (take("`")) {
            int end = text.indexOf('`', at);
            if (end <= at) {
                throw wrong("a field's name and `");
            }
            String name = text.substring(at, end);
            at = end + 1;
            return path(name);
        }
        String name = word();
        if (name.isEmpty()) {
            throw wrong("a field");
        }
        return path(name);
    }

    private String path(String name) {
        if (name.chars().filter(c -> c == '.').count() >= PATH_MAX) {
            throw wrong("a field of at most %d names".formatted(PATH_MAX));
        }
        return name;
    }

    private double number() {
        space();
        int from = at;
        while (at < text.length()
                && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        double number = Formula.number(text.substring(from, at));
        if (Double.isNaN(number)) {
            at = from;
            throw wrong("a number");
        }
        return number;
    }

    private String quoted() {
        space();
        char quote = at < text.length() ? text.charAt(at) : ' ';
        if (quote != '"' && quote != '\'') {
            throw wrong("a text in quotes");
        }
        StringBuilder read = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == quote) {
                at++;
                return read.toString();
            }
            if (c == '\\' && at + 1 < text.length()) {
                at++;
                c = text.charAt(at);
            }
            read.append(c);
        }
        throw wrong("the end of a text");
    }

    private Pattern regex() {
        need("/");
        StringBuilder read = new StringBuilder();
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '/') {
                at++;
                return compiled(read.toString());
            }
            if (c == '\\' && at + 1 < text.length()) {
                at++;
                if (text.charAt(at) != '/') {
                    read.append('\\');
                }
                c = text.charAt(at);
            }
            read.append(c);
        }
        throw wrong("the end of a regular expression");
    }

    private Pattern compiled(String regex) {
        try {
            // Before it is compiled: counted repetitions within each other make very much of
            // little.
            check(Repetitions.size(regex));
            Pattern pattern = Pattern.compile(Repetitions.withNames(regex));
            check(pattern.programSize());
            steps += pattern.programSize();
            return pattern;
        } catch (PatternSyntaxException wrong) {
            throw new InquiryException(
                    "Not a regular expression: %s".formatted(wrong.getDescription()));
        }
    }

    private void check(long more) {
        if (steps + more > STEPS_MAX) {
            throw new InquiryException(
                    "The regular expressions take %d steps or more for each character, at most %d are taken."
                            .formatted(steps + more, STEPS_MAX));
        }
    }

    private InquiryException wrong(String expected) {
        int end = Math.min(text.length(), at + 20);
        return new InquiryException(
                "expected %s at position %d, got '%s'"
                        .formatted(expected, at + 1, text.substring(Math.min(at, end), end)));
    }
}
