package dev.cairn.bench;

import dev.cairn.event.Event;
import dev.cairn.event.Resource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/// DuckDB over Parquet files: one for each day, sorted newest first, the columns that LookupEvents
/// asks for beside the record itself.
final class ParquetPeer implements AutoCloseable {
    private final Path folder;
    private final DuckDBConnection duck;

    ParquetPeer(Path folder) throws SQLException, BenchException {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new BenchException("cannot make " + folder, e);
        }
        Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        this.duck = connection.unwrap(DuckDBConnection.class);
        run("SET memory_limit='4GB'");
        run("SET temp_directory='" + folder + ".tmp'");
    }

    /// Writes a file of the events from one ordinal to another.
    void add(Traffic traffic, long from, long to, LongFunction<Instant> times) throws SQLException {
        run(
                "CREATE OR REPLACE TABLE staging (id VARCHAR, time BIGINT, account VARCHAR, region"
                        + " VARCHAR, category VARCHAR, name VARCHAR, source VARCHAR, readOnly"
                        + " VARCHAR, username VARCHAR, accessKeyId VARCHAR, types VARCHAR, names"
                        + " VARCHAR, json VARCHAR)");
        try (DuckDBAppender appender = duck.createAppender("main", "staging")) {
            for (long at = from; at < to; at++) {
                append(appender, traffic, at, times.apply(at));
            }
        }
        run(
                "COPY (SELECT * EXCLUDE (types, names), string_split(types, '\\n') AS types,"
                        + " string_split(names, '\\n') AS names FROM staging ORDER BY time DESC,"
                        + " id) TO '".replace("\\n", "\n")
                        + folder.resolve("events-%010d.parquet".formatted(from))
                        + "' (FORMAT parquet, COMPRESSION zstd)");
        run("DROP TABLE staging");
    }

    private static void append(DuckDBAppender appender, Traffic traffic, long ordinal, Instant time)
            throws SQLException {
        Event event = traffic.read(ordinal);
        appender.beginRow();
        appender.append(traffic.id(ordinal));
        appender.append(time.toEpochMilli());
        appender.append(event.place().account());
        appender.append(event.place().region());
        appender.append(event.category().toString());
        appender.append(event.name());
        appender.append(event.source());
        appender.append(Boolean.toString(event.readOnly()));
        appender.append(event.username());
        appender.append(event.accessKeyId());
        appender.append(joined(event, true));
        appender.append(joined(event, false));
        appender.append(
                new String(
                        traffic.event(ordinal, time.toString().getBytes(StandardCharsets.US_ASCII)),
                        StandardCharsets.UTF_8));
        appender.endRow();
    }

    private static @Nullable String joined(Event event, boolean types) {
        return event.resources().isEmpty()
                ? null
                : event.resources().stream()
                        .map(resource -> types ? type(resource) : resource.name())
                        .collect(Collectors.joining("\n"));
    }

    private static String type(Resource resource) {
        return resource.type();
    }

    /// Asks what LookupEvents would be asked, and reads the answer.
    ///
    /// @return how many events it holds
    int ask(String attribute, String value) throws SQLException {
        String condition =
                switch (attribute) {
                    case "" -> "? = ''";
                    case "EventId" -> "id = ?";
                    case "EventName" -> "name = ?";
                    case "EventSource" -> "source = ?";
                    case "ReadOnly" -> "readOnly = ?";
                    case "Username" -> "username = ?";
                    case "ResourceType" -> "list_contains(types, ?)";
                    case "ResourceName" -> "list_contains(names, ?)";
                    case "AccessKeyId" -> "accessKeyId = ?";
                    default -> throw new IllegalArgumentException("no attribute " + attribute);
                };
        String sql =
                "SELECT * FROM read_parquet('%s/*.parquet') WHERE account = '%s' AND region = '%s' AND category = 'MANAGEMENT' AND %s ORDER BY time DESC, id LIMIT 50"
                        .formatted(folder, Traffic.ACCOUNT, Traffic.REGION, condition);
        try (PreparedStatement statement = duck.prepareStatement(sql)) {
            statement.setString(1, value);
            int count = 0;
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    count += rows.getString("json") == null ? 0 : 1;
                }
            }
            return count;
        }
    }

    private void run(String sql) throws SQLException {
        try (var statement = duck.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        duck.close();
    }
}
