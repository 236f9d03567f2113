package dev.cairn.embedded.ledger;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A sealed segment's index in memory: its blocks, and what leads to the page of a name.
///
/// @param filter which names may be in the segment
/// @param fences the first eight bytes of the first name of each id page, ascending, unsigned
/// @param blocks ascending by offset
@SuppressWarnings("ArrayRecordComponent") // The array's identity is never relied on.
record SealedIndex(IdFilter filter, long[] fences, List<Block> blocks) {

    /// Ids a page holds, sorted by name, unsigned.
    static final int PAGE_IDS = 128;

    /// A name (16), its content (8), and its ordinal within the segment (4).
    static final int ID = 28;

    /// What a page takes in the file: ids, and a CRC32C.
    static final int PAGE = PAGE_IDS * ID + 4;

    static SealedIndex read(ByteBuffer bytes, Footer footer) {
        IdFilter filter = IdFilter.read(bytes, 0, footer.filterWords());
        int at = footer.filterWords() * Long.BYTES;
        long[] fences = new long[pages(footer.ids())];
        for (int i = 0; i < fences.length; i++, at += Long.BYTES) {
            fences[i] = bytes.getLong(at);
        }
        List<Block> blocks = new ArrayList<>(footer.blocks());
        for (int i = 0; i < footer.blocks(); i++, at += Long.BYTES + Block.HEADER) {
            Block block = Block.parse(bytes, at + Long.BYTES, bytes.getLong(at));
            if (block == null) {
                throw new IllegalStateException("an index with a good CRC has a bad block row");
            }
            blocks.add(block);
        }
        return new SealedIndex(filter, fences, blocks);
    }

    static int pages(int ids) {
        return (ids + PAGE_IDS - 1) / PAGE_IDS;
    }

    /// The index of the block that holds an offset, or of the first one after it.
    int blockOf(long offset) {
        int low = 0;
        int high = blocks.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (blocks.get(middle).end() <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// The first page that may hold a name.
    int firstPage(long high) {
        int low = 0;
        int top = fences.length;
        while (low < top) {
            int middle = (low + top) >>> 1;
            if (Long.compareUnsigned(fences[middle], high) < 0) {
                low = middle + 1;
            } else {
                top = middle;
            }
        }
        return Math.max(0, low - 1);
    }

    /// What it takes of the heap, about.
    long heapBytes() {
        return 8L * filter.wordCount() + 8L * fences.length + 80L * blocks.size() + 200;
    }
}
