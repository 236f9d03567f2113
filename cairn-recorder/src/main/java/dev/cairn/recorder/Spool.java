package dev.cairn.recorder;

import dev.cairn.recorder.RecordingException.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Events on this machine's disk, from when they are recorded until they are sent: a queue that a
/// kill or a power cut does not shorten.
///
/// Many threads append; those that wait are written and forced as one group. One thread takes and
/// says what is sent. Room is bounded, and taken before an event is written: what is not sent yet,
/// what was refused, and rooms held for events to come, all together. Sent events may take another
/// eighth of that, until their file is done with.
final class Spool implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Spool.class.getName());
    private static final long FILE_BYTES_LIMIT = 8 << 20;

    private final SpoolFolder folder;
    private final long bytesMax;
    private final long fileBytesMax;

    /// Held by the thread that writes a group.
    private final ReentrantLock writing = new ReentrantLock();

    // Guarded by `writing`.
    private @Nullable RandomAccessFile current;
    private long next;
    private boolean closed;

    private final ReentrantLock state = new ReentrantLock();
    private final Condition freed = state.newCondition();
    private final Condition changed = state.newCondition();

    // Guarded by `state`.
    private final List<Waiting> queue = new ArrayList<>();
    private final Deque<SpoolFile> files = new ArrayDeque<>();
    private long pending;
    private long used;
    private int hurried;
    private long damagedBytes;

    // The sender's alone.
    private long readAt;

    /// A file with events.
    private static final class SpoolFile {
        final long number;

        // Guarded by `state`. Where its durable events end, and whether more will come.
        long end;
        boolean open;

        // Guarded by `state`. How many of its events are not sent, and the room they take.
        long left;
        long leftBytes;

        // The sender's alone.
        boolean damaged;

        SpoolFile(long number, boolean open) {
            this.number = number;
            this.open = open;
        }
    }

    private static final class Waiting {
        final byte[] record;

        // Written and read under `writing`.
        boolean done;
        @Nullable IOException failure;

        Waiting(byte[] record) {
            this.record = record;
        }
    }

    /// Events to send, in order, and where they end.
    record Batch(List<byte[]> events, long number, long end) {
        long bytes() {
            return events.stream().mapToLong(SpoolRecord::size).sum();
        }
    }

    private Spool(SpoolFolder folder, long bytesMax, long next, long refusedBytes) {
        this.folder = folder;
        this.bytesMax = bytesMax;
        this.fileBytesMax = Math.min(FILE_BYTES_LIMIT, bytesMax / 8);
        this.next = next;
        this.used = refusedBytes;
    }

    /// Opens the spool of a folder, or makes it, with what an earlier process left in it.
    static Spool open(Path path, long bytesMax) {
        SpoolFolder folder = null;
        try {
            folder = SpoolFolder.open(path);
            var sent = folder.sent();
            var spool = new Spool(folder, bytesMax, folder.nextNumber(sent), folder.refusedBytes());
            spool.readLeft(sent);
            return spool;
        } catch (IOException failure) {
            if (folder != null) {
                try {
                    folder.close();
                } catch (IOException worse) {
                    failure.addSuppressed(worse);
                }
            }
            throw new RecordingException(
                    Kind.DISK, "the spool cannot be opened: " + failure.getMessage(), failure);
        }
    }

    private void readLeft(SpoolFolder.@Nullable Sent sent) throws IOException {
        for (var entry : folder.files().entrySet()) {
            long number = entry.getKey();
            if (sent != null && number < sent.number()) {
                folder.delete(number);
                continue;
            }
            var file = new SpoolFile(number, false);
            var bytes = folder.read(number, 0, Math.toIntExact(entry.getValue()));
            var from = sent != null && number == sent.number() ? (int) sent.at() : 0;
            var at = Math.min(from, bytes.length);
            file.end = at;
            while (at < bytes.length) {
                if (SpoolRecord.find(bytes, at) == SpoolRecord.Found.WHOLE) {
                    var size = SpoolRecord.size(SpoolRecord.event(bytes, at));
                    at += size;
                    file.end = at;
                    file.left++;
                    file.leftBytes += size;
                } else {
                    // Behind the last whole one is what was being written as the process ended.
                    at = SpoolRecord.next(bytes, at + 1);
                }
            }
            if (files.isEmpty()) {
                readAt = Math.min(from, file.end);
            }
            pending += file.left;
            used += file.leftBytes;
            files.add(file);
        }
    }

    /// Takes room, before something is done that will have to be recorded.
    ///
    /// @param wait for how long at most
    /// @throws RecordingException with FULL, CLOSED or INTERRUPTED
    void reserve(long bytes, Duration wait) {
        var nanos = wait.toNanos();
        state.lock();
        try {
            while (used + bytes > bytesMax) {
                if (nanos <= 0) {
                    throw new RecordingException(
                            Kind.FULL,
                            "expected room for %d bytes, but the spool holds %d of %d: %d events wait for Cairn"
                                    .formatted(bytes, used, bytesMax, pending));
                }
                nanos = freed.awaitNanos(nanos);
            }
            used += bytes;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new RecordingException(
                    Kind.INTERRUPTED, "interrupted while the spool was full", interrupted);
        } finally {
            state.unlock();
        }
    }

    /// Gives room back.
    void release(long bytes) {
        state.lock();
        try {
            used -= bytes;
            freed.signalAll();
        } finally {
            state.unlock();
        }
    }

    /// Writes an event for which room is reserved, and returns when it is durable.
    ///
    /// @throws RecordingException with DISK or CLOSED; the room is still the caller's
    void append(byte[] event) {
        var waiting = new Waiting(SpoolRecord.of(event));
        state.lock();
        try {
            queue.add(waiting);
        } finally {
            state.unlock();
        }
        writing.lock();
        try {
            if (!waiting.done) {
                writeGroup();
            }
            if (waiting.failure != null) {
                throw new RecordingException(
                        closed ? Kind.CLOSED : Kind.DISK,
                        "the event was not written: " + waiting.failure.getMessage(),
                        waiting.failure);
            }
        } finally {
            writing.unlock();
        }
    }

    private void writeGroup() {
        List<Waiting> group;
        state.lock();
        try {
            group = List.copyOf(queue);
            queue.clear();
        } finally {
            state.unlock();
        }
        try {
            var file = writable();
            var bytes = new byte[group.stream().mapToInt(waiting -> waiting.record.length).sum()];
            var at = 0;
            for (var waiting : group) {
                System.arraycopy(waiting.record, 0, bytes, at, waiting.record.length);
                at += waiting.record.length;
            }
            file.write(bytes);
            file.getFD().sync();
            written(group.size(), bytes.length);
        } catch (IOException failure) {
            leave();
            group.forEach(waiting -> waiting.failure = failure);
        }
        group.forEach(waiting -> waiting.done = true);
    }

    private RandomAccessFile writable() throws IOException {
        if (closed) {
            throw new IOException("the recorder is closed");
        }
        if (current != null && current.getFilePointer() >= fileBytesMax) {
            leave();
        }
        if (current == null) {
            var number = next++;
            current = folder.create(number);
            state.lock();
            try {
                files.addLast(new SpoolFile(number, true));
            } finally {
                state.unlock();
            }
        }
        return current;
    }

    private void written(int events, int bytes) {
        state.lock();
        try {
            var file = files.getLast();
            file.end += bytes;
            file.left += events;
            file.leftBytes += bytes;
            pending += events;
            changed.signalAll();
        } finally {
            state.unlock();
        }
    }

    /// The present file gets no more events. What stands behind its last durable one is nobody's.
    private void leave() {
        var file = current;
        current = null;
        if (file == null) {
            return;
        }
        long end;
        state.lock();
        try {
            files.getLast().open = false;
            end = files.getLast().end;
        } finally {
            state.unlock();
        }
        try (file) {
            file.setLength(end);
        } catch (IOException failure) {
            LOG.log(Level.WARNING, "a spool file could not be closed: " + failure.getMessage());
        }
    }

    /// Waits until there are events; then until there are so many, or a time is over, or someone is
    /// in a hurry.
    ///
    /// @param gather for how long events are gathered
    void await(int events, Duration gather) throws InterruptedException {
        state.lock();
        try {
            while (pending == 0) {
                changed.await();
            }
            var nanos = gather.toNanos();
            while (pending < events && hurried == 0 && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            state.unlock();
        }
    }

    /// Waits until nothing is left to send; events are not gathered meanwhile.
    ///
    /// @return whether nothing is left
    boolean awaitEmpty(Duration wait) throws InterruptedException {
        state.lock();
        try {
            hurried++;
            changed.signalAll();
            var nanos = wait.toNanos();
            while (pending > 0 && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            return pending == 0;
        } finally {
            hurried--;
            state.unlock();
        }
    }

    /// The next events. Until [#sent] is called they are the next again.
    ///
    /// @return null when there are none
    @Nullable Batch next(int eventsMax, int bytesMost) throws IOException {
        while (true) {
            SpoolFile file;
            long end;
            boolean open;
            state.lock();
            try {
                if (files.isEmpty()) {
                    return null;
                }
                file = files.getFirst();
                end = file.end;
                open = file.open;
            } finally {
                state.unlock();
            }
            if (readAt < end) {
                var batch = read(file, end, eventsMax, bytesMost);
                if (!batch.events().isEmpty()) {
                    return batch;
                }
                readAt = batch.end();
            } else if (open) {
                return null;
            } else {
                finish(file);
            }
        }
    }

    private Batch read(SpoolFile file, long end, int eventsMax, int bytesMost) throws IOException {
        var length = Math.min(end - readAt, (long) bytesMost + SpoolRecord.BYTES_MAX);
        var bytes = folder.read(file.number, readAt, (int) length);
        List<byte[]> events = new ArrayList<>();
        var at = 0;
        while (at < bytes.length && events.size() < eventsMax && at < bytesMost) {
            var found = SpoolRecord.find(bytes, at);
            if (found == SpoolRecord.Found.WHOLE) {
                var event = SpoolRecord.event(bytes, at);
                events.add(event);
                at += SpoolRecord.size(event);
            } else if (found == SpoolRecord.Found.CUT && readAt + bytes.length < end && at > 0) {
                break;
            } else {
                var behind = SpoolRecord.next(bytes, at + 1);
                damaged(file, readAt + at, behind - at);
                at = behind;
            }
        }
        return new Batch(events, file.number, readAt + at);
    }

    private void damaged(SpoolFile file, long at, int bytes) {
        file.damaged = true;
        state.lock();
        try {
            damagedBytes += bytes;
        } finally {
            state.unlock();
        }
        LOG.log(
                Level.ERROR,
                "{0} bytes of events-{1} in the spool are damaged from {2} on; the file is kept",
                bytes,
                file.number,
                at);
    }

    private void finish(SpoolFile file) throws IOException {
        if (file.damaged) {
            folder.setAside(file.number);
        } else {
            folder.delete(file.number);
        }
        state.lock();
        try {
            files.removeFirst();
            // Not nothing only where events were damaged after they were counted.
            pending -= file.left;
            used -= file.leftBytes;
            freed.signalAll();
            changed.signalAll();
        } finally {
            state.unlock();
        }
        readAt = 0;
    }

    /// Cairn has these events, or they are kept as refused.
    ///
    /// @param refusedBytes how much of the room the refused ones go on taking
    void sent(Batch batch, long refusedBytes) throws IOException {
        folder.sent(new SpoolFolder.Sent(batch.number(), batch.end()));
        readAt = batch.end();
        state.lock();
        try {
            var file = files.getFirst();
            file.left -= batch.events().size();
            file.leftBytes -= batch.bytes();
            pending -= batch.events().size();
            used -= batch.bytes() - refusedBytes;
            freed.signalAll();
            changed.signalAll();
        } finally {
            state.unlock();
        }
    }

    /// Keeps an event that Cairn did not take.
    void refuse(String id, String json) throws IOException {
        folder.refuse(id, json);
    }

    /// What is in it.
    ///
    /// @param pending events not sent yet
    /// @param usedBytes room that is taken
    /// @param damagedBytes bytes that could not be read since it was opened
    record Contents(long pending, long usedBytes, long damagedBytes) {}

    Contents contents() {
        state.lock();
        try {
            return new Contents(pending, used, damagedBytes);
        } finally {
            state.unlock();
        }
    }

    /// Takes no more events. The sender must have ended.
    @Override
    public void close() {
        writing.lock();
        try {
            leave();
            closed = true;
            folder.close();
        } catch (IOException failure) {
            LOG.log(Level.WARNING, "the spool could not be closed: " + failure.getMessage());
        } finally {
            writing.unlock();
        }
    }
}
