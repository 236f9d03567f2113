package dev.cairn.embedded.history;

import dev.cairn.event.Event;
import dev.cairn.history.Page;
import dev.cairn.history.Query.Cursor;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.ToLongFunction;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/// Merges the events of many indexes, newest first, looking no further than the page asks.
///
/// Every segment of every index is sorted as pages are, so that its matches come in the right order
/// by themselves, and the first one at or below a bound is found by halving. A heap holds what may
/// come next: for a segment its next match, for an index not yet opened the last moment it could
/// hold. When such a moment comes to the top, the index is opened and its segments take its place.
/// So a page of common events opens the newest day only, and imported months join in where their
/// time comes.
final class NewestFirst implements Closeable {
    private final Query query;
    private final ToLongFunction<Period> from;
    private final long to;
    private final @Nullable Cursor after;
    private final SearchBudget budget;
    private final PriorityQueue<Next> heap = new PriorityQueue<>();
    private final List<Volume.Lease> leases = new ArrayList<>();

    /// @param from earliest time, by period: retention does not bind imported events
    /// @param to latest time
    NewestFirst(
            List<Opener> volumes,
            Query query,
            ToLongFunction<Period> from,
            long to,
            @Nullable Cursor after,
            SearchBudget budget) {
        this.query = query;
        this.from = from;
        this.after = after;
        this.budget = budget;
        this.to = after == null ? to : Math.min(to, after.time().toEpochMilli());
        for (Opener volume : volumes) {
            Period period = volume.period();
            if (period.firstMillis() <= this.to
                    && period.lastMillis() >= from.applyAsLong(period)) {
                heap.add(new Unopened(volume, Math.min(period.lastMillis(), this.to)));
            }
        }
    }

    /// Opens an index when its time comes.
    interface Opener {
        Period period();

        /// @return null when nothing of it is visible
        Volume.@Nullable Lease open() throws IOException;
    }

    /// The next event; null when there is none.
    Page.@Nullable Hit next() throws IOException {
        Segment segment = advance();
        if (segment == null) {
            return null;
        }
        Page.Hit hit = segment.hit();
        heap.poll();
        if (segment.step()) {
            heap.add(segment);
        }
        return hit;
    }

    boolean hasNext() throws IOException {
        return advance() != null;
    }

    /// Opens indexes until a segment's match is at the top; leaves it there.
    private @Nullable Segment advance() throws IOException {
        while (true) {
            switch (heap.peek()) {
                case null -> {
                    return null;
                }
                case Segment segment -> {
                    return segment;
                }
                case Unopened unopened -> {
                    heap.poll();
                    open(unopened.opener);
                }
            }
        }
    }

    private void open(Opener opener) throws IOException {
        Volume.Lease lease = opener.open();
        if (lease == null) {
            return;
        }
        leases.add(lease);
        IndexSearcher searcher = new IndexSearcher(lease.reader());
        searcher.setQueryCache(null); // Keyed by queries that live for one search.
        Weight weight =
                searcher.createWeight(searcher.rewrite(query), ScoreMode.COMPLETE_NO_SCORES, 1);
        for (LeafReaderContext leaf : lease.reader().leaves()) {
            Scorer scorer = weight.scorer(leaf);
            if (scorer == null) {
                continue;
            }
            Segment segment = new Segment(leaf.reader(), scorer, from.applyAsLong(opener.period()));
            if (segment.start()) {
                heap.add(segment);
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (Volume.Lease lease : leases) {
            lease.close();
        }
    }

    /// What may come next.
    private abstract static sealed class Next implements Comparable<Next> {
        abstract long time();

        /// Null for what must be opened before anything of its time is taken.
        abstract @Nullable BytesRef order();

        @Override
        public int compareTo(Next other) {
            if (time() != other.time()) {
                return Long.compare(other.time(), time());
            }
            BytesRef mine = order();
            BytesRef theirs = other.order();
            if (mine == null) {
                return theirs == null ? 0 : -1;
            }
            if (theirs == null) {
                return 1;
            }
            return mine.compareTo(theirs);
        }
    }

    private static final class Unopened extends Next {
        private final Opener opener;
        private final long last;

        Unopened(Opener opener, long last) {
            this.opener = opener;
            this.last = last;
        }

        @Override
        long time() {
            return last;
        }

        @Override
        @Nullable BytesRef order() {
            return null;
        }
    }

    /// The matches of one segment.
    private final class Segment extends Next {
        private final LeafReader reader;
        private final @Nullable Bits live;
        private final DocIdSetIterator matches;
        private final long earliest;
        private final NumericDocValues times;
        private final SortedDocValues orders;
        private long time;
        private BytesRef order = new BytesRef();
        private @Nullable Records records;

        Segment(LeafReader reader, Scorer scorer, long earliest) throws IOException {
            this.reader = reader;
            this.live = reader.getLiveDocs();
            this.matches = scorer.iterator();
            this.earliest = earliest;
            this.times = numbers(Layout.TIME);
            this.orders = orders();
        }

        private NumericDocValues numbers(String field) throws IOException {
            NumericDocValues values = reader.getNumericDocValues(field);
            if (values == null) {
                throw new CorruptIndexException("expected values of " + field, reader.toString());
            }
            return values;
        }

        private SortedDocValues orders() throws IOException {
            SortedDocValues values = reader.getSortedDocValues(Layout.ORDER);
            if (values == null) {
                throw new CorruptIndexException("expected an order", reader.toString());
            }
            return values;
        }

        @Override
        long time() {
            return time;
        }

        @Override
        BytesRef order() {
            return order;
        }

        /// Goes to the first match of the page.
        boolean start() throws IOException {
            int first = firstDocument();
            return first < reader.maxDoc() && settle(matches.advance(first));
        }

        boolean step() throws IOException {
            return settle(matches.nextDoc());
        }

        private boolean settle(int at) throws IOException {
            int document = at;
            while (document != DocIdSetIterator.NO_MORE_DOCS) {
                budget.step();
                if (live == null || live.get(document)) {
                    times.advanceExact(document);
                    time = times.longValue();
                    if (time < earliest) {
                        return false; // And so are all behind it.
                    }
                    orders.advanceExact(document);
                    order = BytesRef.deepCopyOf(orders.lookupOrd(orders.ordValue()));
                    return true;
                }
                document = matches.nextDoc();
            }
            return false;
        }

        /// The first document of the segment, matching or not, that the page may begin with.
        private int firstDocument() throws IOException {
            long afterOrder = after == null ? -1 : ordinalBehind(after);
            int low = 0;
            int high = reader.maxDoc();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (isBefore(middle, afterOrder)) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        private boolean isBefore(int document, long afterOrder) throws IOException {
            // Doc values go forward only; a new iterator costs less than a microsecond.
            NumericDocValues values = numbers(Layout.TIME);
            values.advanceExact(document);
            long at = values.longValue();
            if (at != to || after == null || after.time().toEpochMilli() != to) {
                return at > to;
            }
            SortedDocValues keys = orders();
            keys.advanceExact(document);
            return keys.ordValue() < afterOrder;
        }

        /// The ordinal of the first key in the segment behind the cursor's.
        private long ordinalBehind(Cursor cursor) throws IOException {
            TermsEnum keys = orders().termsEnum();
            BytesRef key = Layout.order(cursor.id(), cursor.place());
            return switch (keys.seekCeil(key)) {
                case FOUND -> keys.ord() + 1;
                case NOT_FOUND -> keys.ord();
                case END -> Long.MAX_VALUE;
            };
        }

        Page.Hit hit() throws IOException {
            int document = matches.docID();
            if (records == null) {
                records = new Records(reader);
            }
            Event event = records.event(document);
            NumericDocValues offsets = numbers(Layout.POSITION);
            offsets.advanceExact(document);
            NumericDocValues origins = numbers(Layout.ORIGIN);
            origins.advanceExact(document);
            return new Page.Hit(
                    new Position(partition(document), offsets.longValue()),
                    Origin.ofCode(Math.toIntExact(origins.longValue())),
                    event);
        }

        /// The partition is a term, for it is counted often and shown seldom; there are few.
        private int partition(int document) throws IOException {
            TermsEnum partitions = reader.terms(Layout.PARTITION).iterator();
            for (BytesRef term = partitions.next(); term != null; term = partitions.next()) {
                if (partitions.postings(null, PostingsEnum.NONE).advance(document) == document) {
                    return Integer.parseInt(term.utf8ToString());
                }
            }
            throw new CorruptIndexException("expected a partition, got none", reader.toString());
        }
    }
}
