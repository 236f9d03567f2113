/// Benchmarks: what Cairn does in a second, and what a named peer does on the same machine in the
/// same run.
///
/// Read [Main] first, then one bench ([Ingest], [Visible], [Lookup], [Start]). Cairn runs as users
/// run it, started by the launcher in a process of its own, and so does Kafka; the load comes from
/// the bench's process, over one kept-alive connection for each of its threads. DuckDB is a
/// library, and runs in the bench's process.
@NullMarked
package dev.cairn.bench;

import org.jspecify.annotations.NullMarked;
