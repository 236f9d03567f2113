package dev.cairn.embedded.ledger;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds out what a raw segment holds, at start.
///
/// A group is written only after the one before it is durable. So whatever is damaged *before* a
/// later group was acknowledged: it is lost, is said to be, and is never cut. What is damaged with
/// nothing whole behind it is a group that was never finished, hence never acknowledged: the torn
/// tail, which is cut. The last group alone is read to its last byte; damage inside earlier ones is
/// found when they are read, sealed, or checked by [Fsck].
final class RawScan {
    private static final byte MAGIC_BYTE = (byte) 0xff;

    private final String file;
    private final long first;
    private final long limit;
    private final Window window;

    private final Runs runs = new Runs();
    private final IdMap ids = new IdMap();
    private long expected;
    private long lastRecordedAt;
    private long sequence;
    private boolean marked;
    private long lastGroupAt = RawSegment.HEADER;
    private long tail = RawSegment.HEADER;
    private @Nullable String headerFault;

    private final List<String> faults = new ArrayList<>();

    private record Placed(Frame frame, long at) {
        long end() {
            return at + frame.size();
        }
    }

    private RawScan(String file, long first, long limit, Window window) {
        this.file = file;
        this.first = first;
        this.limit = limit;
        this.window = window;
        this.expected = first;
    }

    /// What came of a scan.
    ///
    /// @param contents what the segment holds; its size is where the torn tail, if any, begins
    /// @param headerFault what is wrong with the file's header; null when nothing is. Its events
    ///   can be read all the same
    /// @param faults damage that costs no event: a group's table that was made again from its
    ///   bodies
    record Result(
            RawSegment.Contents contents, @Nullable String headerFault, List<String> faults) {}

    /// @param limit the first offset of the next segment, or [Long#MAX_VALUE] for the last one,
    ///   whose tail may be torn
    static Result scan(Disk disk, String file, int partition, long first, long limit)
            throws DiskException {
        try (DiskFile in = disk.open(file)) {
            RawScan scan = new RawScan(file, first, limit, new Window(in));
            scan.header(partition);
            scan.build(scan.place());
            scan.runs.publish();
            return new Result(
                    new RawSegment.Contents(
                            first,
                            scan.expected,
                            scan.lastGroupAt,
                            scan.tail,
                            scan.lastRecordedAt,
                            scan.sequence,
                            scan.marked,
                            scan.runs,
                            scan.ids),
                    scan.headerFault,
                    scan.faults);
        }
    }

    private void header(int partition) throws DiskException {
        int at = window.locate(0, RawSegment.HEADER);
        headerFault = RawSegment.headerFault(window.buffer(), at, partition, first);
        if (headerFault == null) {
            lastRecordedAt = RawSegment.createdAt(window.buffer(), at);
        }
    }

    /// Finds the frames, stepping over what is not one.
    private List<Placed> place() throws DiskException {
        List<Placed> placed = new ArrayList<>();
        long next = first;
        long at = RawSegment.HEADER;
        while (at < window.size()) {
            Frame frame = frame(at, next);
            if (frame == null) {
                at = search(at + 1, next);
                continue;
            }
            placed.add(new Placed(frame, at));
            next = frame.first() + frame.count();
            at += frame.size();
        }
        return placed;
    }

    private @Nullable Frame frame(long at, long next) throws DiskException {
        if (!window.has(at, Frame.HEADER)) {
            return null;
        }
        Frame frame = Frame.parse(window.buffer(), window.locate(at, Frame.HEADER));
        // What follows the limit was never acknowledged: the writer gave this file up before it.
        return frame == null || frame.first() < next || frame.first() + frame.count() > limit
                ? null
                : frame;
    }

    /// The next place where a frame begins; the file's end when there is none.
    private long search(long from, long next) throws DiskException {
        for (long at = from; at + Frame.HEADER <= window.size(); at++) {
            int index = window.locate(at, Frame.HEADER);
            if (window.buffer().get(index) == MAGIC_BYTE && frame(at, next) != null) {
                return at;
            }
        }
        return window.size();
    }

    private void build(List<Placed> placed) throws DiskException {
        for (int i = 0; i < placed.size(); i++) {
            Placed p = placed.get(i);
            Frame frame = p.frame();
            if (frame.first() > expected) {
                lost(
                        frame.first(),
                        tail,
                        "expected a group from event " + expected + " on, found " + frame.first());
            }
            boolean last = i == placed.size() - 1 && limit == Long.MAX_VALUE;
            if (last && !whole(p)) {
                return;
            }
            if (!frame.closed()) {
                take(p);
                lastGroupAt = p.at();
            }
            lastRecordedAt = Math.max(lastRecordedAt, frame.recordedAt());
            sequence = frame.sequence() + 1;
            marked = frame.closed();
            tail = p.end();
        }
        if (limit != Long.MAX_VALUE && expected < limit) {
            lost(limit, tail, "expected events up to " + limit + ", found none");
        }
    }

    private void lost(long end, long at, String reason) {
        runs.add(
                new Run(
                        expected,
                        end - expected,
                        lastRecordedAt,
                        at,
                        0,
                        Bodies.place(file, at) + reason));
        expected = end;
    }

    /// Whether the last frame was written to its end.
    private boolean whole(Placed p) throws DiskException {
        Frame frame = p.frame();
        if (p.end() > window.size() || !tableWhole(p)) {
            return false;
        }
        int length = (int) frame.size();
        if (!window.has(p.at(), length)) {
            return false;
        }
        int at = window.locate(p.at(), length);
        ByteBuffer bytes = window.buffer();
        int body = at + Frame.HEADER + frame.table();
        for (int i = 0; i < frame.count(); i++) {
            int row = at + Frame.HEADER + i * Frame.ROW;
            if (!Body.fits(bytes, body, at + length)
                    || Body.length(bytes, body) != bytes.getInt(row + Fingerprint.BYTES)
                    || Body.crc(bytes, body) != bytes.getInt(row + Fingerprint.BYTES + 4)
                    || Body.fault(bytes, body) != null) {
                return false;
            }
            body += Body.length(bytes, body);
        }
        return true;
    }

    /// Whether the table can be believed; the window then holds it.
    private boolean tableWhole(Placed p) throws DiskException {
        Frame frame = p.frame();
        int length = Frame.HEADER + frame.table();
        if (!window.has(p.at(), length)) {
            return false;
        }
        int at = window.locate(p.at(), length) + Frame.HEADER;
        ByteBuffer bytes = window.buffer();
        if (Frame.crc(bytes, at, frame.table()) != frame.tableCrc()) {
            return false;
        }
        long total = 0;
        for (int i = 0; i < frame.count(); i++) {
            total += bytes.getInt(at + i * Frame.ROW + Fingerprint.BYTES);
        }
        return total == frame.bodies();
    }

    private void take(Placed p) throws DiskException {
        Frame frame = p.frame();
        if (!tableWhole(p)) {
            takeBodies(p);
            return;
        }
        int row = window.locate(p.at(), Frame.HEADER + frame.table()) + Frame.HEADER;
        ByteBuffer bytes = window.buffer();
        RunCutter cutter = new RunCutter(runs, frame, p.at() + Frame.HEADER + frame.table());
        for (int i = 0; i < frame.count(); i++, row += Frame.ROW) {
            ids.put(
                    bytes.getLong(row),
                    bytes.getLong(row + 8),
                    bytes.getLong(row + 16),
                    (int) (expected + i - first));
            cutter.add(bytes.getInt(row + Fingerprint.BYTES));
        }
        cutter.finish();
        ids.settle();
        expected += frame.count();
    }

    /// Takes a frame whose table is damaged: its bodies tell their own length.
    private void takeBodies(Placed p) throws DiskException {
        Frame frame = p.frame();
        faults.add(Bodies.place(file, p.at() + Frame.HEADER) + "expected a group's table");
        long at = p.at() + Frame.HEADER + frame.table();
        long end = Math.min(p.end(), window.size());
        long frameEnd = expected + frame.count();
        Fingerprint.Maker maker = new Fingerprint.Maker();
        while (expected < frameEnd) {
            int left = (int) Math.max(0, end - at);
            int index = left < Body.FIXED ? 0 : window.locate(at, left);
            ByteBuffer bytes = window.buffer();
            if (left < Body.FIXED || !Body.fits(bytes, index, index + left)) {
                lost(frameEnd, at, "expected an event, got other bytes");
                return;
            }
            int length = Body.length(bytes, index);
            String fault = Body.fault(bytes, index);
            if (fault == null) {
                Fingerprint print = maker.of(bytes, index);
                ids.put(print.high(), print.low(), print.content(), (int) (expected - first));
                runs.add(new Run(expected, 1, frame.recordedAt(), at, length, null));
                expected++;
            } else {
                lost(expected + 1, at, fault);
            }
            at += length;
        }
        ids.settle();
    }
}
