/// Trino's SELECT, as CloudTrail Lake takes it, rewritten for DuckDB.
///
/// Read [Dialect] first. What comes out is written from the tree of what went in, every name in it
/// looked up: no word of a user's SQL reaches DuckDB as it stands, but for the content of literals.
@NullMarked
package dev.cairn.lake.dialect;

import org.jspecify.annotations.NullMarked;
