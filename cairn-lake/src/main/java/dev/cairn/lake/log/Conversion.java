package dev.cairn.lake.log;

import dev.cairn.lake.column.EventColumns;
import dev.cairn.lake.engine.Engine;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Makes batches out of log files, several files at a time.
final class Conversion {
    private final Engine engine;
    private final Shelf shelf;
    private final List<LogFile> files;
    private final Reading reading;
    private final long total;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicLong read = new AtomicLong();
    private final AtomicLong events = new AtomicLong();

    Conversion(Engine engine, Shelf shelf, List<LogFile> files, Reading reading) {
        this.engine = engine;
        this.shelf = shelf;
        this.files = files;
        this.reading = reading;
        this.total = files.stream().mapToLong(LogFile::length).sum();
    }

    /// @param jobs how many files at a time
    /// @return the batches, kept on the shelf
    /// @throws SQLException when DuckDB cannot go on: no memory, no space
    /// @throws IOException when the shelf cannot be written
    List<Batch> run(int jobs) throws SQLException, IOException, InterruptedException {
        engine.run(EventColumns.macros());
        var batches = new ArrayList<Batch>();
        try (var threads = Executors.newFixedThreadPool(jobs)) {
            var running = new ArrayList<Future<List<Batch>>>();
            for (var job = 0; job < jobs; job++) {
                var table = "staging" + job;
                running.add(threads.submit((Callable<List<Batch>>) () -> work(table)));
            }
            for (var future : running) {
                batches.addAll(future.get());
            }
        } catch (ExecutionException failure) {
            switch (failure.getCause()) {
                case SQLException sql -> throw sql;
                case IOException io -> throw io;
                case null, default ->
                        throw new IllegalStateException("reading log files failed", failure);
            }
        }
        return batches;
    }

    private List<Batch> work(String table) throws SQLException, IOException {
        try (var connection = engine.connection().duplicate();
                var staging = new Staging(connection, table, shelf)) {
            var batches = new ArrayList<Batch>();
            for (var file = take(); file != null; file = take()) {
                staging.read(file, this::packed, this::event);
                if (staging.full()) {
                    batches.add(staging.finish());
                }
            }
            if (!staging.isEmpty()) {
                batches.add(staging.finish());
            }
            return batches;
        } catch (SQLException | IOException | RuntimeException failure) {
            // The others need not go on.
            next.set(files.size());
            throw failure;
        }
    }

    private @Nullable LogFile take() {
        var index = next.getAndIncrement();
        return index < files.size() ? files.get(index) : null;
    }

    private void packed(long bytes) {
        reading.at(read.addAndGet(bytes), total, events.get());
    }

    private void event() {
        events.incrementAndGet();
    }
}
