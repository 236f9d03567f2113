package dev.cairn.embedded.ledger;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One partition: a queue of batches, the one thread that writes them, and its segments.
///
/// The writer takes all that waits, writes it as one group, forces once, and only then answers.
/// What it cannot make durable it pushes back: nothing waits for a disk to get well.
final class Partition {
    private static final Logger log = LoggerFactory.getLogger(Partition.class);

    /// A group takes more batches until it has this many bytes.
    private static final long GROUP_BYTES = 4 << 20;

    /// Bounds the ids of one segment in the heap.
    private static final int SEGMENT_EVENTS_MAX = 1 << 19;

    /// How many bytes are written before the disk's free space is asked for again.
    private static final long FREE_CHECK_BYTES = 16 << 20;

    private final Disk disk;
    private final String folder;
    private final int number;
    private final LedgerSettings settings;
    private final InstantSource clock;
    private final Thread writer;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition queued = lock.newCondition();
    private final Condition grown = lock.newCondition();
    private final Queue<Batch> queue = new ArrayDeque<>();
    private long queuedBytes;
    private boolean probing;
    private boolean closing;

    /// Oldest first; the last is appended to. Replaced as a whole under the lock, never changed.
    private volatile Segment[] segments;

    /// Why appends are pushed back; null when they are taken.
    private volatile Append.@Nullable Pushback pushback;

    // Of the writer alone.
    private RawSegment active;
    private ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    private long lastRecordedAt;
    private long writtenSinceFreeCheck = FREE_CHECK_BYTES;

    private Partition(
            Disk disk,
            String folder,
            int number,
            LedgerSettings settings,
            InstantSource clock,
            List<Segment> segments,
            RawSegment active) {
        this.disk = disk;
        this.folder = folder;
        this.number = number;
        this.settings = settings;
        this.clock = clock;
        this.segments = segments.toArray(Segment[]::new);
        this.active = active;
        this.lastRecordedAt = active.lastRecordedAt();
        this.writer = new Thread(this::work, "cairn-ledger-" + number);
        this.writer.setDaemon(true);
    }

    /// Creates an empty partition's folder and first segment.
    static void create(Disk disk, String folder, int number, long now) throws DiskException {
        disk.createFolder(folder);
        RawSegment.create(disk, folder, number, 0, now).close();
    }

    /// Opens a partition, cuts its torn tail, and starts its writer.
    static Partition open(
            Disk disk, String folder, int number, LedgerSettings settings, InstantSource clock)
            throws DiskException, LedgerException {
        List<Segment> segments = new Opening(disk, folder, number).open();
        RawSegment active = (RawSegment) segments.getLast();
        active.reopen();
        Partition partition =
                new Partition(disk, folder, number, settings, clock, segments, active);
        partition.writer.start();
        return partition;
    }

    /// Queues a batch, or answers it at once when it cannot be taken.
    void submit(Batch batch) {
        lock.lock();
        try {
            if (closing) {
                batch.refuse(new Append.Pushback(Duration.ofSeconds(5), "the ledger is closing"));
            } else if (queuedBytes > 0 && queuedBytes + batch.bytes() > settings.queueBytesMax()) {
                batch.refuse(
                        new Append.Pushback(
                                Duration.ofSeconds(1),
                                "partition "
                                        + number
                                        + " has "
                                        + queuedBytes
                                        + " bytes waiting for the disk, of at most "
                                        + settings.queueBytesMax()));
            } else {
                queue.add(batch);
                queuedBytes += batch.bytes();
                queued.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private void work() {
        try {
            for (List<Batch> group = take(); !group.isEmpty(); group = take()) {
                commit(group);
                markWhenIdle();
            }
            active.mark();
            active.force();
        } catch (DiskException e) {
            log.warn("Partition {} could not be marked as closed: {}", number, e.getMessage());
        } catch (RuntimeException | Error e) {
            log.error("The writer of partition {} stopped", number, e);
            stop(e);
            throw e;
        }
    }

    /// Waits for batches; none when the partition closes.
    private List<Batch> take() {
        lock.lock();
        try {
            while (queue.isEmpty() && !closing) {
                queued.awaitUninterruptibly();
            }
            List<Batch> group = new ArrayList<>();
            long bytes = 0;
            for (Batch next = queue.peek();
                    next != null && (group.isEmpty() || bytes + next.bytes() <= GROUP_BYTES);
                    next = queue.peek()) {
                group.add(queue.remove());
                bytes += next.bytes();
            }
            queuedBytes -= bytes;
            return group;
        } finally {
            lock.unlock();
        }
    }

    private void commit(List<Batch> group) {
        long bytes = Frame.HEADER;
        int count = 0;
        for (Batch batch : group) {
            bytes += batch.bytes();
            count += batch.items().size();
        }
        List<Item> fresh = new ArrayList<>(count);
        long recordedAt = Math.max(lastRecordedAt, clock.millis());
        try {
            ready(bytes, count, recordedAt);
            for (Batch batch : group) {
                for (Item item : batch.items()) {
                    place(item, fresh);
                }
            }
            if (!fresh.isEmpty()) {
                active.append(fresh, recordedAt, room(bytes));
                lastRecordedAt = recordedAt;
                writtenSinceFreeCheck += bytes;
            }
        } catch (DiskException e) {
            active.ids().forgetFrom(active.count());
            writtenSinceFreeCheck = FREE_CHECK_BYTES;
            refuse(group, e);
            return;
        }
        pushback = null;
        answer(group, fresh);
    }

    private void answer(List<Batch> group, List<Item> fresh) {
        lock.lock();
        try {
            if (!fresh.isEmpty()) {
                grown.signalAll();
            }
            if (group.stream().anyMatch(batch -> batch.items().isEmpty())) {
                probing = false;
            }
        } finally {
            lock.unlock();
        }
        group.forEach(Batch::complete);
    }

    private void refuse(List<Batch> group, DiskException e) {
        Append.Pushback reason =
                new Append.Pushback(
                        Duration.ofSeconds(e.kind() == DiskException.Kind.FULL ? 30 : 5),
                        String.valueOf(e.getMessage()));
        if (pushback == null) {
            log.error("Partition {} pushes appends back", number, e);
        }
        pushback = reason;
        lock.lock();
        try {
            probing = false;
        } finally {
            lock.unlock();
        }
        group.forEach(batch -> batch.refuse(reason));
    }

    /// Sees to it that there is a segment which takes a group of this size.
    private void ready(long bytes, int count, long now) throws DiskException {
        if (writtenSinceFreeCheck >= FREE_CHECK_BYTES) {
            long free = disk.free();
            if (free < settings.diskFreeMin()) {
                throw new DiskException(
                        DiskException.Kind.FULL,
                        "the disk has "
                                + free
                                + " bytes free, fewer than ledger.disk-free-min = "
                                + settings.diskFreeMin());
            }
            writtenSinceFreeCheck = 0;
        }
        boolean full =
                active.count() > 0
                        && (active.bytes() + bytes > settings.segmentBytesMax()
                                || active.count() + count > SEGMENT_EVENTS_MAX);
        if (active.broken() || full) {
            roll(now);
        }
    }

    /// Goes on in a new segment. A segment of no events is replaced.
    private void roll(long now) throws DiskException {
        long first = active.end();
        RawSegment next = RawSegment.create(disk, folder, number, first, now);
        active.close();
        lock.lock();
        try {
            boolean replaced = active.first() == first;
            Segment[] old = segments;
            Segment[] grownBy = Arrays.copyOf(old, replaced ? old.length : old.length + 1);
            grownBy[grownBy.length - 1] = next;
            segments = grownBy;
        } finally {
            lock.unlock();
        }
        active = next;
    }

    /// Decides whether an item is new; if so, it gets the next offset.
    private void place(Item item, List<Item> fresh) {
        Fingerprint print = item.fingerprint();
        long offset = active.end() + fresh.size();
        active.ids()
                .put(print.high(), print.low(), print.content(), (int) (offset - active.first()));
        item.outcome(new Append.Recorded(new Position(number, offset)));
        fresh.add(item);
    }

    private ByteBuffer room(long bytes) {
        if (buffer.capacity() < bytes) {
            buffer = ByteBuffer.allocateDirect(Math.toIntExact(bytes));
        }
        return buffer;
    }

    private void markWhenIdle() throws DiskException {
        lock.lock();
        try {
            if (!queue.isEmpty()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        active.mark();
    }

    private void stop(Throwable e) {
        Append.Pushback reason =
                new Append.Pushback(Duration.ofMinutes(1), "the ledger's writer stopped: " + e);
        pushback = reason;
        lock.lock();
        try {
            closing = true;
            queue.forEach(batch -> batch.refuse(reason));
            queue.clear();
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    Ledger.Span span() {
        Segment[] now = segments;
        return new Ledger.Span(now[0].first(), now[now.length - 1].end());
    }

    Slice read(long from, int itemsMax, long bytesMax) throws LedgerException {
        Gathering into = new Gathering(number, from, itemsMax, bytesMax);
        while (true) {
            Segment[] now = segments;
            long end = now[now.length - 1].end();
            if (from < now[0].first() || from > end) {
                throw new LedgerException(
                        LedgerException.Kind.NOT_FOUND,
                        "expected an offset of partition "
                                + number
                                + " from "
                                + now[0].first()
                                + " to "
                                + end
                                + ", got "
                                + from);
            }
            if (into.full() || into.next() >= end) {
                return into.slice();
            }
            Segment segment = now[indexOf(now, into.next())];
            try {
                segment.read(into);
            } catch (DiskException e) {
                if (e.kind() != DiskException.Kind.NOT_FOUND) {
                    throw new LedgerException(
                            LedgerException.Kind.UNAVAILABLE, String.valueOf(e.getMessage()), e);
                }
                if (Arrays.equals(now, segments)) {
                    into.lost(segment.end(), segment.file() + ": the file is gone");
                }
            }
        }
    }

    /// The segment that holds an offset within the span.
    private static int indexOf(Segment[] segments, long offset) {
        int low = 0;
        int high = segments.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments[middle].first() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    boolean await(long past, Duration atMost) throws InterruptedException {
        long nanos = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (span().end() <= past) {
                if (closing || nanos <= 0) {
                    return false;
                }
                nanos = grown.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Removes whole segments below an offset, oldest first; never the one appended to.
    void release(long below) throws LedgerException {
        lock.lock();
        try {
            while (segments.length > 1 && segments[0].end() <= below) {
                Segment gone = segments[0];
                segments = Arrays.copyOfRange(segments, 1, segments.length);
                // Each by itself: were a later one gone and an earlier one not, there would seem to
                // be a hole.
                disk.delete(gone.file());
                disk.force(folder);
            }
        } catch (DiskException e) {
            throw new LedgerException(
                    LedgerException.Kind.UNAVAILABLE, String.valueOf(e.getMessage()), e);
        } finally {
            lock.unlock();
        }
    }

    long bytes() {
        long bytes = 0;
        for (Segment segment : segments) {
            bytes += segment.bytes();
        }
        return bytes;
    }

    /// Why appends are pushed back; empty when they are taken. Makes the writer try again, so that
    /// the answer does not stay when its reason has gone.
    String pushbackReason() {
        Append.Pushback reason = pushback;
        if (reason == null) {
            return "";
        }
        lock.lock();
        try {
            if (!probing && !closing) {
                probing = true;
                queue.add(new Batch(List.of()));
                queued.signal();
            }
        } finally {
            lock.unlock();
        }
        return reason.reason();
    }

    /// Writes what is queued, marks the end, and lets go of the file.
    void close() {
        lock.lock();
        try {
            closing = true;
            queued.signal();
            grown.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        active.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
