package dev.cairn.lake.engine;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;

/// A database in memory that lives as long as this does.
///
/// It loads no extensions and reads no settings of the user's. Times without a zone are UTC.
public final class Engine implements AutoCloseable {
    private final DuckDBConnection connection;

    private Engine(DuckDBConnection connection) {
        this.connection = connection;
    }

    /// Starts one.
    public static Engine start(Limits limits) throws SQLException {
        var properties = new Properties();
        // Large answers come as they are made.
        properties.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, "true");
        var connection =
                DriverManager.getConnection("jdbc:duckdb:", properties)
                        .unwrap(DuckDBConnection.class);
        var engine = new Engine(connection);
        try {
            engine.run("SET autoinstall_known_extensions = false");
            engine.run("SET autoload_known_extensions = false");
            engine.run("SET memory_limit = '" + limits.memoryBytes() + "B'");
            engine.run("SET temp_directory = " + text(limits.spill().toString()));
            engine.run("SET max_temp_directory_size = '" + limits.spillBytes() + "B'");
            engine.run("SET threads = " + limits.threads());
            engine.run("SET TimeZone = 'UTC'");
            // Trino divides whole numbers into whole numbers.
            engine.run("SET integer_division = true");
            engine.run("SET enable_progress_bar = true");
            engine.run("SET enable_progress_bar_print = false");
            engine.run("SET progress_bar_time = 0");
            return engine;
        } catch (SQLException failure) {
            engine.close();
            throw failure;
        }
    }

    /// From now on it can reach these files and no others, and none of its settings can be changed.
    public void lock(List<String> files) throws SQLException {
        run(
                files.stream()
                        .map(Engine::text)
                        .collect(Collectors.joining(", ", "SET allowed_paths = [", "]")));
        run("SET enable_external_access = false");
        run("SET lock_configuration = true");
    }

    public DuckDBConnection connection() {
        return connection;
    }

    /// Runs a statement of ours.
    public void run(String sql) throws SQLException {
        run(connection, sql);
    }

    /// Runs a statement of ours.
    public static void run(DuckDBConnection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// Runs a statement of ours that changes rows.
    ///
    /// @return how many
    public long update(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            return statement.executeLargeUpdate(sql);
        }
    }

    /// A text as SQL writes it.
    public static String text(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
