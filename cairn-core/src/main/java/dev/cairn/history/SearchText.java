package dev.cairn.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The language people search in; `docs/search.md` teaches it by example.
///
/// ```
/// search  = [ or ]                                   nothing asks for every event
/// or      = and { "OR" and }
/// and     = not { [ "AND" ] not }
/// not     = ( "NOT" | "-" | "!" ) not | primary
/// primary = "(" or ")" | field ( ":" | "=" ) value | word | quoted
/// value   = "(" or-of-values ")" | range | compare | "/" regex "/" | quoted | bare
/// range   = ( "[" | "{" ) bound "TO" bound ( "]" | "}" )
/// compare = ( ">" | ">=" | "<" | "<=" ) bound
/// ```
///
/// Read by recursive descent, one character of look-ahead, so that every mistake has a column. All
/// bounds are fixed: a search is typed by a person or written by a small program, and one that
/// comes over the network must not cost more than it can find.
public final class SearchText {

    /// The longest text, in UTF-16 units.
    public static final int LENGTH_MAX = 10_000;

    /// How deep parentheses and NOT may nest.
    public static final int DEPTH_MAX = 32;

    /// How many clauses one search may have.
    public static final int CLAUSES_MAX = 256;

    private final String text;
    private final boolean strict;
    private int at;
    private int depth;
    private int clauses;

    private SearchText(String text, boolean strict) {
        this.text = text;
        this.strict = strict;
    }

    /// Reads a search.
    ///
    /// @throws SearchTextException when it is none, or exceeds a bound
    public static Condition parse(String text) throws SearchTextException {
        return parse(new SearchText(text, false));
    }

    /// Reads a search that nobody looks at the answers of. Whoever writes `a=b` there means the
    /// field `a`, and would wait for the words for ever: they are taken in quotes only.
    ///
    /// @throws SearchTextException as for [#parse(String)]
    public static Condition parseStrictly(String text) throws SearchTextException {
        return parse(new SearchText(text, true));
    }

    private static Condition parse(SearchText reading) throws SearchTextException {
        String text = reading.text;
        if (text.length() > LENGTH_MAX) {
            throw new SearchTextException(
                    LENGTH_MAX + 1,
                    "at most %d characters".formatted(LENGTH_MAX),
                    text.length() + " characters");
        }
        reading.skipSpace();
        if (reading.atEnd()) {
            return new Condition.All();
        }
        Condition condition = reading.or(null);
        if (!reading.atEnd()) {
            throw reading.unexpected("AND, OR or another condition");
        }
        return condition;
    }

    /// Writes a condition as text that [#parse] reads as the same condition.
    public static String of(Condition condition) {
        return SearchTextWriter.write(condition);
    }

    // ---- and, or, not -------------------------------------------------------------------------

    /// @param field the field the values in parentheses belong to; null outside `field:( … )`
    private Condition or(@Nullable String field) throws SearchTextException {
        List<Condition> parts = new ArrayList<>();
        parts.add(and(field));
        while (takeKeyword("OR")) {
            parts.add(and(field));
        }
        return parts.size() == 1 ? parts.getFirst() : new Condition.Or(parts);
    }

    private Condition and(@Nullable String field) throws SearchTextException {
        List<Condition> parts = new ArrayList<>();
        parts.add(not(field));
        while (takeKeyword("AND") || (!atEnd() && text.charAt(at) != ')' && !seesKeyword("OR"))) {
            parts.add(not(field));
        }
        return parts.size() == 1 ? parts.getFirst() : new Condition.And(parts);
    }

    private Condition not(@Nullable String field) throws SearchTextException {
        int start = at;
        boolean sign = !atEnd() && (text.charAt(at) == '-' || text.charAt(at) == '!');
        if (sign) {
            at++;
            if (atEnd() || Character.isWhitespace(text.charAt(at))) {
                throw unexpected("a condition right behind " + text.charAt(start));
            }
        }
        if (!sign && !takeKeyword("NOT")) {
            return primary(field);
        }
        enter(start);
        Condition part = not(field);
        depth--;
        return new Condition.Not(part);
    }

    private Condition primary(@Nullable String field) throws SearchTextException {
        if (atEnd()) {
            throw unexpected("a condition");
        }
        int start = at;
        if (text.charAt(at) == '(') {
            return parenthesis(field);
        }
        if (seesKeyword("AND") || seesKeyword("OR")) {
            throw unexpected("a condition (to look for this word, put it in quotes)");
        }
        if (++clauses > CLAUSES_MAX) {
            throw new SearchTextException(
                    start + 1, "at most %d clauses".formatted(CLAUSES_MAX), "another");
        }
        if (field != null) {
            return value(field);
        }
        if (text.charAt(at) == '"') {
            return words(start, quoted());
        }
        Token name = bare(true);
        if (atEnd() || text.charAt(at) != ':') {
            skipSpace();
            return !name.pattern().isEmpty() && takeEquals()
                    ? field(start, name)
                    : word(start, name.unescaped());
        }
        if (name.pattern().isEmpty()) {
            throw unexpected("a field's name before the colon (or quotes around the whole)");
        }
        if (name.unescaped().equals("arn") && text.startsWith(":aws", at)) {
            // What people paste. No record has a top-level member of this name.
            at = start;
            return words(start, bare(false).thenSpace());
        }
        at++;
        return field(start, name);
    }

    /// People write `field = value` as well as `field:value`. A sign that stands alone can be
    /// nothing else: it has no word in it.
    private boolean takeEquals() {
        if (atEnd()
                || text.charAt(at) != '='
                || (at + 1 < text.length()
                        && text.charAt(at + 1) != '"'
                        && !Character.isWhitespace(text.charAt(at + 1)))) {
            return false;
        }
        at++;
        skipSpace();
        return true;
    }

    /// @param name of the field, whose value comes next
    private Condition field(int start, Token name) throws SearchTextException {
        return name.isAny() || !name.wild()
                ? colon(start, name.unescaped())
                : fail(
                        start,
                        "a field's name without wildcards, or * for any field",
                        quote(name.pattern()));
    }

    private Condition colon(int start, String field) throws SearchTextException {
        if (!atEnd() && text.charAt(at) == '(') {
            clauses--;
            return parenthesis(field);
        }
        if (field.equals("touched")) {
            return touched(start);
        }
        return value(field);
    }

    private Condition parenthesis(@Nullable String field) throws SearchTextException {
        int open = at++;
        enter(open);
        skipSpace();
        Condition inner = or(field);
        if (atEnd() || text.charAt(at) != ')') {
            throw unexpected(") for the ( of column " + (open + 1));
        }
        at++;
        depth--;
        skipSpace();
        return inner;
    }

    private void enter(int start) throws SearchTextException {
        if (++depth > DEPTH_MAX) {
            throw new SearchTextException(
                    start + 1, "at most %d levels".formatted(DEPTH_MAX), "another");
        }
    }

    // ---- one clause ---------------------------------------------------------------------------

    private Condition word(int start, String word) throws SearchTextException {
        return strict && word.indexOf('=') >= 0
                ? fail(
                        start,
                        "a field as in eventName = X, with spaces, or quotes around words",
                        quote(word))
                : words(start, word);
    }

    private Condition words(int start, String words) throws SearchTextException {
        Phrase phrase = Phrase.of(words);
        if (phrase.words().isEmpty()) {
            return fail(start, "a word with a letter or digit", quote(words));
        }
        for (int star = words.indexOf('*'); star >= 0; star = words.indexOf('*', star + 1)) {
            if (star == 0 || !Character.isLetterOrDigit(words.codePointBefore(star))) {
                return fail(
                        start,
                        "* at a word's end only (or a field before it: *:*text*)",
                        quote(words));
            }
        }
        return new Condition.Words(words);
    }

    private Condition touched(int start) throws SearchTextException {
        if (!atEnd() && text.charAt(at) == '"') {
            return new Condition.Touched(quoted());
        }
        Token token = bare(false);
        if (token.wild()) {
            return fail(start, "a resource's whole name", quote(token.pattern()));
        }
        return new Condition.Touched(requireValue(token).thenSpace());
    }

    private Condition value(String field) throws SearchTextException {
        if (atEnd() || Character.isWhitespace(text.charAt(at))) {
            throw unexpected("a value");
        }
        return switch (text.charAt(at)) {
            case '"' -> new Condition.Is(field, quoted());
            case '/' -> regex(field);
            case '[', '{' -> range(field);
            case '<', '>' -> compare(field);
            default -> plain(field);
        };
    }

    private Condition plain(String field) throws SearchTextException {
        Token token = requireValue(bare(false));
        skipSpace();
        if (token.isAny()) {
            return field.equals(Condition.ANY) ? new Condition.All() : new Condition.Exists(field);
        }
        return token.wild()
                ? new Condition.Like(field, token.pattern())
                : new Condition.Is(field, token.unescaped());
    }

    private Condition regex(String field) throws SearchTextException {
        int start = at++;
        StringBuilder regex = new StringBuilder();
        while (!atEnd() && text.charAt(at) != '/') {
            char c = text.charAt(at++);
            if (c == '\\' && !atEnd()) {
                char escaped = text.charAt(at++);
                if (escaped != '/') {
                    regex.append(c);
                }
                regex.append(escaped);
            } else {
                regex.append(c);
            }
        }
        if (atEnd()) {
            throw unexpected("/ to end the regular expression of column " + (start + 1));
        }
        at++;
        if (!atEnd() && !Character.isWhitespace(text.charAt(at)) && text.charAt(at) != ')') {
            throw unexpected(
                    "a space behind the regular expression (a value that begins with / needs quotes)");
        }
        skipSpace();
        try {
            ValuePattern.ofRegex(regex.toString());
        } catch (IllegalArgumentException e) {
            return fail(start, "a regular expression", String.valueOf(e.getMessage()));
        }
        return new Condition.Matches(field, regex.toString());
    }

    private Condition compare(String field) throws SearchTextException {
        int start = at;
        boolean less = text.charAt(at++) == '<';
        boolean included = !atEnd() && text.charAt(at) == '=';
        if (included) {
            at++;
        }
        String bound = bound();
        if (bound == null) {
            return fail(start, "a bound", "*");
        }
        return less
                ? between(start, field, null, false, bound, included)
                : between(start, field, bound, included, null, false);
    }

    private Condition range(String field) throws SearchTextException {
        int start = at;
        boolean lowerIncluded = text.charAt(at++) == '[';
        skipSpace();
        String lower = bound();
        if (!takeKeyword("TO")) {
            throw unexpected("TO");
        }
        String upper = bound();
        if (atEnd() || (text.charAt(at) != ']' && text.charAt(at) != '}')) {
            throw unexpected("] or } to end the range of column " + (start + 1));
        }
        boolean upperIncluded = text.charAt(at++) == ']';
        skipSpace();
        return lower == null && upper == null && !field.equals(Condition.ANY)
                ? new Condition.Exists(field)
                : between(
                        start,
                        field,
                        lower,
                        lower != null && lowerIncluded,
                        upper,
                        upper != null && upperIncluded);
    }

    private Condition between(
            int start,
            String field,
            @Nullable String lower,
            boolean lowerIncluded,
            @Nullable String upper,
            boolean upperIncluded)
            throws SearchTextException {
        if (field.equals(Condition.ANY)) {
            return fail(start, "a value: a range needs a field's name", text.substring(start, at));
        }
        return new Condition.Between(field, lower, lowerIncluded, upper, upperIncluded);
    }

    /// One end of a range; null when it is open.
    private @Nullable String bound() throws SearchTextException {
        if (!atEnd() && text.charAt(at) == '"') {
            return quoted();
        }
        int start = at;
        while (!atEnd()
                && !Character.isWhitespace(text.charAt(at))
                && ")]}\"".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        if (start == at) {
            throw unexpected("a bound, or * for none");
        }
        String bound = text.substring(start, at);
        skipSpace();
        return bound.equals("*") ? null : bound;
    }

    // ---- characters ---------------------------------------------------------------------------

    /// A run of characters without space, quotes and parentheses; a `\` takes the next one as it
    /// is.
    ///
    /// @param toColon end before the first colon, and before an equals sign and quotes, too
    private Token bare(boolean toColon) throws SearchTextException {
        StringBuilder pattern = new StringBuilder();
        StringBuilder unescaped = new StringBuilder();
        boolean wild = false;
        while (!atEnd()) {
            char c = text.charAt(at);
            if (Character.isWhitespace(c)
                    || "()\"".indexOf(c) >= 0
                    || (toColon && (c == ':' || text.startsWith("=\"", at)))) {
                break;
            }
            at++;
            if (c == '\\') {
                if (atEnd()) {
                    throw unexpected("a character behind \\");
                }
                c = text.charAt(at++);
                if (c == '*' || c == '?' || c == '\\') {
                    pattern.append('\\');
                }
            } else if (c == '*' || c == '?') {
                wild = true;
            }
            pattern.append(c);
            unescaped.append(c);
        }
        if (!atEnd() && text.charAt(at) == '"') {
            throw unexpected("a space before the quotes");
        }
        return new Token(pattern.toString(), unescaped.toString(), wild);
    }

    private final class Token {
        private final String pattern;
        private final String unescaped;
        private final boolean wild;

        Token(String pattern, String unescaped, boolean wild) {
            this.pattern = pattern;
            this.unescaped = unescaped;
            this.wild = wild;
        }

        String pattern() {
            return pattern;
        }

        String unescaped() {
            return unescaped;
        }

        boolean wild() {
            return wild;
        }

        boolean isAny() {
            return pattern.equals("*");
        }

        String thenSpace() {
            skipSpace();
            return unescaped;
        }
    }

    private Token requireValue(Token token) throws SearchTextException {
        if (token.pattern().isEmpty()) {
            throw unexpected("a value");
        }
        return token;
    }

    private String quoted() throws SearchTextException {
        int open = at++;
        StringBuilder value = new StringBuilder();
        while (!atEnd() && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c == '\\' && !atEnd()) {
                c = text.charAt(at++);
            }
            value.append(c);
        }
        if (atEnd()) {
            throw unexpected("\" to end the quotes of column " + (open + 1));
        }
        at++;
        skipSpace();
        return value.toString();
    }

    private boolean takeKeyword(String keyword) {
        if (!seesKeyword(keyword)) {
            return false;
        }
        at += keyword.length();
        skipSpace();
        return true;
    }

    /// A keyword is upper case and stands alone: `TO` within `TOKYO` is none.
    private boolean seesKeyword(String keyword) {
        int end = at + keyword.length();
        return text.startsWith(keyword, at)
                && (end == text.length()
                        || Character.isWhitespace(text.charAt(end))
                        || "()\"".indexOf(text.charAt(end)) >= 0);
    }

    private void skipSpace() {
        while (!atEnd() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private boolean atEnd() {
        return at >= text.length();
    }

    private SearchTextException unexpected(String expected) {
        String got = atEnd() ? "the end" : quote(Character.toString(text.codePointAt(at)));
        return new SearchTextException(at + 1, expected, got);
    }

    private static Condition fail(int start, String expected, String got)
            throws SearchTextException {
        throw new SearchTextException(start + 1, expected, got);
    }

    private static String quote(String text) {
        String shown = text.length() > 60 ? text.substring(0, 60) + "…" : text;
        StringBuilder quoted = new StringBuilder("'");
        shown.chars()
                .forEach(c -> {
                    if (Character.isISOControl(c)) {
                        quoted.append(String.format(Locale.ROOT, "\\u%04x", c));
                    } else {
                        quoted.append((char) c);
                    }
                });
        return quoted.append('\'').toString();
    }
}
