package dev.cairn.embedded.ledger;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Proves a sealed segment: every event, and that each is found by its name.
final class SealedCheck {
    private final SealedSegment segment;
    private final String file;
    private final List<String> faults = new ArrayList<>();
    private final Fingerprint.Maker maker = new Fingerprint.Maker();

    /// What the id pages say; null when they do not lead to their ids. Read once: looking every
    /// event up in the file would cost more than unpacking it.
    private @Nullable IdMap ids;

    private long next;
    private long events;

    private SealedCheck(SealedSegment segment) {
        this.segment = segment;
        this.file = segment.file();
        this.next = segment.first();
    }

    /// What is wrong with a sealed file, each a sentence; none when it is proved.
    ///
    /// @param limit the offset at which it must end
    static List<String> faults(Disk disk, String file, int partition, long first, long limit)
            throws DiskException {
        SealedSegment.Caches caches =
                new SealedSegment.Caches(new Recent<>(0), new Recent<>(Long.MAX_VALUE));
        SealedSegment segment = SealedSegment.open(disk, file, partition, first, limit, caches);
        SealedCheck check = new SealedCheck(segment);
        check.check(disk, partition, limit);
        return check.faults;
    }

    private void check(Disk disk, int partition, long limit) throws DiskException {
        Footer footer = segment.footer();
        try (DiskFile in = disk.open(file)) {
            ByteBuffer header = ByteBuffer.allocate(SealedSegment.HEADER);
            in.read(header, 0);
            if (!header.flip().equals(SealedSegment.header(partition, segment.first()).rewind())) {
                faults.add(Bodies.place(file, 0) + "expected a sealed segment's header");
            }
            if (footer == null) {
                long at = Math.max(0, in.size() - Footer.BYTES);
                faults.add(Bodies.place(file, at) + "expected a footer, got other bytes");
            }
        }
        if (segment.end() != limit) {
            faults.add(file + ": expected events up to " + limit + ", got " + segment.end());
        }
        SealedIndex index = segment.index();
        if (footer != null && segment.indexDamaged()) {
            faults.add(Bodies.place(file, footer.indexAt()) + "expected an index, got other bytes");
        }
        ids = ids(disk, index, footer);
        try (DiskFile in = disk.open(file)) {
            for (Block block : index.blocks()) {
                checkHeader(in, block);
                check(block);
            }
        }
        if (next != segment.end()) {
            faults.add(file + ": expected blocks up to " + segment.end() + ", got " + next);
        }
        if (footer != null && footer.ids() > events) {
            faults.add(file + ": expected at most " + events + " ids, got " + footer.ids());
        }
    }

    /// A block's header stands twice; reading needs only the one in the index.
    private void checkHeader(DiskFile in, Block block) throws DiskException {
        ByteBuffer header = ByteBuffer.allocate(Block.HEADER);
        header.limit(in.read(header, block.at()));
        if (!block.equals(Block.parse(header, 0, block.at()))) {
            faults.add(
                    Bodies.place(file, block.at()) + "expected a block's header, got other bytes");
        }
    }

    private void check(Block block) throws DiskException {
        if (block.first() != next) {
            faults.add(
                    Bodies.place(file, block.at())
                            + "expected a block from event "
                            + next
                            + " on, got "
                            + block.first());
        }
        next = block.end();
        try {
            List<Fingerprint> prints = new ArrayList<>(block.count());
            segment.eachBody(
                    block,
                    (offset, bytes, at) -> {
                        String fault = Body.fault(bytes, at);
                        if (fault == null) {
                            prints.add(maker.of(bytes, at));
                        } else {
                            faults.add(
                                    file
                                            + ", block at byte "
                                            + block.at()
                                            + ", unpacked, byte "
                                            + at
                                            + ": "
                                            + fault);
                        }
                    });
            events += prints.size();
            for (int i = 0; i < prints.size(); i++) {
                checkName(prints.get(i), block.first() + i);
            }
        } catch (DamagedException e) {
            faults.add(e.reason());
        }
    }

    private void checkName(Fingerprint print, long offset) {
        if (ids == null) {
            return;
        }
        int slot = ids.find(print.high(), print.low());
        long found = slot == IdMap.NONE ? -1 : segment.first() + ids.ordinal(slot);
        if (found < offset || (found == offset && ids.content(slot) != print.content())) {
            faults.add(
                    file
                            + ": expected event "
                            + offset
                            + " to be found by its name, got "
                            + (slot == IdMap.NONE ? "nothing" : "event " + found));
        }
    }

    /// Reads all ids, and proves that the filter, the fences and their order lead to each.
    private @Nullable IdMap ids(Disk disk, SealedIndex index, @Nullable Footer footer)
            throws DiskException {
        if (footer == null || segment.indexDamaged()) {
            return null;
        }
        IdMap read = new IdMap();
        boolean whole = true;
        long lastHigh = 0;
        long lastLow = 0;
        try (DiskFile in = disk.open(file)) {
            for (int page = 0; page < index.fences().length; page++) {
                ByteBuffer bytes;
                try {
                    bytes = segment.page(in, page);
                } catch (DamagedException e) {
                    faults.add(e.reason());
                    whole = false;
                    continue;
                }
                for (int at = 0; at < bytes.limit(); at += SealedIndex.ID) {
                    long high = bytes.getLong(at);
                    long low = bytes.getLong(at + 8);
                    if ((at == 0 && high != index.fences()[page])
                            || !ascends(lastHigh, lastLow, high, low)
                            || !index.filter().mayHold(high, low)) {
                        faults.add(
                                file
                                        + ": expected id "
                                        + at / SealedIndex.ID
                                        + " of page "
                                        + page
                                        + " where it is looked for, got it elsewhere");
                        whole = false;
                    }
                    lastHigh = high;
                    lastLow = low;
                    read.put(high, low, bytes.getLong(at + 16), bytes.getInt(at + 24));
                }
            }
        }
        return whole ? read : null;
    }

    private static boolean ascends(long lastHigh, long lastLow, long high, long low) {
        int byHigh = Long.compareUnsigned(lastHigh, high);
        return byHigh < 0 || (byHigh == 0 && Long.compareUnsigned(lastLow, low) < 0);
    }
}
