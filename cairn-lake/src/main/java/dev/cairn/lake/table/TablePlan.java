package dev.cairn.lake.table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.StaticTableOperations;

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
        var folder = metadata.resolve("../..").normalize();
        var files = new FolderFiles(folder, TableFolder.read(folder, metadata).location());
        var table =
                new BaseTable(
                        new StaticTableOperations(metadata.toString(), files), metadata.toString());
        var paths = new ArrayList<Path>();
        long events = 0;
        long bytes = 0;
        try (var tasks = table.newScan().planFiles()) {
            for (var task : tasks) {
                paths.add(files.path(task.file().location()));
                events += task.file().recordCount();
                bytes += task.file().fileSizeInBytes();
            }
        }
        return new TablePlan(paths, events, bytes, EventTable.imported(table));
    }
}
