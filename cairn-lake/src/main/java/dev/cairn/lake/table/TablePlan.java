package dev.cairn.lake.table;

import dev.cairn.lake.column.Sought;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;

/// What a query reads of one version of a table.
///
/// @param files Parquet files with [dev.cairn.lake.column.StoreColumns#ofTables]
/// @param events in them
/// @param bytes of them
/// @param imported whether some came by imports, and may be among what was recorded since as well
public record TablePlan(List<Path> files, long events, long bytes, boolean imported) {
    /// Nothing.
    public static final TablePlan NONE = new TablePlan(List.of(), 0, 0, false);

    public TablePlan {
        files = List.copyOf(files);
    }

    /// Reads a version of a table.
    ///
    /// @param metadata the version's file, `…/metadata/v3.metadata.json`
    public static TablePlan of(Path metadata) throws IOException {
        return of(metadata, Sought.ALL);
    }

    /// Reads which files of a version may hold what is sought.
    ///
    /// @param metadata the version's file
    /// @throws IOException when the version, or a file that says which files it has, is damaged or
    ///   gone
    public static TablePlan of(Path metadata, Sought sought) throws IOException {
        try {
            return read(metadata, sought);
        } catch (RuntimeException failure) {
            // Iceberg's failures are all unchecked.
            throw new IOException(
                    "the table's version %s cannot be read: %s".formatted(metadata, failure),
                    failure);
        }
    }

    private static TablePlan read(Path metadata, Sought sought) throws IOException {
        var folder = metadata.resolve("../..").normalize();
        var files = new FolderFiles(folder, TableFolder.read(folder, metadata).location());
        var table =
                new BaseTable(
                        new StaticTableOperations(metadata.toString(), files), metadata.toString());
        var paths = new ArrayList<Path>();
        long events = 0;
        long bytes = 0;
        try (var tasks = table.newScan().filter(ofTime(sought)).planFiles()) {
            for (var task : tasks) {
                var path = files.path(task.file().location());
                if (sought.eventIds().isPresent()
                        && !EventIdIndex.mayHave(path, sought.eventIds().get())) {
                    continue;
                }
                paths.add(path);
                events += task.file().recordCount();
                bytes += task.file().fileSizeInBytes();
            }
        }
        return new TablePlan(paths, events, bytes, EventTable.imported(table));
    }

    private static Expression ofTime(Sought sought) {
        Expression all = Expressions.alwaysTrue();
        if (sought.from().isPresent()) {
            all =
                    Expressions.and(
                            all,
                            Expressions.greaterThanOrEqual(
                                    EventTable.TIME, micros(sought.from().get())));
        }
        return sought.to().isEmpty()
                ? all
                : Expressions.and(
                        all,
                        Expressions.lessThanOrEqual(EventTable.TIME, micros(sought.to().get())));
    }

    private static long micros(LocalDateTime time) {
        return ChronoUnit.MICROS.between(LocalDateTime.of(1970, 1, 1, 0, 0), time);
    }
}
