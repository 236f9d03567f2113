package dev.cairn.server.lake;

import dev.cairn.catalog.CatalogException;
import dev.cairn.server.operation.StoreImports.Loaded;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Loads into one table that come at the same time, taken together: those that wait for a commit
/// are in the next one. A commit costs nearly as much for one file of events as for fifty.
///
/// Any thread may call any method; the commits are made by those that wait for them.
final class GroupedLoads {
    /// Of one commit, unless one load alone is larger.
    static final long BYTES_MAX = 64L << 20;

    /// Makes one commit.
    @FunctionalInterface
    interface Commit {
        /// @return what became of each
        /// @throws IOException when it cannot be told whether they are there
        List<Loaded> of(List<List<byte[]>> loads) throws IOException, CatalogException;
    }

    private final Deque<Waiting> waiting = new ArrayDeque<>();

    /// Whoever holds it commits.
    private final Object turn = new Object();

    private static final class Waiting {
        private final List<byte[]> events;
        private final long bytes;
        private @Nullable Loaded loaded;
        private @Nullable Exception failure;

        Waiting(List<byte[]> events) {
            this.events = events;
            this.bytes = events.stream().mapToLong(event -> event.length).sum();
        }

        boolean ended() {
            return loaded != null || failure != null;
        }

        Loaded loaded() throws IOException, CatalogException {
            if (loaded != null) {
                return loaded;
            }
            if (failure instanceof CatalogException ofCatalog) {
                throw ofCatalog;
            }
            if (failure instanceof RuntimeException ours) {
                throw ours;
            }
            throw new IOException(
                    failure == null ? "" : String.valueOf(failure.getMessage()), failure);
        }
    }

    /// Loads events; they are there when this returns.
    ///
    /// @param commit of the one whose turn it is, for all that wait
    /// @throws IOException when it cannot be told whether they are there
    Loaded load(List<byte[]> events, Commit commit) throws IOException, CatalogException {
        var mine = new Waiting(events);
        synchronized (waiting) {
            waiting.add(mine);
        }
        synchronized (turn) {
            while (!mine.ended()) {
                commit(next(), commit);
            }
        }
        return mine.loaded();
    }

    /// How many wait for the next commit.
    int waiting() {
        synchronized (waiting) {
            return waiting.size();
        }
    }

    private List<Waiting> next() {
        var group = new ArrayList<Waiting>();
        long bytes = 0;
        synchronized (waiting) {
            while (!waiting.isEmpty()
                    && (group.isEmpty() || bytes + waiting.getFirst().bytes <= BYTES_MAX)) {
                bytes += waiting.getFirst().bytes;
                group.add(waiting.removeFirst());
            }
        }
        return group;
    }

    /// What fails is told those who are in it, and nobody else: whoever commits may not be.
    private static void commit(List<Waiting> group, Commit commit) {
        Exception failure = new IllegalStateException("the commit was cut off");
        try {
            var loaded = commit.of(group.stream().map(one -> one.events).toList());
            for (var at = 0; at < group.size(); at++) {
                group.get(at).loaded = loaded.get(at);
            }
        } catch (IOException | CatalogException | RuntimeException failed) {
            failure = failed;
        } finally {
            // Whatever it was, an Error too: those that wait for it are to know.
            for (var one : group) {
                one.failure = failure;
            }
        }
    }
}
