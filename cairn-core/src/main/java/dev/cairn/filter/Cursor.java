package dev.cairn.filter;

/// Where the reading of a pattern stands.
final class Cursor {
    /// Any index beyond this one is in no message.
    private static final int INDEX_DIGITS_MAX = 9;

    private final String text;
    private int at;

    Cursor(String text) {
        this.text = text;
    }

    int at() {
        return at;
    }

    boolean atEnd() {
        return at == text.length();
    }

    boolean is(char c) {
        return at < text.length() && text.charAt(at) == c;
    }

    boolean is(String word) {
        return text.startsWith(word, at);
    }

    /// A letter, a digit or an underscore.
    boolean isWord() {
        return at < text.length() && isWord(text.charAt(at));
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    /// A character that may stand in a value without quotes.
    boolean isBare() {
        return isWord() || (at < text.length() && ".*+-".indexOf(text.charAt(at)) >= 0);
    }

    /// Not to be asked at the end.
    char peek() {
        return text.charAt(at);
    }

    char next() {
        return text.charAt(at++);
    }

    boolean take(char c) {
        if (!is(c)) {
            return false;
        }
        at++;
        return true;
    }

    boolean take(String word) {
        if (!is(word)) {
            return false;
        }
        at += word.length();
        return true;
    }

    /// A word that ends here.
    boolean takeWord(String word) {
        int end = at + word.length();
        return is(word) && (end == text.length() || !isWord(text.charAt(end))) && take(word);
    }

    void expect(char c) throws FilterPatternException {
        if (!take(c)) {
            throw expected("'" + c + "'");
        }
    }

    void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    String since(int start) {
        return text.substring(start, at);
    }

    String bare() {
        int start = at;
        while (isBare()) {
            at++;
        }
        return since(start);
    }

    int index() throws FilterPatternException {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start || at - start > INDEX_DIGITS_MAX) {
            throw expected("an index or *");
        }
        return Integer.parseInt(since(start));
    }

    /// What stands before the next quote, which is passed. A backslash before a quote or a
    /// backslash makes it a plain character.
    String quoted(char quote) throws FilterPatternException {
        StringBuilder words = new StringBuilder();
        while (!atEnd()) {
            char c = next();
            if (c == quote) {
                return words.toString();
            }
            if (c == '\\' && (is(quote) || is('\\'))) {
                c = next();
            }
            words.append(c);
        }
        throw expected("" + quote);
    }

    FilterPatternException expected(String what) {
        return FilterPatternException.malformed(
                "expected %s at character %d, got %s"
                        .formatted(
                                what, at + 1, atEnd() ? "the end" : "'" + text.charAt(at) + "'"));
    }

    /// The characters around here that no word has.
    FilterPatternException characters() {
        int start = at;
        while (start > 0 && isOdd(start - 1)) {
            start--;
        }
        int end = at;
        while (end < text.length() && isOdd(end)) {
            end++;
        }
        return end == start
                ? expected("a name")
                : FilterPatternException.characters(text.substring(start, end));
    }

    private boolean isOdd(int index) {
        return !isWord(text.charAt(index)) && !Character.isWhitespace(text.charAt(index));
    }
}
