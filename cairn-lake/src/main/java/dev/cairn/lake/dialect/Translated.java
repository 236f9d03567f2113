package dev.cairn.lake.dialect;

import java.util.List;

/// A query as DuckDB takes it.
///
/// @param columns the names of its result's columns, as the user wrote them; a name may come twice
public record Translated(String sql, List<String> columns) {}
