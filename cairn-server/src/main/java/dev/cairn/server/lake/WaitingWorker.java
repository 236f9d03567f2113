package dev.cairn.server.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A worker that is started before its question is there, so that who asks one query after the
/// other does not wait for a process each time.
///
/// There is one at most: started when a query has ended, and ended when none comes for
/// [#WAIT_MINUTES].
final class WaitingWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WaitingWorker.class);
    private static final String HEAP = "-Xmx512m";
    private static final long WAIT_MINUTES = 10;

    private final Path scratch;
    private final Supplier<String> names;
    private @Nullable Worker waiting;
    private boolean closed;

    /// A worker that was asked nothing yet.
    ///
    /// @param folder its own, for whatever its query needs on disk
    record Worker(Process process, Path folder) {
        /// Ends it, and removes its folder.
        void end() {
            process.destroyForcibly();
            try {
                process.waitFor();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            try {
                LakeProcess.remove(folder);
            } catch (IOException failure) {
                LOG.warn("{} cannot be removed: {}", folder, failure.toString());
            }
        }
    }

    /// @param scratch where the folders of workers are made
    /// @param names for them, each another one
    WaitingWorker(Path scratch, Supplier<String> names) {
        this.scratch = scratch;
        this.names = names;
    }

    /// The one that waits, or a new one: the caller's from here on.
    Worker take() throws IOException {
        Worker taken;
        synchronized (this) {
            taken = waiting;
            waiting = null;
        }
        if (taken != null && !taken.process().isAlive()) {
            taken.end();
            taken = null;
        }
        return taken != null ? taken : start();
    }

    /// Starts one for the next query, unless one waits.
    synchronized void prepare() {
        if (closed || waiting != null) {
            return;
        }
        try {
            var started = start();
            waiting = started;
            Thread.ofVirtual().name("lake-worker").start(() -> watch(started));
        } catch (IOException failure) {
            // The next query starts its own, or says why it cannot.
            LOG.warn("a worker cannot be started before its query: {}", failure.toString());
        }
    }

    private Worker start() throws IOException {
        var folder = Files.createDirectories(scratch.resolve(names.get()));
        return new Worker(LakeProcess.start(LakeProcess.WORKER, HEAP, folder), folder);
    }

    private void watch(Worker worker) {
        try {
            worker.process().waitFor(WAIT_MINUTES, TimeUnit.MINUTES);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            if (!worker.equals(waiting)) {
                return;
            }
            waiting = null;
        }
        worker.end();
    }

    @Override
    public void close() {
        Worker left;
        synchronized (this) {
            closed = true;
            left = waiting;
            waiting = null;
        }
        if (left != null) {
            left.end();
        }
    }
}
