package dev.cairn.embedded.ledger;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Which files make up a ledger, for who copies them while it is written.
public final class LedgerFiles {
    /// The file that says how many partitions there are.
    public static final String SHAPE = SegmentLedger.FOLDER + "/shape";

    private static final Pattern PARTITION = Pattern.compile("\\d{1,3}");
    private static final Pattern NAME = Pattern.compile("(\\d{19})(\\.segment|\\.sealed)");

    private LedgerFiles() {}

    /// The folders of the partitions, in the order of their names.
    public static List<String> partitions(Disk disk) throws DiskException {
        List<String> folders = new ArrayList<>();
        if (disk.exists(SegmentLedger.FOLDER)) {
            for (String name : disk.list(SegmentLedger.FOLDER)) {
                if (PARTITION.matcher(name).matches()) {
                    folders.add(SegmentLedger.FOLDER + "/" + name);
                }
            }
        }
        return folders;
    }

    /// The segments of a partition by their first offsets. Of one that is there both as it was
    /// written and sealed, the latter: it was read back before it got its name.
    public static NavigableMap<Long, String> segments(Disk disk, String partition)
            throws DiskException {
        NavigableMap<Long, String> segments = new TreeMap<>();
        for (String name : disk.list(partition)) {
            var parts = NAME.matcher(name);
            if (parts.matches()) {
                long first = Long.parseLong(parts.group(1));
                String path = partition + "/" + name;
                segments.merge(first, path, (one, other) -> isSealed(one) ? one : other);
            }
        }
        return segments;
    }

    /// Whether it is of the kind that is written once.
    public static boolean isSealed(String path) {
        return path.endsWith(Sealing.SEALED);
    }
}
