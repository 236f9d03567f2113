package dev.cairn.lake.dialect;

import io.trino.sql.tree.Node;

/// A statement that is not taken, and why; with its place in the text where there is one.
public final class SqlRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    SqlRefusedException(int line, int column, String message) {
        super("line %d:%d: %s".formatted(line, column, message));
    }

    SqlRefusedException(String message) {
        super(message);
    }

    static SqlRefusedException at(Node node, String message) {
        return node.getLocation()
                .map(place ->
                        new SqlRefusedException(
                                place.getLineNumber(), place.getColumnNumber(), message))
                .orElseGet(() -> new SqlRefusedException(message));
    }
}
