package dev.cairn.embedded.ledger;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.ledger.LedgerException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Proves a ledger: every byte of every segment is read, and nothing is written.
///
/// Proved means: each offset from the first held to the end is in exactly one segment, its event's
/// CRC is right, and its name and content lead to it by the segment's index. What the next start of
/// the ledger puts in order by itself (a group that was never finished, a draft) is no finding; it
/// is listed apart.
public final class Fsck {

    /// @param findings what is wrong, each a sentence that names file and, where there is one,
    ///   byte; empty when the ledger is proved
    /// @param leftovers what a crash left half done, and the next start removes
    /// @param segments files read
    /// @param events events proved
    /// @param bytes of all files read
    public record Report(
            List<String> findings, List<String> leftovers, int segments, long events, long bytes) {
        public boolean proved() {
            return findings.isEmpty();
        }
    }

    /// Is told how far the check has come; bytes are those of whole files.
    public interface Progress {
        void at(long bytes, long ofBytes);
    }

    private final Disk disk;
    private final Progress progress;
    private final List<String> findings = new ArrayList<>();
    private final List<String> leftovers = new ArrayList<>();
    private int segments;
    private long events;
    private long bytes;
    private long bytesInAll;

    private Fsck(Disk disk, Progress progress) {
        this.disk = disk;
        this.progress = progress;
    }

    /// Checks the ledger of a data folder that nobody writes. A folder in which no ledger was ever
    /// created is proved.
    ///
    /// @throws LedgerException with UNAVAILABLE when the disk fails
    public static Report check(Disk disk, Progress progress) throws LedgerException {
        Fsck fsck = new Fsck(disk, progress);
        try {
            fsck.check();
        } catch (DiskException e) {
            throw new LedgerException(
                    LedgerException.Kind.UNAVAILABLE, String.valueOf(e.getMessage()), e);
        }
        return new Report(
                List.copyOf(fsck.findings),
                List.copyOf(fsck.leftovers),
                fsck.segments,
                fsck.events,
                fsck.bytes);
    }

    private void check() throws DiskException {
        if (!disk.exists(Shape.FILE)) {
            checkUnborn();
            return;
        }
        int partitions;
        try {
            partitions = Shape.read(disk);
        } catch (LedgerException e) {
            findings.add(String.valueOf(e.getMessage()));
            return;
        }
        for (String name : disk.list(SegmentLedger.FOLDER)) {
            String path = SegmentLedger.FOLDER + "/" + name;
            if (path.equals(Shape.DRAFT)) {
                leftovers.add(path);
            } else if (!path.equals(Shape.FILE) && !isPartition(name, partitions)) {
                findings.add(path + ": expected no such file");
            }
        }
        List<Map<Long, List<String>>> files = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            files.add(files(i));
        }
        for (int i = 0; i < partitions; i++) {
            check(i, files.get(i));
        }
    }

    /// A ledger is not there until its shape is; what is before that is only what a crash may
    /// leave.
    private void checkUnborn() throws DiskException {
        if (!disk.exists(SegmentLedger.FOLDER)) {
            return;
        }
        for (String name : disk.list(SegmentLedger.FOLDER)) {
            String path = SegmentLedger.FOLDER + "/" + name;
            leftovers.add(path);
            boolean held =
                    name.matches("[0-9]+")
                            && disk.list(path).stream()
                                    .anyMatch(file -> file.endsWith(Sealing.SEALED));
            if (held) {
                findings.add(path + ": expected " + Shape.FILE + " beside it, found none");
            }
        }
    }

    private static boolean isPartition(String name, int partitions) {
        return name.matches("0|[1-9][0-9]{0,2}") && Integer.parseInt(name) < partitions;
    }

    /// A partition's files by their first offset.
    private Map<Long, List<String>> files(int partition) throws DiskException {
        String folder = Shape.folder(partition);
        TreeMap<Long, List<String>> files = new TreeMap<>();
        if (!disk.exists(folder)) {
            return files;
        }
        for (String name : disk.list(folder)) {
            String file = folder + "/" + name;
            if (Segment.isDraft(name)) {
                leftovers.add(file);
            } else if (Segment.isName(name)) {
                files.computeIfAbsent(Segment.first(name), _ -> new ArrayList<>()).add(file);
                try (DiskFile in = disk.open(file)) {
                    bytesInAll += in.size();
                }
            } else {
                findings.add(file + ": expected no such file");
            }
        }
        return files;
    }

    private void check(int partition, Map<Long, List<String>> files) throws DiskException {
        List<Long> firsts = List.copyOf(files.keySet());
        List<String> newest =
                firsts.isEmpty() ? List.of() : files.getOrDefault(firsts.getLast(), List.of());
        if (newest.stream().noneMatch(file -> file.endsWith(Segment.RAW))) {
            findings.add(
                    Shape.folder(partition)
                            + ": expected a segment to append to, found "
                            + (newest.isEmpty() ? "none" : "only " + newest.getFirst()));
        }
        long expected = firsts.isEmpty() ? 0 : firsts.getFirst();
        for (int i = 0; i < firsts.size(); i++) {
            long first = firsts.get(i);
            if (first != expected) {
                findings.add(
                        Shape.folder(partition)
                                + ": expected a segment from event "
                                + expected
                                + " on, found "
                                + first);
            }
            long limit = i + 1 < firsts.size() ? firsts.get(i + 1) : Long.MAX_VALUE;
            expected = check(partition, first, limit, files.getOrDefault(first, List.of()));
        }
    }

    /// @return the segment's end
    private long check(int partition, long first, long limit, List<String> files)
            throws DiskException {
        String file = files.getFirst();
        if (files.size() > 1) {
            // Both are there from the renaming of the one to the removal of the other.
            leftovers.add(files.getFirst());
            file = files.getLast();
        }
        segments++;
        try (DiskFile in = disk.open(file)) {
            bytes += in.size();
            return file.endsWith(Segment.RAW)
                    ? checkRaw(file, partition, first, limit)
                    : checkSealed(file, partition, first, limit);
        } catch (DiskException e) {
            // The other segments can be judged all the same.
            findings.add(file + ": expected to read all of it: " + e.getMessage());
            return limit;
        } finally {
            progress.at(bytes, bytesInAll);
        }
    }

    private long checkSealed(String file, int partition, long first, long limit)
            throws DiskException {
        Footer footer = SealedSegment.footer(disk, file);
        long end = footer == null ? limit : first + footer.count();
        List<String> faults = SealedCheck.faults(disk, file, partition, first, end);
        findings.addAll(faults);
        events += faults.isEmpty() ? end - first : 0;
        return end;
    }

    private long checkRaw(String file, int partition, long first, long limit) throws DiskException {
        RawScan.Result result = RawScan.scan(disk, file, partition, first, limit);
        if (result.headerFault() != null
                && limit == Long.MAX_VALUE
                && result.contents().end() == first) {
            leftovers.add(Bodies.place(file, 0) + "a segment that was never begun");
        } else if (result.headerFault() != null) {
            findings.add(Bodies.place(file, 0) + result.headerFault());
        }
        result.faults().forEach(findings::add);
        RawSegment segment = RawSegment.of(disk, file, partition, result.contents());
        try (DiskFile in = disk.open(file)) {
            if (in.size() > segment.bytes()) {
                leftovers.add(
                        Bodies.place(file, segment.bytes()) + "a group that was never finished");
            }
            for (int i = 0; i < segment.runs().count(); i++) {
                check(segment, segment.runs().get(i), in);
            }
        }
        return segment.end();
    }

    private void check(RawSegment segment, Run run, DiskFile in) throws DiskException {
        if (run.lost() != null) {
            findings.add(run.lost() + ": " + run.count() + " events are lost");
            return;
        }
        ByteBuffer buffer = ByteBuffer.allocate(run.length());
        int end = in.read(buffer, run.at());
        Fingerprint.Maker maker = new Fingerprint.Maker();
        int at = 0;
        for (long offset = run.first(); offset < run.end(); offset++) {
            String place = Bodies.place(segment.file(), run.at() + at);
            if (!Body.fits(buffer, at, end)) {
                findings.add(place + "expected an event, got other bytes");
                return;
            }
            String fault = Body.fault(buffer, at);
            if (fault != null) {
                findings.add(place + fault);
            } else if (!isFound(segment, maker.of(buffer, at), offset)) {
                findings.add(place + "expected event " + offset + " to be found by its name");
            } else {
                events++;
            }
            at += Body.length(buffer, at);
        }
    }

    private static boolean isFound(RawSegment segment, Fingerprint print, long offset) {
        Segment.Match match = segment.find(print.high(), print.low());
        return match != null
                && (match.offset() == offset
                        ? match.content() == print.content()
                        : match.offset() > offset);
    }
}
