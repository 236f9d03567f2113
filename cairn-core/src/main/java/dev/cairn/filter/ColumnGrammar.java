package dev.cairn.filter;

import dev.cairn.filter.Condition.All;
import dev.cairn.filter.Condition.Any;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads patterns for the columns of a line:
///
/// ```
/// pattern   := "[" column ( "," column )* "]"
/// column    := "..." | nothing | name | condition
/// condition := all ( "||" all )*
/// all       := term ( "&&" term )*
/// term      := "(" condition ")" | name operator value
/// ```
///
/// All terms of a column have its name. The ellipsis stands for any number of columns, and may be
/// there once.
final class ColumnGrammar {
    private final Cursor cursor;
    private final Operands operands;
    private final List<String> names = new ArrayList<>();
    private final List<Condition> conditions = new ArrayList<>();
    private int ellipsis = -1;

    ColumnGrammar(Cursor cursor) {
        this.cursor = cursor;
        operands = new Operands(cursor);
    }

    Columns read() throws FilterPatternException {
        cursor.expect('[');
        do {
            column();
            cursor.skipSpace();
        } while (cursor.take(','));
        cursor.expect(']');
        if (!cursor.atEnd()) {
            throw cursor.expected("the end");
        }
        return new Columns(List.copyOf(names), ellipsis, List.copyOf(conditions));
    }

    private void column() throws FilterPatternException {
        cursor.skipSpace();
        int start = cursor.at();
        if (cursor.take("...") || cursor.take("…")) {
            if (cursor.isWord()) {
                while (cursor.isWord()) {
                    cursor.next();
                }
                throw FilterPatternException.characters(cursor.since(start));
            }
            if (ellipsis >= 0) {
                throw FilterPatternException.malformed("expected the ellipsis once");
            }
            ellipsis = names.size();
        } else if (cursor.is(',') || cursor.is(']')) {
            names.add("");
        } else {
            names.add("");
            Condition condition = any(names.size() - 1);
            if (condition != null) {
                conditions.add(condition);
            }
        }
    }

    /// Null for a column that is only named.
    private @Nullable Condition any(int column) throws FilterPatternException {
        List<Condition> parts = new ArrayList<>();
        boolean more;
        do {
            Condition part = all(column);
            more = cursor.take("||");
            if (part == null) {
                if (more || !parts.isEmpty()) {
                    throw cursor.expected("an operator");
                }
                return null;
            }
            parts.add(part);
        } while (more);
        return parts.size() == 1 ? parts.getFirst() : new Any(List.copyOf(parts));
    }

    private @Nullable Condition all(int column) throws FilterPatternException {
        List<Condition> parts = new ArrayList<>();
        boolean more;
        do {
            Condition part = term(column);
            cursor.skipSpace();
            more = cursor.take("&&");
            if (part == null) {
                if (more || !parts.isEmpty()) {
                    throw cursor.expected("an operator");
                }
                return null;
            }
            parts.add(part);
        } while (more);
        return parts.size() == 1 ? parts.getFirst() : new All(List.copyOf(parts));
    }

    private @Nullable Condition term(int column) throws FilterPatternException {
        cursor.skipSpace();
        if (cursor.take('(')) {
            Condition inner = any(column);
            if (inner == null) {
                throw cursor.expected("an operator");
            }
            cursor.expect(')');
            return inner;
        }
        String name = name();
        String known = names.get(column);
        if (!known.isEmpty() && !known.equals(name)) {
            throw FilterPatternException.malformed(
                    "expected one name in a column, got %s and %s".formatted(known, name));
        }
        names.set(column, name);
        cursor.skipSpace();
        return cursor.is(',') || cursor.is(']') ? null : operands.comparison(column);
    }

    private String name() throws FilterPatternException {
        int start = cursor.at();
        while (cursor.isWord() || cursor.is('-')) {
            cursor.next();
        }
        if (cursor.at() == start) {
            throw cursor.atEnd() ? cursor.expected("a name") : cursor.characters();
        }
        return cursor.since(start);
    }
}
