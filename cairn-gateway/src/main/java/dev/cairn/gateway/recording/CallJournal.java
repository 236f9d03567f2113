package dev.cairn.gateway.recording;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Calls in the gateway's hands, and events on their way to the ledger, written down.
///
/// A call is *begun* before it is passed on, as the event that it will be if nobody lives to say
/// what became of it. It *ends* when its event is in the ledger. Or its event is *kept* here
/// instead of that, and *pending* until a [Forwarder] has brought it to the ledger. Pending is,
/// too, what nobody will say more of: what an earlier process left, and what was [left][#leave]. It
/// goes under the eventID it has, so that the ledger tells what it has already.
///
/// Files `begun-<number>`, one after the other; one goes when none of its lines is open any more,
/// an earlier process's with the last of them. In them, lines: magic (4 bytes), kind (1: begun, 2:
/// ended, 3: kept), length (4), CRC32C of kind, length and body (4), and the body: an event, or an
/// ended one's eventID. That a call has ended is written with the next line: it is worth no wait. A
/// kept event takes the place of the call that was begun. Lines are written one by one; those who
/// wait for the disk share its forces. Any thread may call any method.
public final class CallJournal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CallJournal.class);
    private static final Pattern NAME = Pattern.compile("begun-(\\d{1,18})");
    private static final int MAGIC = 0xff43424a;
    private static final byte BEGUN = 1;
    private static final byte ENDED = 2;
    private static final byte KEPT = 3;
    private static final int HEADER = 13;

    private static final EventReader READER = EventReader.strict(EventReader.EVENT_BYTES_LIMIT);

    /// What was recorded once is not looked at for its time again.
    private static final Instant ANY_TIME = Instant.parse("9999-01-01T00:00:00Z");

    private final Disk disk;
    private final String folder;
    private final Settings settings;
    private final ScheduledExecutorService forcer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("cairn-gateway-journal").factory());

    /// Held by the thread that writes a line.
    private final ReentrantLock writing = new ReentrantLock();

    // Guarded by `writing`.
    private @Nullable Journal current;
    private long next;
    private boolean closed;

    /// Guards what follows, and what of files and lines says so.
    private final Object lines = new Object();

    private final List<Journal> old = new ArrayList<>();
    private final Set<Journal> journals = new HashSet<>();
    private final Set<Line> pending = new LinkedHashSet<>();
    private final List<byte[]> ended = new ArrayList<>();
    private long pendingBytes;

    /// How it is set up.
    ///
    /// @param fileBytesMax a file is left for the next when it has so many bytes
    /// @param forceWithin how soon what was only [written][#write] is on disk
    public record Settings(int fileBytesMax, Duration forceWithin) {
        public static final Settings DEFAULT = new Settings(8 << 20, Duration.ofMillis(5));
    }

    /// Something that is written down and open: a call that is begun, or an event that is kept.
    public static final class Line {
        private final Journal journal;
        private final String id;
        private final long at;
        private final int length;

        // Guarded by `lines`.
        private boolean over;

        private Line(Journal journal, String id, long at, int length) {
            this.journal = journal;
            this.id = id;
            this.at = at;
            this.length = length;
        }

        private long end() {
            return at + HEADER + length;
        }
    }

    /// A file.
    private static final class Journal {
        final String name;

        /// Null for an earlier process's: nobody writes there.
        final @Nullable DiskFile file;

        /// Whole lines; written under `writing`.
        volatile long size;

        final AtomicBoolean forcedSoon = new AtomicBoolean();
        final ReentrantLock forcing = new ReentrantLock();

        // Guarded by `forcing`.
        long forced;
        @Nullable DiskException failed;

        // Guarded by `lines`. Of an earlier process's, `over` says nothing.
        int open;
        boolean over;

        Journal(String name, @Nullable DiskFile file) {
            this.name = name;
            this.file = file;
        }

        DiskFile file() {
            return Objects.requireNonNull(file, "only one's own files are written");
        }

        /// Returns when all of its first `end` bytes are durable, by a force of its own or
        /// another's.
        ///
        /// @throws DiskException when they may not be: nothing that comes behind can be trusted
        void force(long end) throws DiskException {
            forcing.lock();
            try {
                if (forced < end && failed == null) {
                    forceAll();
                }
                var why = failed;
                if (forced < end && why != null) {
                    throw new DiskException(why.kind(), String.valueOf(why.getMessage()), why);
                }
            } finally {
                forcing.unlock();
            }
        }

        private void forceAll() {
            try {
                var written = size;
                file().force();
                forced = written;
            } catch (DiskException failure) {
                failed = failure;
            }
        }

        void close() {
            forcing.lock();
            try {
                if (failed == null) {
                    failed = new DiskException(DiskException.Kind.FAILED, "the gateway stops");
                }
                if (file != null) {
                    file.close();
                }
            } finally {
                forcing.unlock();
            }
        }
    }

    /// What waits to be recorded.
    ///
    /// @param bytes of the events
    /// @param oldest when the call of the first of them came; null when there is none, or the disk
    ///   does not tell
    public record Pending(long events, long bytes, @Nullable Instant oldest) {}

    /// Pending events, read from the disk.
    ///
    /// @param lines of `entries`, in the same order
    /// @param unreadable why some that came before these could not be read; null when all could.
    ///   They come last from now on
    public record Batch(
            List<Line> lines, List<Entry> entries, @Nullable DiskException unreadable) {}

    private CallJournal(Disk disk, String folder, Settings settings) {
        this.disk = disk;
        this.folder = folder;
        this.settings = settings;
    }

    /// Opens the journal in a folder of a disk, or makes it. What an earlier process left is
    /// pending.
    public static CallJournal open(Disk disk, String folder, Settings settings)
            throws DiskException {
        disk.createFolder(folder);
        disk.force("");
        var journal = new CallJournal(disk, folder, settings);
        journal.readLeft();
        return journal;
    }

    private void readLeft() throws DiskException {
        var numbers = new TreeSet<Long>();
        for (var name : disk.list(folder)) {
            var matcher = NAME.matcher(name);
            if (matcher.matches()) {
                numbers.add(Long.parseLong(matcher.group(1)));
            }
        }
        next = numbers.isEmpty() ? 0 : numbers.last() + 1;
        Map<String, Line> left = new LinkedHashMap<>();
        var endedIds = new ArrayList<String>();
        for (var number : numbers) {
            var journal = new Journal(name(number), null);
            old.add(journal);
            try (var file = disk.open(journal.name)) {
                read(file, journal, left, endedIds);
            }
        }
        endedIds.forEach(left::remove);
        synchronized (lines) {
            for (var line : left.values()) {
                line.journal.open++;
                addPending(line);
            }
        }
        if (left.isEmpty()) {
            old.forEach(this::delete);
            old.clear();
        }
    }

    private static void read(
            DiskFile file, Journal journal, Map<String, Line> left, List<String> ended)
            throws DiskException {
        var bytes = ByteBuffer.allocate((int) Math.min(file.size(), Integer.MAX_VALUE - 8));
        file.read(bytes, 0);
        bytes.flip();
        while (bytes.remaining() >= HEADER) {
            var at = bytes.position();
            var length = bytes.getInt(at + 5);
            if (length < 0
                    || length > bytes.remaining() - HEADER
                    || !sound(bytes.array(), at, length)) {
                // Never acknowledged: the process died while it was written.
                return;
            }
            var body = new byte[length];
            bytes.get(at + HEADER, body);
            var kind = bytes.get(at + 4);
            if (kind == ENDED) {
                ended.add(new String(body, US_ASCII));
            } else {
                var line = new Line(journal, event(body).id(), at, length);
                if (kind == KEPT) {
                    left.put(line.id, line);
                } else {
                    left.putIfAbsent(line.id, line);
                }
            }
            bytes.position(at + HEADER + length);
        }
    }

    private static boolean sound(byte[] bytes, int at, int length) {
        var head = ByteBuffer.wrap(bytes, at, HEADER).slice();
        return head.getInt(0) == MAGIC && head.getInt(9) == crc(bytes, at, length);
    }

    private static Event event(byte[] body) {
        if (READER.read(body, ANY_TIME) instanceof Parsed.Read(var event)) {
            return event;
        }
        throw new IllegalStateException(
                "expected an event that can be delivered, as was written down");
    }

    private static byte[] record(byte kind, byte[] body) {
        var record = ByteBuffer.allocate(HEADER + body.length);
        record.putInt(MAGIC).put(kind).putInt(body.length).putInt(0).put(body);
        record.putInt(9, crc(record.array(), 0, body.length));
        return record.array();
    }

    private static int crc(byte[] bytes, int at, int length) {
        var crc = new CRC32C();
        crc.update(bytes, at + 4, 5);
        crc.update(bytes, at + HEADER, length);
        return (int) crc.getValue();
    }

    /// Writes down a call, and returns when that is durable.
    ///
    /// @param entry its event, should nobody say what became of it
    /// @throws DiskException when it is not durable: the call must not be passed on
    public Line begin(Entry entry) throws DiskException {
        var line = write(BEGUN, entry);
        force(line);
        return line;
    }

    /// Writes down a call, and returns when that outlives this process; it outlives the machine
    /// within [Settings#forceWithin], and when this call's event is kept.
    ///
    /// @param entry its event, should nobody say what became of it
    /// @throws DiskException when it is not written: the call must not be passed on
    public Line write(Entry entry) throws DiskException {
        var line = write(BEGUN, entry);
        var journal = line.journal;
        if (journal.forcedSoon.compareAndSet(false, true)) {
            var _ =
                    forcer.schedule(
                            () -> {
                                journal.forcedSoon.set(false);
                                forceOrLeave(journal);
                            },
                            settings.forceWithin().toNanos(),
                            TimeUnit.NANOSECONDS);
        }
        return line;
    }

    private void forceOrLeave(Journal journal) {
        synchronized (lines) {
            if (!journals.contains(journal)) {
                // Nothing in it is open any more.
                return;
            }
        }
        try {
            journal.force(journal.size);
        } catch (DiskException failure) {
            LOG.warn("{} could not be forced: {}", journal.name, failure.getMessage());
            leaveIfCurrent(journal);
        }
    }

    /// Keeps a call's event, and returns when that is durable. It is pending from then on.
    ///
    /// @param begun the call, when it was begun: it is over
    /// @throws DiskException when it is not durable
    public void keep(Entry entry, @Nullable Line begun) throws DiskException {
        var line = write(KEPT, entry);
        force(line);
        synchronized (lines) {
            addPending(line);
        }
        if (begun != null) {
            settle(List.of(begun));
        }
    }

    /// Nobody will say what became of a call: what was written when it was begun is pending.
    public void leave(Line begun) {
        synchronized (lines) {
            if (!begun.over) {
                addPending(begun);
            }
        }
    }

    private void addPending(Line line) {
        if (pending.add(line)) {
            pendingBytes += line.length;
            lines.notifyAll();
        }
    }

    /// A call's event is recorded.
    public void end(Line line) {
        end(List.of(line));
    }

    /// The events of these are recorded.
    public void end(List<Line> recorded) {
        synchronized (lines) {
            for (var line : recorded) {
                ended.add(record(ENDED, line.id.getBytes(US_ASCII)));
            }
        }
        settle(recorded);
    }

    // Writing.

    private Line write(byte kind, Entry entry) throws DiskException {
        var record = record(kind, entry.json());
        writing.lock();
        try {
            var journal = journal();
            var end = append(journal, record);
            synchronized (lines) {
                journal.open++;
            }
            return new Line(journal, entry.id(), end - record.length, entry.json().length);
        } finally {
            writing.unlock();
        }
    }

    /// Writes what has ended, and a line.
    ///
    /// @return the end of what was written
    private long append(Journal journal, byte[] record) throws DiskException {
        List<byte[]> parts;
        synchronized (lines) {
            parts = new ArrayList<>(ended);
            ended.clear();
        }
        parts.add(record);
        var bytes = ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
        parts.forEach(bytes::put);
        var end = journal.size + bytes.flip().remaining();
        try {
            journal.file().write(bytes, journal.size);
        } catch (DiskException failure) {
            // Nothing that comes behind what failed could be read.
            leaveCurrent();
            throw failure;
        }
        journal.size = end;
        return end;
    }

    private void force(Line line) throws DiskException {
        try {
            line.journal.force(line.end());
        } catch (DiskException failure) {
            leaveIfCurrent(line.journal);
            settle(List.of(line));
            throw failure;
        }
    }

    private Journal journal() throws DiskException {
        if (current != null && current.size >= settings.fileBytesMax()) {
            leaveCurrent();
        }
        if (closed) {
            throw new DiskException(DiskException.Kind.FAILED, "the gateway stops");
        }
        if (current == null) {
            var name = name(next++);
            var journal = new Journal(name, disk.create(name));
            disk.force(folder);
            current = journal;
            synchronized (lines) {
                journals.add(journal);
            }
        }
        return current;
    }

    private String name(long number) {
        return folder + "/begun-" + number;
    }

    private void leaveIfCurrent(Journal journal) {
        writing.lock();
        try {
            if (current == journal) {
                leaveCurrent();
            }
        } finally {
            writing.unlock();
        }
    }

    /// The present file is full, or failed; it goes with the last of its lines.
    private void leaveCurrent() {
        var journal = current;
        current = null;
        if (journal != null) {
            boolean gone;
            synchronized (lines) {
                journal.over = true;
                gone = journal.open == 0;
            }
            if (gone) {
                delete(journal);
            }
        }
    }

    /// These lines are over, and so are files that have no other.
    private void settle(List<Line> these) {
        var gone = new ArrayList<Journal>();
        synchronized (lines) {
            for (var line : these) {
                if (line.over) {
                    continue;
                }
                line.over = true;
                if (pending.remove(line)) {
                    pendingBytes -= line.length;
                }
                line.journal.open--;
                if (line.journal.over && line.journal.open == 0) {
                    gone.add(line.journal);
                }
            }
            if (!old.isEmpty() && old.stream().allMatch(journal -> journal.open == 0)) {
                // Not one by one: one says what has ended in another.
                gone.addAll(old);
                old.clear();
            }
        }
        gone.forEach(this::delete);
    }

    private void delete(Journal journal) {
        synchronized (lines) {
            journals.remove(journal);
        }
        journal.close();
        try {
            disk.delete(journal.name);
        } catch (DiskException failure) {
            // It is read at the next start, and its calls are found recorded.
            LOG.warn("{} stays: {}", journal.name, failure.getMessage());
        }
    }

    // What is pending.

    /// Waits until something is pending.
    public void awaitPending() throws InterruptedException {
        synchronized (lines) {
            while (pending.isEmpty()) {
                lines.wait();
            }
        }
    }

    /// How many events are pending.
    public int pendingEvents() {
        synchronized (lines) {
            return pending.size();
        }
    }

    /// The bytes of the events that are pending.
    public long pendingBytes() {
        synchronized (lines) {
            return pendingBytes;
        }
    }

    /// What is pending, for status and metrics.
    public Pending pending() {
        var oldest = first(1, 1).stream().findFirst();
        Instant time = null;
        if (oldest.isPresent()) {
            var line = oldest.get();
            try (var file = disk.open(line.journal.name)) {
                time = read(file, line).time();
            } catch (DiskException _) {
                // It is over meanwhile, or the one who forwards it will say what is wrong.
            }
        }
        synchronized (lines) {
            return new Pending(pending.size(), pendingBytes, time);
        }
    }

    /// The events that are pending for the longest time; they stay pending. For one thread.
    ///
    /// @param bytesMax stop with the event that reaches this many bytes
    Batch next(int linesMax, long bytesMax) {
        var read = new ArrayList<Line>();
        var entries = new ArrayList<Entry>();
        DiskException unreadable = null;
        Map<Journal, DiskFile> files = new HashMap<>();
        try {
            for (var line : first(linesMax, bytesMax)) {
                try {
                    var file = files.get(line.journal);
                    if (file == null) {
                        file = disk.open(line.journal.name);
                        files.put(line.journal, file);
                    }
                    var event = read(file, line);
                    entries.add(new Entry(event.place(), event.id(), Origin.INTAKE, event.json()));
                    read.add(line);
                } catch (DiskException failure) {
                    unreadable = failure;
                    putLast(line);
                }
            }
        } finally {
            files.values().forEach(DiskFile::close);
        }
        return new Batch(List.copyOf(read), List.copyOf(entries), unreadable);
    }

    private List<Line> first(int linesMax, long bytesMax) {
        var some = new ArrayList<Line>();
        long bytes = 0;
        synchronized (lines) {
            for (var line : pending) {
                if (some.size() == linesMax || bytes >= bytesMax) {
                    break;
                }
                some.add(line);
                bytes += line.length;
            }
        }
        return some;
    }

    private static Event read(DiskFile file, Line line) throws DiskException {
        var bytes = ByteBuffer.allocate(HEADER + line.length);
        file.read(bytes, line.at);
        if (bytes.hasRemaining() || !sound(bytes.array(), 0, line.length)) {
            throw new DiskException(
                    DiskException.Kind.FAILED,
                    "event %s in %s is damaged".formatted(line.id, line.journal.name));
        }
        var body = new byte[line.length];
        bytes.get(HEADER, body);
        return event(body);
    }

    /// A pending event comes after all others from now on.
    void putLast(Line line) {
        synchronized (lines) {
            if (pending.remove(line)) {
                pending.add(line);
            }
        }
    }

    /// What is open stays for the next process.
    @Override
    public void close() {
        writing.lock();
        try {
            if (anythingOpen()) {
                writeEnded();
            } else {
                leaveCurrent();
            }
            closed = true;
        } finally {
            writing.unlock();
        }
        forcer.shutdownNow();
        List<Journal> rest;
        synchronized (lines) {
            rest = List.copyOf(journals);
        }
        rest.forEach(Journal::close);
    }

    private boolean anythingOpen() {
        synchronized (lines) {
            return !old.isEmpty() || journals.stream().anyMatch(journal -> journal.open > 0);
        }
    }

    /// The present file stays, for it says what has ended in others.
    private void writeEnded() {
        synchronized (lines) {
            if (ended.isEmpty()) {
                return;
            }
        }
        try {
            var journal = journal();
            journal.force(append(journal, new byte[0]));
        } catch (DiskException failure) {
            // The next process asks the ledger for them.
            LOG.warn("what has ended could not be written down: {}", failure.getMessage());
        }
    }
}
