package dev.cairn.lake.worker;

import java.io.IOException;
import java.sql.SQLException;
import java.util.regex.Pattern;

/// What is said of a query that failed.
final class Failures {
    /// DuckDB shows the SQL that it got, which is not what the user wrote.
    private static final Pattern OUR_SQL = Pattern.compile("(?s)\\s*LINE \\d+:.*$");

    private Failures() {}

    /// Whether it is that the query took longer than it may.
    static boolean timeOver(Exception failure) {
        if (failure instanceof Run.TimeOverException) {
            return true;
        }
        for (var suppressed : failure.getSuppressed()) {
            // It was interrupted because its time was over.
            if (suppressed instanceof Run.TimeOverException) {
                return true;
            }
        }
        return false;
    }

    static String words(Exception failure) {
        for (var suppressed : failure.getSuppressed()) {
            // It was interrupted because its time was over.
            if (suppressed instanceof Run.TimeOverException over) {
                return words(over);
            }
        }
        var message = String.valueOf(failure.getMessage());
        return switch (failure) {
            case Run.TimeOverException _ -> message;
            case SQLException _ -> OUR_SQL.matcher(message).replaceFirst("").strip();
            case IOException io -> io.getClass().getSimpleName() + ": " + message;
            default -> failure.toString();
        };
    }
}
