package dev.cairn.server.wiring;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What was opened, to be closed the other way round. For one thread at a time.
final class Opened implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Opened.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    <T extends AutoCloseable> T keep(T part) {
        parts.push(part);
        return part;
    }

    /// Closes all of them, whatever one of them says. May be called more than once.
    @Override
    public void close() {
        while (!parts.isEmpty()) {
            var part = parts.pop();
            try {
                part.close();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (Exception failure) {
                LOG.error("{} did not close", part.getClass().getSimpleName(), failure);
            }
        }
    }
}
