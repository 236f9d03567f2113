package dev.cairn.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which log messages someone wants, as AWS's filter patterns say it.
///
/// A pattern has one of three forms: `{ $.field = value && … }` asks fields of a JSON message, `[a,
/// b = value, ...]` the columns of a line, and anything else terms that the message contains. The
/// empty pattern wants everything. Any thread may ask.
///
/// What AWS's pages leave open, and what is done here: a field that is missing or null, an object
/// or an array satisfies neither `=` nor `!=`; where a wildcard or a repeated name gives a field
/// several values, one is enough; true and false can be compared as texts; a message that is no
/// JSON object or array satisfies no JSON pattern, not even `NOT EXISTS`.
///
/// Source: Amazon CloudWatch Logs User Guide, "Filter pattern syntax" and the pages below it.
public final class FilterPattern {
    /// The most characters that AWS allows.
    public static final int CHARS_MAX = 1_024;

    private final String text;
    private final Form form;

    private FilterPattern(String text, Form form) {
        this.text = text;
        this.form = form;
    }

    /// One of the three forms of a pattern.
    sealed interface Form permits JsonForm, Columns, Terms {
        boolean takes(LogMessage message);

        /// What the fields are that the pattern names, of a message that it takes.
        Map<String, String> extracted(LogMessage message);

        /// How many steps its regular expressions take for each character at most.
        int steps();
    }

    /// Reads a pattern.
    ///
    /// @throws FilterPatternException when it is none
    public static FilterPattern of(String text) throws FilterPatternException {
        if (text.length() > CHARS_MAX) {
            throw FilterPatternException.malformed(
                    "expected at most %d characters, got %d".formatted(CHARS_MAX, text.length()));
        }
        String bare = text.strip();
        Cursor cursor = new Cursor(bare);
        Form form;
        if (cursor.is('{')) {
            form = new JsonGrammar(cursor).read();
        } else if (cursor.is('[')) {
            form = new ColumnGrammar(cursor).read();
        } else {
            form = new TermGrammar(cursor).read();
        }
        return new FilterPattern(text, form);
    }

    /// As it was written, byte for byte.
    public String text() {
        return text;
    }

    public boolean takes(LogMessage message) {
        return form.takes(message);
    }

    /// The fields that the pattern names and the message has: `$.eventName` of a JSON message,
    /// `$status` and `$3` of a line's columns; nothing for terms.
    ///
    /// @param message that the pattern takes
    public Map<String, String> extracted(LogMessage message) {
        return form.extracted(message);
    }

    /// What a field of a message is, as metric filters name it ([#isField]), whether the pattern
    /// names it or not; empty when it is not there, null, or no single value.
    ///
    /// @param message that the pattern takes
    public Optional<String> value(String field, LogMessage message) {
        if (!(form instanceof JsonForm)) {
            return Optional.ofNullable(extracted(message).get(field));
        }
        Fields fields = new Fields();
        int number;
        try {
            number = fields.number(Selector.read(new Cursor(field)));
        } catch (FilterPatternException _) {
            return Optional.empty();
        }
        return fields.read(message)
                .flatMap(values -> values.of(number).stream().findFirst())
                .filter(Value::isScalar)
                .map(Value::text);
    }

    /// Whether a metric can be told what a message's fields are: not by a pattern of terms.
    public boolean hasFields() {
        return !(form instanceof Terms);
    }

    /// Whether it has a regular expression, of which log groups take few.
    public boolean hasRegex() {
        return form.steps() > 0;
    }

    /// How many steps its regular expressions take for each character of a message at most; 0 when
    /// it has none.
    public int steps() {
        return form.steps();
    }

    /// A value of a field without which no message satisfies a pattern.
    ///
    /// @param path the names on the way to it, joined with dots; arrays have none
    /// @param text what the value is, or begins with
    /// @param whole whether the text is all of it
    public record Need(String path, String text, boolean whole) {}

    /// Values of which each message that the pattern takes has at least one, for who has an index
    /// of messages; empty when no such are known.
    public Optional<List<Need>> needs() {
        if (!(form instanceof JsonForm(Fields fields, Condition condition))) {
            return Optional.empty();
        }
        List<Selector> selectors = fields.selectors();
        return Anchor.of(condition, anchor -> anchor.kind().weight())
                .flatMap(anchors -> {
                    List<Need> needs = new ArrayList<>();
                    for (Anchor anchor : anchors) {
                        Optional<String> path = selectors.get(anchor.field()).path();
                        if (path.isEmpty()) {
                            return Optional.empty();
                        }
                        needs.add(
                                switch (anchor.kind()) {
                                    case TEXT ->
                                            new Need(path.get(), anchor.key().toString(), true);
                                    case PREFIX ->
                                            new Need(path.get(), anchor.key().toString(), false);
                                    case NUMBER, SUFFIX, THERE -> new Need(path.get(), "", false);
                                });
                    }
                    return Optional.of(needs);
                });
    }

    /// Whether a text names a field as metric filters do: `$.latency` of a JSON message, `$bytes`
    /// or `$3` of a line's columns.
    public static boolean isField(String text) {
        Cursor cursor = new Cursor(text);
        if (cursor.take('$') && cursor.isWord()) {
            while (cursor.isWord() || cursor.is('-')) {
                cursor.next();
            }
            return cursor.atEnd();
        }
        try {
            Cursor again = new Cursor(text);
            Selector.read(again);
            return again.atEnd();
        } catch (FilterPatternException _) {
            return false;
        }
    }

    /// Whether a text is a number as patterns have them.
    public static boolean isNumber(String text) {
        return Value.number(text).isPresent();
    }

    Form form() {
        return form;
    }

    @Override
    public String toString() {
        return text;
    }
}
