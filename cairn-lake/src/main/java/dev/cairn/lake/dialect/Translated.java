package dev.cairn.lake.dialect;

import dev.cairn.lake.column.Sought;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A query as DuckDB takes it.
///
/// @param columns the names of its result's columns, as the user wrote them; a name may come twice
/// @param sought which events of a table it can be about, by the table's name in lower case; a
///   table that is not there: any
public record Translated(String sql, List<String> columns, Map<String, Sought> sought) {
    /// Which events of a table it can be about.
    public Sought sought(String table) {
        return sought.getOrDefault(table.toLowerCase(Locale.ROOT), Sought.ALL);
    }
}
