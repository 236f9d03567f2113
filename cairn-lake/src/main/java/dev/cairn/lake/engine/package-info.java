/// DuckDB, started with bounds: what it may use, and nothing that it may fetch.
@NullMarked
package dev.cairn.lake.engine;

import org.jspecify.annotations.NullMarked;
