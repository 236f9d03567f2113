package dev.cairn.embedded.history;

import dev.cairn.embedded.thread.Threads;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that carries events from the ledger to history.
///
/// Reads every partition in turn, lets history take what it read, refreshes and commits by
/// interval, expires once an hour, and tells the ledger what history needs no more. Whatever fails
/// is logged, shown in [#status] and tried again after a pause that grows; nothing of it reaches
/// the intake (invariant I10). After a failure it reads on from what history has durably.
///
/// A place that the disk does not give back holds up its own partition only. It is tried again with
/// growing pauses, and after so many tries set aside by name (invariant I9), if what follows it can
/// be read: a bad sector, then. A disk that gives nothing back is waited for as long as it takes,
/// for what it holds may well come back.
///
/// What paces it (refresh, commit, pauses) runs on the machine's monotonic time, for a clock that
/// is set must not stop it; what time *means* (expiry, how old the oldest pending event is) comes
/// from the clock it is given.
public final class HistoryReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HistoryReader.class);
    private static final int ITEMS_MAX = 2_000;
    private static final long BYTES_MAX = 4L << 20;

    /// How many unreadable places one after the other still count as bad sectors.
    private static final int UNREADABLE_MAX = 16;

    private static final double RATE_SECONDS = 10;
    private static final Duration EXPIRY_INTERVAL = Duration.ofHours(1);
    private static final Duration TIDY_INTERVAL = Duration.ofSeconds(1);

    /// Behind by so many events they are late already: refreshing less often then makes larger
    /// index segments and fewer merges, and so catches up sooner.
    private static final long BEHIND = 10L * ITEMS_MAX;

    private static final int REFRESH_SELDOM = 5;

    /// What comes this fast is refreshed less often too, still well within a second.
    private static final int MANY_UNSEEN = 1_000;

    private static final double REFRESH_LATER = 1.75;

    /// Refreshing takes a third of the time at most, however slow it is.
    private static final int REFRESH_SHARE = 3;

    /// In a burst that it cannot keep up with, history rests so many times as long as it works.
    private static final int REST_SHARE = 3;

    private static final Duration REST_MAX = Duration.ofMillis(600);

    /// What comes one by one is taken so many times a second at most: none of it is found sooner
    /// for being taken before the next refresh, and each round costs a file opened and two threads
    /// woken.
    private static final Duration GATHERING = Duration.ofMillis(50);

    /// A round that took fewer events than this was made for a few.
    private static final int FEW = 250;

    /// With several partitions only one of them is waited for at a time.
    private static final Duration WAIT_MAX = Duration.ofMillis(50);

    /// Decides what a reader that is too far behind gives up (`reader.pending-max`).
    @FunctionalInterface
    public interface GiveUp {
        /// Never gives anything up.
        GiveUp NOTHING = (_, cursor, _) -> cursor;

        /// @param cursor the next offset to take
        /// @return the offset to go on from; what lies between is set aside as given up
        long from(int partition, long cursor, Ledger.Span span);
    }

    /// How what fails is tried again.
    ///
    /// @param pauseMin the first pause; each next one is twice as long
    /// @param pauseMax the longest pause
    /// @param tries after so many, a place that the disk does not give is set aside
    record Patience(Duration pauseMin, Duration pauseMax, int tries) {
        /// A bad sector is set aside after some 50 seconds.
        static final Patience DEFAULT =
                new Patience(Duration.ofMillis(100), Duration.ofSeconds(30), 10);

        Duration longer(Duration pause) {
            Duration twice = pause.multipliedBy(2);
            return twice.compareTo(pauseMax) < 0 ? twice : pauseMax;
        }
    }

    /// A place that the disk did not give.
    ///
    /// @param from the offset that could not be read
    /// @param again when to try again, by the monotonic clock
    private record Unreadable(long from, int tries, Duration pause, long again) {}

    /// Told how far history needs a partition no more; who wires the readers takes the least of all
    /// of them to [Ledger#release].
    @FunctionalInterface
    public interface Release {
        void release(int partition, long below) throws LedgerException;
    }

    /// A snapshot, for status, health and metrics.
    ///
    /// @param positions by partition: the next offset to take
    /// @param pending events recorded and not yet taken
    /// @param oldestPending when the first of them was recorded; null when none is or the ledger
    ///   does not say
    /// @param eventsPerSecond over about the last ten seconds
    /// @param lastFailure its message; null when there was none since the start
    /// @param failing whether the last attempt failed, or a place cannot be read
    public record Status(
            List<Long> positions,
            long pending,
            @Nullable Instant oldestPending,
            double eventsPerSecond,
            @Nullable String lastFailure,
            @Nullable Instant lastFailureAt,
            boolean failing) {}

    private final Ledger ledger;
    private final History history;
    private final HistorySettings settings;
    private final InstantSource clock;
    private final GiveUp giveUp;
    private final Release release;
    private final Patience patience;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock; the cursors are written by the reader's thread only.
    private final long[] cursors;
    private final long[] visible;
    private boolean closing;
    private @Nullable String lastFailure;
    private @Nullable Instant lastFailureAt;
    private boolean failing;
    private double rate;
    private long rateAt = System.nanoTime();

    // The reader's thread's own.
    private long unseen;
    private boolean uncommitted;
    private boolean behind;

    /// When the last refresh began, and how long it took.
    private long refreshed = System.nanoTime();

    private long refreshing;
    private long committed = System.nanoTime();
    private @Nullable Instant expired;
    private long tidied = System.nanoTime();
    private int waitingFor;
    private final @Nullable Unreadable[] unreadable;

    private HistoryReader(
            Ledger ledger,
            History history,
            HistorySettings settings,
            InstantSource clock,
            GiveUp giveUp,
            Release release,
            Patience patience) {
        this.ledger = ledger;
        this.history = history;
        this.settings = settings;
        this.clock = clock;
        this.giveUp = giveUp;
        this.release = release;
        this.patience = patience;
        this.unreadable = new Unreadable[ledger.partitions()];
        this.cursors = new long[ledger.partitions()];
        this.visible = new long[ledger.partitions()];
        this.thread = Thread.ofPlatform().name("history").unstarted(this::run);
    }

    /// Starts reading from where history stands.
    public static HistoryReader start(
            Ledger ledger,
            History history,
            HistorySettings settings,
            InstantSource clock,
            GiveUp giveUp,
            Release release) {
        return start(ledger, history, settings, clock, giveUp, release, Patience.DEFAULT);
    }

    static HistoryReader start(
            Ledger ledger,
            History history,
            HistorySettings settings,
            InstantSource clock,
            GiveUp giveUp,
            Release release,
            Patience patience) {
        HistoryReader reader =
                new HistoryReader(ledger, history, settings, clock, giveUp, release, patience);
        reader.rewind();
        reader.thread.start();
        return reader;
    }

    public Status status() {
        List<Long> positions = new ArrayList<>();
        long pending = 0;
        Instant oldest = null;
        lock.lock();
        try {
            for (long cursor : cursors) {
                positions.add(cursor);
            }
        } finally {
            lock.unlock();
        }
        for (int partition = 0; partition < positions.size(); partition++) {
            long behind = ledger.span(partition).end() - positions.get(partition);
            if (behind > 0) {
                pending += behind;
                Instant first = recordedAt(new Position(partition, positions.get(partition)));
                oldest =
                        oldest == null || (first != null && first.isBefore(oldest))
                                ? first
                                : oldest;
            }
        }
        lock.lock();
        try {
            return new Status(
                    positions, pending, oldest, rateNow(), lastFailure, lastFailureAt, failing);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Instant recordedAt(Position position) {
        try {
            List<Slice.Item> items = ledger.read(position, 1, 1).items();
            return !items.isEmpty() && items.getFirst() instanceof Slice.Held held
                    ? held.recordedAt()
                    : null;
        } catch (LedgerException _) {
            return null; // Its failure is the reader's to report.
        }
    }

    /// Waits until a search finds the event at a position (unless it was filtered or set aside).
    ///
    /// @return false when the time ran out first
    public boolean awaitVisible(Position position, Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lock();
        try {
            while (visible[position.partition()] <= position.offset()) {
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Commits what was taken and ends the thread; history and ledger stay open.
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        // Not interrupted: an interrupt would close the files Lucene is writing.
        Threads.join(thread);
    }

    // ---- the thread ---------------------------------------------------------------------------

    private void run() {
        Duration pause = patience.pauseMin();
        while (!isClosing()) {
            try {
                round();
                if (clearFailing()) {
                    LOG.info("history goes on");
                }
                pause = patience.pauseMin();
            } catch (HistoryException | LedgerException e) {
                failed(e);
                pause(pause);
                pause = patience.longer(pause);
                rewind();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            } catch (RuntimeException e) {
                // The outermost frame: a mistake of ours must not end what others rely on.
                failed(e);
                pause(pause);
                pause = patience.longer(pause);
                rewind();
            }
        }
        try {
            history.commit();
        } catch (HistoryException e) {
            LOG.warn("what was taken last is taken again after the start: {}", e.getMessage());
        }
    }

    private void round() throws HistoryException, LedgerException, InterruptedException {
        long began = System.nanoTime();
        long pending = pending();
        long position = position();
        boolean idle = true;
        behind = false;
        for (int partition = 0; partition < cursors.length && !isClosing(); partition++) {
            idle &= !readPartition(partition);
        }
        long now = System.nanoTime();
        if (unseen > 0 && now - refreshed >= refreshAfter()) {
            history.refresh();
            refreshed = now;
            refreshing = System.nanoTime() - now;
            unseen = 0;
            showVisible();
        }
        if (uncommitted && now - committed >= settings.commitInterval().toNanos()) {
            history.commit();
            committed = System.nanoTime();
            uncommitted = false;
            releaseLedger();
        }
        expireHourly();
        tidy();
        if (idle) {
            waitForEvents();
        } else {
            Duration worked = Duration.ofNanos(System.nanoTime() - began);
            long taken = position() - position;
            pause(rest(behind, pending() - pending, taken, worked));
            pause(
                    gathering(
                            taken,
                            unseen == 0 ? 0 : refreshed + refreshAfter() - System.nanoTime()));
        }
    }

    /// How long to let events gather after a round, where that makes none of them found later.
    ///
    /// @param taken how many events the round took
    /// @param refreshIn how long it is until what was taken is shown, in nanoseconds; 0 when it is
    static Duration gathering(long taken, long refreshIn) {
        return taken >= FEW || refreshIn <= 0
                ? Duration.ZERO
                : Duration.ofNanos(Math.min(refreshIn, GATHERING.toNanos()));
    }

    /// How long to leave the processors to the intake after a round. A burst that comes faster than
    /// history can take it is not caught up with before it ends, and ends sooner when those who
    /// send it are answered first: history then works a quarter of the time. A load that it can
    /// keep up with, and what is left when a burst has ended, is taken without a rest.
    ///
    /// @param behind whether more events wait than are seen in time anyway
    /// @param grown by how many events more it is behind than before the round
    /// @param taken how many events it took in the round
    /// @param worked how long the round took
    static Duration rest(boolean behind, long grown, long taken, Duration worked) {
        if (!behind || grown <= 2 * taken) {
            return Duration.ZERO;
        }
        Duration rest = worked.multipliedBy(REST_SHARE);
        return rest.compareTo(REST_MAX) < 0 ? rest : REST_MAX;
    }

    private long position() {
        long position = 0;
        for (long cursor : cursors) {
            position += cursor;
        }
        return position;
    }

    private long pending() {
        long pending = 0;
        for (int partition = 0; partition < cursors.length; partition++) {
            pending += ledger.span(partition).end() - cursors[partition];
        }
        return pending;
    }

    /// How long after the start of a refresh the next one is due, in nanoseconds.
    private long refreshAfter() {
        double times = behind ? REFRESH_SELDOM : unseen >= MANY_UNSEEN ? REFRESH_LATER : 1;
        long due = (long) (settings.refreshInterval().toNanos() * times);
        return Math.max(due, REFRESH_SHARE * refreshing);
    }

    /// @return whether there was something to read
    private boolean readPartition(int partition) throws HistoryException, LedgerException {
        long cursor = cursors[partition];
        Ledger.Span span = ledger.span(partition);
        long from = Math.max(cursor, giveUp.from(partition, cursor, span));
        if (from > cursor) {
            takeLost(partition, cursor, from, "given up: too far behind (reader.pending-max)");
            return true;
        }
        if (cursor == 0 && span.first() > 0) {
            history.begin(partition, span.first());
            moved(partition, span.first());
            return true;
        }
        if (cursor < span.first()) {
            takeLost(
                    partition,
                    cursor,
                    span.first(),
                    "released by the ledger before history took it");
            return true;
        }
        if (cursor >= span.end() || isWaitedFor(partition)) {
            return false;
        }
        Slice slice;
        try {
            slice = ledger.read(new Position(partition, cursor), ITEMS_MAX, BYTES_MAX);
        } catch (LedgerException e) {
            Slice.Lost place = e.unreadable();
            if (place == null) {
                throw e;
            }
            return passOver(partition, place, e);
        }
        take(partition, slice);
        behind |= ledger.span(partition).end() - slice.next() >= BEHIND;
        return true;
    }

    /// Whether it is not yet time to try again what the disk did not give.
    private boolean isWaitedFor(int partition) {
        Unreadable place = unreadable[partition];
        return place != null
                && cursors[partition] == place.from()
                && System.nanoTime() - place.again() < 0;
    }

    /// @return whether a place that cannot be read was set aside; else it is tried again later
    private boolean passOver(int partition, Slice.Lost place, LedgerException e)
            throws HistoryException, LedgerException {
        long from = place.first().offset();
        Unreadable before = unreadable[partition];
        int tries = 1;
        Duration pause = patience.pauseMin();
        if (before != null && before.from() == from) {
            tries = before.tries() + 1;
            pause = patience.longer(before.pause());
        }
        unreadable[partition] =
                new Unreadable(from, tries, pause, System.nanoTime() + pause.toNanos());
        failed(e);
        if (tries < patience.tries()) {
            return false;
        }
        List<Slice.Item> lost = upToReadable(place, tries);
        if (lost.isEmpty()) {
            return false;
        }
        LOG.error("partition {}: set aside from offset {}: {}", partition, from, lost);
        Slice.Lost last = (Slice.Lost) lost.getLast();
        take(partition, new Slice(partition, lost, last.first().offset() + last.count()));
        unreadable[partition] = null;
        return true;
    }

    /// The places from one that cannot be read to the first event that can; none when nothing near
    /// can be read, for then it is the disk that fails.
    private List<Slice.Item> upToReadable(Slice.Lost place, int tries) throws LedgerException {
        List<Slice.Item> lost = new ArrayList<>();
        Slice.Lost next = place;
        while (lost.size() < UNREADABLE_MAX) {
            String reason = "not read in %d tries: %s".formatted(tries, next.reason());
            lost.add(new Slice.Lost(next.first(), next.count(), reason));
            int partition = next.first().partition();
            Position after = new Position(partition, next.first().offset() + next.count());
            try {
                return ledger.read(after, 1, 1).items().isEmpty() ? List.of() : lost;
            } catch (LedgerException e) {
                if (e.unreadable() == null) {
                    throw e;
                }
                next = e.unreadable();
            }
        }
        return List.of();
    }

    private void takeLost(int partition, long first, long end, String reason)
            throws HistoryException {
        LOG.warn(
                "partition {}: {} events from offset {} {}", partition, end - first, first, reason);
        Slice.Lost lost = new Slice.Lost(new Position(partition, first), end - first, reason);
        take(partition, new Slice(partition, List.of(lost), end));
    }

    private void take(int partition, Slice slice) throws HistoryException {
        history.take(slice);
        lock.lock();
        try {
            rate = rateNow() + (slice.next() - cursors[partition]) / RATE_SECONDS;
        } finally {
            lock.unlock();
        }
        moved(partition, slice.next());
    }

    private void moved(int partition, long next) {
        unseen += next - cursors[partition];
        uncommitted = true;
        lock.lock();
        try {
            cursors[partition] = next;
        } finally {
            lock.unlock();
        }
    }

    /// Decays so that what was taken counts for about [#RATE_SECONDS].
    private double rateNow() {
        long now = System.nanoTime();
        rate *= Math.exp(-(now - rateAt) / 1e9 / RATE_SECONDS);
        rateAt = now;
        return rate;
    }

    private void expireHourly() throws HistoryException, LedgerException {
        Instant now = clock.instant();
        if (expired == null || !now.isBefore(expired.plus(EXPIRY_INTERVAL))) {
            history.expire(now);
            expired = now;
            releaseLedger();
        }
    }

    /// A step at a time, and none while events wait.
    private void tidy() throws HistoryException {
        if (!behind && System.nanoTime() - tidied >= TIDY_INTERVAL.toNanos()) {
            history.tidy(clock.instant());
            tidied = System.nanoTime();
        }
    }

    private void releaseLedger() throws HistoryException, LedgerException {
        for (int partition = 0; partition < cursors.length; partition++) {
            release.release(partition, history.lowestHeld(partition));
        }
    }

    private void waitForEvents() throws InterruptedException {
        Duration most = unseen > 0 ? settings.refreshInterval() : settings.commitInterval();
        Duration wait = most.compareTo(WAIT_MAX) < 0 ? most : WAIT_MAX;
        // One partition wakes the reader at once, in turn; the others wait WAIT_MAX at the most.
        waitingFor = (waitingFor + 1) % cursors.length;
        if (isWaitedFor(waitingFor)) {
            pause(wait);
            return;
        }
        Position end = new Position(waitingFor, cursors[waitingFor]);
        boolean more = ledger.await(end, wait);
        LOG.trace("waited for {}: {}", end, more);
    }

    // ---- what others see ----------------------------------------------------------------------

    private boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    private void showVisible() {
        lock.lock();
        try {
            System.arraycopy(cursors, 0, visible, 0, cursors.length);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Goes back to what history has durably: after a failure, nothing else is certain.
    private void rewind() {
        lock.lock();
        try {
            for (int partition = 0; partition < cursors.length; partition++) {
                cursors[partition] = history.position(partition);
            }
            unseen = 1;
            uncommitted = true;
        } finally {
            lock.unlock();
        }
    }

    private void failed(Exception e) {
        LOG.warn("history failed, and tries again: {}", e.getMessage(), e);
        lock.lock();
        try {
            lastFailure = String.valueOf(e.getMessage());
            lastFailureAt = clock.instant();
            failing = true;
        } finally {
            lock.unlock();
        }
    }

    /// @return whether it was failing until now
    private boolean clearFailing() {
        lock.lock();
        try {
            boolean was = failing;
            failing = false;
            for (int partition = 0; partition < cursors.length; partition++) {
                Unreadable place = unreadable[partition];
                failing |= place != null && cursors[partition] <= place.from();
            }
            return was && !failing;
        } finally {
            lock.unlock();
        }
    }

    private void pause(Duration pause) {
        lock.lock();
        try {
            long left = pause.toNanos();
            while (left > 0 && !closing) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
