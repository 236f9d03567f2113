package dev.cairn.recorder;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;

/// Room in the spool for one event, taken before something is done that will have to be recorded:
/// who has it is not pushed back afterwards. Closing it gives back what was not used. A room that
/// is forgotten (a frame that never said how a call ended) is given back too, in time, and counts
/// among the events that failed. Any thread may use it.
public final class Room implements AutoCloseable {
    private final Held held;
    private final Cleaner.Cleanable cleanable;

    /// What is given back when nobody has the room any more; so it must not know the room.
    private record Held(Recorder recorder, AtomicLong bytes) implements Runnable {
        @Override
        public void run() {
            var left = bytes.getAndSet(0);
            if (left > 0) {
                recorder.forgotten(left);
            }
        }
    }

    Room(Recorder recorder, long bytes, Cleaner cleaner) {
        this.held = new Held(recorder, new AtomicLong(bytes));
        this.cleanable = cleaner.register(this, held);
    }

    /// Records an event in this room, and returns when it is on disk.
    ///
    /// @return its `eventID`
    /// @throws RecordingException with DISK, TOO_LARGE or CLOSED
    /// @throws IllegalStateException when the room is used or closed
    public String record(Event event) {
        var bytes = held.bytes().getAndSet(0);
        if (bytes == 0) {
            throw new IllegalStateException("expected a room that is not used or closed yet");
        }
        cleanable.clean();
        return held.recorder().record(event, bytes);
    }

    @Override
    public void close() {
        var bytes = held.bytes().getAndSet(0);
        cleanable.clean();
        if (bytes > 0) {
            held.recorder().release(bytes);
        }
    }
}
