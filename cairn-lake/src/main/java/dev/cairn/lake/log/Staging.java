package dev.cairn.lake.log;

import dev.cairn.intake.RecordSplitter;
import dev.cairn.intake.Split;
import dev.cairn.lake.column.EventColumns;
import dev.cairn.lake.engine.Engine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/// Where the records of log files gather, until there are enough for a Parquet file. For one
/// thread.
final class Staging implements AutoCloseable {
    /// Of records, for one Parquet file: some 80,000, and a tenth of it as Parquet.
    private static final long PART_BYTES = 128L << 20;

    private static final int FILES_MAX = 4096;

    /// Records of CloudTrail's own have 256 KB at most, and 1 MB where that is asked for.
    private static final int RECORD_BYTES_MAX = 16 << 20;

    private static final byte[] SIGN = "\"event".getBytes(StandardCharsets.US_ASCII);

    private final DuckDBConnection connection;
    private final String table;
    private final Shelf shelf;
    private final List<LogFile> files = new ArrayList<>();
    private final List<Batch.Part> parts = new ArrayList<>();
    private final Map<Path, BadFile> bad = new LinkedHashMap<>();
    private DuckDBAppender appender;
    private long staged;
    private long stagedBytes;
    private long events;

    Staging(DuckDBConnection connection, String table, Shelf shelf) throws SQLException {
        this.connection = connection;
        this.table = table;
        this.shelf = shelf;
        this.appender = begin();
    }

    private DuckDBAppender begin() throws SQLException {
        Engine.run(connection, "CREATE OR REPLACE TABLE " + table + " (raw VARCHAR, path VARCHAR)");
        return connection.createAppender("main", table);
    }

    boolean full() {
        return stagedBytes >= PART_BYTES || files.size() >= FILES_MAX;
    }

    boolean isEmpty() {
        return files.isEmpty();
    }

    /// Takes the records of a file. What is wrong with the file is noted, and what is sound in it
    /// taken.
    ///
    /// @param packed is told how many packed bytes were read
    /// @param event is told of each record
    void read(LogFile file, LongConsumer packed, Runnable event) throws SQLException, IOException {
        files.add(file);
        try (var body = LogBody.open(file.path(), packed)) {
            var splitter = new RecordSplitter(body, RECORD_BYTES_MAX);
            while (true) {
                Split split;
                try {
                    split = splitter.next();
                } catch (IOException | RuntimeException failure) {
                    // A half archive, or one that is none.
                    bad(file.path(), "cannot be read to its end: " + failure, 1);
                    return;
                }
                switch (split) {
                    case Split.Found found -> {
                        take(file, found);
                        event.run();
                    }
                    case Split.Refused refused ->
                            bad(
                                    file.path(),
                                    "record %d: %s".formatted(refused.index(), refused.message()),
                                    1);
                    case Split.End _ -> {
                        return;
                    }
                }
            }
        } catch (IOException failure) {
            bad(file.path(), "cannot be read: " + failure, 1);
        }
    }

    private void take(LogFile file, Split.Found found) throws SQLException, IOException {
        var json = found.json();
        var raw = new String(json, StandardCharsets.UTF_8);
        if (raw.indexOf('\ufffd') >= 0
                && !Arrays.equals(raw.getBytes(StandardCharsets.UTF_8), json)) {
            bad(file.path(), "record %d: is not UTF-8".formatted(found.index()), 1);
        } else if (json[0] != '{' || !holds(json, SIGN)) {
            bad(file.path(), "record %d: is no event".formatted(found.index()), 1);
        } else {
            appender.beginRow();
            appender.append(raw);
            appender.append(file.path().toString());
            appender.endRow();
            staged++;
            stagedBytes += json.length;
            if (stagedBytes >= PART_BYTES) {
                flush();
            }
        }
    }

    private static boolean holds(byte[] json, byte[] sign) {
        for (var at = 0; at <= json.length - sign.length; at++) {
            if (json[at] == sign[0]
                    && Arrays.equals(json, at, at + sign.length, sign, 0, sign.length)) {
                return true;
            }
        }
        return false;
    }

    private void bad(Path file, String message, long count) {
        bad.merge(
                file,
                new BadFile(file.toString(), message, count),
                (first, more) ->
                        new BadFile(first.file(), first.message(), first.count() + more.count()));
    }

    /// Ends the batch, keeps it and begins the next one.
    Batch finish() throws SQLException, IOException {
        flush();
        var batch =
                new Batch(
                        List.copyOf(files), List.copyOf(parts), List.copyOf(bad.values()), events);
        shelf.keep(batch);
        files.clear();
        parts.clear();
        bad.clear();
        events = 0;
        return batch;
    }

    private void flush() throws SQLException, IOException {
        appender.close();
        if (staged > 0) {
            dropUnsound();
        }
        if (staged > 0) {
            var part = shelf.fresh();
            Engine.run(
                    connection,
                    "COPY (%s) TO %s (FORMAT parquet, COMPRESSION zstd)"
                            .formatted(EventColumns.select(table), Engine.text(part.toString())));
            parts.add(new Batch.Part(part.getFileName().toString(), part.toFile().length()));
            events += staged;
        }
        staged = 0;
        stagedBytes = 0;
        appender = begin();
    }

    /// Whoever splits follows brackets only: whether a record is sound JSON shows here.
    private void dropUnsound() throws SQLException {
        try (var statement = connection.createStatement();
                var unsound =
                        statement.executeQuery(
                                "SELECT path, count(*) FROM %s WHERE NOT json_valid(raw) GROUP BY path"
                                        .formatted(table))) {
            while (unsound.next()) {
                bad(Path.of(unsound.getString(1)), "a record is no sound JSON", unsound.getLong(2));
                staged -= unsound.getLong(2);
            }
        }
        Engine.run(connection, "DELETE FROM " + table + " WHERE NOT json_valid(raw)");
    }

    @Override
    public void close() throws SQLException {
        appender.close();
        Engine.run(connection, "DROP TABLE " + table);
    }
}
