package dev.cairn.filter;

import dev.cairn.filter.Condition.Absent;
import dev.cairn.filter.Condition.All;
import dev.cairn.filter.Condition.Any;
import dev.cairn.filter.Condition.Is;
import java.util.ArrayList;
import java.util.List;

/// Reads patterns for JSON messages:
///
/// ```
/// pattern  := "{" any "}"
/// any      := all ( "||" all )*
/// all      := term ( "&&" term )*
/// term     := "(" any ")" | selector operator value
///           | selector "IS" ( "NULL" | "TRUE" | "FALSE" ) | selector "NOT EXISTS"
/// operator := "=" | "!=" | "<" | ">" | "<=" | ">="
/// value    := "\"" characters "\"" | bare | "%" regex "%"
/// ```
///
/// The length of a pattern bounds how deep its parentheses go.
final class JsonGrammar {
    private static final int WILDCARDS_MAX = 3;

    private final Cursor cursor;
    private final Operands operands;
    private final Fields fields = new Fields();
    private int wildcards;

    JsonGrammar(Cursor cursor) {
        this.cursor = cursor;
        operands = new Operands(cursor);
    }

    JsonForm read() throws FilterPatternException {
        cursor.expect('{');
        Condition condition = any();
        cursor.expect('}');
        if (!cursor.atEnd()) {
            throw cursor.expected("the end");
        }
        return new JsonForm(fields, condition);
    }

    private Condition any() throws FilterPatternException {
        List<Condition> parts = new ArrayList<>();
        do {
            parts.add(all());
        } while (cursor.take("||"));
        return parts.size() == 1 ? parts.getFirst() : new Any(List.copyOf(parts));
    }

    private Condition all() throws FilterPatternException {
        List<Condition> parts = new ArrayList<>();
        do {
            parts.add(term());
            cursor.skipSpace();
        } while (cursor.take("&&"));
        return parts.size() == 1 ? parts.getFirst() : new All(List.copyOf(parts));
    }

    private Condition term() throws FilterPatternException {
        cursor.skipSpace();
        if (cursor.take('(')) {
            Condition inner = any();
            cursor.expect(')');
            return inner;
        }
        if (!cursor.is('$')) {
            throw cursor.expected("a selector or a parenthesis");
        }
        int field = field();
        cursor.skipSpace();
        if (cursor.takeWord("IS")) {
            return constant(field);
        }
        if (cursor.takeWord("NOT")) {
            cursor.skipSpace();
            if (!cursor.takeWord("EXISTS")) {
                throw cursor.expected("EXISTS");
            }
            return new Absent(field);
        }
        if (cursor.takeWord("EXISTS")) {
            throw FilterPatternException.malformed(
                    "expected NOT EXISTS, got EXISTS; what exists is written = \"*\"");
        }
        return operands.comparison(field);
    }

    private int field() throws FilterPatternException {
        Selector selector = Selector.read(cursor);
        if (selector.hasWildcard()) {
            wildcards++;
            if (wildcards > WILDCARDS_MAX) {
                throw FilterPatternException.malformed(
                        "expected at most %d selectors with wildcards".formatted(WILDCARDS_MAX));
            }
        }
        return fields.number(selector);
    }

    private Condition constant(int field) throws FilterPatternException {
        cursor.skipSpace();
        if (cursor.takeWord("NULL")) {
            return new Is(field, Value.Kind.NULL);
        }
        if (cursor.takeWord("TRUE")) {
            return new Is(field, Value.Kind.TRUE);
        }
        if (cursor.takeWord("FALSE")) {
            return new Is(field, Value.Kind.FALSE);
        }
        throw cursor.expected("NULL, TRUE or FALSE");
    }
}
