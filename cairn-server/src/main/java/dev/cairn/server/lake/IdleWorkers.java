package dev.cairn.server.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Workers that have nothing to do, so that who asks one query after the other does not wait for a
/// process each time.
///
/// There is one at most: the one that answered last, for the account that it answered, or one that
/// was asked nothing yet, for anyone. It is ended when nobody takes it for [#WAIT_MINUTES].
final class IdleWorkers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IdleWorkers.class);
    private static final String HEAP = "-Xmx512m";
    private static final long WAIT_MINUTES = 10;

    /// What one worker answers; then another one begins with nothing left behind.
    private static final int ANSWERS_MAX = 100;

    private final Path scratch;
    private final Supplier<String> names;
    private @Nullable Worker idle;
    private boolean closed;

    /// A worker without a query.
    ///
    /// @param folder its own
    /// @param account for whose queries it is; empty: anyone's
    /// @param answered how many it has answered
    record Worker(Process process, Path folder, String account, int answered) {
        /// For whatever a query needs on disk; made for each, and removed after it.
        Path scratch() {
            return folder.resolve("query");
        }

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
    IdleWorkers(Path scratch, Supplier<String> names) {
        this.scratch = scratch;
        this.names = names;
    }

    /// The one that is idle, where it may work for this account, or a new one: the caller's from
    /// here on.
    Worker take(String account) throws IOException {
        Worker taken = null;
        synchronized (this) {
            if (idle != null && (idle.account().isEmpty() || idle.account().equals(account))) {
                taken = idle;
                idle = null;
            }
        }
        if (taken != null && !taken.process().isAlive()) {
            taken.end();
            taken = null;
        }
        return taken != null ? taken : start();
    }

    /// Takes back one that has answered, and waits for another question.
    ///
    /// @param account whose it was
    void giveBack(Worker worker, String account) throws IOException {
        LakeProcess.remove(worker.scratch());
        var answered = worker.answered() + 1;
        var back = new Worker(worker.process(), worker.folder(), account, answered);
        Worker left = back;
        synchronized (this) {
            if (!closed && answered < ANSWERS_MAX) {
                left = idle;
                keep(back);
            }
        }
        if (left != null) {
            left.end();
        }
    }

    /// Starts one for the next query, unless one is idle.
    synchronized void prepare() {
        if (closed || idle != null) {
            return;
        }
        try {
            keep(start());
        } catch (IOException failure) {
            // The next query starts its own, or says why it cannot.
            LOG.warn("a worker cannot be started before its query: {}", failure.toString());
        }
    }

    private synchronized void keep(Worker worker) {
        idle = worker;
        Thread.ofVirtual().name("lake-worker").start(() -> watch(worker));
    }

    private Worker start() throws IOException {
        var folder = Files.createDirectories(scratch.resolve(names.get()));
        return new Worker(LakeProcess.start(LakeProcess.WORKER, HEAP, folder), folder, "", 0);
    }

    private void watch(Worker worker) {
        try {
            worker.process().waitFor(WAIT_MINUTES, TimeUnit.MINUTES);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            if (!worker.equals(idle)) {
                return;
            }
            idle = null;
        }
        worker.end();
    }

    @Override
    public void close() {
        Worker left;
        synchronized (this) {
            closed = true;
            left = idle;
            idle = null;
        }
        if (left != null) {
            left.end();
        }
    }
}
