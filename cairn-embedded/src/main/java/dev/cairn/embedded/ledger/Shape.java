package dev.cairn.embedded.ledger;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.ledger.LedgerException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What is fixed when a ledger is created, kept in the text file `ledger/shape`. The file appears
/// last, so that a ledger is either not there or whole.
final class Shape {
    static final String FILE = SegmentLedger.FOLDER + "/shape";
    static final String DRAFT = FILE + ".draft";

    private static final Pattern TEXT =
            Pattern.compile("cairn ledger 1\npartitions ([0-9]{1,3})\n");

    private Shape() {}

    static String folder(int partition) {
        return SegmentLedger.FOLDER + "/" + partition;
    }

    /// @return how many partitions the ledger has
    static int openOrCreate(Disk disk, int partitions, long now)
            throws DiskException, LedgerException {
        if (disk.exists(FILE)) {
            disk.force("");
            disk.force(SegmentLedger.FOLDER);
            return read(disk);
        }
        create(disk, partitions, now);
        return partitions;
    }

    static int read(Disk disk) throws DiskException, LedgerException {
        try (DiskFile file = disk.open(FILE)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), 1024));
            file.read(bytes, 0);
            String text = StandardCharsets.UTF_8.decode(bytes.flip()).toString();
            Matcher matcher = TEXT.matcher(text);
            if (!matcher.matches()) {
                throw new LedgerException(
                        LedgerException.Kind.CORRUPT,
                        FILE + ": expected a ledger of version 1, got: " + text.strip());
            }
            return Integer.parseInt(matcher.group(1));
        }
    }

    private static void create(Disk disk, int partitions, long now) throws DiskException {
        disk.createFolder(SegmentLedger.FOLDER);
        disk.force("");
        for (int i = 0; i < partitions; i++) {
            Partition.create(disk, folder(i), i, now);
        }
        if (disk.exists(DRAFT)) {
            disk.delete(DRAFT);
        }
        String text = "cairn ledger 1\npartitions " + partitions + "\n";
        try (DiskFile file = disk.create(DRAFT)) {
            file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
            file.force();
        }
        // The partitions' folders become durable before the name that says they are there.
        disk.force(SegmentLedger.FOLDER);
        disk.rename(DRAFT, FILE);
        disk.force(SegmentLedger.FOLDER);
    }
}
