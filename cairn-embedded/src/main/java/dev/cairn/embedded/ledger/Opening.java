package dev.cairn.embedded.ledger;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.ledger.LedgerException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a partition's folder at start.
final class Opening {
    private static final Logger log = LoggerFactory.getLogger(Opening.class);

    private final Disk disk;
    private final String folder;
    private final int partition;

    Opening(Disk disk, String folder, int partition) {
        this.disk = disk;
        this.folder = folder;
        this.partition = partition;
    }

    /// The segments, oldest first; the last is raw, and what follows its last whole group is still
    /// to be cut.
    List<Segment> open() throws DiskException, LedgerException {
        List<String> raw =
                disk.list(folder).stream().filter(name -> name.endsWith(Segment.RAW)).toList();
        if (raw.isEmpty()) {
            throw new LedgerException(
                    LedgerException.Kind.CORRUPT,
                    "expected segments in " + folder + ", found none: its files were removed");
        }
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < raw.size(); i++) {
            long limit = i + 1 < raw.size() ? first(raw.get(i + 1)) : Long.MAX_VALUE;
            segments.add(raw(raw.get(i), limit));
        }
        return segments;
    }

    private static long first(String name) {
        return Long.parseLong(name.substring(0, name.indexOf('.')));
    }

    private RawSegment raw(String name, long limit) throws DiskException {
        String file = folder + "/" + name;
        RawScan.Result result = RawScan.scan(disk, file, partition, first(name), limit);
        if (result.headerFault() != null) {
            log.warn("{}: {}", file, result.headerFault());
        }
        return RawSegment.of(disk, file, partition, result.contents());
    }
}
