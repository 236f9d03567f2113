package dev.cairn.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// Things sent over several connections at once, as fast as they are taken, in parts of equal size.
final class Load {
    /// In how many parts things are sent.
    static final int PARTS = 10;

    private final int connections;
    private final int batch;

    /// @param batch how many things a connection sends at a time
    Load(int connections, int batch) {
        this.connections = connections;
        this.batch = batch;
    }

    /// Sends one batch after another on a connection of its own.
    interface Sender {
        /// Sends a batch, and returns when it is acknowledged or on its way.
        void send(long first, int count) throws Exception;

        /// Returns when all that was sent is acknowledged.
        default void settle() throws Exception {}

        default void close() throws IOException {}
    }

    /// Makes one for each connection.
    interface SenderMaker {
        Sender make() throws Exception;
    }

    /// Sends from all connections, part after part. The first part warms up.
    ///
    /// @return things a second of each part but the first
    Sample drive(long things, SenderMaker maker) throws BenchException, InterruptedException {
        Sample rates = new Sample();
        List<Sender> senders = new ArrayList<>();
        try (var pool = Executors.newFixedThreadPool(connections)) {
            for (int i = 0; i < connections; i++) {
                senders.add(maker.make());
            }
            long part = Math.max(batch, things / PARTS / batch * batch);
            for (int i = 0; i < PARTS; i++) {
                double seconds = part(pool, senders, i * part, part);
                if (i > 0) {
                    rates.add(part / seconds);
                }
            }
            return rates;
        } catch (ExecutionException e) {
            throw new BenchException("the load broke off: " + e.getCause(), e);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new BenchException("the load could not begin: " + e, e);
        } finally {
            for (Sender sender : senders) {
                closeQuietly(sender);
            }
        }
    }

    private double part(ExecutorService pool, List<Sender> senders, long first, long count)
            throws ExecutionException, InterruptedException {
        AtomicLong next = new AtomicLong(first);
        AtomicReference<Exception> failed = new AtomicReference<>();
        long began = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (Sender sender : senders) {
            running.add(
                    pool.submit(() -> {
                        for (long at = next.getAndAdd(batch);
                                at < first + count && failed.get() == null;
                                at = next.getAndAdd(batch)) {
                            sender.send(at, batch);
                        }
                        sender.settle();
                        return null;
                    }));
        }
        for (Future<?> one : running) {
            try {
                one.get();
            } catch (ExecutionException e) {
                failed.set(e);
                throw e;
            }
        }
        return (System.nanoTime() - began) / 1e9;
    }

    private static void closeQuietly(Sender sender) {
        try {
            sender.close();
        } catch (IOException e) {
            System.err.println("bench: a connection did not close: " + e.getMessage());
        }
    }
}
