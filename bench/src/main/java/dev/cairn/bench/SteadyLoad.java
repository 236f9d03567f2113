package dev.cairn.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Events offered at a steady rate: batches are sent when they are due, whether or not earlier ones
/// are answered late.
///
/// @param connections how many send, each with one batch under way
record SteadyLoad(int connections, Load.SenderMaker maker) {
    static final int BATCH = 100;

    /// Told of each batch, by the thread that sent it.
    interface Acknowledged {
        /// @param batch its number, from 0
        void batch(long batch);
    }

    /// How many events [#offer] sends.
    static long events(int rate, int seconds) {
        return (long) rate * seconds / BATCH * BATCH;
    }

    /// Sends events for a time.
    ///
    /// @param first the ordinal of the first of them
    /// @param rate events a second
    /// @return seconds from the first batch to the last acknowledgement
    double offer(long first, int rate, int seconds, Acknowledged heard)
            throws BenchException, InterruptedException {
        long batches = events(rate, seconds) / BATCH;
        AtomicLong next = new AtomicLong();
        long began = System.nanoTime();
        try (ExecutorService senders = Executors.newFixedThreadPool(connections)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                running.add(
                        senders.submit(() -> {
                            Load.Sender sender = maker.make();
                            try {
                                for (long at = next.getAndIncrement();
                                        at < batches;
                                        at = next.getAndIncrement()) {
                                    sleepUntil(began + at * BATCH * 1_000_000_000L / rate);
                                    sender.send(first + at * BATCH, BATCH);
                                    heard.batch(at);
                                }
                                sender.settle();
                            } finally {
                                sender.close();
                            }
                            return null;
                        }));
            }
            for (Future<?> one : running) {
                one.get();
            }
            return (System.nanoTime() - began) / 1e9;
        } catch (ExecutionException e) {
            throw new BenchException("the load broke off: " + e.getCause(), e);
        }
    }

    private static void sleepUntil(long nanos) {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
