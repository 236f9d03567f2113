package dev.cairn.lake.worker;

import dev.cairn.lake.column.Column;
import dev.cairn.lake.column.EventColumns;
import dev.cairn.lake.dialect.Dialect;
import dev.cairn.lake.dialect.Translated;
import dev.cairn.lake.engine.Engine;
import dev.cairn.lake.table.Known;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.duckdb.DuckDBPreparedStatement;

/// One query over a table of events.
final class Run {
    private static final Duration PROGRESS = Duration.ofMillis(200);

    /// How long after its time a query ends whatever it is at: at most, and else as long again.
    private static final Duration OVERDUE_MAX = Duration.ofSeconds(30);

    /// Whoever asks holds a row in memory.
    static final int ROW_CHARS_MAX = 8 << 20;

    private static final int ROW_BYTES_MAX = 4 * ROW_CHARS_MAX;

    private final Engine engine;
    private final Answers answers;
    private final ScheduledExecutorService clock;
    private final Runnable end;

    /// @param end ends the process
    Run(Engine engine, Answers answers, ScheduledExecutorService clock, Runnable end) {
        this.engine = engine;
        this.answers = answers;
        this.clock = clock;
        this.end = end;
    }

    /// Makes the table of log files and closes the engine off: from here on it reads these files,
    /// writes that one and reaches nothing else.
    void prepare(String table, List<Path> parts, Optional<Path> writable) throws SQLException {
        macros();
        view(
                table,
                EventColumns.stored(),
                parts.isEmpty() ? nothing(EventColumns.stored()) : read(parts));
        lock(parts, writable);
    }

    /// Makes a table of each store and closes the engine off: from here on it reads their files,
    /// writes that one and reaches nothing else.
    void prepare(List<StoreTable> stores, Optional<Path> writable)
            throws SQLException, IOException {
        macros();
        engine.run(EventColumns.macros());
        var files = new ArrayList<Path>();
        for (var at = 0; at < stores.size(); at++) {
            var store = stores.get(at);
            var committed = store.plan().files();
            files.addAll(committed);
            var columns = store.columns().ofTables();
            var names = names(columns);
            var sources = new ArrayList<String>();
            if (!committed.isEmpty()) {
                sources.add("SELECT " + names + " FROM " + read(committed));
            }
            if (store.tail().isPresent()) {
                // No name that a statement can have: it sees what the dialect was told of.
                var tail = "tail " + at;
                store.stage(engine, tail);
                if (store.plan().imported()) {
                    // What was imported may have been recorded as well, and be in the tail.
                    var _ = new Known(engine, tail).remove(committed);
                }
                sources.add("SELECT " + names + " FROM \"" + tail + "\"");
            }
            view(
                    store.id(),
                    columns,
                    sources.isEmpty()
                            ? nothing(columns)
                            : "(" + String.join(" UNION ALL ", sources) + ")");
        }
        lock(files, writable);
    }

    private void macros() throws SQLException {
        for (var macro : Dialect.macros()) {
            engine.run(macro);
        }
    }

    private void view(String table, List<Column> columns, String source) throws SQLException {
        engine.run(
                "CREATE VIEW \"%s\" AS SELECT %s, sha256(%s) AS %s FROM %s"
                        .formatted(
                                table,
                                names(columns),
                                EventColumns.JSON,
                                EventColumns.CHECKSUM,
                                source));
    }

    private void lock(List<Path> readable, Optional<Path> writable) throws SQLException {
        var files = new ArrayList<>(readable.stream().map(Path::toString).toList());
        writable.ifPresent(file -> files.add(file.toString()));
        engine.lock(files);
    }

    private static String names(List<Column> columns) {
        return columns.stream()
                .map(column -> "\"" + column.name() + "\"")
                .collect(Collectors.joining(", "));
    }

    private static String read(List<Path> parts) {
        return parts.stream()
                .map(part -> Engine.text(part.toString()))
                .collect(Collectors.joining(", ", "read_parquet([", "])"));
    }

    private static String nothing(List<Column> columns) {
        return columns.stream()
                .map(column ->
                        "CAST(NULL AS %s) AS \"%s\"".formatted(column.type().sql(), column.name()))
                .collect(Collectors.joining(", ", "(SELECT ", " WHERE false)"));
    }

    /// Runs it, and sends the rows.
    void rows(Translated query, Duration time) throws SQLException {
        try (var _ = overdue(time)) {
            var types = types(query);
            answers.columns(query.columns(), types.stream().map(Run::given).toList());
            // First all of it: a large answer goes on disk there, and what fails says why, which
            // it does not in a stream.
            try (var statement =
                            prepared(
                                    "CREATE OR REPLACE TEMP TABLE answer AS "
                                            + around(query, cells(types)));
                    var _ = bounded(statement, time)) {
                statement.execute();
            }
        }
        long count = 0;
        try (var statement = prepared("SELECT * FROM answer");
                var rows = statement.executeQuery()) {
            while (rows.next()) {
                answers.row(bounded(rows.getString(1)));
                count++;
            }
        }
        answers.done(count);
    }

    private static String bounded(String row) throws SQLException {
        if (row.length() > ROW_CHARS_MAX) {
            throw new SQLException(
                    "expected rows of at most %d characters, got one of %d"
                            .formatted(ROW_CHARS_MAX, row.length()));
        }
        return row;
    }

    /// Runs it, and writes the rows into a Parquet file.
    void parquet(Translated query, Path file, Duration time) throws SQLException {
        try (var _ = overdue(time)) {
            var types = types(query);
            var columns = new ArrayList<String>();
            for (var at = 0; at < types.size(); at++) {
                columns.add(value(at, types.get(at)));
            }
            copy(around(query, named(columns, query.columns())), file, time);
        }
    }

    /// Makes a Parquet file of rows as [#rows] sent them, one a line.
    void parquet(Question.Rows rows, Path file, Duration time) throws SQLException {
        lock(List.of(rows.file()), Optional.of(file));
        var columns = new ArrayList<String>();
        for (var at = 0; at < rows.types().size(); at++) {
            columns.add(read(at, rows.types().get(at)));
        }
        copy(
                "SELECT %s FROM read_ndjson_objects(%s, maximum_object_size = %d)"
                        .formatted(
                                named(columns, rows.columns()),
                                Engine.text(rows.file().toString()),
                                ROW_BYTES_MAX),
                file,
                time);
    }

    /// A cell as [#cell] wrote it, with its type again.
    private static String read(int at, String type) {
        var text = "json ->> '$[" + at + "]'";
        return switch (type) {
            case "VARCHAR" -> text;
            // A text in JSON keeps its quotes.
            case "JSON" ->
                    "CASE json_type(json, '$[%d]') WHEN 'NULL' THEN NULL ELSE json -> '$[%d]' END"
                            .formatted(at, at);
            case "BLOB" -> "unhex(" + text + ")";
            default ->
                    type.endsWith("]") || (type.endsWith(")") && !type.startsWith("DECIMAL"))
                            ? "CAST(json -> '$[" + at + "]' AS " + type + ")"
                            : "CAST(" + text + " AS " + type + ")";
        };
    }

    private static String named(List<String> values, List<String> columns) {
        var names = new Unlike();
        return IntStream.range(0, values.size())
                .mapToObj(at -> values.get(at) + " AS " + quoted(names.next(columns.get(at))))
                .collect(Collectors.joining(", "));
    }

    private void copy(String select, Path file, Duration time) throws SQLException {
        var sql =
                "COPY (%s) TO %s (FORMAT parquet, COMPRESSION zstd)"
                        .formatted(select, Engine.text(file.toString()));
        long count;
        try (var statement = prepared(sql);
                var _ = bounded(statement, time)) {
            statement.execute();
            count = statement.getLargeUpdateCount();
        }
        answers.done(count);
    }

    private DuckDBPreparedStatement prepared(String sql) throws SQLException {
        return engine.connection().prepareStatement(sql).unwrap(DuckDBPreparedStatement.class);
    }

    /// What DuckDB calls the types of the answer's columns.
    private List<String> types(Translated query) throws SQLException {
        try (var statement = prepared(around(query, "*"))) {
            var meta = statement.getMetaData();
            var types = new ArrayList<String>();
            for (var at = 1; at <= meta.getColumnCount(); at++) {
                types.add(meta.getColumnTypeName(at));
            }
            return types;
        }
    }

    /// The query, its columns called c0, c1 and so on.
    private static String around(Translated query, String select) {
        return "SELECT %s FROM (%s) AS q(%s)"
                .formatted(
                        select,
                        query.sql(),
                        IntStream.range(0, query.columns().size())
                                .mapToObj(at -> "c" + at)
                                .collect(Collectors.joining(", ")));
    }

    private static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /// A row as one JSON array: times as Trino writes them, what JSON has no number for as text.
    private static String cells(List<String> types) {
        return IntStream.range(0, types.size())
                .mapToObj(at -> cell(at, types.get(at)))
                .collect(Collectors.joining(", ", "CAST(json_array(", ") AS VARCHAR) AS line"));
    }

    private static String cell(int at, String type) {
        var value = value(at, type);
        return switch (type) {
            case "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_S", "TIMESTAMP_MS" ->
                    "strftime(" + value + ", '%Y-%m-%d %H:%M:%S.%g')";
            case "TIMESTAMP WITH TIME ZONE" ->
                    "strftime(" + value + ", '%Y-%m-%d %H:%M:%S.%g UTC')";
            case "DOUBLE", "FLOAT" ->
                    "CASE WHEN isfinite(%s) THEN to_json(%s) ELSE to_json(CAST(%s AS VARCHAR)) END"
                            .formatted(value, value, value);
            case "BLOB" -> "lower(hex(" + value + "))";
            case "INTERVAL" -> "CAST(" + value + " AS VARCHAR)";
            default -> value;
        };
    }

    /// Sums of whole numbers are whole numbers, as in Trino; DuckDB makes them twice as wide.
    private static String value(int at, String type) {
        return type.equals(given(type)) ? "c" + at : "CAST(c" + at + " AS " + given(type) + ")";
    }

    private static String given(String type) {
        return type.equals("HUGEINT") ? "BIGINT" : type;
    }

    // ---- bounds -------------------------------------------------------------------------------

    /// Ends the statement when its time is over, and tells how far it is until then.
    private Watch bounded(DuckDBPreparedStatement statement, Duration time) {
        return new Watch(statement, time, answers, clock);
    }

    /// Ends the process when its time is long over: there is work of DuckDB's, such as that on
    /// constants before a query begins, in which it looks at no clock.
    private Overdue overdue(Duration time) {
        var late = time.plus(time.compareTo(OVERDUE_MAX) < 0 ? time : OVERDUE_MAX);
        return new Overdue(
                clock.schedule(
                        () -> {
                            answers.failed(Failures.words(new TimeOverException(time)), true);
                            end.run();
                        },
                        late.toMillis(),
                        TimeUnit.MILLISECONDS));
    }

    private record Overdue(Future<?> ending) implements AutoCloseable {
        @Override
        public void close() {
            ending.cancel(false);
        }
    }

    /// Looks after a statement until it is closed; then it says nothing more.
    private static final class Watch implements AutoCloseable {
        private final DuckDBPreparedStatement statement;
        private final Duration time;
        private final Answers answers;
        private final Future<?> end;
        private final Future<?> progress;
        private boolean over;
        private boolean closed;

        Watch(
                DuckDBPreparedStatement statement,
                Duration time,
                Answers answers,
                ScheduledExecutorService clock) {
            this.statement = statement;
            this.time = time;
            this.answers = answers;
            this.end = clock.schedule(this::end, time.toMillis(), TimeUnit.MILLISECONDS);
            this.progress =
                    clock.scheduleAtFixedRate(
                            this::tell,
                            PROGRESS.toMillis(),
                            PROGRESS.toMillis(),
                            TimeUnit.MILLISECONDS);
        }

        private synchronized void end() {
            if (closed) {
                return;
            }
            over = true;
            try {
                statement.cancel();
            } catch (SQLException _) {
                // It has just ended by itself.
            }
        }

        private synchronized void tell() {
            if (closed) {
                return;
            }
            try {
                var percent = statement.getQueryProgress().getPercentage();
                if (percent >= 0) {
                    answers.running((int) percent);
                }
            } catch (SQLException _) {
                // Nothing runs just now.
            }
        }

        @Override
        public synchronized void close() throws TimeOverException {
            closed = true;
            end.cancel(false);
            progress.cancel(false);
            if (over) {
                throw new TimeOverException(time);
            }
        }
    }

    /// The query took longer than it may.
    static final class TimeOverException extends SQLException {
        private static final long serialVersionUID = 1L;

        TimeOverException(Duration time) {
            super("the query took longer than %s, and was ended".formatted(time));
        }
    }
}
