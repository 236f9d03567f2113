package dev.cairn.embedded.ledger;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.embedded.thread.Threads;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One partition: a queue of batches, and the one thread that writes them.
///
/// The writer takes all that waits, writes what is new of it as one group, forces once, and only
/// then answers. What it cannot make durable it pushes back: nothing waits for a disk to get well.
final class Partition {
    private static final Logger log = LoggerFactory.getLogger(Partition.class);

    /// A group takes more batches until it has this many bytes.
    private static final long GROUP_BYTES = 4 << 20;

    /// Bounds the ids of one segment in the heap.
    private static final int SEGMENT_EVENTS_MAX = 1 << 19;

    /// How many events of full segments, whose ids are in the heap, may wait to be compressed: at
    /// 42 to 84 bytes each.
    private static final long BACKLOG_EVENTS_MAX = 1 << 21;

    /// How many bytes are written before the disk's free space is asked for again.
    private static final long FREE_CHECK_BYTES = 16 << 20;

    /// A buffer that grew beyond this for one large group is not kept.
    private static final int BUFFER_KEPT = 16 << 20;

    private final Disk disk;
    private final String folder;
    private final int number;
    private final LedgerSettings settings;
    private final InstantSource clock;
    private final Executor sealer;
    private final Segments segments;
    private final Duplicates duplicates;
    private final Thread writer;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition queued = lock.newCondition();
    private final Condition grown = lock.newCondition();
    private final Queue<Batch> queue = new ArrayDeque<>();
    private long queuedBytes;
    private boolean probing;
    private volatile boolean closing;

    /// Why appends are pushed back; null when they are taken.
    private volatile Append.@Nullable Pushback pushback;

    // Of the writer alone.
    private RawSegment active;
    private List<Batch> group = List.of();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    private long lastRecordedAt;
    private long writtenSinceFreeCheck = FREE_CHECK_BYTES;

    private Partition(
            Disk disk,
            String folder,
            int number,
            LedgerSettings settings,
            InstantSource clock,
            Executor sealer,
            Segments segments,
            RawSegment active) {
        this.disk = disk;
        this.folder = folder;
        this.number = number;
        this.settings = settings;
        this.clock = clock;
        this.sealer = sealer;
        this.segments = segments;
        this.duplicates = new Duplicates(segments, settings, number);
        this.active = active;
        for (Segment segment : segments.snapshot()) {
            this.lastRecordedAt = Math.max(lastRecordedAt, segment.lastRecordedAt());
        }
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
            Disk disk,
            String folder,
            int number,
            LedgerSettings settings,
            InstantSource clock,
            Executor sealer,
            SealedSegment.Caches caches)
            throws DiskException, LedgerException {
        Damage damage = new Damage(number);
        List<Segment> found =
                new Opening(disk, folder, number, caches, damage, clock.millis()).open();
        RawSegment active = (RawSegment) found.getLast();
        active.reopen();
        // Names that were found may have been no further than memory either.
        disk.force(folder);
        Segments segments = new Segments(disk, folder, number, caches, damage, found);
        Partition partition =
                new Partition(disk, folder, number, settings, clock, sealer, segments, active);
        if (segments.backlog() > 0) {
            partition.sealLater();
        }
        partition.lookAtDisk();
        partition.writer.start();
        return partition;
    }

    /// Knows of a disk that is full already before the first append asks. That append looks again.
    private void lookAtDisk() {
        try {
            expectFree();
        } catch (DiskException e) {
            pushBack(Refusal.pushback(e));
        }
    }

    Segments segments() {
        return segments;
    }

    /// Queues a batch, or answers it at once when it cannot be taken.
    void submit(Batch batch) {
        try {
            duplicates.lookBack(batch.items(), clock.millis());
        } catch (DiskException e) {
            batch.refuse(Refusal.pushback(e));
            return;
        }
        lock.lock();
        try {
            if (closing) {
                batch.refuse(closed());
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

    private Append.Pushback closed() {
        Append.Pushback reason = pushback;
        return reason == null
                ? new Append.Pushback(Duration.ofSeconds(5), "the ledger is closed")
                : reason;
    }

    private void work() {
        try {
            for (group = take(); !group.isEmpty(); group = take()) {
                commit();
                group = List.of();
            }
            active.markQuietly();
        } catch (RuntimeException | Error e) {
            // We are wrong somewhere: better no ledger than a wrong one.
            log.error("The writer of partition {} stopped", number, e);
            stop(e);
        }
    }

    /// Waits for batches; none when the partition closes.
    private List<Batch> take() {
        lock.lock();
        try {
            while (queue.isEmpty() && !closing) {
                queued.awaitUninterruptibly();
            }
            List<Batch> taken = new ArrayList<>();
            long bytes = 0;
            for (Batch next = queue.peek();
                    next != null && (taken.isEmpty() || bytes + next.bytes() <= GROUP_BYTES);
                    next = queue.peek()) {
                taken.add(queue.remove());
                bytes += next.bytes();
            }
            queuedBytes -= bytes;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private boolean idle() {
        lock.lock();
        try {
            return queue.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void commit() {
        long bytes = Frame.HEADER;
        int count = 0;
        for (Batch batch : group) {
            bytes += batch.bytes();
            count += batch.items().size();
        }
        long recordedAt = Math.max(lastRecordedAt, clock.millis());
        List<Item> fresh = new ArrayList<>(count);
        try {
            ready(bytes, count, recordedAt);
            for (Batch batch : group) {
                place(batch, fresh, recordedAt);
            }
            if (!fresh.isEmpty()) {
                write(fresh, recordedAt, bytes);
            }
        } catch (Refusal e) {
            active.ids().forgetFrom(active.count());
            active.ids().settle();
            writtenSinceFreeCheck = FREE_CHECK_BYTES;
            pushBack(e.pushback());
            return;
        }
        pushback = null;
        if (idle()) {
            active.markQuietly();
        }
        answer(!fresh.isEmpty());
    }

    /// Sees to it that there is a segment which takes a group of this size.
    private void ready(long bytes, int count, long now) throws Refusal {
        long backlog = segments.backlog();
        if (backlog > BACKLOG_EVENTS_MAX) {
            throw new Refusal(
                    Duration.ofSeconds(2),
                    backlog + " events of partition " + number + " wait to be compressed");
        }
        try {
            checkFree();
            boolean full =
                    active.count() > 0
                            && (active.bytes() + bytes > settings.segmentBytesMax()
                                    || active.count() + count > SEGMENT_EVENTS_MAX);
            if (active.broken() || full) {
                roll(now);
            }
        } catch (DiskException e) {
            throw new Refusal(e);
        }
    }

    private void checkFree() throws DiskException {
        if (writtenSinceFreeCheck < FREE_CHECK_BYTES) {
            return;
        }
        expectFree();
        writtenSinceFreeCheck = 0;
    }

    private void expectFree() throws DiskException {
        long free = disk.free();
        if (free < settings.diskFreeMin()) {
            throw new DiskException(
                    DiskException.Kind.FULL,
                    "the disk has "
                            + free
                            + " bytes free, fewer than ledger.disk-free-min = "
                            + settings.diskFreeMin());
        }
    }

    private void roll(long now) throws DiskException {
        // The next segment's name may last even if what follows fails, and then ends this one.
        active.retire();
        RawSegment next = RawSegment.create(disk, folder, number, active.end(), now);
        active.close();
        segments.follow(next);
        active = next;
        sealLater();
    }

    private void sealLater() {
        try {
            sealer.execute(() -> segments.sealAll(() -> closing));
        } catch (RejectedExecutionException _) {
            // The ledger closes; the next start seals.
        }
    }

    /// Decides what becomes of a batch's items; those that are new get the next offsets. A batch
    /// whose duplicates cannot be told is refused alone.
    private void place(Batch batch, List<Item> fresh, long recordedAt) {
        int before = fresh.size();
        try {
            for (Item item : batch.items()) {
                Append earlier = duplicates.look(item, fresh, recordedAt);
                item.outcome(earlier == null ? fresh(item, fresh) : earlier);
            }
        } catch (DiskException e) {
            fresh.subList(before, fresh.size()).clear();
            active.ids().forgetFrom(active.count() + before);
            Append.Pushback reason = Refusal.pushback(e);
            batch.items().forEach(item -> item.outcome(reason));
        }
    }

    private Append fresh(Item item, List<Item> fresh) {
        Fingerprint print = item.fingerprint();
        long offset = active.end() + fresh.size();
        active.ids()
                .put(print.high(), print.low(), print.content(), (int) (offset - active.first()));
        fresh.add(item);
        return new Append.Recorded(new Position(number, offset));
    }

    private void write(List<Item> fresh, long recordedAt, long bytes) throws Refusal {
        if (buffer.capacity() < bytes) {
            buffer = ByteBuffer.allocateDirect(Math.toIntExact(bytes));
        }
        try {
            active.append(fresh, recordedAt, buffer);
        } catch (DiskException e) {
            throw new Refusal(e);
        }
        lastRecordedAt = recordedAt;
        writtenSinceFreeCheck += bytes;
        if (buffer.capacity() > BUFFER_KEPT) {
            buffer = ByteBuffer.allocateDirect(1 << 20);
        }
    }

    private void answer(boolean more) {
        lock.lock();
        try {
            if (more) {
                grown.signalAll();
            }
            endProbe();
        } finally {
            lock.unlock();
        }
        group.forEach(Batch::complete);
    }

    private void pushBack(Append.Pushback reason) {
        if (pushback == null) {
            log.error("Partition {} pushes appends back: {}", number, reason.reason());
        }
        pushback = reason;
        lock.lock();
        try {
            endProbe();
        } finally {
            lock.unlock();
        }
        group.forEach(batch -> batch.refuse(reason));
    }

    private void endProbe() {
        if (group.stream().anyMatch(batch -> batch.items().isEmpty())) {
            probing = false;
        }
    }

    private void stop(Throwable e) {
        Append.Pushback reason =
                new Append.Pushback(Duration.ofMinutes(1), "the ledger's writer stopped: " + e);
        pushback = reason;
        lock.lock();
        try {
            closing = true;
            group.forEach(batch -> batch.refuse(reason));
            queue.forEach(batch -> batch.refuse(reason));
            queue.clear();
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean await(long past, Duration atMost) throws InterruptedException {
        long nanos =
                atMost.compareTo(Duration.ofDays(1)) > 0
                        ? Duration.ofDays(1).toNanos()
                        : atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (segments.span().end() <= past) {
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

    Instant duplicatesSince() {
        return duplicates.since(clock.millis());
    }

    /// Takes no more, and lets the writer finish what is queued.
    void startClosing() {
        lock.lock();
        try {
            closing = true;
            queued.signal();
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for the writer to end, and lets go of its file.
    void close() {
        startClosing();
        Threads.join(writer);
        active.close();
    }
}
