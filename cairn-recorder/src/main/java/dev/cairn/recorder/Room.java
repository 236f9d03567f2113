package dev.cairn.recorder;

import java.util.concurrent.atomic.AtomicLong;

/// Room in the spool for one event, taken before something is done that will have to be recorded:
/// who has it is not pushed back afterwards. Closing it gives back what was not used. Any thread
/// may use it.
public final class Room implements AutoCloseable {
    private final Recorder recorder;
    private final AtomicLong bytes;

    Room(Recorder recorder, long bytes) {
        this.recorder = recorder;
        this.bytes = new AtomicLong(bytes);
    }

    /// Records an event in this room, and returns when it is on disk.
    ///
    /// @return its `eventID`
    /// @throws RecordingException with DISK, TOO_LARGE or CLOSED
    /// @throws IllegalStateException when the room is used or closed
    public String record(Event event) {
        var held = bytes.getAndSet(0);
        if (held == 0) {
            throw new IllegalStateException("expected a room that is not used or closed yet");
        }
        return recorder.record(event, held);
    }

    @Override
    public void close() {
        var held = bytes.getAndSet(0);
        if (held > 0) {
            recorder.release(held);
        }
    }
}
