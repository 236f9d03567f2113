package dev.cairn.lake.worker;

import dev.cairn.lake.column.Sought;
import dev.cairn.lake.column.StoreColumns;
import dev.cairn.lake.engine.Engine;
import dev.cairn.lake.table.TablePlan;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;

/// What a query sees of an event data store: what is in a version of its table, and the events
/// recorded since.
///
/// @param columns which the table has
/// @param tail a file of those: each a length (4 bytes) and a record
/// @param tailEvents how many there are
record StoreTable(
        String id, StoreColumns columns, TablePlan plan, Optional<Path> tail, long tailEvents) {

    /// @param sought which events the query can be about
    static StoreTable of(Question.Store store, Sought sought) throws IOException {
        var plan =
                store.metadata().isPresent()
                        ? TablePlan.of(store.metadata().get(), sought)
                        : TablePlan.NONE;
        long events = 0;
        if (store.tail().isPresent()) {
            try (var in = open(store.tail().get())) {
                while (in.available() > 0) {
                    in.skipNBytes(in.readInt());
                    events++;
                }
            }
        }
        return new StoreTable(store.id(), store.columns(), plan, store.tail(), events);
    }

    private static DataInputStream open(Path tail) throws IOException {
        return new DataInputStream(new BufferedInputStream(Files.newInputStream(tail), 1 << 16));
    }

    long events() {
        return plan.events() + tailEvents;
    }

    long bytes() {
        return plan.bytes() + tail.map(file -> file.toFile().length()).orElse(0L);
    }

    /// Makes a table of the tail. What is no sound JSON is left out, as it will be set aside when
    /// it is committed.
    void stage(Engine engine, String name) throws SQLException, IOException {
        engine.run("CREATE TABLE raw (raw VARCHAR, path VARCHAR)");
        try (var in = open(tail.orElseThrow());
                var appender = engine.connection().createAppender("main", "raw")) {
            while (in.available() > 0) {
                appender.beginRow();
                appender.append(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8));
                appender.append("");
                appender.endRow();
            }
        }
        engine.run("DELETE FROM raw WHERE NOT json_valid(raw)");
        engine.run("CREATE TABLE \"" + name + "\" AS " + columns.select("raw"));
        engine.run("DROP TABLE raw");
    }
}
