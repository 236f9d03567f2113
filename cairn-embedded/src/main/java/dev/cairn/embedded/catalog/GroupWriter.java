package dev.cairn.embedded.catalog;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.Catalog.Work;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.CatalogException.Kind;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the catalog's transactions one after another, and makes those durable together that wait
/// for each other anyway: group commit.
///
/// Callers take turns, first come, first served. Whoever finds no transaction of SQLite's open
/// begins one; whoever finds one joins it behind a savepoint, so that its work can be undone alone.
/// Whoever has worked and finds nobody waiting for a turn commits; everybody else leaves that to
/// the next, who holds a place in the queue already and so is sure to come. Then all are answered.
/// So a lone caller has a transaction of its own and waits for nothing, and while one group waits
/// for the disk the next one gathers. A group ends at [#MEMBERS_MAX], too.
///
/// A member sees what earlier members of its group did, and that may not be durable yet. Therefore
/// nobody is answered before its group's end, not even who only read, or failed by what it saw; and
/// when the group cannot be made durable, all are told that it was not. Three things make a group
/// fail as a whole: its commit fails; SQLite rolls it back by itself, as it may when the disk is
/// full or does not answer (https://sqlite.org/lang_transaction.html); a savepoint cannot be
/// returned to. See decision 0017.
final class GroupWriter {
    /// How many transactions may join one group: bounds how long the first of them waits.
    static final int MEMBERS_MAX = 64;

    private static final Logger log = LoggerFactory.getLogger(GroupWriter.class);

    private final Path file;
    private final Session session;
    private final ReentrantLock turn = new ReentrantLock(true);

    // Both belong to whoever has the turn.
    private @Nullable Group open;
    private boolean stopped;

    /// @param file for messages
    /// @param session used by nobody else
    GroupWriter(Path file, Session session) {
        this.file = file;
        this.session = session;
    }

    /// Runs a transaction; see [Catalog#write].
    <T, X extends Exception> T write(Work<T, X> work) throws CatalogException, X {
        if (turn.isHeldByCurrentThread()) {
            throw new IllegalStateException("a transaction must not start another one");
        }
        Member member = new Member();
        try {
            turn.lock();
            try {
                return run(work, member);
            } finally {
                passTurn();
            }
        } finally {
            member.end();
        }
    }

    /// Ends the open group, and refuses all later ones.
    void stop() {
        turn.lock();
        try {
            stopped = true;
            if (open != null) {
                commit(open);
            }
        } finally {
            turn.unlock();
        }
    }

    /// How many callers wait for their turn; for tests.
    int waiting() {
        return turn.getQueueLength();
    }

    private <T, X extends Exception> T run(Work<T, X> work, Member member)
            throws CatalogException, X {
        if (stopped) {
            throw new CatalogException(Kind.UNAVAILABLE, "the catalog " + file + " is closed");
        }
        Group group = join(member);
        boolean kept = false;
        try {
            T result = work.run(member);
            member.refuseWhenBroken();
            keep(group);
            kept = true;
            return result;
        } finally {
            member.worked = true;
            if (!kept) {
                undo(group, member);
            }
        }
    }

    /// Gives the turn to the next in the queue, who goes on with the group; ends the group first
    /// when there is no next, or it is full.
    private void passTurn() {
        try {
            if (open != null && (open.full() || !turn.hasQueuedThreads())) {
                commit(open);
            }
        } finally {
            turn.unlock();
        }
    }

    // SQLite's transaction.

    private Group join(Member member) throws CatalogException {
        Group group = open;
        try {
            if (group == null) {
                session.execute("BEGIN IMMEDIATE");
                group = new Group();
                open = group;
            } else {
                session.execute("SAVEPOINT member");
            }
        } catch (SQLException e) {
            throw SqliteCatalog.failure(file, e);
        }
        group.joined++;
        member.group = group;
        return group;
    }

    private void keep(Group group) throws CatalogException {
        if (group.kept > 0) {
            try {
                session.execute("RELEASE member");
            } catch (SQLException e) {
                throw SqliteCatalog.failure(file, e);
            }
        }
        group.kept++;
    }

    /// Undoes what one member did; that is all there is when it is the first.
    private void undo(Group group, Member member) {
        boolean undone = false;
        try {
            if (group.kept > 0) {
                session.execute("ROLLBACK TO member");
                session.execute("RELEASE member");
                undone = true;
            }
        } catch (SQLException e) {
            // SQLite has rolled back by itself, and the savepoint with it.
            member.broke(e);
        } finally {
            if (!undone) {
                abandon(group, member.broken);
            }
        }
    }

    private void commit(Group group) {
        boolean committed = false;
        SQLException failed = null;
        try {
            session.execute("COMMIT");
            committed = true;
            open = null;
            group.end.complete(Optional.empty());
        } catch (SQLException e) {
            failed = e;
        } finally {
            if (!committed) {
                abandon(group, failed);
            }
        }
    }

    /// Ends a group with nothing changed. Who is in it with work done is told so in any case.
    private void abandon(Group group, @Nullable SQLException because) {
        open = null;
        try {
            rollback();
        } finally {
            group.end.complete(
                    because == null && group.kept > 0
                            ? Optional.of(new SQLException("the transaction broke off"))
                            : Optional.ofNullable(because));
        }
    }

    /// SQLite has rolled back by itself after some errors (full, I/O), and then says that there is
    /// nothing to roll back, which harms nothing (https://sqlite.org/lang_transaction.html). What
    /// went wrong is already on its way to the callers; a transaction that stayed open would refuse
    /// the next BEGIN.
    private void rollback() {
        try {
            session.execute("ROLLBACK");
        } catch (SQLException e) {
            log.debug("nothing to roll back in {}", file, e);
        }
    }

    /// Transactions that stand or fall together once their work is done.
    private static final class Group {
        /// Completed at the end, with what made it fail.
        private final CompletableFuture<Optional<SQLException>> end = new CompletableFuture<>();

        private int joined;
        private int kept;

        /// Whether somebody in it must not wait for others.
        private boolean closed;

        boolean full() {
            return closed || joined == MEMBERS_MAX;
        }
    }

    /// One caller's transaction.
    private final class Member implements Transaction {
        private final List<Runnable> atEnd = new ArrayList<>();
        private @Nullable Group group;
        private @Nullable SQLException broken;
        private boolean worked;

        @Override
        public Optional<Document> get(String kind, String key) throws CatalogException {
            Catalog.checkName(kind);
            Catalog.checkName(key);
            return run(session -> session.get(kind, key));
        }

        @Override
        public List<Document> list(String kind, String keyPrefix, String after, int limit)
                throws CatalogException {
            Catalog.checkName(kind);
            Catalog.checkLimit(limit);
            return run(session -> session.list(kind, keyPrefix, after, limit));
        }

        @Override
        public void create(String kind, String key, String json) throws CatalogException {
            Catalog.checkName(kind);
            Catalog.checkName(key);
            if (run(session -> session.create(kind, key, json)) == 0) {
                throw new CatalogException(
                        Kind.CONFLICT,
                        "expected no document %s/%s, but there is one".formatted(kind, key));
            }
        }

        @Override
        public void replace(Document old, String json) throws CatalogException {
            expectChanged(old, run(session -> session.replace(old, json)));
        }

        @Override
        public void delete(Document old) throws CatalogException {
            expectChanged(old, run(session -> session.delete(old)));
        }

        @Override
        public void atEnd(Runnable action) {
            atEnd.add(action);
        }

        @Override
        public void hold(Runnable take, Runnable giveBack) {
            refuseOutsideWork();
            if (group != null) {
                group.closed = true;
            }
            take.run();
            atEnd.add(giveBack);
        }

        private <T> T run(Session.Statement<T> statement) throws CatalogException {
            refuseOutsideWork();
            refuseWhenBroken();
            try {
                return statement.in(session);
            } catch (SQLException e) {
                broke(e);
                throw SqliteCatalog.failure(file, e);
            }
        }

        /// The first error is the one that counts.
        private void broke(SQLException e) {
            if (broken == null) {
                broken = e;
            }
        }

        private void refuseOutsideWork() {
            if (worked || !turn.isHeldByCurrentThread()) {
                throw new IllegalStateException(
                        "a transaction is used within its work, on its thread");
            }
        }

        /// After an error SQLite may have rolled back: what is written then would stand alone.
        private void refuseWhenBroken() throws CatalogException {
            if (broken != null) {
                throw SqliteCatalog.failure(file, broken);
            }
        }

        /// Waits for the end of the group, and does what is to be done then.
        ///
        /// @throws CatalogException when the group failed
        private void end() throws CatalogException {
            try {
                Optional<SQLException> failed = group == null ? Optional.empty() : group.end.join();
                if (failed.isPresent()) {
                    throw SqliteCatalog.failure(file, failed.get());
                }
            } finally {
                atEnd.forEach(Runnable::run);
            }
        }

        private static void expectChanged(Document old, int rows) throws CatalogException {
            if (rows == 0) {
                throw new CatalogException(
                        Kind.CONFLICT,
                        "expected the document %s/%s at version %d, but it has changed"
                                .formatted(old.kind(), old.key(), old.version()));
            }
        }
    }
}
