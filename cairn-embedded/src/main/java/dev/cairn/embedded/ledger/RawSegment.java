package dev.cairn.embedded.ledger;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A segment as it is written: a header, then one frame per group. See `docs/ledger.md`.
///
/// Its partition's writer appends; any thread reads what was published, each with a file of its
/// own, so that an interrupted reader closes nobody else's.
///
/// ```
///  0  8  CAIRNRAW
///  8  2  version, 1
/// 10  2  reserved, 0
/// 12  4  partition
/// 16  8  first offset
/// 24  8  created at, milliseconds since 1970; no event in it is older
/// 32 28  reserved, 0
/// 60  4  CRC32C of bytes 0 to 59
/// ```
final class RawSegment implements Segment {
    static final int HEADER = 64;

    /// What ends the name of a segment that is being started.
    static final String DRAFT = ".starting";

    private static final long MAGIC = 0x434149524e524157L;
    private static final int VERSION = 1;
    private static final int CRC_AT = 60;

    private final Disk disk;
    private final String file;
    private final int partition;
    private final long first;
    private final Runs runs;
    private final IdMap ids;

    private volatile long end;
    private volatile long size;
    private volatile long lastRecordedAt;

    private long sequence;
    private @Nullable DiskFile out;

    /// Nothing may be written after `size` any more: what is there can neither be trusted nor taken
    /// back, or the next segment may have begun.
    private boolean broken;

    /// Where the last group known at start begins.
    private final long lastGroupAt;

    private volatile Seal sealing = Seal.WAITING;

    /// The frame after which nothing was written is a closing mark.
    private boolean marked;

    private RawSegment(Disk disk, String file, int partition, Contents contents) {
        this.disk = disk;
        this.file = file;
        this.partition = partition;
        this.first = contents.first();
        this.runs = contents.runs();
        this.ids = contents.ids();
        this.end = contents.end();
        this.lastGroupAt = contents.lastGroupAt();
        this.size = contents.size();
        this.lastRecordedAt = contents.lastRecordedAt();
        this.sequence = contents.sequence();
        this.marked = contents.marked();
    }

    /// Whether it is to be compressed.
    enum Seal {
        WAITING,
        /// The disk failed; to be tried again.
        FAILED,
        /// It is damaged.
        NEVER
    }

    /// What a segment's file holds.
    ///
    /// @param lastGroupAt where the last group that has events begins; the header's end without one
    /// @param size where the last frame ends
    record Contents(
            long first,
            long end,
            long lastGroupAt,
            long size,
            long lastRecordedAt,
            long sequence,
            boolean marked,
            Runs runs,
            IdMap ids) {}

    /// Starts an empty segment, durably. A file of its name can only be one that nothing was
    /// acknowledged in, and is replaced in one step: a crash must not leave a partition without
    /// one.
    static RawSegment create(Disk disk, String folder, int partition, long first, long now)
            throws DiskException {
        String file = Segment.name(folder, first, RAW);
        String draft = Segment.name(folder, first, DRAFT);
        if (disk.exists(draft)) {
            disk.delete(draft);
        }
        try (DiskFile started = disk.create(draft)) {
            started.write(header(partition, first, now), 0);
            started.force();
        }
        disk.rename(draft, file);
        disk.force(folder);
        DiskFile out = disk.edit(file);
        RawSegment segment =
                new RawSegment(
                        disk,
                        file,
                        partition,
                        new Contents(
                                first,
                                first,
                                HEADER,
                                HEADER,
                                now,
                                0,
                                false,
                                new Runs(),
                                new IdMap()));
        segment.out = out;
        return segment;
    }

    /// A segment that is on disk already.
    static RawSegment of(Disk disk, String file, int partition, Contents contents) {
        return new RawSegment(disk, file, partition, contents);
    }

    /// Opens it for appending, cuts off what follows its last whole frame, and makes the rest
    /// surely durable.
    ///
    /// What was read at start may have been no further than the operating system's memory: the
    /// process died before it could force, or its force failed. Forcing again is not enough in the
    /// second case, so the header and the last group are written again; all before was forced with
    /// success.
    void reopen() throws DiskException {
        if (out != null) {
            return;
        }
        DiskFile edited = disk.edit(file);
        try {
            if (edited.size() > size) {
                edited.truncate(size);
            }
            rewrite(edited, 0, HEADER);
            rewrite(edited, lastGroupAt, size);
            edited.force();
        } catch (DiskException e) {
            edited.close();
            throw e;
        }
        out = edited;
    }

    private static void rewrite(DiskFile file, long from, long to) throws DiskException {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
        for (long at = from; at < to; at += buffer.limit()) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), to - at));
            if (file.read(buffer, at) < buffer.limit()) {
                throw new DiskException(
                        DiskException.Kind.FAILED, "expected " + to + " bytes, found fewer");
            }
            file.write(buffer.flip(), at);
        }
    }

    private static ByteBuffer header(int partition, long first, long now) {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        header.putLong(0, MAGIC)
                .putShort(8, (short) VERSION)
                .putInt(12, partition)
                .putLong(16, first)
                .putLong(24, now)
                .putInt(CRC_AT, Frame.crc(header, 0, CRC_AT));
        return header;
    }

    /// What is wrong with a header; null when nothing is.
    static @Nullable String headerFault(ByteBuffer bytes, int at, int partition, long first) {
        if (bytes.limit() - at < HEADER) {
            return "expected a header of " + HEADER + " bytes, got " + (bytes.limit() - at);
        }
        if (bytes.getLong(at) != MAGIC
                || Frame.crc(bytes, at, CRC_AT) != bytes.getInt(at + CRC_AT)) {
            return "expected a segment's header, got other bytes";
        }
        if (bytes.getShort(at + 8) != VERSION) {
            return "expected version " + VERSION + ", got " + bytes.getShort(at + 8);
        }
        if (bytes.getInt(at + 12) != partition || bytes.getLong(at + 16) != first) {
            return "expected partition "
                    + partition
                    + " and first offset "
                    + first
                    + ", got "
                    + bytes.getInt(at + 12)
                    + " and "
                    + bytes.getLong(at + 16);
        }
        return null;
    }

    static long createdAt(ByteBuffer bytes, int at) {
        return bytes.getLong(at + 24);
    }

    /// Records entries as one group: returns when they are durable and can be read. After an
    /// exception nothing of them counts as recorded.
    ///
    /// @param buffer room for the whole frame
    void append(List<Item> items, long recordedAt, ByteBuffer buffer) throws DiskException {
        int bodiesAt = Frame.HEADER + items.size() * Frame.ROW;
        buffer.clear().position(bodiesAt);
        int row = Frame.HEADER;
        for (Item item : items) {
            item.putRow(buffer, row);
            item.putBody(buffer);
            row += Frame.ROW;
        }
        buffer.flip();
        Frame frame =
                new Frame(
                        false,
                        sequence,
                        end,
                        items.size(),
                        buffer.limit() - bodiesAt,
                        recordedAt,
                        Frame.crc(buffer, Frame.HEADER, bodiesAt - Frame.HEADER));
        frame.put(buffer, 0);
        long at = size;
        write(buffer);
        force();
        settle(frame, size + frame.size());
        RunCutter cutter = new RunCutter(runs, frame, at + bodiesAt);
        for (Item item : items) {
            cutter.add(item.length());
        }
        cutter.finish();
        ids.settle();
        runs.publish();
        end = frame.first() + items.size();
    }

    /// Writes a closing mark after the last group: from then on, damage to that group can be told
    /// from a group that was never finished. Not forced: without it nothing is lost but that, and
    /// so a failure to write it is none.
    void markQuietly() {
        if (broken || marked || end == first) {
            return;
        }
        Frame frame = new Frame(true, sequence, end, 0, 0, lastRecordedAt, 0);
        ByteBuffer buffer = ByteBuffer.allocate(Frame.HEADER);
        frame.put(buffer, 0);
        try {
            write(buffer);
            settle(frame, size + frame.size());
        } catch (DiskException _) {
            // What was written of it is taken back, or the segment is broken and not used again.
        }
    }

    private void write(ByteBuffer buffer) throws DiskException {
        try {
            open().write(buffer, size);
        } catch (DiskException e) {
            takeBack();
            throw e;
        }
    }

    private void takeBack() {
        broken = true;
        try {
            open().truncate(size);
            open().force();
            broken = false;
        } catch (DiskException _) {
            // Stays broken; the caller throws what went wrong first.
        }
    }

    void force() throws DiskException {
        try {
            open().force();
        } catch (DiskException e) {
            broken = true;
            throw e;
        }
    }

    private void settle(Frame frame, long frameEnd) {
        size = frameEnd;
        sequence++;
        lastRecordedAt = frame.recordedAt();
        marked = frame.closed();
    }

    private DiskFile open() {
        if (out == null) {
            throw new IllegalStateException("segment " + file + " is not open for appending");
        }
        return out;
    }

    /// Appends no more.
    void retire() {
        broken = true;
    }

    /// Whether more can be appended; if not, another segment must follow.
    boolean broken() {
        return broken;
    }

    /// Ends appending.
    void close() {
        if (out != null) {
            out.close();
            out = null;
        }
    }

    Seal sealing() {
        return sealing;
    }

    void sealing(Seal to) {
        sealing = to;
    }

    IdMap ids() {
        return ids;
    }

    Runs runs() {
        return runs;
    }

    int count() {
        return (int) (end - first);
    }

    @Override
    public String file() {
        return file;
    }

    @Override
    public long first() {
        return first;
    }

    @Override
    public long end() {
        return end;
    }

    @Override
    public long bytes() {
        return size;
    }

    @Override
    public long lastRecordedAt() {
        return lastRecordedAt;
    }

    @Override
    public long recordedAt(long offset) {
        int index = runs.indexOf(offset);
        return index < runs.count() ? runs.get(index).recordedAt() : lastRecordedAt;
    }

    @Override
    public @Nullable Match find(long high, long low) {
        int slot = ids.find(high, low);
        return slot == IdMap.NONE ? null : new Match(first + ids.ordinal(slot), ids.content(slot));
    }

    @Override
    public void read(Gathering into) throws DiskException {
        int count = runs.count();
        ByteBuffer buffer = ByteBuffer.allocate(Run.BYTES);
        into.trying(end);
        try (DiskFile in = disk.open(file)) {
            for (int i = runs.indexOf(into.next()); i < count && !into.full(); i++) {
                Run run = runs.get(i);
                if (run.lost() != null) {
                    into.lost(run.end(), run.lost());
                    continue;
                }
                if (run.length() > buffer.capacity()) {
                    buffer = ByteBuffer.allocate(run.length());
                }
                buffer.clear().limit(run.length());
                into.trying(run.end());
                int got = in.read(buffer, run.at());
                buffer.limit(got);
                Bodies.read(buffer, 0, got, run, file, into);
            }
        }
    }

    @Override
    public String toString() {
        return "segment " + file + " of partition " + partition;
    }
}
