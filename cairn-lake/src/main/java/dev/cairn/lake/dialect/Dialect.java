package dev.cairn.lake.dialect;

import dev.cairn.lake.column.Column;
import dev.cairn.store.StoreNames;
import io.trino.sql.parser.ParsingException;
import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.Query;
import io.trino.sql.tree.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Rewrites a user's query for DuckDB.
///
/// Taken is one SELECT in Trino's dialect, over the tables there are. Everything else is refused
/// with its place: other statements, tables, columns and functions that there are not, and the
/// parts of Trino's SELECT that are not built. Names are taken whatever the case of their letters.
///
/// Other than in Trino: an index that an array or a map has not gives NULL, as does a division by
/// zero; a time `AT TIME ZONE` is the wall clock's there, without its zone. An event data store is
/// named by its id, bare or in quotes, or by its ARN.
public final class Dialect {
    /// AWS's bound on a statement of StartQuery is 10,000.
    static final int CHARACTERS_MAX = 100_000;

    private Dialect() {}

    /// Statements to be run in a database before translated queries are.
    public static List<String> macros() {
        return Functions.macros();
    }

    /// @param tables the columns of each table, by its name in lower case; a column whose name
    ///   begins with `$` is left out by `*`. DuckDB has the tables under the same names
    /// @throws SqlRefusedException when it cannot be taken
    public static Translated translate(String sql, Map<String, List<Column>> tables)
            throws SqlRefusedException {
        if (sql.length() > CHARACTERS_MAX) {
            throw new SqlRefusedException(
                    "expected at most %d characters, got %d"
                            .formatted(CHARACTERS_MAX, sql.length()));
        }
        var lower = new HashMap<String, List<Column>>();
        tables.forEach((name, columns) -> lower.put(name.toLowerCase(Locale.ROOT), columns));
        var names = StoreNames.in(sql);
        try {
            var query = parse(names.quoted());
            var queries = new Queries(lower);
            var written = queries.query(query, Queries.Place.TOP);
            return new Translated(
                    written.sql(),
                    written.columns().stream().map(Queries.Out::shown).toList(),
                    queries.sought());
        } catch (Refusal refusal) {
            throw refusal.refused().in(names);
        } catch (SqlRefusedException refused) {
            throw refused.in(names);
        } catch (StackOverflowError _) {
            throw new SqlRefusedException("the statement is nested too deeply");
        }
    }

    private static Query parse(String sql) throws SqlRefusedException {
        // People end a statement as they do in a shell.
        var text = sql.stripTrailing();
        while (text.endsWith(";")) {
            text = text.substring(0, text.length() - 1).stripTrailing();
        }
        Statement statement;
        try {
            statement = new SqlParser().createStatement(text);
        } catch (ParsingException failure) {
            throw new SqlRefusedException(
                    failure.getLineNumber(), failure.getColumnNumber(), failure.getErrorMessage());
        }
        if (statement instanceof Query query) {
            return query;
        }
        throw SqlRefusedException.at(
                statement,
                "expected a SELECT, got " + Names.words(statement.getClass().getSimpleName()));
    }
}
