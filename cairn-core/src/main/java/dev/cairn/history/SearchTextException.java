package dev.cairn.history;

/// Text that is no search. Says where, what was expected there, and what came.
public final class SearchTextException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int column;
    private final String expected;
    private final String got;

    SearchTextException(int column, String expected, String got) {
        super("column %d: expected %s, got %s".formatted(column, expected, got));
        this.column = column;
        this.expected = expected;
        this.got = got;
    }

    /// Counted in UTF-16 units from 1.
    public int column() {
        return column;
    }

    public String expected() {
        return expected;
    }

    public String got() {
        return got;
    }
}
