package dev.cairn.embedded.thread;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/// Waits for our own threads to end: an interrupt is kept for later, as files must not be closed
/// under a thread that writes them.
public final class Threads {
    private Threads() {}

    /// Waits for a thread that was told to end.
    public static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Takes no more tasks, and waits for those that were taken.
    public static void join(ExecutorService executor) {
        boolean interrupted = false;
        executor.shutdown();
        while (!executor.isTerminated()) {
            try {
                executor.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
