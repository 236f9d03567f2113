package dev.cairn.server.http;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// Bounds the bodies that are worked on, all together: their memory, and how many of them may come
/// from strangers.
///
/// A request whose signature covers its body is a stranger's until the body is there. Such requests
/// may have a part of what there is, and from one address a smaller part, so that whoever has seen
/// an access key id cannot keep out those who hold its secret. Beyond a bound requests are pushed
/// back, nothing waits. Any thread may call any method.
public final class Bodies {
    /// Of all there is, what strangers may have is one part in so many.
    private static final int STRANGERS_PART = 2;

    /// Of all there is, what strangers at one address may have is one part in so many.
    private static final int ADDRESS_PART = 8;

    private final Path folder;
    private final long memoryBytesMax;
    private final int strangersMax;
    private final int strangersOfAddressMax;

    // Guarded by this.
    private final Map<String, Integer> strangersByAddress = new HashMap<>();
    private int strangers;
    private long strangersBytes;
    private long bytes;

    /// @param folder where bodies lie that are too large for memory
    /// @param memoryBytesMax memory for all bodies together
    /// @param concurrentMax how many requests are worked on at once
    public Bodies(Path folder, long memoryBytesMax, int concurrentMax) {
        this.folder = folder;
        this.memoryBytesMax = memoryBytesMax;
        this.strangersMax = Math.max(1, concurrentMax / STRANGERS_PART);
        this.strangersOfAddressMax = Math.max(1, concurrentMax / ADDRESS_PART);
    }

    Path folder() {
        return folder;
    }

    /// A body begins to arrive.
    ///
    /// @throws BodyException NO_ROOM when too many strangers' bodies are arriving already
    synchronized Share share(String address, boolean stranger) throws BodyException {
        if (stranger) {
            var ofAddress = strangersByAddress.getOrDefault(address, 0);
            if (strangers >= strangersMax || ofAddress >= strangersOfAddressMax) {
                throw noRoom("too many requests are arriving whose sender is not known yet");
            }
            strangers++;
            strangersByAddress.put(address, ofAddress + 1);
        }
        return new Share(address, stranger);
    }

    private static BodyException noRoom(String message) {
        return new BodyException(BodyException.Kind.NO_ROOM, message);
    }

    /// What one body has of it.
    final class Share implements AutoCloseable {
        private final String address;
        private boolean stranger;
        private long held;

        private Share(String address, boolean stranger) {
            this.address = address;
            this.stranger = stranger;
        }

        /// Changes how much memory it has.
        ///
        /// @throws BodyException NO_ROOM, with nothing changed, when there is not as much
        void hold(long to) throws BodyException {
            synchronized (Bodies.this) {
                var more = to - held;
                if (more > 0
                        && (bytes + more > memoryBytesMax
                                || (stranger
                                        && strangersBytes + more
                                                > memoryBytesMax / STRANGERS_PART))) {
                    throw noRoom("there is no memory for the request body at the moment");
                }
                add(more);
            }
        }

        private void add(long more) {
            bytes += more;
            strangersBytes += stranger ? more : 0;
            held += more;
        }

        /// Its sender is no stranger.
        void known() {
            synchronized (Bodies.this) {
                if (stranger) {
                    strangersBytes -= held;
                    strangers--;
                    strangersByAddress.computeIfPresent(
                            address, (_, count) -> count == 1 ? null : count - 1);
                    stranger = false;
                }
            }
        }

        boolean stranger() {
            return stranger;
        }

        /// Gives everything back; more than once is once.
        @Override
        public void close() {
            synchronized (Bodies.this) {
                add(-held);
                known();
            }
        }
    }
}
