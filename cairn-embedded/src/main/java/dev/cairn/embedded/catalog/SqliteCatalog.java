package dev.cairn.embedded.catalog;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.CatalogException.Kind;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import org.sqlite.SQLiteConfig;

/// The [Catalog] in one SQLite file, for one server.
///
/// The file is in WAL mode with `synchronous=FULL`: a commit returns after its frames are fsynced
/// (https://sqlite.org/pragma.html#pragma_synchronous), and a process or machine that dies in
/// between leaves the state of the last commit. One connection writes, so that transactions take
/// turns here rather than fail with SQLITE_BUSY, and those that wait share a commit
/// ([GroupWriter]); [#READERS] others read, each get or list from one snapshot, and never wait for
/// the writer.
///
/// SQLite does its own I/O, and checks its own pages; the file is its format, `user_version` is
/// ours. A file of another version is refused, never guessed at.
public final class SqliteCatalog implements Catalog {

    /// How many threads may read at a time; more wait.
    static final int READERS = 4;

    /// How long a statement waits for another *process* (an operator's `sqlite3`, a command that
    /// reads the data folder of a running server) before it fails as UNAVAILABLE.
    static final int BUSY_MILLIS_MAX = 10_000;

    /// `Crn1`, so that another program's database is not taken for ours.
    private static final int APPLICATION_ID = 0x43726E31;

    /// What stands in `user_version`. Raise it with each change of the schema, and migrate.
    private static final int SCHEMA_VERSION = 1;

    /// https://sqlite.org/rescode.html
    private static final int SQLITE_CORRUPT = 11;

    private static final int SQLITE_NOTADB = 26;

    private static final String SCHEMA =
            """
            CREATE TABLE document (
              kind TEXT NOT NULL,
              key TEXT NOT NULL,
              version INTEGER NOT NULL,
              json TEXT NOT NULL,
              PRIMARY KEY (kind, key)
            ) STRICT, WITHOUT ROWID
            """;

    private final Path file;
    private final Session writing;
    private final GroupWriter writer;
    private final Semaphore readersFree = new Semaphore(READERS);
    private final ConcurrentLinkedDeque<Session> readers = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    /// Opens the catalog in that file, and makes it when it is not there, for the owner's eyes
    /// only.
    ///
    /// @throws CatalogException CORRUPT when the file is damaged, not a catalog, or from another
    ///   version; UNAVAILABLE when it cannot be opened
    public static SqliteCatalog open(Path file) throws CatalogException {
        createForOwner(file);
        List<Session> sessions = new ArrayList<>();
        try {
            sessions.add(connect(file));
            prepareSchema(file, sessions.getFirst());
            for (int i = 0; i < READERS; i++) {
                sessions.add(connect(file));
                sessions.getLast().execute("PRAGMA query_only = ON");
            }
            return new SqliteCatalog(
                    file, sessions.getFirst(), sessions.subList(1, sessions.size()));
        } catch (SQLException e) {
            closeAll(sessions, e);
            throw failure(file, e);
        } catch (CatalogException e) {
            closeAll(sessions, e);
            throw e;
        }
    }

    private SqliteCatalog(Path file, Session writing, List<Session> readers) {
        this.file = file;
        this.writing = writing;
        this.writer = new GroupWriter(file, writing);
        this.readers.addAll(readers);
    }

    @Override
    public Optional<Document> get(String kind, String key) throws CatalogException {
        Catalog.checkName(kind);
        Catalog.checkName(key);
        return read(session -> session.get(kind, key));
    }

    @Override
    public List<Document> list(String kind, String keyPrefix, String after, int limit)
            throws CatalogException {
        Catalog.checkName(kind);
        Catalog.checkLimit(limit);
        return read(session -> session.list(kind, keyPrefix, after, limit));
    }

    @Override
    public List<Document> list(String kind, Range range, int limit, long charsMax)
            throws CatalogException {
        Catalog.checkName(kind);
        Catalog.checkLimit(limit);
        Catalog.checkCharsMax(charsMax);
        return read(session -> session.list(kind, range, limit, charsMax));
    }

    @Override
    public <T, X extends Exception> T write(Work<T, X> work) throws CatalogException, X {
        return writer.write(work);
    }

    /// Waits for those who read and write, then lets go of the file.
    @Override
    public void close() {
        writer.stop();
        readersFree.acquireUninterruptibly(READERS);
        try {
            if (closed) {
                return;
            }
            closed = true;
            // The writer last, so that SQLite checkpoints and removes the WAL.
            List<Session> sessions = new ArrayList<>(readers);
            sessions.add(writing);
            IllegalStateException failed =
                    new IllegalStateException("SQLite does not let go of " + file);
            closeAll(sessions, failed);
            if (failed.getSuppressed().length > 0) {
                throw failed;
            }
        } finally {
            readersFree.release(READERS);
        }
    }

    /// Reads the whole file and checks it: every page, every index, every document's place.
    ///
    /// @return a sentence for each thing found wrong; empty when all is well
    public List<String> check() throws CatalogException {
        try {
            List<String> findings = read(session -> session.texts("PRAGMA integrity_check"));
            return findings.equals(List.of("ok")) ? List.of() : findings;
        } catch (CatalogException e) {
            if (e.kind() == Kind.CORRUPT) {
                return List.of(e.getMessage() + ": " + e.getCause());
            }
            throw e;
        }
    }

    /// How many writers wait for their turn; for tests.
    int waiting() {
        return writer.waiting();
    }

    /// A pragma of the writer, as SQLite answers it; for tests.
    String setting(String pragma) throws SQLException {
        return writing.texts("PRAGMA " + pragma).getFirst();
    }

    /// Has SQLite refuse to grow the file beyond so many pages, as a full disk does; for tests.
    void limitPages(int pagesMax) throws SQLException {
        writing.execute("PRAGMA max_page_count = " + pagesMax);
    }

    private <T> T read(Session.Statement<T> reading) throws CatalogException {
        readersFree.acquireUninterruptibly();
        try {
            refuseWhenClosed();
            Session session = readers.pop();
            try {
                return reading.in(session);
            } catch (SQLException e) {
                throw failure(file, e);
            } finally {
                readers.push(session);
            }
        } finally {
            readersFree.release();
        }
    }

    private void refuseWhenClosed() throws CatalogException {
        if (closed) {
            throw new CatalogException(Kind.UNAVAILABLE, "the catalog " + file + " is closed");
        }
    }

    static void createForOwner(Path file) throws CatalogException {
        try {
            if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
                // SQLite gives its WAL the mode of the file.
                Files.createFile(
                        file,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
            }
        } catch (FileAlreadyExistsException _) {
            return;
        } catch (IOException e) {
            throw new CatalogException(Kind.UNAVAILABLE, "cannot make the catalog " + file, e);
        }
    }

    static Session connect(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(BUSY_MILLIS_MAX);
        return new Session(config.createConnection("jdbc:sqlite:" + file.toAbsolutePath()));
    }

    /// In one transaction, so that a file never has half a schema.
    private static void prepareSchema(Path file, Session session)
            throws SQLException, CatalogException {
        session.execute("BEGIN IMMEDIATE");
        int application = session.number("PRAGMA application_id");
        int version = session.number("PRAGMA user_version");
        int tables = session.number("SELECT count(*) FROM sqlite_schema");
        if (application == 0 && version == 0 && tables == 0) {
            session.execute(SCHEMA);
            session.execute("PRAGMA application_id = " + APPLICATION_ID);
            session.execute("PRAGMA user_version = " + SCHEMA_VERSION);
        } else if (application != APPLICATION_ID) {
            throw new CatalogException(
                    Kind.CORRUPT,
                    "expected a Cairn catalog, but %s is another program's database"
                            .formatted(file));
        } else if (version != SCHEMA_VERSION) {
            throw new CatalogException(
                    Kind.CORRUPT,
                    "expected schema version %d, but the catalog %s has version %d: it belongs to another version of Cairn, and is left as it is"
                            .formatted(SCHEMA_VERSION, file, version));
        }
        session.execute("COMMIT");
    }

    private static void closeAll(List<Session> sessions, Exception because) {
        for (Session session : sessions) {
            try {
                session.close();
            } catch (SQLException e) {
                because.addSuppressed(e);
            }
        }
    }

    /// The primary result code is the low byte of the extended one.
    static CatalogException failure(Path file, SQLException e) {
        int code = e.getErrorCode() & 0xFF;
        return switch (code) {
            case SQLITE_CORRUPT, SQLITE_NOTADB ->
                    new CatalogException(
                            Kind.CORRUPT, "the catalog %s is damaged".formatted(file), e);
            default ->
                    new CatalogException(
                            Kind.UNAVAILABLE, "the catalog %s does not answer".formatted(file), e);
        };
    }
}
