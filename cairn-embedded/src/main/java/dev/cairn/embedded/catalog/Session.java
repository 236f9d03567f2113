package dev.cairn.embedded.catalog;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Range;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sqlite.SQLiteConnection;

/// One connection, used by one thread at a time, and the SQL that runs on it.
///
/// Statements are prepared for each use and closed before a method returns: the driver finalizes a
/// statement that met an error, so that one kept for reuse would be lost to the next caller, and an
/// open result set would hold its snapshot and keep the WAL from being checkpointed.
record Session(Connection connection) implements AutoCloseable {

    /// https://sqlite.org/rescode.html
    private static final int SQLITE_OK = 0;

    /// What runs on a session.
    @FunctionalInterface
    interface Statement<T> {
        T in(Session session) throws SQLException;
    }

    Optional<Document> get(String kind, String key) throws SQLException {
        try (PreparedStatement get =
                connection.prepareStatement(
                        "SELECT version, json FROM document WHERE kind = ? AND key = ?")) {
            get.setString(1, kind);
            get.setString(2, key);
            try (ResultSet row = get.executeQuery()) {
                return row.next()
                        ? Optional.of(new Document(kind, key, row.getLong(1), row.getString(2)))
                        : Optional.empty();
            }
        }
    }

    /// Keys that start with the prefix are neighbours, and the first of them is the first key not
    /// below it: so the reading ends at the first key that does not start with it.
    List<Document> list(String kind, String keyPrefix, String after, int limit)
            throws SQLException {
        List<Document> documents = new ArrayList<>();
        try (PreparedStatement list =
                connection.prepareStatement(
                        """
                        SELECT key, version, json FROM document
                        WHERE kind = ? AND key > ? AND key >= ? ORDER BY key LIMIT ?
                        """)) {
            list.setString(1, kind);
            list.setString(2, after);
            list.setString(3, keyPrefix);
            list.setInt(4, limit);
            try (ResultSet row = list.executeQuery()) {
                while (row.next() && row.getString(1).startsWith(keyPrefix)) {
                    documents.add(
                            new Document(kind, row.getString(1), row.getLong(2), row.getString(3)));
                }
            }
        }
        return List.copyOf(documents);
    }

    /// Rows come out of the file one by one, so that none is read beyond the bound.
    List<Document> list(String kind, Range range, int limit, long charsMax) throws SQLException {
        List<Document> documents = new ArrayList<>();
        try (PreparedStatement list =
                connection.prepareStatement(
                        "SELECT key, version, json FROM document WHERE kind = ? AND key > ? AND key < ? ORDER BY key %s LIMIT ?"
                                .formatted(range.backward() ? "DESC" : "ASC"))) {
            list.setString(1, kind);
            list.setString(2, range.after());
            list.setString(3, range.before());
            list.setInt(4, limit);
            try (ResultSet row = list.executeQuery()) {
                long chars = 0;
                while (chars < charsMax && row.next()) {
                    Document document =
                            new Document(kind, row.getString(1), row.getLong(2), row.getString(3));
                    documents.add(document);
                    chars += document.json().length();
                }
            }
        }
        return List.copyOf(documents);
    }

    /// @return how many rows were made: 0 when there is one already
    int create(String kind, String key, String json) throws SQLException {
        try (PreparedStatement create =
                connection.prepareStatement(
                        """
                        INSERT INTO document (kind, key, version, json) VALUES (?, ?, 1, ?)
                        ON CONFLICT DO NOTHING
                        """)) {
            create.setString(1, kind);
            create.setString(2, key);
            create.setString(3, json);
            return create.executeUpdate();
        }
    }

    /// @return how many rows were changed: 0 when it does not stand at that version
    int replace(Document old, String json) throws SQLException {
        try (PreparedStatement replace =
                connection.prepareStatement(
                        """
                        UPDATE document SET version = version + 1, json = ?
                        WHERE kind = ? AND key = ? AND version = ?
                        """)) {
            replace.setString(1, json);
            replace.setString(2, old.kind());
            replace.setString(3, old.key());
            replace.setLong(4, old.version());
            return replace.executeUpdate();
        }
    }

    /// @return how many rows were removed: 0 when it does not stand at that version
    int delete(Document old) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement(
                        "DELETE FROM document WHERE kind = ? AND key = ? AND version = ?")) {
            delete.setString(1, old.kind());
            delete.setString(2, old.key());
            delete.setLong(3, old.version());
            return delete.executeUpdate();
        }
    }

    /// Runs a statement without parameters or results: a pragma, BEGIN, COMMIT.
    void execute(String sql) throws SQLException {
        try (java.sql.Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// The first column of every row.
    List<String> texts(String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (java.sql.Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        }
        return List.copyOf(texts);
    }

    /// Begins to read; what others commit from now on is not seen.
    void beginReading() throws SQLException {
        execute("BEGIN");
        // SQLite takes its snapshot with the first statement that reads.
        number("SELECT count(*) FROM sqlite_schema");
    }

    /// Copies the database, as this connection sees it, to an empty file.
    void copyTo(Path file) throws SQLException {
        int code =
                connection
                        .unwrap(SQLiteConnection.class)
                        .getDatabase()
                        .backup("main", file.toAbsolutePath().toString(), null);
        if (code != SQLITE_OK) {
            throw new SQLException("could not copy the database to " + file, "", code);
        }
    }

    int number(String sql) throws SQLException {
        return Integer.parseInt(texts(sql).getFirst());
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
