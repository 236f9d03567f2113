package dev.cairn.server.http;

import java.nio.file.Path;

/// Bounds the bodies that are worked on, all together: their memory, and how many of them may come
/// from strangers.
///
/// A request whose signature covers its body is a stranger's until the body is there. Such requests
/// may have a part of what there is, and from one address a smaller part, so that whoever has seen
/// an access key id cannot keep out those who hold its secret. Beyond a bound requests are pushed
/// back, nothing waits. Any thread may call any method.
public final class Bodies {
    private final Path folder;
    private final long memoryBytesMax;
    private final StrangersPlaces strangers;

    // Guarded by this.
    private long strangersBytes;
    private long bytes;

    /// @param folder where bodies lie that are too large for memory
    /// @param memoryBytesMax memory for all bodies together
    /// @param concurrentMax how many requests are worked on at once
    public Bodies(Path folder, long memoryBytesMax, int concurrentMax) {
        this.folder = folder;
        this.memoryBytesMax = memoryBytesMax;
        this.strangers = new StrangersPlaces(concurrentMax);
    }

    Path folder() {
        return folder;
    }

    /// A body begins to arrive.
    ///
    /// @throws BodyException NO_ROOM when too many strangers' bodies are arriving already
    Share share(String address, boolean stranger) throws BodyException {
        if (stranger && !strangers.enter(address)) {
            throw noRoom("too many requests are arriving whose sender is not known yet");
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
                                                > memoryBytesMax / StrangersPlaces.PART))) {
                    throw noRoom("there is no memory for the request body at the moment");
                }
                add(more);
            }
        }

        /// Changes how much memory it has, as long as half of all stays free for others.
        ///
        /// @return false, with nothing changed, when it would not
        boolean holdSpare(long to) {
            synchronized (Bodies.this) {
                var more = to - held;
                if (bytes + more > memoryBytesMax / 2) {
                    return false;
                }
                add(more);
                return true;
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
                    strangers.leave(address);
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
