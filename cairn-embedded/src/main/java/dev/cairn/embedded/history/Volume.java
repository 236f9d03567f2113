package dev.cairn.embedded.history;

import dev.cairn.ledger.Position;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntToLongFunction;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.SegmentCommitInfo;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TieredMergePolicy;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.IOUtils;
import org.jspecify.annotations.Nullable;

/// One Lucene index: the events of one [Period].
///
/// Its commits carry, for each partition, up to where the index is complete and the lowest offset
/// in it. The first only tells at start whether the index may be ahead of the checkpoint; which
/// events it then holds is read from the documents themselves ([#ahead]).
///
/// One thread writes; readers are handed to any thread, counted, and stay whole while held, even
/// when the folder is deleted meanwhile.
final class Volume implements Closeable {
    private static final String FORMAT_KEY = "cairn.format";
    private static final String FORMAT = "1";
    private static final String COMPLETE = "complete.";
    private static final String LOWEST = "lowest.";

    /// Larger segments cost too much to make, for what one less saves.
    private static final long SEGMENT_BYTES_MAX = 5L << 30;

    /// So many segments more than need be are worth a merge.
    private static final int UNTIDY = 2;

    static final Sort ORDER =
            new Sort(
                    new SortField(Layout.TIME, SortField.Type.LONG, true),
                    new SortField(Layout.ORDER, SortField.Type.STRING));

    private final Period period;
    private final Path folder;
    private final Directory directory;
    private final Map<Integer, Long> complete = new HashMap<>();
    private final Map<Integer, Long> lowest = new HashMap<>();
    private final Map<Integer, Set<Long>> ahead = new HashMap<>();
    private @Nullable IndexWriter writer;
    private boolean dirty;
    private boolean unseen;
    private @Nullable DirectoryReader reader;
    private boolean onDisk;

    // For tidying.
    private long added;
    private long addedSeen = -1;
    private Instant quietSince = Instant.MAX;
    private boolean tidying;
    private long tidiedAt = -1;

    private Volume(Period period, Path folder, boolean onDisk) throws IOException {
        this.period = period;
        this.folder = folder;
        this.onDisk = onDisk;
        this.directory = FSDirectory.open(folder);
    }

    /// Begins an index; nothing is on disk before [#commit].
    static Volume create(Path root, Period period) throws IOException {
        Path folder = root.resolve(period.folder());
        deleteTree(folder); // What a crash left before the first commit.
        Files.createDirectories(folder);
        return new Volume(period, folder, false);
    }

    /// Opens an index that was committed; null when the folder has none.
    static @Nullable Volume open(Path root, Period period) throws IOException {
        Volume volume = new Volume(period, root.resolve(period.folder()), true);
        if (!DirectoryReader.indexExists(volume.directory)) {
            volume.close();
            return null;
        }
        Map<String, String> data = SegmentInfos.readLatestCommit(volume.directory).getUserData();
        if (!FORMAT.equals(data.get(FORMAT_KEY))) {
            volume.close();
            throw new CorruptIndexException(
                    "expected format %s, got %s".formatted(FORMAT, data.get(FORMAT_KEY)),
                    volume.folder.toString());
        }
        data.forEach((key, value) -> {
            if (key.startsWith(COMPLETE)) {
                volume.complete.put(
                        Integer.valueOf(key.substring(COMPLETE.length())), Long.valueOf(value));
            } else if (key.startsWith(LOWEST)) {
                volume.lowest.put(
                        Integer.valueOf(key.substring(LOWEST.length())), Long.valueOf(value));
            }
        });
        return volume;
    }

    Period period() {
        return period;
    }

    /// Finds the events that the index holds although the checkpoint has not come to them: the
    /// crash was between the two. They are taken again, and must not be added again.
    ///
    /// @param position the checkpoint's, by partition
    void findAhead(IntToLongFunction position) throws IOException {
        for (Map.Entry<Integer, Long> entry : complete.entrySet()) {
            int partition = entry.getKey();
            long from = position.applyAsLong(partition);
            if (entry.getValue() <= from) {
                continue;
            }
            Set<Long> found = new HashSet<>();
            try (Lease lease = acquire()) {
                if (lease != null) {
                    for (LeafReaderContext leaf : lease.reader().leaves()) {
                        offsets(leaf.reader(), partition, from, found);
                    }
                }
            }
            if (!found.isEmpty()) {
                ahead.put(partition, found);
            }
        }
    }

    private static void offsets(LeafReader leaf, int partition, long from, Set<Long> found)
            throws IOException {
        PostingsEnum documents =
                leaf.postings(new Term(Layout.PARTITION, Integer.toString(partition)));
        NumericDocValues offsets = leaf.getNumericDocValues(Layout.POSITION);
        Bits live = leaf.getLiveDocs();
        if (documents == null || offsets == null) {
            return;
        }
        for (int doc = documents.nextDoc();
                doc != DocIdSetIterator.NO_MORE_DOCS;
                doc = documents.nextDoc()) {
            if ((live == null || live.get(doc))
                    && offsets.advanceExact(doc)
                    && offsets.longValue() >= from) {
                found.add(offsets.longValue());
            }
        }
    }

    /// Whether the index holds an event that is taken again; asked once for each.
    boolean takeAhead(Position position) {
        Set<Long> offsets = ahead.get(position.partition());
        if (offsets == null || !offsets.remove(position.offset())) {
            return false;
        }
        if (offsets.isEmpty()) {
            ahead.remove(position.partition());
        }
        return true;
    }

    int ahead(int partition) {
        Set<Long> offsets = ahead.get(partition);
        return offsets == null ? 0 : offsets.size();
    }

    boolean isAhead() {
        return !ahead.isEmpty();
    }

    boolean isWriting() {
        return writer != null;
    }

    boolean isDirty() {
        return dirty;
    }

    void openWriter(long bufferBytes) throws IOException {
        if (writer != null) {
            return;
        }
        IndexWriterConfig config = new IndexWriterConfig(null);
        config.setIndexSort(ORDER);
        config.setCodec(new HistoryCodec());
        config.setOpenMode(IndexWriterConfig.OpenMode.CREATE_OR_APPEND);
        config.setCommitOnClose(false);
        config.setRAMBufferSizeMB(bufferBytes / 1048576.0);
        // A refresh must not wait for merges: what it makes visible is asked for within a second.
        config.setMaxFullFlushMergeWaitMillis(0);
        TieredMergePolicy merges = new TieredMergePolicy();
        // Each segment costs every search a look-up, and each merge costs every event in it about a
        // fifth of indexing it anew. A refresh leaves segments of a megabyte; with Lucene's floor
        // of
        // sixteen they would be merged with one that is nearly as large already, again and again.
        merges.setSegmentsPerTier(10);
        merges.setFloorSegmentMB(1);
        config.setMergePolicy(merges);
        config.setMergeScheduler(new PatientMerges());
        writer = new IndexWriter(directory, config);
    }

    void add(Position position, Iterable<IndexableField> document) throws IOException {
        openedWriter().addDocument(document);
        dirty = true;
        unseen = true;
        added++;
        lowest.merge(position.partition(), position.offset(), Math::min);
    }

    private IndexWriter openedWriter() {
        if (writer == null) {
            throw new IllegalStateException("expected an open writer of " + folder);
        }
        return writer;
    }

    /// Makes what was added durable, and with it up to where the index is complete.
    void commit(Map<Integer, Long> taken) throws IOException {
        IndexWriter committing = openedWriter();
        complete.putAll(taken);
        Map<String, String> data = new TreeMap<>();
        data.put(FORMAT_KEY, FORMAT);
        complete.forEach((partition, offset) -> data.put(COMPLETE + partition, offset.toString()));
        lowest.forEach((partition, offset) -> data.put(LOWEST + partition, offset.toString()));
        committing.setLiveCommitData(data.entrySet());
        committing.commit();
        if (!onDisk) {
            // The folder's own name, and its parent's, have to survive as well.
            IOUtils.fsync(parent(folder), true);
            IOUtils.fsync(parent(parent(folder)), true);
            onDisk = true;
        }
        dirty = false;
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalStateException("expected a folder above " + path);
        }
        return parent;
    }

    /// Commits, and lets go of the writer.
    void closeWriter(Map<Integer, Long> taken) throws IOException {
        if (writer == null) {
            return;
        }
        if (dirty) {
            commit(taken);
        }
        if (tidying) {
            writer.rollback(); // To close it would wait for the merge, however long it takes.
            tidying = false;
            unseen = true; // The reader may hold what the merge made so far.
        } else {
            writer.close();
        }
        writer = null;
        if (unseen) {
            // The reader cannot follow a writer that is gone; the next search opens a new one.
            dropReader();
            unseen = false;
        }
    }

    // ---- tidying ------------------------------------------------------------------------------

    /// Whether nothing was added for some time, as far as the calls of this tell.
    boolean isQuiet(Instant now, Duration atLeast) {
        if (added != addedSeen) {
            addedSeen = added;
            quietSince = now;
        }
        return !now.isBefore(quietSince.plus(atLeast));
    }

    /// Begins to merge it into as few segments as may be, beside everything else, unless it was
    /// tidied since something was added, is tidy enough, or the disk has no room to.
    ///
    /// @return whether it began; [#isTidying] tells when it is done, [#endTidying] is then due
    boolean beginTidying(Map<Integer, Long> taken, long bufferBytes) throws IOException {
        if (tidiedAt == added || !onDisk) {
            return false;
        }
        if (dirty) {
            commit(taken);
        }
        tidiedAt = added;
        SegmentInfos segments = SegmentInfos.readLatestCommit(directory);
        long bytes = 0;
        for (SegmentCommitInfo segment : segments) {
            bytes += segment.sizeInBytes();
        }
        int least = Math.toIntExact(bytes / SEGMENT_BYTES_MAX + 1);
        if (segments.size() < least + UNTIDY
                || Files.getFileStore(folder).getUsableSpace() < 3 * bytes) {
            return false;
        }
        openWriter(bufferBytes);
        tidying = true;
        openedWriter().forceMerge(least, false);
        return true;
    }

    boolean isTidying() {
        return tidying
                && writer != null
                && (writer.hasPendingMerges() || !writer.getMergingSegments().isEmpty());
    }

    /// Makes the outcome durable, and lets searches have it.
    ///
    /// @param keep whether the writer is used for events, too
    void endTidying(Map<Integer, Long> taken, boolean keep) throws IOException {
        tidying = false;
        if (writer != null) {
            commit(taken);
            unseen = true;
            if (keep) {
                refresh();
            } else {
                closeWriter(taken);
            }
        }
    }

    /// Makes what was added visible.
    void refresh() throws IOException {
        if (writer == null || !unseen) {
            return;
        }
        DirectoryReader old = currentReader();
        DirectoryReader fresh =
                old == null
                        ? DirectoryReader.open(writer)
                        : DirectoryReader.openIfChanged(old, writer);
        if (fresh != null) {
            swap(fresh);
        }
        unseen = false;
    }

    private synchronized @Nullable DirectoryReader currentReader() {
        return reader;
    }

    private void swap(@Nullable DirectoryReader fresh) throws IOException {
        DirectoryReader old;
        synchronized (this) {
            old = reader;
            reader = fresh;
        }
        if (old != null) {
            old.decRef();
        }
    }

    /// Lets go of the reader; searches that hold it go on.
    void dropReader() throws IOException {
        swap(null);
    }

    synchronized boolean hasReader() {
        return reader != null;
    }

    /// A reader for one search; null when nothing is visible yet.
    synchronized @Nullable Lease acquire() throws IOException {
        if (reader == null) {
            if (!onDisk) {
                return null;
            }
            reader = DirectoryReader.open(directory);
        }
        reader.incRef();
        return new Lease(reader);
    }

    /// A reader that is kept whole until closed.
    record Lease(DirectoryReader reader) implements Closeable {
        @Override
        public void close() throws IOException {
            reader.decRef();
        }
    }

    /// How many events of a partition are visible in it.
    long count(int partition) throws IOException {
        try (Lease lease = acquire()) {
            if (lease == null) {
                return 0;
            }
            Term term = new Term(Layout.PARTITION, Integer.toString(partition));
            long count = 0;
            for (LeafReaderContext leaf : lease.reader().leaves()) {
                count += count(leaf.reader(), term);
            }
            return count;
        }
    }

    private static long count(LeafReader leaf, Term term) throws IOException {
        Bits live = leaf.getLiveDocs();
        if (live == null) {
            return leaf.docFreq(term);
        }
        // History itself never deletes one: somebody did, and the sum has to show it.
        PostingsEnum documents = leaf.postings(term);
        long count = 0;
        while (documents != null && documents.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
            count += live.get(documents.docID()) ? 1 : 0;
        }
        return count;
    }

    /// The lowest offset of a partition in it; null when it has none.
    @Nullable Long lowest(int partition) {
        return lowest.get(partition);
    }

    /// Deletes the index from disk.
    void delete() throws IOException {
        abandon();
        deleteTree(folder);
    }

    /// Lets go of everything without committing.
    void abandon() throws IOException {
        if (writer != null) {
            writer.rollback();
            writer = null;
        }
        dropReader();
        directory.close();
    }

    @Override
    public void close() throws IOException {
        abandon();
    }

    static void deleteTree(Path folder) throws IOException {
        if (Files.exists(folder)) {
            IOUtils.rm(folder);
        }
    }
}
