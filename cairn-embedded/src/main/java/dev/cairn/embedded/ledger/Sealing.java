package dev.cairn.embedded.ledger;

import com.github.luben.zstd.ZstdCompressCtx;
import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Compresses one raw segment into a sealed one.
///
/// The sealed file is written under another name, forced, read back and compared, and only then
/// renamed; the raw file is there until after that. So a crash at any step leaves at least one of
/// the two whole.
final class Sealing {
    /// What ends the name of a sealed segment, and of one that is being written.
    static final String SEALED = ".sealed";

    static final String DRAFT = ".sealing";

    private static final int LEVEL = 3;
    private static final int BLOCK_BYTES = 256 << 10;

    private final Disk disk;
    private final int partition;
    private final RawSegment raw;
    private final BooleanSupplier giveUp;
    private final List<Block> blocks = new ArrayList<>();
    private final Output out;

    // The block being filled.
    private ByteBuffer unpacked = ByteBuffer.allocate(2 * BLOCK_BYTES);
    private long blockFirst;
    private int blockCount;
    private long blockFirstAt;
    private long blockLastAt;

    /// Where the header of the run being filled stands in the block.
    private int runAt;

    private Sealing(
            Disk disk, int partition, RawSegment raw, DiskFile out, BooleanSupplier giveUp) {
        this.disk = disk;
        this.partition = partition;
        this.raw = raw;
        this.out = new Output(out);
        this.giveUp = giveUp;
        this.blockFirst = raw.first();
    }

    /// @param giveUp asked between blocks
    /// @return null when it gave up
    /// @throws DamagedException when the raw segment is damaged; it then stays as it is
    static @Nullable SealedSegment seal(
            Disk disk,
            String folder,
            int partition,
            RawSegment raw,
            SealedSegment.Caches caches,
            BooleanSupplier giveUp)
            throws DiskException, DamagedException {
        String draft = Segment.name(folder, raw.first(), DRAFT);
        if (disk.exists(draft)) {
            disk.delete(draft);
        }
        try (DiskFile out = disk.create(draft)) {
            if (!new Sealing(disk, partition, raw, out, giveUp).write()) {
                return null;
            }
            out.force();
        }
        verify(disk, draft, partition, raw);
        String sealed = Segment.name(folder, raw.first(), SEALED);
        disk.rename(draft, sealed);
        disk.force(folder);
        return SealedSegment.open(disk, sealed, partition, raw.first(), raw.end(), caches);
    }

    private boolean write() throws DiskException, DamagedException {
        out.write(SealedSegment.header(partition, raw.first()));
        try (ZstdCompressCtx zstd = new ZstdCompressCtx();
                DiskFile in = disk.open(raw.file())) {
            zstd.setLevel(LEVEL);
            ByteBuffer bytes = ByteBuffer.allocate(Run.BYTES);
            for (int i = 0; i < raw.runs().count(); i++) {
                Run run = raw.runs().get(i);
                bytes = read(in, run, bytes);
                if (unpacked.position() > 0
                        && unpacked.position() + Block.RUN + run.length() > BLOCK_BYTES) {
                    if (giveUp.getAsBoolean()) {
                        return false;
                    }
                    finishBlock(zstd);
                }
                add(run, bytes);
            }
            if (unpacked.position() > 0) {
                finishBlock(zstd);
            }
        }
        writeIndex();
        out.flush();
        return true;
    }

    private ByteBuffer read(DiskFile in, Run run, ByteBuffer buffer)
            throws DiskException, DamagedException {
        if (run.lost() != null) {
            throw new DamagedException(run.lost());
        }
        ByteBuffer bytes =
                run.length() > buffer.capacity() ? ByteBuffer.allocate(run.length()) : buffer;
        bytes.clear().limit(run.length());
        bytes.limit(in.read(bytes, run.at())).position(0);
        String fault = Bodies.fault(bytes, 0, run.length(), run.count());
        if (fault != null) {
            throw new DamagedException(Bodies.place(raw.file(), run.at()) + fault);
        }
        return bytes;
    }

    private void add(Run run, ByteBuffer bytes) {
        int needed = unpacked.position() + Block.RUN + run.length();
        if (needed > unpacked.capacity()) {
            unpacked = ByteBuffer.allocate(needed).put(unpacked.flip());
        }
        if (unpacked.position() == 0 || blockLastAt != run.recordedAt()) {
            runAt = unpacked.position();
            unpacked.putInt(0).putInt(0).putLong(run.recordedAt());
        }
        unpacked.putInt(runAt, unpacked.getInt(runAt) + (int) run.count());
        unpacked.putInt(runAt + 4, unpacked.getInt(runAt + 4) + run.length());
        unpacked.put(bytes);
        blockFirstAt = blockCount == 0 ? run.recordedAt() : blockFirstAt;
        blockLastAt = run.recordedAt();
        blockCount += (int) run.count();
    }

    private void finishBlock(ZstdCompressCtx zstd) throws DiskException {
        byte[] packed = zstd.compress(copy(unpacked));
        Block block =
                new Block(
                        out.position(),
                        blockFirst,
                        blockCount,
                        packed.length,
                        unpacked.position(),
                        Frame.crc(ByteBuffer.wrap(packed), 0, packed.length),
                        blockFirstAt,
                        blockLastAt);
        ByteBuffer header = ByteBuffer.allocate(Block.HEADER);
        block.put(header, 0);
        out.write(header);
        out.write(ByteBuffer.wrap(packed));
        blocks.add(block);
        blockFirst = block.end();
        blockCount = 0;
        unpacked.clear();
    }

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.position()];
        bytes.get(0, copy);
        return copy;
    }

    private record Id(long high, long low, long content, int ordinal) implements Comparable<Id> {
        @Override
        public int compareTo(Id other) {
            int byHigh = Long.compareUnsigned(high, other.high);
            return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
        }
    }

    private void writeIndex() throws DiskException {
        List<Id> ids = new ArrayList<>(raw.ids().size());
        raw.ids()
                .forEach((high, low, content, ordinal) ->
                        ids.add(new Id(high, low, content, ordinal)));
        ids.sort(null);
        IdFilter filter = IdFilter.forNames(ids.size());
        ids.forEach(id -> filter.add(id.high(), id.low()));

        long idsAt = out.position();
        int pages = SealedIndex.pages(ids.size());
        for (int page = 0; page < pages; page++) {
            out.write(page(ids, page));
        }
        int size =
                Long.BYTES * (filter.wordCount() + pages)
                        + blocks.size() * (Long.BYTES + Block.HEADER);
        ByteBuffer index = ByteBuffer.allocate(size);
        filter.put(index);
        for (int page = 0; page < pages; page++) {
            index.putLong(ids.get(page * SealedIndex.PAGE_IDS).high());
        }
        for (Block block : blocks) {
            index.putLong(block.at());
            block.put(index, index.position());
            index.position(index.position() + Block.HEADER);
        }
        long indexAt = out.position();
        out.write(index.flip());
        out.write(
                new Footer(
                                partition,
                                raw.first(),
                                raw.end() - raw.first(),
                                raw.lastRecordedAt(),
                                idsAt,
                                ids.size(),
                                filter.wordCount(),
                                indexAt,
                                size,
                                Frame.crc(index, 0, size),
                                blocks.size())
                        .bytes());
    }

    private static ByteBuffer page(List<Id> ids, int page) {
        int from = page * SealedIndex.PAGE_IDS;
        int to = Math.min(ids.size(), from + SealedIndex.PAGE_IDS);
        ByteBuffer bytes = ByteBuffer.allocate((to - from) * SealedIndex.ID + 4);
        for (Id id : ids.subList(from, to)) {
            bytes.putLong(id.high()).putLong(id.low()).putLong(id.content()).putInt(id.ordinal());
        }
        return bytes.putInt(Frame.crc(bytes, 0, bytes.position())).flip();
    }

    /// Reads a sealed file to its last byte before the raw one may go.
    private static void verify(Disk disk, String file, int partition, RawSegment raw)
            throws DiskException, DamagedException {
        List<String> faults = SealedCheck.faults(disk, file, partition, raw.first(), raw.end());
        if (!faults.isEmpty()) {
            throw new DiskException(
                    DiskException.Kind.FAILED, "what was written reads otherwise: " + faults);
        }
    }

    /// Writes a file from start to end, through a buffer.
    private static final class Output {
        private final DiskFile file;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
        private long written;

        Output(DiskFile file) {
            this.file = file;
        }

        long position() {
            return written + buffer.position();
        }

        void write(ByteBuffer bytes) throws DiskException {
            bytes.rewind();
            while (bytes.hasRemaining()) {
                int length = Math.min(bytes.remaining(), buffer.remaining());
                buffer.put(buffer.position(), bytes, bytes.position(), length);
                buffer.position(buffer.position() + length);
                bytes.position(bytes.position() + length);
                if (!buffer.hasRemaining()) {
                    flush();
                }
            }
        }

        void flush() throws DiskException {
            buffer.flip();
            int length = buffer.remaining();
            file.write(buffer, written);
            written += length;
            buffer.clear();
        }
    }
}
