package dev.cairn.lake.table;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.lake.column.EventColumns;
import dev.cairn.lake.column.StoreColumns;
import dev.cairn.lake.engine.Engine;
import dev.cairn.lake.engine.Limits;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// Tables for tests of others.
public final class Tables {
    private Tables() {}

    /// Makes a table of some events.
    ///
    /// @return its metadata file
    public static Path of(Path folder, String... events) throws Exception {
        return of(folder, StoreColumns.EVENTS, events);
    }

    /// Makes a table of some events that were imported.
    ///
    /// @return its metadata file
    public static Path imported(Path folder, String... events) throws Exception {
        try (var engine =
                Engine.start(new Limits(256L << 20, folder.resolveSibling("spill"), 1L << 30, 2))) {
            engine.run(EventColumns.macros());
            var table =
                    EventTable.open(
                            folder,
                            new EventTable.Made(List.of(0L), StoreColumns.EVENTS),
                            engine,
                            () -> Instant.parse("2026-11-21T20:00:00Z"));
            table.load(
                    new Load(
                            "",
                            0,
                            366,
                            List.of(
                                    Stream.of(events)
                                            .map(event -> event.getBytes(StandardCharsets.UTF_8))
                                            .toList())));
            return table.standing().metadata();
        }
    }

    /// Makes a table with columns of some kind.
    public static Path of(Path folder, StoreColumns columns, String... events) throws Exception {
        return of(
                folder,
                columns,
                366,
                Stream.of(events).map(event -> event.getBytes(StandardCharsets.UTF_8)).toList());
    }

    /// Makes a table of some events.
    ///
    /// @param retentionDays before 2026-11-21; older events are dropped
    /// @return its metadata file
    public static Path of(Path folder, int retentionDays, List<byte[]> events) throws Exception {
        return of(folder, StoreColumns.EVENTS, retentionDays, events);
    }

    private static Path of(
            Path folder, StoreColumns columns, int retentionDays, List<byte[]> events)
            throws Exception {
        try (var engine =
                Engine.start(new Limits(256L << 20, folder.resolveSibling("spill"), 1L << 30, 2))) {
            engine.run(EventColumns.macros());
            var table =
                    EventTable.open(
                            folder,
                            new EventTable.Made(List.of(0L), columns),
                            engine,
                            () -> Instant.parse("2026-11-21T20:00:00Z"));
            table.append(
                    new Batch(
                            List.of(0L),
                            List.of((long) events.size()),
                            0,
                            new ObjectMapper().createArrayNode(),
                            retentionDays,
                            events));
            return table.standing().metadata();
        }
    }
}
