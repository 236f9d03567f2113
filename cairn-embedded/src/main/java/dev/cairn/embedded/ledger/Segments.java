package dev.cairn.embedded.ledger;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Slice;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The segments of one partition. Any thread reads; the partition's writer adds; one at a time
/// compresses or removes.
final class Segments {
    private static final Logger log = LoggerFactory.getLogger(Segments.class);
    private static final long DAMAGE_SEARCH_BYTES = 1 << 20;

    private final Disk disk;
    private final String folder;
    private final int partition;
    private final SealedSegment.Caches caches;
    private final Damage damage;

    /// Held by whoever compresses or removes files.
    private final ReentrantLock maintenance = new ReentrantLock();

    /// First offsets of released segments whose files are still to be removed, oldest first.
    private final Queue<Long> released = new ArrayDeque<>();

    /// Oldest first, without gaps; the last is appended to. Never changed, only replaced.
    private volatile Segment[] all;

    Segments(
            Disk disk,
            String folder,
            int partition,
            SealedSegment.Caches caches,
            Damage damage,
            List<Segment> segments) {
        this.disk = disk;
        this.folder = folder;
        this.partition = partition;
        this.caches = caches;
        this.damage = damage;
        this.all = segments.toArray(Segment[]::new);
    }

    /// The segments as they are now; not to be changed.
    Segment[] snapshot() {
        return all;
    }

    Damage damage() {
        return damage;
    }

    Ledger.Span span() {
        Segment[] now = all;
        return new Ledger.Span(now[0].first(), now[now.length - 1].end());
    }

    long bytes() {
        long bytes = 0;
        for (Segment segment : all) {
            bytes += segment.bytes();
        }
        return bytes;
    }

    /// Goes on in a new segment. One of the same first offset, which can only be empty, is
    /// replaced.
    synchronized void follow(RawSegment next) {
        Segment[] old = all;
        boolean replaces = old[old.length - 1].first() == next.first();
        Segment[] grown = Arrays.copyOf(old, replaces ? old.length : old.length + 1);
        grown[grown.length - 1] = next;
        all = grown;
    }

    private synchronized void replace(Segment with) {
        Segment[] changed = all.clone();
        for (int i = 0; i < changed.length; i++) {
            if (changed[i].first() == with.first()) {
                changed[i] = with;
            }
        }
        all = changed;
    }

    private synchronized void dropFirst() {
        all = Arrays.copyOfRange(all, 1, all.length);
    }

    Slice read(long from, int itemsMax, long bytesMax) throws LedgerException {
        Ledger.Span span = span();
        if (from < span.first() || from > span.end()) {
            throw new LedgerException(
                    LedgerException.Kind.NOT_FOUND,
                    "expected an offset of partition "
                            + partition
                            + " from "
                            + span.first()
                            + " to "
                            + span.end()
                            + ", got "
                            + from);
        }
        Gathering into = new Gathering(partition, from, itemsMax, bytesMax);
        try {
            read(into, span.end());
        } catch (DiskException e) {
            if (into.next() == from) {
                throw new LedgerException(into.unreadable(String.valueOf(e.getMessage())), e);
            }
            log.warn("partition {} at event {}: {}", partition, into.next(), e.getMessage());
        }
        Slice slice = into.slice();
        for (Slice.Item item : slice.items()) {
            if (item instanceof Slice.Lost(var first, long count, String reason)) {
                damage.add(first.offset(), first.offset() + count, reason);
            }
        }
        return slice;
    }

    private void read(Gathering into, long end) throws DiskException, LedgerException {
        while (!into.full() && into.next() < end) {
            Segment[] now = all;
            if (into.next() < now[0].first()) {
                throw new LedgerException(
                        LedgerException.Kind.NOT_FOUND,
                        "offset "
                                + into.next()
                                + " of partition "
                                + partition
                                + " was released while it was read");
            }
            Segment segment = now[indexOf(now, into.next())];
            long before = into.next();
            try {
                segment.read(into);
                if (into.next() == before) {
                    throw new IllegalStateException(
                            segment + " ends at " + segment.end() + " and has no " + before);
                }
            } catch (DiskException e) {
                if (e.kind() != DiskException.Kind.NOT_FOUND) {
                    throw e;
                }
                // Compressed or released since we looked, unless it is listed still.
                if (Arrays.asList(all).contains(segment)) {
                    into.lost(segment.end(), segment.file() + ": the file is gone");
                }
            }
        }
    }

    /// The event or hole at an offset within the span.
    Slice.Item at(long offset) throws DiskException {
        Gathering into = new Gathering(partition, offset, 1, 1);
        try {
            read(into, offset + 1);
        } catch (LedgerException e) {
            throw new DiskException(
                    DiskException.Kind.NOT_FOUND, String.valueOf(e.getMessage()), e);
        }
        return into.slice().items().getFirst();
    }

    /// When the event at an offset was recorded, milliseconds.
    long recordedAt(long offset) throws DiskException {
        Segment[] now = all;
        return now[indexOf(now, Math.max(offset, now[0].first()))].recordedAt(offset);
    }

    /// The index of the segment that holds an offset within the span.
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

    /// How many events of full segments wait to be compressed.
    long backlog() {
        Segment[] now = all;
        long backlog = 0;
        for (int i = 0; i < now.length - 1; i++) {
            if (now[i] instanceof RawSegment raw && raw.sealing() == RawSegment.Seal.WAITING) {
                backlog += raw.count();
            }
        }
        return backlog;
    }

    /// Compresses all full segments that can be, oldest first.
    void sealAll(BooleanSupplier giveUp) {
        maintenance.lock();
        try {
            Segment[] now = all;
            for (int i = 0; i < now.length - 1 && !giveUp.getAsBoolean(); i++) {
                if (now[i] instanceof RawSegment raw && raw.sealing() != RawSegment.Seal.NEVER) {
                    seal(raw, giveUp);
                }
            }
        } finally {
            maintenance.unlock();
        }
    }

    private void seal(RawSegment raw, BooleanSupplier giveUp) {
        try {
            SealedSegment sealed = Sealing.seal(disk, folder, partition, raw, caches, giveUp);
            if (sealed != null) {
                replace(sealed);
                disk.delete(raw.file());
                disk.force(folder);
            }
        } catch (DamagedException e) {
            // It stays as it is, as evidence: what can still be read of it is read from there.
            log.error("{}; its segment is not compressed", e.reason());
            raw.sealing(RawSegment.Seal.NEVER);
            findDamage(raw);
        } catch (DiskException e) {
            log.warn("{} is not compressed yet: {}", raw.file(), e.getMessage());
            raw.sealing(RawSegment.Seal.FAILED);
        }
    }

    private void findDamage(RawSegment raw) {
        try {
            long next = raw.first();
            while (next < raw.end()) {
                next = read(next, Integer.MAX_VALUE, DAMAGE_SEARCH_BYTES).next();
            }
        } catch (LedgerException e) {
            log.warn("{}: {}", raw.file(), e.getMessage());
        }
    }

    /// Removes whole segments that end at or below an offset; never the one appended to.
    void release(long below) throws DiskException {
        maintenance.lock();
        try {
            for (Segment oldest = all[0];
                    all.length > 1 && oldest.end() <= below;
                    oldest = all[0]) {
                dropFirst();
                released.add(oldest.first());
            }
            damage.release(all[0].first());
            removeReleased();
        } finally {
            maintenance.unlock();
        }
    }

    /// Each by itself, oldest first, and none before the last one is surely gone: were a later file
    /// removed and an earlier one not, there would seem to be a hole. Of a sealed segment the raw
    /// file may still be there, when the disk did not let go of it.
    private void removeReleased() throws DiskException {
        for (Long first = released.peek(); first != null; first = released.peek()) {
            for (String suffix : List.of(Segment.RAW, Sealing.SEALED)) {
                String file = Segment.name(folder, first, suffix);
                if (disk.exists(file)) {
                    disk.delete(file);
                }
            }
            disk.force(folder);
            released.remove();
        }
    }
}
