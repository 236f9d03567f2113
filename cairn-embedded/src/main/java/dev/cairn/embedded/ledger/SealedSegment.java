package dev.cairn.embedded.ledger;

import com.github.luben.zstd.Zstd;
import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A compressed segment, which never changes.
///
/// ```
/// header        64 bytes: CAIRNSLD, version (2), 0 (2), partition (4), first offset (8), 0, CRC32C at 60
/// blocks        see Block
/// id pages      128 ids each, sorted by name: name (16), content (8), ordinal (4); then a CRC32C
/// index         filter, fences (8 a page), block table (8 + 64 a block)
/// footer        see Footer
/// ```
///
/// What leads to the events is redundant: a damaged footer or index is made again from the blocks'
/// headers, damaged id pages from the events, both in memory.
final class SealedSegment implements Segment {
    static final int HEADER = 64;
    static final long MAGIC = 0x434149524e534c44L;
    static final int VERSION = 1;

    private static final Logger log = LoggerFactory.getLogger(SealedSegment.class);

    private final Disk disk;
    private final String file;
    private final long first;
    private final long end;
    private final long bytes;
    private final long lastRecordedAt;
    private final Caches caches;
    private final @Nullable Footer footer;

    private volatile boolean indexDamaged;

    /// Made from the events when the id pages cannot be read.
    private volatile @Nullable IdMap rebuilt;

    /// What all sealed segments of a ledger share.
    record Caches(Recent<Key, ByteBuffer> blocks, Recent<String, SealedIndex> indexes) {
        static Caches of(LedgerSettings settings) {
            return new Caches(
                    new Recent<>(settings.cacheBytesMax()),
                    new Recent<>(settings.filterBytesMax()));
        }
    }

    /// A block of a file.
    record Key(String file, long at) {}

    private SealedSegment(
            Disk disk,
            String file,
            long first,
            long end,
            long bytes,
            long lastRecordedAt,
            @Nullable Footer footer,
            Caches caches) {
        this.disk = disk;
        this.file = file;
        this.first = first;
        this.end = end;
        this.bytes = bytes;
        this.lastRecordedAt = lastRecordedAt;
        this.footer = footer;
        this.caches = caches;
    }

    /// Opens a sealed file by its footer. Without a good one, its blocks are found by their
    /// headers.
    ///
    /// @param first from the file's name
    /// @param limit the first offset of the next segment, where this one ends if its footer does
    ///   not say
    static SealedSegment open(
            Disk disk, String file, int partition, long first, long limit, Caches caches)
            throws DiskException {
        try (DiskFile in = disk.open(file)) {
            long size = in.size();
            Footer footer = footer(in, size);
            if (footer != null && footer.partition() == partition && footer.first() == first) {
                return new SealedSegment(
                        disk,
                        file,
                        first,
                        first + footer.count(),
                        size,
                        footer.lastAt(),
                        footer,
                        caches);
            }
            log.error("{}: expected a footer, got other bytes; reading its blocks", file);
            List<Block> blocks = scan(in, size);
            long lastAt = blocks.isEmpty() ? 0 : blocks.getLast().lastAt();
            return new SealedSegment(disk, file, first, limit, size, lastAt, null, caches);
        }
    }

    static @Nullable Footer footer(Disk disk, String file) throws DiskException {
        try (DiskFile in = disk.open(file)) {
            return footer(in, in.size());
        }
    }

    private static @Nullable Footer footer(DiskFile in, long size) throws DiskException {
        if (size < HEADER + Footer.BYTES) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(Footer.BYTES);
        bytes.limit(in.read(bytes, size - Footer.BYTES));
        return Footer.parse(bytes);
    }

    static ByteBuffer header(int partition, long first) {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        return header.putLong(0, MAGIC)
                .putShort(8, (short) VERSION)
                .putInt(12, partition)
                .putLong(16, first)
                .putInt(60, Frame.crc(header, 0, 60));
    }

    /// Finds blocks by their headers alone.
    ///
    /// @param end where the blocks end at the latest
    private static List<Block> scan(DiskFile in, long end) throws DiskException {
        Window window = new Window(in, end);
        List<Block> blocks = new ArrayList<>();
        long next = 0;
        long at = HEADER;
        while (at + Block.HEADER <= window.size()) {
            int index = window.locate(at, Block.HEADER);
            Block block =
                    window.buffer().get(index) == (byte) 0xff
                            ? Block.parse(window.buffer(), index, at)
                            : null;
            if (block != null && block.first() >= next) {
                blocks.add(block);
                next = block.end();
                at = block.bytesAt() + block.packed();
            } else {
                at++;
            }
        }
        return blocks;
    }

    SealedIndex index() throws DiskException {
        return caches.indexes()
                .get(
                        file,
                        () -> {
                            SealedIndex index = readIndex();
                            return new Recent.Sized<>(index, index.heapBytes());
                        });
    }

    private SealedIndex readIndex() throws DiskException {
        try (DiskFile in = disk.open(file)) {
            if (footer != null) {
                try {
                    ByteBuffer bytes = ByteBuffer.allocate(footer.indexBytes());
                    int got = in.read(bytes, footer.indexAt());
                    if (got == footer.indexBytes()
                            && Frame.crc(bytes, 0, got) == footer.indexCrc()) {
                        return SealedIndex.read(bytes, footer);
                    }
                    log.error("{}: its index is damaged; reading its blocks", file);
                } catch (DiskException e) {
                    log.error("{}: its index is not read; reading its blocks", file, e);
                }
                indexDamaged = true;
            }
            List<Block> blocks = scan(in, footer == null ? in.size() : footer.idsAt());
            SealedIndex index = new SealedIndex(IdFilter.forNames(0), new long[0], blocks);
            if (rebuilt == null) {
                rebuilt = rebuild(blocks);
            }
            return index;
        }
    }

    @Override
    public void read(Gathering into) throws DiskException {
        into.trying(end);
        SealedIndex index = index();
        int i = index.blockOf(into.next());
        while (!into.full() && into.next() < end) {
            if (i == index.blocks().size()) {
                into.lost(end, file + ": expected events up to " + end + ", found none");
                return;
            }
            Block block = index.blocks().get(i);
            if (block.first() > into.next()) {
                into.lost(
                        block.first(),
                        Bodies.place(file, block.at())
                                + "expected a block from event "
                                + into.next()
                                + " on, found "
                                + block.first());
                continue;
            }
            readBlock(block, into);
            i++;
        }
    }

    private void readBlock(Block block, Gathering into) throws DiskException {
        ByteBuffer unpacked;
        into.trying(block.end());
        try {
            unpacked = unpacked(block);
        } catch (DamagedException e) {
            into.lost(block.end(), e.reason());
            return;
        }
        String place = file + ", block at byte " + block.at() + ", unpacked";
        long offset = block.first();
        int at = 0;
        while (at < unpacked.limit() && !into.full()) {
            int count = unpacked.getInt(at);
            int length = unpacked.getInt(at + 4);
            long recordedAt = unpacked.getLong(at + 8);
            at += Block.RUN;
            if (offset + count > into.next()) {
                Run run = new Run(offset, count, recordedAt, at, length, null);
                Bodies.read(unpacked, at, at + length, run, place, into);
            }
            offset += count;
            at += length;
        }
    }

    /// A block's bytes, unpacked; not to be changed.
    ByteBuffer unpacked(Block block) throws DiskException, DamagedException {
        try {
            return caches.blocks()
                    .get(
                            new Key(file, block.at()),
                            () -> {
                                try {
                                    return new Recent.Sized<>(unpack(block), block.unpacked());
                                } catch (DamagedException e) {
                                    throw new Passing(e);
                                }
                            });
        } catch (Passing e) {
            throw e.damage;
        }
    }

    /// Carries a damage out of the cache, which knows disk errors only.
    private static final class Passing extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient DamagedException damage;

        Passing(DamagedException damage) {
            super(damage);
            this.damage = damage;
        }
    }

    private ByteBuffer unpack(Block block) throws DiskException, DamagedException {
        byte[] packed = new byte[block.packed()];
        ByteBuffer into = ByteBuffer.wrap(packed);
        try (DiskFile in = disk.open(file)) {
            int got = in.read(into, block.bytesAt());
            if (got < packed.length || Frame.crc(into, 0, got) != block.packedCrc()) {
                throw new DamagedException(
                        Bodies.place(file, block.at())
                                + "expected a block of CRC "
                                + Integer.toHexString(block.packedCrc())
                                + ", got other bytes");
            }
        }
        byte[] unpacked = new byte[block.unpacked()];
        long length = Zstd.decompress(unpacked, packed);
        if (Zstd.isError(length) || length != unpacked.length) {
            throw new DamagedException(
                    Bodies.place(file, block.at())
                            + "expected a block of "
                            + unpacked.length
                            + " bytes unpacked, got "
                            + (Zstd.isError(length) ? Zstd.getErrorName(length) : length));
        }
        return ByteBuffer.wrap(unpacked);
    }

    @Override
    public @Nullable Match find(long high, long low) throws DiskException {
        return find(index(), high, low);
    }

    @Override
    public Names names() throws DiskException {
        SealedIndex index = index();
        return (high, low) -> find(index, high, low);
    }

    private @Nullable Match find(SealedIndex index, long high, long low) throws DiskException {
        IdMap made = rebuilt;
        if (made == null) {
            if (!index.filter().mayHold(high, low)) {
                return null;
            }
            try {
                return findInPages(index, high, low);
            } catch (DamagedException e) {
                log.error("{}; reading its events instead", e.reason());
                made = rebuild(index.blocks());
                rebuilt = made;
            } catch (DiskException e) {
                log.error("{}: its ids are not read; reading its events instead", file, e);
                made = rebuild(index.blocks());
                rebuilt = made;
            }
        }
        int slot = made.find(high, low);
        return slot == IdMap.NONE
                ? null
                : new Match(first + made.ordinal(slot), made.content(slot));
    }

    private @Nullable Match findInPages(SealedIndex index, long high, long low)
            throws DiskException, DamagedException {
        try (DiskFile in = disk.open(file)) {
            for (int page = index.firstPage(high);
                    page < index.fences().length
                            && Long.compareUnsigned(index.fences()[page], high) <= 0;
                    page++) {
                ByteBuffer bytes = page(in, page);
                for (int at = 0; at < bytes.limit(); at += SealedIndex.ID) {
                    if (bytes.getLong(at) == high && bytes.getLong(at + 8) == low) {
                        return new Match(first + bytes.getInt(at + 24), bytes.getLong(at + 16));
                    }
                }
            }
        }
        return null;
    }

    /// The ids of a page.
    ByteBuffer page(DiskFile in, int page) throws DiskException, DamagedException {
        if (footer == null) {
            throw new DamagedException(file + ": without a footer its id pages are not known");
        }
        int ids = Math.min(SealedIndex.PAGE_IDS, footer.ids() - page * SealedIndex.PAGE_IDS);
        int length = ids * SealedIndex.ID;
        long at = footer.idsAt() + (long) page * SealedIndex.PAGE;
        ByteBuffer bytes = ByteBuffer.allocate(length + 4);
        if (in.read(bytes, at) < length + 4
                || Frame.crc(bytes, 0, length) != bytes.getInt(length)) {
            throw new DamagedException(
                    Bodies.place(file, at) + "expected a page of ids, got other bytes");
        }
        return bytes.limit(length);
    }

    /// Makes the ids again from the events that can be read.
    private IdMap rebuild(List<Block> blocks) throws DiskException {
        IdMap ids = new IdMap();
        Fingerprint.Maker maker = new Fingerprint.Maker();
        for (Block block : blocks) {
            try {
                eachBody(
                        block,
                        (offset, bytes, at) -> {
                            if (Body.fault(bytes, at) == null) {
                                Fingerprint print = maker.of(bytes, at);
                                ids.put(
                                        print.high(),
                                        print.low(),
                                        print.content(),
                                        (int) (offset - first));
                            }
                        });
            } catch (DamagedException e) {
                log.error("{}", e.reason());
            }
        }
        ids.settle();
        return ids;
    }

    /// Takes a body of a block.
    interface BodyVisitor {
        void visit(long offset, ByteBuffer bytes, int at);
    }

    /// Gives each body of a block to a visitor, unchecked but for its length.
    void eachBody(Block block, BodyVisitor visitor) throws DiskException, DamagedException {
        ByteBuffer unpacked = unpacked(block);
        long offset = block.first();
        int at = 0;
        while (at < unpacked.limit()) {
            int count = unpacked.getInt(at);
            int runEnd = at + Block.RUN + unpacked.getInt(at + 4);
            at += Block.RUN;
            for (int i = 0; i < count; i++) {
                if (!Body.fits(unpacked, at, runEnd)) {
                    throw new DamagedException(
                            file
                                    + ", block at byte "
                                    + block.at()
                                    + ", unpacked, byte "
                                    + at
                                    + ": expected an event, got other bytes");
                }
                visitor.visit(offset, unpacked, at);
                offset++;
                at += Body.length(unpacked, at);
            }
        }
    }

    @Override
    public long recordedAt(long offset) throws DiskException {
        SealedIndex index = index();
        int i = index.blockOf(offset);
        if (i == index.blocks().size()) {
            return lastRecordedAt;
        }
        Block block = index.blocks().get(i);
        if (block.firstAt() == block.lastAt() || offset < block.first()) {
            return block.firstAt();
        }
        try {
            ByteBuffer unpacked = unpacked(block);
            long next = block.first();
            int at = 0;
            while (at < unpacked.limit()) {
                next += unpacked.getInt(at);
                if (offset < next) {
                    return unpacked.getLong(at + 8);
                }
                at += Block.RUN + unpacked.getInt(at + 4);
            }
        } catch (DamagedException e) {
            log.error("{}", e.reason());
        }
        return block.lastAt();
    }

    /// Whether the index could not be read and was made from the blocks.
    boolean indexDamaged() {
        return indexDamaged;
    }

    @Nullable Footer footer() {
        return footer;
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
        return bytes;
    }

    @Override
    public long lastRecordedAt() {
        return lastRecordedAt;
    }

    @Override
    public String toString() {
        return "sealed segment " + file;
    }
}
