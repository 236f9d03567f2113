/// Folders of log files, as one table: which files they are, and their events as Parquet files in a
/// cache.
///
/// Read [LogTable] first.
@NullMarked
package dev.cairn.lake.log;

import org.jspecify.annotations.NullMarked;
