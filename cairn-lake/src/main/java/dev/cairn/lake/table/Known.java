package dev.cairn.lake.table;

import dev.cairn.lake.engine.Engine;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/// Leaves of staged events each once: those that some files do not have.
///
/// Events are the same when they say the same eventID, recipientAccountId and awsRegion; those
/// without an eventID when they are the same text. What they say besides is not compared: the one
/// that came first stays.
public final class Known {
    private static final String SAME =
            "k.recipientaccountid IS NOT DISTINCT FROM s.recipientaccountid AND k.awsregion IS NOT DISTINCT FROM s.awsregion";

    private final Engine engine;
    private final String staged;

    Known(Engine engine) {
        this(engine, "staged");
    }

    /// @param staged the name of a table with the columns of a store's
    public Known(Engine engine, String staged) {
        this.engine = engine;
        this.staged = "\"" + staged + "\"";
    }

    /// Removes what is known.
    ///
    /// @param files Parquet files with the columns of the store's table
    /// @return how many were removed
    public long remove(List<Path> files) throws SQLException {
        var removed =
                engine.update(
                        """
                        DELETE FROM %s WHERE rowid IN (SELECT r FROM (SELECT rowid AS r, row_number() OVER
                            (PARTITION BY coalesce(eventid, eventjson), recipientaccountid, awsregion ORDER BY rowid) AS n
                            FROM %s) WHERE n > 1)\
                        """
                                .formatted(staged, staged));
        if (files.isEmpty()) {
            return removed;
        }
        var known =
                files.stream()
                        .map(file -> Engine.text(file.toString()))
                        .collect(Collectors.joining(", ", "read_parquet([", "])"));
        removed += removeSame("s.eventid = k.eventid", "s.eventid IS NOT NULL", known);
        if (anyWithoutId()) {
            removed +=
                    removeSame(
                            "k.eventid IS NULL AND s.eventjson = k.eventjson",
                            "s.eventid IS NULL",
                            known);
        }
        return removed;
    }

    private long removeSame(String same, String which, String known) throws SQLException {
        return engine.update(
                "DELETE FROM %s WHERE rowid IN (SELECT s.rowid FROM %s s WHERE %s AND EXISTS (SELECT 1 FROM %s k WHERE %s AND %s))"
                        .formatted(staged, staged, which, known, same, SAME));
    }

    private boolean anyWithoutId() throws SQLException {
        try (var statement = engine.connection().createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT EXISTS (SELECT 1 FROM %s WHERE eventid IS NULL)"
                                        .formatted(staged))) {
            rows.next();
            return rows.getBoolean(1);
        }
    }
}
