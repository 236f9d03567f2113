package dev.cairn.filter;

import dev.cairn.filter.Terms.Regex;
import dev.cairn.filter.Terms.Term;
import dev.cairn.filter.Terms.Words;
import java.util.ArrayList;
import java.util.List;

/// Reads patterns of terms:
///
/// ```
/// pattern := ( "-"? term | "?" term )*
/// term    := word | "\"" characters "\"" | "%" regex "%"
/// ```
///
/// Terms with a question mark are passed over where there are others, as AWS does.
final class TermGrammar {
    private final Cursor cursor;
    private final Operands operands;
    private final List<Term> all = new ArrayList<>();
    private final List<Term> none = new ArrayList<>();
    private final List<Term> any = new ArrayList<>();

    TermGrammar(Cursor cursor) {
        this.cursor = cursor;
        operands = new Operands(cursor);
    }

    Terms read() throws FilterPatternException {
        for (cursor.skipSpace(); !cursor.atEnd(); cursor.skipSpace()) {
            if (cursor.take('-')) {
                // The guide's own example has a space here.
                cursor.skipSpace();
                none.add(term());
            } else if (cursor.take('?')) {
                any.add(term());
            } else {
                all.add(term());
            }
        }
        boolean others = !all.isEmpty() || !none.isEmpty();
        // A blank in quotes is how a console spells everything.
        all.removeIf(term -> term instanceof Words(String words) && words.isBlank());
        return new Terms(
                List.copyOf(all), List.copyOf(none), others ? List.of() : List.copyOf(any));
    }

    private Term term() throws FilterPatternException {
        if (cursor.take('"')) {
            return new Words(cursor.quoted('"'));
        }
        if (cursor.is('%')) {
            return new Regex(operands.regex());
        }
        int start = cursor.at();
        while (cursor.isWord()) {
            cursor.next();
        }
        boolean ended = cursor.atEnd() || Character.isWhitespace(cursor.peek());
        if (cursor.at() == start || !ended) {
            throw ended ? cursor.expected("a term") : cursor.characters();
        }
        return new Words(cursor.since(start));
    }
}
