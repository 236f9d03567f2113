package dev.cairn.embedded.ledger;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.embedded.thread.Threads;
import dev.cairn.event.Place;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// The ledger in segment files on one disk.
///
/// An append is encoded and checked for duplicates on its caller's thread, waits in its partition's
/// queue, and is written with all that waits there as one group: one write, one force, then the
/// answers. Full segments are compressed in the background. The bytes, and what a crash can do to
/// them, are in `docs/ledger.md`.
public final class SegmentLedger implements Ledger {
    /// The ledger's folder on its disk.
    public static final String FOLDER = "ledger";

    private final LedgerSettings settings;
    private final List<Partition> partitions;
    private final @Nullable ExecutorService sealer;

    private SegmentLedger(
            LedgerSettings settings, List<Partition> partitions, @Nullable ExecutorService sealer) {
        this.settings = settings;
        this.partitions = partitions;
        this.sealer = sealer;
    }

    /// Opens the ledger of a data folder, or creates it.
    ///
    /// @param disk a data folder that nobody else writes
    /// @throws LedgerException with CORRUPT when the ledger was written by another version or files
    ///   of it were removed, UNAVAILABLE when the disk fails
    public static SegmentLedger open(Disk disk, LedgerSettings settings, InstantSource clock)
            throws LedgerException {
        ExecutorService sealer =
                Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().daemon().name("cairn-ledger-sealer").factory());
        try {
            return new SegmentLedger(settings, partitions(disk, settings, clock, sealer), sealer);
        } catch (LedgerException e) {
            Threads.join(sealer);
            throw e;
        }
    }

    /// Opens or creates it, and lets `sealer` run the compression of full segments: one that runs
    /// each task at once makes every step of the ledger follow from what is asked of it.
    public static SegmentLedger open(
            Disk disk, LedgerSettings settings, InstantSource clock, Executor sealer)
            throws LedgerException {
        return new SegmentLedger(settings, partitions(disk, settings, clock, sealer), null);
    }

    private static List<Partition> partitions(
            Disk disk, LedgerSettings settings, InstantSource clock, Executor sealer)
            throws LedgerException {
        List<Partition> partitions = new ArrayList<>();
        try {
            SealedSegment.Caches caches = SealedSegment.Caches.of(settings);
            int count = Shape.openOrCreate(disk, settings.partitions(), clock.millis());
            for (int i = 0; i < count; i++) {
                partitions.add(
                        Partition.open(disk, Shape.folder(i), i, settings, clock, sealer, caches));
            }
            return List.copyOf(partitions);
        } catch (DiskException e) {
            partitions.forEach(Partition::close);
            throw new LedgerException(
                    LedgerException.Kind.UNAVAILABLE, String.valueOf(e.getMessage()), e);
        } catch (LedgerException e) {
            partitions.forEach(Partition::close);
            throw e;
        }
    }

    @Override
    public List<Append> append(List<Entry> entries) throws InterruptedException {
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("expected at least one entry, got none");
        }
        List<Item> items = prepare(entries);
        Batch[] batches = split(items);
        for (int i = 0; i < batches.length; i++) {
            if (!batches[i].items().isEmpty()) {
                partitions.get(i).submit(batches[i]);
            }
        }
        for (Batch batch : batches) {
            if (!batch.items().isEmpty()) {
                batch.await();
            }
        }
        return items.stream().map(Item::settled).toList();
    }

    private static List<Item> prepare(List<Entry> entries) {
        Fingerprint.Maker maker = new Fingerprint.Maker();
        List<Item> items = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            items.add(new Item(entry, maker));
        }
        return items;
    }

    private Batch[] split(List<Item> items) {
        List<List<Item>> parts = new ArrayList<>();
        for (int i = 0; i < partitions.size(); i++) {
            parts.add(partitions.size() == 1 ? items : new ArrayList<>());
        }
        if (partitions.size() > 1) {
            for (Item item : items) {
                parts.get(partitionOf(item.entry().place())).add(item);
            }
        }
        Batch[] batches = parts.stream().map(Batch::new).toArray(Batch[]::new);
        for (Batch batch : batches) {
            if (batch.bytes() > settings.queueBytesMax()) {
                throw new IllegalArgumentException(
                        "expected an append to bring at most "
                                + settings.queueBytesMax()
                                + " bytes to one partition, got "
                                + batch.bytes());
            }
        }
        return batches;
    }

    @Override
    public int partitions() {
        return partitions.size();
    }

    @Override
    public int partitionOf(Place place) {
        if (partitions.size() == 1) {
            return 0;
        }
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(place.account().getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            sha.update(place.region().getBytes(StandardCharsets.UTF_8));
            long hash = ByteBuffer.wrap(sha.digest()).getLong();
            return (int) Long.remainderUnsigned(hash, partitions.size());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public Span span(int partition) {
        return partitions.get(partition).segments().span();
    }

    @Override
    public Slice read(Position from, int itemsMax, long bytesMax) throws LedgerException {
        return partitions.get(from.partition()).segments().read(from.offset(), itemsMax, bytesMax);
    }

    @Override
    public boolean await(Position past, Duration atMost) throws InterruptedException {
        return partitions.get(past.partition()).await(past.offset(), atMost);
    }

    @Override
    public void release(int partition, long below) throws LedgerException {
        try {
            partitions.get(partition).segments().release(below);
        } catch (DiskException e) {
            throw new LedgerException(
                    LedgerException.Kind.UNAVAILABLE, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public State state() {
        long bytes = 0;
        List<String> pushbacks = new ArrayList<>();
        List<Slice.Lost> damaged = new ArrayList<>();
        Instant since = Instant.MIN;
        for (Partition partition : partitions) {
            bytes += partition.segments().bytes();
            String pushback = partition.pushbackReason();
            if (!pushback.isEmpty()) {
                pushbacks.add(pushback);
            }
            damaged.addAll(partition.segments().damage().all());
            Instant itsSince = partition.duplicatesSince();
            since = itsSince.isAfter(since) ? itsSince : since;
        }
        return new State(bytes, String.join("; ", pushbacks), List.copyOf(damaged), since);
    }

    /// Writes what is queued, marks the end, and lets go of the files. Appends that come later are
    /// pushed back, waits end; what is held can still be read.
    @Override
    public void close() {
        partitions.forEach(Partition::startClosing);
        partitions.forEach(Partition::close);
        if (sealer != null) {
            Threads.join(sealer);
        }
    }
}
