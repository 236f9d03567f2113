package dev.cairn.embedded.ledger;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.ledger.LedgerException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a partition's folder at start, and finishes what a crash left half done.
final class Opening {
    private static final Logger log = LoggerFactory.getLogger(Opening.class);

    private final Disk disk;
    private final String folder;
    private final int partition;
    private final SealedSegment.Caches caches;
    private final Damage damage;
    private final long now;

    Opening(
            Disk disk,
            String folder,
            int partition,
            SealedSegment.Caches caches,
            Damage damage,
            long now) {
        this.disk = disk;
        this.folder = folder;
        this.partition = partition;
        this.caches = caches;
        this.damage = damage;
        this.now = now;
    }

    /// The segments, oldest first, without gaps; the last is raw, and what follows its last whole
    /// group is still to be cut.
    List<Segment> open() throws DiskException, LedgerException {
        NavigableMap<Long, String> files = files();
        if (files.isEmpty() || !files.lastEntry().getValue().endsWith(Segment.RAW)) {
            throw new LedgerException(
                    LedgerException.Kind.CORRUPT,
                    "expected a segment to append to in "
                            + folder
                            + ", found "
                            + (files.isEmpty() ? "none" : "only " + files.lastEntry().getValue())
                            + ": files were removed by another hand");
        }
        List<Segment> segments = new ArrayList<>();
        for (Map.Entry<Long, String> file : files.entrySet()) {
            Long next = files.higherKey(file.getKey());
            add(segments, file.getKey(), file.getValue(), next == null ? Long.MAX_VALUE : next);
        }
        return segments;
    }

    private void add(List<Segment> segments, long first, String file, long limit)
            throws DiskException, LedgerException {
        Segment segment =
                file.endsWith(Segment.RAW)
                        ? raw(file, first, limit)
                        : SealedSegment.open(disk, file, partition, first, limit, caches);
        segments.add(segment);
        if (limit == Long.MAX_VALUE || segment.end() == limit) {
            return;
        }
        if (segment.end() > limit) {
            throw new LedgerException(
                    LedgerException.Kind.CORRUPT,
                    file
                            + ": expected events up to "
                            + limit
                            + ", where the next segment begins,"
                            + " got "
                            + segment.end());
        }
        String gone = Segment.name(folder, segment.end(), Segment.RAW);
        Hole hole = new Hole(gone, segment.end(), limit, segment.lastRecordedAt());
        damage.add(hole.first(), hole.end(), hole.reason());
        segments.add(hole);
    }

    /// The one file of each first offset.
    private NavigableMap<Long, String> files() throws DiskException {
        NavigableMap<Long, String> files = new TreeMap<>();
        for (String name : disk.list(folder)) {
            String file = folder + "/" + name;
            if (Segment.isDraft(name)) {
                disk.delete(file);
            } else if (Segment.isName(name)) {
                long first = Segment.first(name);
                String other = files.put(first, file);
                if (other != null) {
                    files.put(first, choose(first, other, file));
                }
            }
        }
        return files;
    }

    /// Of a raw file and the sealed one made from it, keeps the sealed one if it is whole.
    private String choose(long first, String one, String other) throws DiskException {
        String sealed = one.endsWith(Sealing.SEALED) ? one : other;
        String raw = one.endsWith(Sealing.SEALED) ? other : one;
        Footer footer = SealedSegment.footer(disk, sealed);
        boolean whole =
                footer != null
                        && SealedCheck.faults(
                                        disk, sealed, partition, first, first + footer.count())
                                .isEmpty();
        disk.delete(whole ? raw : sealed);
        disk.force(folder);
        return whole ? sealed : raw;
    }

    private RawSegment raw(String file, long first, long limit) throws DiskException {
        RawScan.Result result = RawScan.scan(disk, file, partition, first, limit);
        if (result.headerFault() != null) {
            if (limit == Long.MAX_VALUE && result.contents().end() == first) {
                // It was never finished, so nothing in it was acknowledged.
                return RawSegment.create(disk, folder, partition, first, now);
            }
            log.warn("{}: {}", file, result.headerFault());
        }
        RawSegment segment = RawSegment.of(disk, file, partition, result.contents());
        for (int i = 0; i < segment.runs().count(); i++) {
            Run run = segment.runs().get(i);
            if (run.lost() != null) {
                damage.add(run.first(), run.end(), run.lost());
                segment.sealing(RawSegment.Seal.NEVER);
            }
        }
        return segment;
    }
}
