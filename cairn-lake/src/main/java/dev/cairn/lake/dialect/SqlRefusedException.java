package dev.cairn.lake.dialect;

import dev.cairn.store.StoreNames;
import io.trino.sql.tree.Node;

/// A statement that is not taken, and why; with its place in the text where there is one.
public final class SqlRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;
    private final String words;

    /// @param line 0 when there is no place
    SqlRefusedException(int line, int column, String message) {
        super(line == 0 ? message : "line %d:%d: %s".formatted(line, column, message));
        this.line = line;
        this.column = column;
        this.words = message;
    }

    SqlRefusedException(String message) {
        this(0, 0, message);
    }

    /// With its place in the statement as it was before names were put in quotes.
    SqlRefusedException in(StoreNames names) {
        return line == 0 ? this : new SqlRefusedException(line, names.column(line, column), words);
    }

    static SqlRefusedException at(Node node, String message) {
        return node.getLocation()
                .map(place ->
                        new SqlRefusedException(
                                place.getLineNumber(), place.getColumnNumber(), message))
                .orElseGet(() -> new SqlRefusedException(message));
    }
}
