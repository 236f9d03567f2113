package dev.cairn.embedded.history;

import dev.cairn.disk.Disk;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.event.Event;
import dev.cairn.event.Parsed;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.history.HistoryException.Kind;
import dev.cairn.history.Page;
import dev.cairn.history.Query;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.StringHelper;
import org.jspecify.annotations.Nullable;

/// History on Lucene: one index per UTC day of ordinary events, one per UTC month of imported ones.
///
/// ## On disk
///
/// ```
/// history/checkpoint            position and counters, see Checkpoint
/// history/day/2026-11-21/       a Lucene index, see Volume and Layout
/// history/imported/2014-03/
/// ```
///
/// ## Why a crash neither loses nor repeats an event
///
/// Events are added to many indexes, each with its own commits, and counted in the checkpoint when
/// they are in none. Everything before the checkpoint's position is durable, because the checkpoint
/// is written only after every index changed since the last one was committed. What comes after it
/// is read again from the ledger. An index may then already hold some of it: it was committed, and
/// the crash came before the checkpoint. Those events are found at the start, by their offsets in
/// the documents themselves, and are not added again ([Volume#findAhead]).
///
/// Expiry drops whole indexes. Their events, counted from the documents, are added to the
/// checkpoint's *expired*, with the folders' names, in one write; only then the folders are
/// deleted. A crash between the two leaves folders that the checkpoint names; they are deleted at
/// the start. An index that is ahead of the checkpoint is not dropped before the reader has caught
/// up, or its events would be counted when it goes and again when they come. The last day dropped
/// is part of the checkpoint too, and decides which events come too late: the clock does not, so
/// that the same events read again after a crash are judged the same.
///
/// When a write fails (a full disk), everything since the checkpoint is given up and read again:
/// the next [#take] begins from what is durable, as after a crash. Searches go on meanwhile.
///
/// ## Threads
///
/// One thread writes. A lock makes that a fact, and lets [#account] count at a moment when position
/// and documents agree. Searches take no lock but each index's own, for as long as it takes to hand
/// out its reader.
public final class LuceneHistory implements History {
    /// A page ends with the event that reaches this: a thousand events of a megabyte are no page.
    static final long PAGE_BYTES_MAX = 8 << 20;

    /// How long nothing must have come for an index before it is tidied.
    static final Duration QUIET = Duration.ofMinutes(10);

    private static final Instant EARLIEST = Instant.ofEpochMilli(Long.MIN_VALUE);
    private static final Instant LATEST = Instant.ofEpochMilli(Long.MAX_VALUE);

    private final Disk disk;
    private final Path folder;
    private final HistorySettings settings;
    private final InstantSource clock;
    private final Documents documents = new Documents();
    private final ReentrantLock writing = new ReentrantLock();

    /// Written under the lock, read by searches.
    private final Map<Period, Volume> volumes = new ConcurrentHashMap<>();

    private final LinkedHashMap<Period, Volume> writers = new LinkedHashMap<>(16, 0.75f, true);
    private final LinkedHashMap<Period, Volume> readers = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Integer, Long> taken = new HashMap<>();
    private final Map<Integer, Long> filtered = new HashMap<>();
    private final Map<Integer, Long> setAside = new HashMap<>();
    private final Deque<SetAside> asides = new ArrayDeque<>();
    private volatile Checkpoint checkpoint;
    private @Nullable Volume tidying;
    private boolean failed;
    private volatile boolean closed;

    private LuceneHistory(Disk disk, Path folder, HistorySettings settings, InstantSource clock) {
        this.disk = disk;
        this.folder = folder;
        this.settings = settings;
        this.clock = clock;
        this.checkpoint = Checkpoint.EMPTY;
    }

    /// Opens the history in a folder, and begins one where there is none.
    ///
    /// @throws HistoryException with CORRUPT when what is there is damaged or of another version:
    ///   [#reset] and take everything again
    public static LuceneHistory open(Path folder, HistorySettings settings, InstantSource clock)
            throws HistoryException {
        return open(new RealDisk(folder), folder, settings, clock);
    }

    /// @param disk the folder, for the checkpoint; Lucene writes through its own
    static LuceneHistory open(Disk disk, Path folder, HistorySettings settings, InstantSource clock)
            throws HistoryException {
        LuceneHistory history = new LuceneHistory(disk, folder, settings, clock);
        try {
            history.load();
        } catch (IOException e) {
            history.close();
            throw history.failure("open", e);
        } catch (HistoryException e) {
            history.close();
            throw e;
        }
        return history;
    }

    /// Removes all of a history, so that the next [#open] begins anew and everything is taken from
    /// the ledger again. With the server stopped.
    public static void reset(Path folder) throws HistoryException {
        try {
            // The checkpoint last: a reset that was interrupted is then seen as damage, not as a
            // history that lost its events.
            for (String part : List.of("day", "imported")) {
                Volume.deleteTree(folder.resolve(part));
            }
            Files.deleteIfExists(folder.resolve(Checkpoint.FILE));
        } catch (IOException e) {
            throw new HistoryException(
                    Kind.UNAVAILABLE, "could not remove the history in " + folder, e);
        }
    }

    // ---- from disk ----------------------------------------------------------------------------

    private void load() throws IOException, HistoryException {
        Files.createDirectories(folder);
        List<Period> periods = periodsOnDisk();
        Checkpoint found = Checkpoint.read(disk);
        if (found == null) {
            if (!periods.isEmpty()) {
                throw new HistoryException(
                        Kind.CORRUPT,
                        "expected a checkpoint beside the indexes in %s, got none: rebuild the history"
                                .formatted(folder));
            }
            found = begin();
            found.write(disk);
        }
        checkpoint = found;
        taken.clear();
        filtered.clear();
        setAside.clear();
        asides.clear();
        found.partitions()
                .forEach((partition, counts) -> {
                    taken.put(partition, counts.position());
                    filtered.put(partition, counts.filtered());
                    setAside.put(partition, counts.setAside());
                });
        asides.addAll(found.asides());
        for (String name : found.dropping()) {
            Volume.deleteTree(folder.resolve(name));
        }
        for (Period period : periods) {
            if (!found.dropping().contains(period.folder())) {
                Volume volume = Volume.open(folder, period);
                if (volume != null) {
                    volumes.put(period, volume);
                    volume.findAhead(partition -> checkpoint.counts(partition).position());
                    volume.dropReader();
                }
            }
        }
        failed = false;
    }

    /// What is too old when history begins is not taken only to be dropped an hour later.
    private Checkpoint begin() {
        return new Checkpoint(
                Map.of(),
                lastGone(clock.instant(), false),
                lastGone(clock.instant(), true),
                List.of(),
                List.of());
    }

    private List<Period> periodsOnDisk() throws IOException {
        List<Period> periods = new ArrayList<>();
        for (String part : List.of("day", "imported")) {
            Path parent = folder.resolve(part);
            if (Files.isDirectory(parent)) {
                try (Stream<Path> children = Files.list(parent)) {
                    children.forEach(child -> {
                        Period period = Period.ofFolder(part + "/" + child.getFileName());
                        if (period != null) {
                            periods.add(period);
                        }
                    });
                }
            }
        }
        return periods;
    }

    /// The last day whose events have all left retention; null when they never do.
    private @Nullable LocalDate lastGone(Instant now, boolean imported) {
        Duration retention = settings.retention();
        return retention == null || (imported && !settings.expireImported())
                ? null
                : LocalDate.ofInstant(now.minus(retention), ZoneOffset.UTC).minusDays(1);
    }

    // ---- taking -------------------------------------------------------------------------------

    @Override
    public long position(int partition) {
        return checkpoint.counts(partition).position();
    }

    @Override
    public void take(Slice slice) throws HistoryException {
        write(
                "take",
                () -> {
                    for (Slice.Item item : slice.items()) {
                        switch (item) {
                            case Slice.Held held -> take(held);
                            case Slice.Lost lost -> take(lost);
                        }
                    }
                });
    }

    @Override
    public void begin(int partition, long first) throws HistoryException {
        write(
                "begin",
                () -> {
                    if (taken.containsKey(partition)) {
                        throw new IllegalStateException(
                                "expected a partition that nothing was taken of, got one at "
                                        + taken.get(partition));
                    }
                    taken.put(partition, first);
                    filtered.put(partition, first);
                });
    }

    private void take(Slice.Held held) throws IOException {
        Position position = held.position();
        if (isTaken(position)) {
            return;
        }
        Entry entry = held.entry();
        switch (documents.read(entry, held.recordedAt())) {
            case Parsed.Read(Event event) -> take(position, entry.origin(), event);
            case Parsed.Refused(var code, var message) ->
                    setAside(position, 1, code + ": " + message);
        }
        taken.put(position.partition(), position.offset() + 1);
    }

    private void take(Position position, Origin origin, Event event) throws IOException {
        Period period = Period.of(origin == Origin.IMPORT, event.time());
        Volume volume = volumes.get(period);
        if (volume != null && volume.takeAhead(position)) {
            return;
        }
        if (isGone(period)) {
            filtered.merge(position.partition(), 1L, Long::sum);
            return;
        }
        List<IndexableField> document;
        try {
            document = documents.document(event, position, origin);
        } catch (IllegalArgumentException | ArithmeticException e) {
            setAside(position, 1, "the index cannot take it: " + e.getMessage());
            return;
        }
        try {
            writer(period).add(position, document);
        } catch (IllegalArgumentException e) {
            setAside(position, 1, "the index did not take it: " + e.getMessage());
        }
    }

    private void take(Slice.Lost lost) {
        Position first = lost.first();
        long from = Math.max(first.offset(), taken.getOrDefault(first.partition(), 0L));
        long end = first.offset() + lost.count();
        if (from < end) {
            isTaken(new Position(first.partition(), from));
            setAside(new Position(first.partition(), from), end - from, lost.reason());
            taken.put(first.partition(), end);
        }
    }

    /// @throws IllegalStateException when events between were left out
    private boolean isTaken(Position position) {
        long next = taken.getOrDefault(position.partition(), 0L);
        if (position.offset() > next) {
            throw new IllegalStateException(
                    "expected the event at %d:%d, got %s"
                            .formatted(position.partition(), next, position));
        }
        return position.offset() < next;
    }

    private boolean isGone(Period period) {
        LocalDate gone = period.imported() ? checkpoint.goneMonths() : checkpoint.goneDays();
        return gone != null && !period.last().isAfter(gone);
    }

    private void setAside(Position first, long count, String reason) {
        setAside.merge(first.partition(), count, Long::sum);
        asides.addLast(new SetAside(first.partition(), first.offset(), count, reason));
        if (asides.size() > Checkpoint.ASIDES_MAX) {
            asides.removeFirst();
        }
    }

    /// The volume of a period, open for writing. Lets go of the one not written to for longest when
    /// too many are open; committing it early does no harm, see above.
    private Volume writer(Period period) throws IOException {
        Volume volume = writers.get(period);
        if (volume != null) {
            return volume;
        }
        while (writers.size() >= settings.openWritersMax()) {
            Volume eldest = writers.pollFirstEntry().getValue();
            eldest.closeWriter(taken);
        }
        volume = volumes.get(period);
        if (volume == null) {
            volume = Volume.create(folder, period);
        }
        volume.openWriter(bufferBytes());
        writers.put(period, volume);
        volumes.put(period, volume);
        return volume;
    }

    private long bufferBytes() {
        return settings.bufferBytesMax() / settings.openWritersMax();
    }

    @Override
    public void refresh() throws HistoryException {
        write("refresh", this::refreshAll);
    }

    private void refreshAll() throws IOException {
        for (Volume volume : writers.values()) {
            volume.refresh();
        }
    }

    @Override
    public void commit() throws HistoryException {
        write("commit", this::commitAll);
    }

    private void commitAll() throws IOException {
        for (Volume volume : writers.values()) {
            if (volume.isDirty()) {
                volume.commit(taken);
            }
        }
        Map<Integer, Checkpoint.Counts> counts = new HashMap<>();
        taken.forEach((partition, position) ->
                counts.put(
                        partition,
                        new Checkpoint.Counts(
                                position,
                                filtered.getOrDefault(partition, 0L),
                                checkpoint.counts(partition).expired(),
                                setAside.getOrDefault(partition, 0L))));
        writeCheckpoint(
                new Checkpoint(
                        counts,
                        checkpoint.goneDays(),
                        checkpoint.goneMonths(),
                        List.of(),
                        List.copyOf(asides)));
    }

    private void writeCheckpoint(Checkpoint next) throws IOException {
        if (!next.equals(checkpoint)) {
            next.write(disk);
            checkpoint = next;
        }
    }

    @Override
    public void expire(Instant now) throws HistoryException {
        write(
                "expire",
                () -> {
                    commitAll();
                    refreshAll();
                    drop(
                            later(checkpoint.goneDays(), lastGone(now, false)),
                            later(checkpoint.goneMonths(), lastGone(now, true)));
                });
    }

    private static @Nullable LocalDate later(@Nullable LocalDate old, @Nullable LocalDate fresh) {
        return old == null || (fresh != null && fresh.isAfter(old)) ? fresh : old;
    }

    private void drop(@Nullable LocalDate goneDays, @Nullable LocalDate goneMonths)
            throws IOException {
        List<Volume> dropped = new ArrayList<>();
        for (Volume volume : volumes.values()) {
            Period period = volume.period();
            LocalDate gone = period.imported() ? goneMonths : goneDays;
            if (gone != null && !period.last().isAfter(gone)) {
                if (volume.isAhead()) {
                    return; // Not before the reader has caught up; the next hour will do.
                }
                dropped.add(volume);
            }
        }
        Map<Integer, Checkpoint.Counts> counts = new HashMap<>(checkpoint.partitions());
        for (Volume volume : dropped) {
            for (int partition : checkpoint.partitions().keySet()) {
                long count = volume.count(partition);
                counts.computeIfPresent(
                        partition,
                        (_, old) ->
                                new Checkpoint.Counts(
                                        old.position(),
                                        old.filtered(),
                                        old.expired() + count,
                                        old.setAside()));
            }
        }
        writeCheckpoint(
                new Checkpoint(
                        counts,
                        goneDays,
                        goneMonths,
                        dropped.stream().map(volume -> volume.period().folder()).toList(),
                        checkpoint.asides()));
        for (Volume volume : dropped) {
            volumes.remove(volume.period());
            writers.remove(volume.period());
            synchronized (readers) {
                readers.remove(volume.period());
            }
            volume.delete();
        }
    }

    // ---- tidying ------------------------------------------------------------------------------

    /// Merges the segments of a day that is over, and of imported months, once nothing was added to
    /// them for [#QUIET]: an event is looked for by its id in every segment of every index. One
    /// index after the other, the newest first; a crash meanwhile leaves it as it was.
    @Override
    public boolean tidy(Instant now) throws HistoryException {
        return read(
                "tidy",
                () -> {
                    Volume current = tidying;
                    if (current == null) {
                        return beginTidying(now);
                    }
                    if (current.isTidying()) {
                        return true;
                    }
                    tidying = null;
                    if (volumes.get(current.period()) == current) { // Else it expired.
                        current.endTidying(taken, writers.containsKey(current.period()));
                    }
                    return true;
                });
    }

    private boolean beginTidying(Instant now) throws IOException {
        List<Volume> newestFirst = new ArrayList<>(volumes.values());
        newestFirst.sort(Comparator.comparingLong(volume -> -volume.period().firstMillis()));
        boolean begun = false;
        for (Volume volume : newestFirst) {
            Period period = volume.period();
            // Asked of each, for it counts from when it is asked first.
            boolean quiet = volume.isQuiet(now, QUIET);
            boolean over = period.imported() || period.lastMillis() < now.toEpochMilli();
            if (!begun && quiet && over && !volume.isAhead()) {
                begun = volume.beginTidying(taken, bufferBytes());
                tidying = begun ? volume : null;
            }
        }
        return begun;
    }

    // ---- searching ----------------------------------------------------------------------------

    @Override
    public Page search(Query query) throws HistoryException {
        SearchBudget budget = new SearchBudget(clock, settings.searchMax(), settings.termsMax());
        Instant now = clock.instant();
        try (NewestFirst found =
                new NewestFirst(
                        openers(),
                        lucene(query, new Questions(budget)),
                        period -> earliest(period, query.from(), now),
                        millis(query.to()),
                        query.after(),
                        budget)) {
            List<Page.Hit> hits = new ArrayList<>();
            long bytes = 0;
            while (hits.size() < query.limit() && bytes < PAGE_BYTES_MAX) {
                Page.Hit hit = found.next();
                if (hit == null) {
                    return new Page(hits, null, budget.cut());
                }
                hits.add(hit);
                bytes += hit.event().json().length;
            }
            Event last = hits.getLast().event();
            Query.Cursor next =
                    found.hasNext() ? new Query.Cursor(last.time(), last.id(), last.place()) : null;
            return new Page(hits, next, budget.cut());
        } catch (SearchBudget.Overrun _) {
            throw budget.timeout();
        } catch (IOException | UncheckedIOException | AlreadyClosedException e) {
            throw failure("search", e);
        }
    }

    private static org.apache.lucene.search.Query lucene(Query query, Questions questions) {
        BooleanQuery.Builder all = new BooleanQuery.Builder();
        all.add(questions.query(query.where()), Occur.FILTER);
        if (query.places() != null) {
            all.add(questions.places(query.places()), Occur.FILTER);
        }
        if (query.accounts() != null) {
            all.add(questions.accounts(query.accounts()), Occur.FILTER);
        }
        return all.build();
    }

    private long earliest(Period period, Instant from, Instant now) {
        Duration retention = settings.retention();
        return retention == null || (period.imported() && !settings.expireImported())
                ? millis(from)
                : Math.max(millis(from), ceilMillis(now.minus(retention)));
    }

    /// Times beyond what milliseconds can count stand for the last that they can.
    private static long millis(Instant time) {
        Instant counted = time.isBefore(EARLIEST) ? EARLIEST : time.isAfter(LATEST) ? LATEST : time;
        return counted.toEpochMilli();
    }

    private static long ceilMillis(Instant time) {
        return millis(time.plusNanos(999_999));
    }

    private List<NewestFirst.Opener> openers() {
        List<NewestFirst.Opener> openers = new ArrayList<>();
        for (Volume volume : volumes.values()) {
            openers.add(
                    new NewestFirst.Opener() {
                        @Override
                        public Period period() {
                            return volume.period();
                        }

                        @Override
                        public Volume.@Nullable Lease open() throws IOException {
                            return lease(volume);
                        }
                    });
        }
        return openers;
    }

    /// Hands out a volume's reader, and lets go of the one not asked for longest when too many are
    /// open.
    private Volume.@Nullable Lease lease(Volume volume) throws IOException {
        Volume.Lease lease;
        try {
            lease = volume.acquire();
        } catch (AlreadyClosedException _) {
            return null; // Expired since the search began.
        }
        List<Volume> surplus = new ArrayList<>();
        synchronized (readers) {
            readers.put(volume.period(), volume);
            while (readers.size() > settings.openReadersMax()) {
                surplus.add(readers.pollFirstEntry().getValue());
            }
        }
        for (Volume eldest : surplus) {
            if (!eldest.isWriting()) {
                eldest.dropReader();
            }
        }
        return lease;
    }

    @Override
    public List<String> values(String path, String after, int limit) throws HistoryException {
        NavigableSet<BytesRef> found = new TreeSet<>();
        try {
            for (Volume volume : volumes.values()) {
                try (Volume.Lease lease = lease(volume)) {
                    if (lease != null) {
                        for (LeafReaderContext leaf : lease.reader().leaves()) {
                            values(leaf.reader(), path, after, limit, found);
                        }
                    }
                }
            }
        } catch (IOException | AlreadyClosedException e) {
            throw failure("list values", e);
        }
        return found.stream().map(BytesRef::utf8ToString).toList();
    }

    /// Adds the values of a segment, as long as they are among the first so many.
    private static void values(
            LeafReader segment, String path, String after, int limit, NavigableSet<BytesRef> found)
            throws IOException {
        Terms terms = segment.terms(Layout.TERM);
        BytesRef start = new BytesRef(Layout.start(path));
        BytesRef from = Layout.term(path, after);
        TermsEnum each = terms == null ? TermsEnum.EMPTY : terms.iterator();
        if (each.seekCeil(from) == TermsEnum.SeekStatus.END) {
            return;
        }
        for (BytesRef term = each.term();
                term != null && StringHelper.startsWith(term, start);
                term = each.next()) {
            BytesRef value =
                    new BytesRef(
                            term.bytes, term.offset + start.length, term.length - start.length);
            if (term.bytesEquals(from) || value.bytes[value.offset] == Layout.SEPARATOR) {
                continue;
            }
            if (found.size() == limit && found.last().compareTo(value) <= 0) {
                return;
            }
            found.add(BytesRef.deepCopyOf(value));
            if (found.size() > limit) {
                found.pollLast();
            }
        }
    }

    // ---- counting -----------------------------------------------------------------------------

    @Override
    public long lowestHeld(int partition) throws HistoryException {
        return read(
                "count",
                () -> {
                    long lowest = checkpoint.counts(partition).position();
                    for (Volume volume : volumes.values()) {
                        Long held = volume.lowest(partition);
                        lowest = held == null ? lowest : Math.min(lowest, held);
                    }
                    return lowest;
                });
    }

    @Override
    public Account account(int partition) throws HistoryException {
        return read(
                "count",
                () -> {
                    refreshAll();
                    long delivered = 0;
                    for (Volume volume : volumes.values()) {
                        delivered += volume.count(partition) - volume.ahead(partition);
                    }
                    return new Account(
                            taken.getOrDefault(partition, 0L),
                            delivered,
                            filtered.getOrDefault(partition, 0L)
                                    + checkpoint.counts(partition).expired(),
                            setAside.getOrDefault(partition, 0L));
                });
    }

    @Override
    public List<SetAside> setAside(int limit) throws HistoryException {
        return read(
                "count",
                () ->
                        List.copyOf(asides)
                                .subList(Math.max(0, asides.size() - limit), asides.size()));
    }

    // ---- failing ------------------------------------------------------------------------------

    private interface Write {
        void run() throws IOException;
    }

    private interface Read<T> {
        T run() throws IOException;
    }

    private void write(String what, Write work) throws HistoryException {
        read(
                what,
                () -> {
                    work.run();
                    return true;
                });
    }

    /// Runs under the lock. What fails has given up everything since the checkpoint, and the next
    /// one begins from there.
    private <T> T read(String what, Read<T> work) throws HistoryException {
        writing.lock();
        try {
            if (closed) {
                throw new HistoryException(Kind.UNAVAILABLE, "the history is closed");
            }
            if (failed) {
                abandon();
                load();
            }
            return work.run();
        } catch (IOException | UncheckedIOException | AlreadyClosedException e) {
            failed = true;
            throw failure(what, e);
        } finally {
            writing.unlock();
        }
    }

    private HistoryException failure(String what, Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CorruptIndexException
                    || cause instanceof IndexFormatTooOldException
                    || cause instanceof IndexFormatTooNewException) {
                return new HistoryException(
                        Kind.CORRUPT,
                        "expected an index that can be read in %s, got: %s: rebuild the history"
                                .formatted(folder, cause.getMessage()),
                        e);
            }
        }
        return new HistoryException(
                Kind.UNAVAILABLE,
                "could not %s in %s: %s".formatted(what, folder, e.getMessage()),
                e);
    }

    private void abandon() throws IOException {
        tidying = null;
        writers.clear();
        synchronized (readers) {
            readers.clear();
        }
        IOException first = null;
        for (Volume volume : volumes.values()) {
            try {
                volume.abandon();
            } catch (IOException e) {
                first = e;
            }
        }
        volumes.clear();
        if (first != null) {
            throw first;
        }
    }

    /// Lets go of everything; what was not committed is taken again after the next [#open].
    @Override
    public void close() {
        writing.lock();
        try {
            closed = true;
            abandon();
        } catch (IOException | AlreadyClosedException e) {
            // Nothing is lost by it: only what was committed counts.
        } finally {
            writing.unlock();
        }
    }
}
