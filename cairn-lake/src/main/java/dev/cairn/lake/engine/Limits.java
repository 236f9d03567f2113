package dev.cairn.lake.engine;

import java.nio.file.Path;

/// What DuckDB may use.
///
/// @param memoryBytes before it goes on disk
/// @param spill the folder where what does not fit into memory goes
/// @param spillBytes how much may lie there
/// @param threads how many it has
public record Limits(long memoryBytes, Path spill, long spillBytes, int threads) {}
