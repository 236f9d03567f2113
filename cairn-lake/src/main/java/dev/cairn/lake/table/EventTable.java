package dev.cairn.lake.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.cairn.lake.column.EventColumns;
import dev.cairn.lake.column.StoreColumns;
import dev.cairn.lake.engine.Engine;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/// The table of an event data store: an Iceberg table, partitioned by the UTC day of eventTime, in
/// each file sorted by account and time.
///
/// **Exactly once.** The positions of the ledger that a table has dealt with are properties of the
/// table, changed in the commit that adds their events. A batch is taken only where it begins at
/// those positions. Whatever the process dies on, either both are there or neither; what is left
/// over is a file that no version names, removed when the table is opened.
///
/// For one thread, of the one process that has the folder.
final class EventTable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// The column that says when an event was, by which a table is partitioned.
    static final String TIME = "eventtime";

    private static final String COLUMNS = "cairn.columns";
    private static final String POSITIONS = "cairn.positions";
    private static final String FILTERED = "cairn.filtered";
    private static final String SET_ASIDE = "cairn.set-aside";
    private static final String REASONS = "cairn.set-aside-newest";
    private static final String EXPIRED = "cairn.expired";
    private static final String EXPIRED_BEFORE = "cairn.expired-before";

    /// How many events came by imports, those that are expired by now included.
    private static final String IMPORTED = "cairn.imported";

    /// The newest import, and how many events it added.
    private static final String IMPORT = "cairn.import";

    private static final String IMPORT_ADDED = "cairn.import-added";
    private static final int REASONS_MAX = 20;

    /// Files of a day that are merged once there are so many.
    private static final int SMALL_FILES_MAX = 16;

    private static final long SMALL_BYTES = 32L << 20;
    private static final long MERGED_BYTES_MAX = 256L << 20;

    /// Longer than a query may run: what it reads stays until then.
    private static final Duration SNAPSHOTS_KEPT = Duration.ofHours(2);

    /// How far the clocks of those that say when something was may go ahead of ours.
    private static final Duration AHEAD_MAX = Duration.ofDays(1);

    private static final int EXPIRE_EVERY = 20;

    /// What comes late for a day that is over may come in several commits.
    private static final Duration SETTLED = Duration.ofMinutes(1);

    private final Path folder;
    private final TableFolder operations;
    private final Table table;
    private final Engine engine;
    private final InstantSource clock;

    /// Days with a file that cannot be merged.
    private final Set<Integer> untidy = new HashSet<>();

    private int commits;

    private EventTable(Path folder, TableFolder operations, Engine engine, InstantSource clock) {
        this.folder = folder;
        this.operations = operations;
        this.table = new BaseTable(operations, folder.getFileName().toString());
        this.engine = engine;
        this.clock = clock;
    }

    /// Opens a table, or makes it.
    ///
    /// @param made what a table that is made begins as
    /// @param engine with [dev.cairn.lake.column.EventColumns#macros]
    static EventTable open(Path folder, Made made, Engine engine, InstantSource clock)
            throws IOException {
        var operations = new TableFolder(folder);
        if (!operations.exists()) {
            operations.commit(null, made(folder, made));
        }
        var table = new EventTable(folder, operations, engine, clock);
        table.removeLeftovers();
        return table;
    }

    /// How a table is made.
    ///
    /// @param first by partition of the ledger, where it begins
    record Made(List<Long> first, StoreColumns columns) {}

    private static TableMetadata made(Path folder, Made made) {
        var first = made.first();
        var schema = TableColumns.schema(made.columns());
        var properties = new HashMap<String, String>();
        properties.put(COLUMNS, made.columns().word());
        properties.put(POSITIONS, text(first));
        // What was recorded before the store was made is none of its.
        properties.put(FILTERED, Long.toString(first.stream().mapToLong(Long::longValue).sum()));
        properties.put(TableProperties.FORMAT_VERSION, "2");
        properties.put(TableProperties.PARQUET_COMPRESSION, "zstd");
        properties.put(TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true");
        properties.put(TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "200");
        properties.put(TableProperties.MANIFEST_MIN_MERGE_COUNT, "20");
        // Tried again, a batch would be added to whatever somebody else had committed.
        properties.put(TableProperties.COMMIT_NUM_RETRIES, "0");
        return TableMetadata.newTableMetadata(
                schema,
                PartitionSpec.builderFor(schema).day(TIME).build(),
                SortOrder.builderFor(schema).asc("recipientaccountid").asc(TIME).build(),
                folder.toString(),
                properties);
    }

    /// A crash between the writing of a file and its commit leaves the file. Where a damaged table
    /// does not say which files it names, they stay.
    private void removeLeftovers() throws IOException {
        var data = new HashSet<Path>();
        var metadata = new HashSet<Path>();
        try {
            for (var snapshot : table.snapshots()) {
                metadata.add(operations.files().path(snapshot.manifestListLocation()));
                for (var manifest : snapshot.allManifests(operations.files())) {
                    metadata.add(operations.files().path(manifest.path()));
                }
                try (var tasks = table.newScan().useSnapshot(snapshot.snapshotId()).planFiles()) {
                    tasks.forEach(task -> data.add(path(task.file())));
                }
            }
        } catch (RuntimeException damaged) {
            // Iceberg's failures are all unchecked.
            System.err.println("a table's leftovers stay, it is damaged: " + damaged.getMessage());
            return;
        }
        try (var files = Files.newDirectoryStream(folder.resolve("data"))) {
            for (var file : files) {
                if (!data.contains(EventIdIndex.parquet(file))) {
                    Files.delete(file);
                }
            }
        }
        try (var files = Files.newDirectoryStream(folder.resolve("metadata"), "*.avro")) {
            for (var file : files) {
                if (!metadata.contains(file)) {
                    Files.delete(file);
                }
            }
        }
    }

    private Path path(DataFile file) {
        return operations.files().path(file.location());
    }

    /// Whether events of a table came by imports.
    static boolean imported(Table table) {
        return !table.properties().getOrDefault(IMPORTED, "0").equals("0");
    }

    Standing standing() throws IOException {
        var properties = table.properties();
        var snapshot = table.currentSnapshot();
        return new Standing(
                operations.metadataFile(),
                positions(),
                snapshot == null
                        ? 0
                        : Long.parseLong(
                                snapshot.summary()
                                        .getOrDefault(SnapshotSummary.TOTAL_RECORDS_PROP, "0")),
                number(FILTERED),
                number(EXPIRED),
                number(SET_ASIDE),
                number(IMPORTED),
                JSON.readTree(properties.getOrDefault(REASONS, "[]")));
    }

    private StoreColumns columns() {
        return StoreColumns.of(table.properties().getOrDefault(COLUMNS, ""));
    }

    private List<Long> positions() {
        return Arrays.stream(table.properties().getOrDefault(POSITIONS, "").split(",", -1))
                .map(Long::valueOf)
                .toList();
    }

    private static String text(List<Long> positions) {
        return positions.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private long number(String property) {
        return number(table, property);
    }

    private static long number(Table version, String property) {
        return Long.parseLong(version.properties().getOrDefault(property, "0"));
    }

    // ---- what comes in --------------------------------------------------------------------------

    /// Commits a batch.
    ///
    /// @throws IOException when the disk fails; the table is as it was, or has the batch: its
    ///   standing says which, once it is opened again
    /// @throws SQLException when DuckDB cannot go on: no memory, no space
    /// @throws IllegalArgumentException when the batch does not begin where the table is
    void append(Batch batch) throws IOException, SQLException {
        if (!batch.from().equals(positions())) {
            throw new IllegalArgumentException(
                    "expected a batch from the positions %s, got one from %s"
                            .formatted(positions(), batch.from()));
        }
        var staged = stage(List.of(batch.events()));
        var expired = removeExpired(batch.retentionDays());
        // An event may have come by an import before its position was dealt with.
        var known = number(IMPORTED) == 0 ? 0 : new Known(engine).remove(filesOfDays());
        var files = files("staged");
        var transaction = table.newTransaction();
        if (!files.isEmpty()) {
            var append = transaction.newAppend();
            files.forEach(append::appendFile);
            append.commit();
        }
        var aside = staged.aside(batch.aside());
        var changes =
                transaction
                        .updateProperties()
                        .set(POSITIONS, text(batch.to()))
                        .set(FILTERED, Long.toString(number(FILTERED) + batch.filtered() + known))
                        .set(EXPIRED, Long.toString(number(EXPIRED) + expired))
                        .set(SET_ASIDE, Long.toString(number(SET_ASIDE) + counted(aside)));
        if (!aside.isEmpty()) {
            changes.set(REASONS, newest(aside).toString());
        }
        changes.commit();
        commit(transaction, batch.retentionDays());
    }

    private void commit(Transaction transaction, int retentionDays)
            throws IOException, SQLException {
        expire(transaction, retentionDays);
        transaction.commitTransaction();
        engine.run("DROP TABLE staged");
        if (++commits % EXPIRE_EVERY == 0) {
            forgetVersions();
        }
        try {
            merge();
        } catch (RuntimeException damaged) {
            // Iceberg's failures are all unchecked. What is committed stays so.
            System.err.println("small files stay, the table is damaged: " + damaged.getMessage());
        }
    }

    /// Since when the oldest version was made that is kept: the one that was current so long ago,
    /// and a query may read.
    private long kept() {
        var then = clock.instant().minus(SNAPSHOTS_KEPT).toEpochMilli();
        var newest = Long.MIN_VALUE;
        for (var snapshot : table.snapshots()) {
            if (snapshot.timestampMillis() <= then) {
                newest = Math.max(newest, snapshot.timestampMillis());
            }
        }
        return newest;
    }

    private boolean hasOldVersions() {
        var kept = kept();
        for (var snapshot : table.snapshots()) {
            if (snapshot.timestampMillis() < kept) {
                return true;
            }
        }
        return false;
    }

    /// Whether the newest version only says what went, and for so long that nobody reads the one
    /// before it.
    private boolean isRemovalOld() {
        var current = table.currentSnapshot();
        return current != null && removes(current) && current.timestampMillis() == kept();
    }

    private static boolean removes(Snapshot version) {
        return version.operation().equals(DataOperations.REPLACE)
                || version.operation().equals(DataOperations.DELETE);
    }

    /// Forgets the versions that no query reads any more, with the files that only they name.
    private void forgetVersions() {
        table.expireSnapshots().expireOlderThan(kept()).retainLast(1).commit();
    }

    /// Adds the events of log files, each that the table does not have yet. Added again, they are
    /// all there: what was cut short is repeated as a whole.
    ///
    /// @throws IOException when the disk fails; the table is as it was, or has all of them
    /// @throws SQLException when DuckDB cannot go on: no memory, no space
    Loaded load(Load load) throws IOException, SQLException {
        var staged = stage(load.parts());
        var sound = stagedOf(load);
        removeExpired(load.retentionDays());
        var kept = stagedOf(load);
        new Known(engine).remove(filesOfDays());
        var left = stagedOf(load);
        var added = Arrays.stream(left).sum();
        var before =
                load.id().equals(table.properties().getOrDefault(IMPORT, ""))
                        ? number(IMPORT_ADDED)
                        : load.added();
        if (added > 0) {
            var transaction = table.newTransaction();
            var append = transaction.newAppend();
            files("staged").forEach(append::appendFile);
            append.commit();
            var changes =
                    transaction
                            .updateProperties()
                            .set(IMPORTED, Long.toString(number(IMPORTED) + added));
            if (!load.id().isEmpty()) {
                changes.set(IMPORT, load.id()).set(IMPORT_ADDED, Long.toString(before + added));
            }
            changes.commit();
            commit(transaction, load.retentionDays());
        } else {
            engine.run("DROP TABLE staged");
        }
        var parts = new ArrayList<Loaded.Part>();
        for (var part = 0; part < left.length; part++) {
            parts.add(
                    new Loaded.Part(
                            left[part],
                            kept[part] - left[part],
                            sound[part] - kept[part],
                            staged.unfitOf(part)));
        }
        return new Loaded(parts, before + added);
    }

    /// How many events of each part are staged.
    private long[] stagedOf(Load load) throws SQLException {
        var counts = new long[load.parts().size()];
        try (var statement = engine.connection().createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT CAST(\"%1$s\" AS INTEGER), count(*) FROM staged GROUP BY \"%1$s\""
                                        .formatted(EventColumns.PATH))) {
            while (rows.next()) {
                counts[rows.getInt(1)] = rows.getLong(2);
            }
        }
        return counts;
    }

    /// Events older than the retention are not taken: what an event says of its time may be any day
    /// since the year 1, and each day is a file.
    private long removeExpired(int retentionDays) throws SQLException {
        return engine.update(
                "DELETE FROM staged WHERE eventtime < make_timestamp(%d)"
                        .formatted(micros(expiredBefore(retentionDays))));
    }

    /// The files that hold events of the days of what is staged: the same event is of the same day.
    private List<Path> filesOfDays() throws SQLException, IOException {
        var days = new HashSet<@Nullable Integer>();
        try (var statement = engine.connection().createStatement();
                var rows = statement.executeQuery("SELECT DISTINCT " + DAY + " FROM staged")) {
            while (rows.next()) {
                var number = rows.getInt(1);
                days.add(rows.wasNull() ? null : number);
            }
        }
        var files = new ArrayList<Path>();
        if (table.currentSnapshot() == null) {
            return files;
        }
        try (var tasks = table.newScan().planFiles()) {
            for (var task : tasks) {
                if (days.contains(task.file().partition().get(0, Integer.class))) {
                    files.add(path(task.file()));
                }
            }
        }
        return files;
    }

    private static long counted(ArrayNode aside) {
        long count = 0;
        for (var one : aside) {
            count += one.path("count").asLong();
        }
        return count;
    }

    private ArrayNode newest(ArrayNode aside) throws IOException {
        var newest = JSON.createArrayNode();
        for (var at = aside.size() - 1; at >= 0 && newest.size() < REASONS_MAX; at--) {
            newest.add(aside.get(at));
        }
        for (var old : JSON.readTree(table.properties().getOrDefault(REASONS, "[]"))) {
            if (newest.size() < REASONS_MAX) {
                newest.add(old);
            }
        }
        return newest;
    }

    /// An event that cannot be in a table.
    ///
    /// @param part of what came, by its number
    /// @param index where it stands in its part
    private record Unfit(int part, int index, String reason) {}

    /// What could not be staged.
    private record Staged(List<Unfit> unfit) {
        /// Where those of a part stand in it.
        List<Integer> unfitOf(int part) {
            return unfit.stream().filter(one -> one.part() == part).map(Unfit::index).toList();
        }

        ArrayNode aside(JsonNode others) {
            var aside = JSON.createArrayNode();
            others.forEach(aside::add);
            unfit.forEach(one ->
                    aside.addObject()
                            .put("position", "")
                            .put("count", 1)
                            .put("reason", one.reason()));
            return aside;
        }
    }

    /// Takes events apart into columns. What becomes `$path` is the number of an event's part.
    private Staged stage(List<List<byte[]>> parts) throws SQLException {
        engine.run("CREATE OR REPLACE TABLE raw (raw VARCHAR, path VARCHAR, number INTEGER)");
        var unfit = new ArrayList<Unfit>();
        try (var appender = engine.connection().createAppender("main", "raw")) {
            for (var part = 0; part < parts.size(); part++) {
                append(appender, part, parts.get(part), unfit);
            }
        }
        var unsound =
                unfit("SELECT path, number FROM raw WHERE NOT json_valid(raw)", "is no sound JSON");
        if (!unsound.isEmpty()) {
            unfit.addAll(unsound);
            engine.run("DELETE FROM raw WHERE NOT json_valid(raw)");
        }
        engine.run("CREATE OR REPLACE TABLE staged AS " + columns().select("raw"));
        unfit.addAll(removeAhead());
        engine.run("DROP TABLE raw");
        return new Staged(unfit);
    }

    private static void append(
            DuckDBAppender appender, int part, List<byte[]> events, List<Unfit> unfit)
            throws SQLException {
        var path = Integer.toString(part);
        for (var index = 0; index < events.size(); index++) {
            var event = events.get(index);
            var text = new String(event, StandardCharsets.UTF_8);
            if (text.indexOf('\ufffd') >= 0
                    && !Arrays.equals(text.getBytes(StandardCharsets.UTF_8), event)) {
                unfit.add(new Unfit(part, index, "is not UTF-8"));
                continue;
            }
            appender.beginRow();
            appender.append(text);
            appender.append(path);
            appender.append(index);
            appender.endRow();
        }
    }

    /// @param which a query for the part and the index of events
    private List<Unfit> unfit(String which, String reason) throws SQLException {
        var unfit = new ArrayList<Unfit>();
        try (var statement = engine.connection().createStatement();
                var rows =
                        statement.executeQuery(which + " ORDER BY CAST(path AS INTEGER), number")) {
            while (rows.next()) {
                unfit.add(new Unfit(rows.getInt(1), rows.getInt(2), reason));
            }
        }
        return unfit;
    }

    /// Events of days to come are not taken either: they would never be too old.
    private List<Unfit> removeAhead() throws SQLException {
        var ahead =
                "eventtime > make_timestamp(%d)".formatted(micros(clock.instant().plus(AHEAD_MAX)));
        var unfit =
                unfit(
                        "SELECT path, number FROM raw WHERE raw IN (SELECT %s FROM staged WHERE %s)"
                                .formatted(EventColumns.JSON, ahead),
                        "is of a time that has not come");
        engine.run("DELETE FROM staged WHERE " + ahead);
        return unfit;
    }

    // ---- files ----------------------------------------------------------------------------------

    private static final Type TIME_TYPE = Types.TimestampType.withoutZone();

    private static final String DAY =
            "CAST(date_diff('day', DATE '1970-01-01', CAST(eventtime AS DATE)) AS INTEGER)";

    /// Writes the events of a source, a file for each day.
    ///
    /// @param source what can stand after FROM
    private List<DataFile> files(String source) throws SQLException, IOException {
        var days = new ArrayList<Day>();
        try (var statement = engine.connection().createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT %s AS d, count(*), epoch_us(min(eventtime)), epoch_us(max(eventtime)) FROM %s GROUP BY 1 ORDER BY 1"
                                        .formatted(DAY, source))) {
            while (rows.next()) {
                var number = rows.getInt(1);
                days.add(
                        new Day(
                                rows.wasNull() ? null : number,
                                rows.getLong(2),
                                rows.getLong(3),
                                rows.getLong(4)));
            }
        }
        var files = new ArrayList<DataFile>();
        for (var day : days) {
            files.add(file(source, day));
        }
        return files;
    }

    /// Events of a day, some or all.
    ///
    /// @param number since 1970; null where eventTime is
    /// @param first eventTime, in microseconds since 1970
    private record Day(@Nullable Integer number, long events, long first, long last) {
        String where() {
            return number == null ? "eventtime IS NULL" : DAY + " = " + number;
        }
    }

    private DataFile file(String source, Day day) throws SQLException, IOException {
        var name = "data/" + UUID.randomUUID() + ".parquet";
        var path = folder.resolve(name);
        engine.run(
                "COPY (SELECT %s FROM %s WHERE %s ORDER BY recipientaccountid, eventtime) TO %s (FORMAT parquet, COMPRESSION zstd, FIELD_IDS %s)"
                        .formatted(
                                TableColumns.names(columns()),
                                source,
                                day.where(),
                                Engine.text(path.toString()),
                                TableColumns.fieldIds(table.schema())));
        try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        EventIdIndex.write(engine, "(FROM %s WHERE %s)".formatted(source, day.where()), path);
        var partition = new PartitionData(table.spec().partitionType());
        partition.set(0, day.number());
        return DataFiles.builder(table.spec())
                .withPath(table.location() + "/" + name)
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(Files.size(path))
                .withMetrics(metrics(day))
                .withPartition(partition)
                .build();
    }

    /// Between which times events are, for whoever asks for a part of a day.
    private Metrics metrics(Day day) {
        var column = table.schema().findField(TIME).fieldId();
        return day.number() == null
                ? new Metrics(day.events())
                : new Metrics(
                        day.events(),
                        null,
                        Map.of(column, day.events()),
                        Map.of(column, 0L),
                        null,
                        Map.of(column, Conversions.toByteBuffer(TIME_TYPE, day.first())),
                        Map.of(column, Conversions.toByteBuffer(TIME_TYPE, day.last())));
    }

    // ---- what goes ------------------------------------------------------------------------------

    /// Drops the days that are wholly older than the retention, once a day.
    private void expire(Transaction transaction, int retentionDays) {
        var before = expiredBefore(retentionDays);
        if (isExpired(before)) {
            return;
        }
        long deleted = 0;
        if (transaction.table().currentSnapshot() != null) {
            transaction
                    .newDelete()
                    .deleteFromRowFilter(Expressions.lessThan(TIME, micros(before)))
                    .commit();
            deleted =
                    Long.parseLong(
                            transaction
                                    .table()
                                    .currentSnapshot()
                                    .summary()
                                    .getOrDefault(SnapshotSummary.DELETED_RECORDS_PROP, "0"));
        }
        transaction
                .updateProperties()
                .set(EXPIRED, Long.toString(number(transaction.table(), EXPIRED) + deleted))
                .set(EXPIRED_BEFORE, before.toString())
                .commit();
    }

    private boolean isExpired(Instant before) {
        return before.toString().equals(table.properties().get(EXPIRED_BEFORE));
    }

    private Instant expiredBefore(int retentionDays) {
        return clock.instant()
                .atOffset(ZoneOffset.UTC)
                .truncatedTo(ChronoUnit.DAYS)
                .minusDays(retentionDays)
                .toInstant();
    }

    private static long micros(Instant time) {
        return time.getEpochSecond() * 1_000_000L;
    }

    // ---- merging --------------------------------------------------------------------------------

    /// Makes one file of the small files of a day, where there are many.
    private void merge() throws IOException, SQLException {
        for (var small : smallFiles().values()) {
            if (small.size() >= SMALL_FILES_MAX) {
                try {
                    merge(small);
                } catch (SQLException damaged) {
                    // What is committed stays so, and what comes next is taken: queries of that day
                    // name the file.
                    leave(damaged);
                }
            }
        }
    }

    private static void leave(Exception damaged) {
        System.err.println(
                "files of a day stay small, one cannot be read: " + damaged.getMessage());
    }

    /// By day, in no order; where eventTime is null, they are of the day null.
    private Map<@Nullable Integer, List<DataFile>> smallFiles() throws IOException {
        var days = new HashMap<@Nullable Integer, List<DataFile>>();
        if (table.currentSnapshot() == null) {
            return days;
        }
        try (var tasks = table.newScan().planFiles()) {
            for (var task : tasks) {
                if (task.file().fileSizeInBytes() < SMALL_BYTES) {
                    days.computeIfAbsent(
                                    task.file().partition().get(0, Integer.class),
                                    _ -> new ArrayList<>())
                            .add(task.file());
                }
            }
        }
        return days;
    }

    /// What there is to be tidied.
    enum Tidied {
        /// A day was; there may be more.
        MERGED,
        /// Something was written just now.
        LATER,
        /// Nothing, until the next commit.
        NOTHING
    }

    /// Does what is due though nothing comes: drops the days whose time is over, forgets the
    /// versions that nobody reads, and makes one file of the small files of a day that is over,
    /// however few there are, where nothing came for that day for a while.
    Tidied tidy(int retentionDays) throws IOException, SQLException {
        if (!isExpired(expiredBefore(retentionDays)) && table.currentSnapshot() != null) {
            var transaction = table.newTransaction();
            expire(transaction, retentionDays);
            transaction.commitTransaction();
        }
        if (isRemovalOld()) {
            // What a version removed goes when that version is forgotten itself.
            table.newFastAppend().commit();
        }
        if (hasOldVersions()) {
            forgetVersions();
        }
        var today = clock.instant().atOffset(ZoneOffset.UTC).toLocalDate().toEpochDay();
        var result = Tidied.NOTHING;
        Map<@Nullable Integer, List<DataFile>> small;
        try {
            small = smallFiles();
        } catch (RuntimeException damaged) {
            // Iceberg's failures are all unchecked.
            leave(damaged);
            return Tidied.NOTHING;
        }
        for (var day : small.entrySet()) {
            var number = day.getKey();
            if (number == null
                    || number >= today
                    || day.getValue().size() < 2
                    || untidy.contains(number)) {
                continue;
            }
            try {
                if (!settled(day.getValue())) {
                    result = Tidied.LATER;
                    continue;
                }
                merge(day.getValue());
                return Tidied.MERGED;
            } catch (SQLException | NoSuchFileException | IllegalStateException damaged) {
                leave(damaged);
                untidy.add(number);
            }
        }
        return result;
    }

    private boolean settled(List<DataFile> files) throws IOException {
        var before = clock.instant().minus(SETTLED);
        for (var file : files) {
            if (Files.getLastModifiedTime(path(file)).toInstant().isAfter(before)) {
                return false;
            }
        }
        return true;
    }

    private void merge(List<DataFile> small) throws IOException, SQLException {
        var old = new ArrayList<DataFile>();
        long bytes = 0;
        for (var file : small) {
            if (bytes + file.fileSizeInBytes() <= MERGED_BYTES_MAX) {
                old.add(file);
                bytes += file.fileSizeInBytes();
            }
        }
        var source =
                old.stream()
                        .map(file -> Engine.text(path(file).toString()))
                        .collect(Collectors.joining(", ", "read_parquet([", "])"));
        var events = old.stream().mapToLong(DataFile::recordCount).sum();
        var merged = files(source).getFirst();
        checkCount(merged, events);
        var rewrite =
                table.newRewrite()
                        .validateFromSnapshot(table.currentSnapshot().snapshotId())
                        .addFile(merged);
        old.forEach(rewrite::deleteFile);
        rewrite.commit();
    }

    /// Events are not to be lost by a mistake in here.
    private void checkCount(DataFile file, long events) throws SQLException {
        try (var statement = engine.connection().createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT count(*) FROM read_parquet(%s)"
                                        .formatted(Engine.text(path(file).toString())))) {
            rows.next();
            if (rows.getLong(1) != events) {
                throw new IllegalStateException(
                        "expected %d events in %s, got %d"
                                .formatted(events, file.location(), rows.getLong(1)));
            }
        }
    }
}
