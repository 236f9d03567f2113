package dev.cairn.gateway.recording;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Calls that are about to be passed on, written down first, each as the event that it will be if
/// nobody lives to say what became of it.
///
/// A call is *begun* when it is on disk, and *ended* when its event is in the ledger. What a
/// process left begun, the next one records (under the same eventID, so that the ledger tells what
/// it has already). All that wait are written and forced as one group.
///
/// Files `begun-<number>`, one after the other; one goes when none of its calls is open any more.
/// In them, records: magic (4 bytes), kind (1: begun, 2: ended), length (4), CRC32C of kind, length
/// and body (4), and the body: a begun call's event, or an ended one's eventID. What is ended is
/// written with the next group: that it was is worth no wait. Any thread may call any method.
public final class CallJournal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CallJournal.class);
    private static final Pattern NAME = Pattern.compile("begun-(\\d{1,18})");
    private static final int MAGIC = 0xff43424a;
    private static final byte BEGUN = 1;
    private static final byte ENDED = 2;
    private static final int HEADER = 13;

    /// A file is left for the next when it has so many bytes.
    static final int FILE_BYTES_MAX = 8 << 20;

    private static final EventReader READER = EventReader.strict(EventReader.EVENT_BYTES_LIMIT);

    /// What was recorded once is not looked at for its time again.
    private static final Instant ANY_TIME = Instant.parse("9999-01-01T00:00:00Z");

    private final Disk disk;
    private final String folder;
    private final List<String> old;
    private final List<Entry> left;

    /// Held by the thread that writes a group.
    private final ReentrantLock writing = new ReentrantLock();

    // Guarded by `writing`.
    private @Nullable Journal current;
    private long next;
    private boolean closed;

    // Guarded by `queue`.
    private final List<Waiting> queue = new ArrayList<>();
    private final List<byte[]> ended = new ArrayList<>();

    /// A call that is begun.
    public static final class Begun {
        private final Journal journal;
        private final String id;

        private Begun(Journal journal, String id) {
            this.journal = journal;
            this.id = id;
        }
    }

    private static final class Journal {
        final String name;
        final DiskFile file;
        long size;

        // Guarded by the queue.
        int open;
        boolean over;

        Journal(String name, DiskFile file) {
            this.name = name;
            this.file = file;
        }
    }

    private static final class Waiting {
        final Entry entry;
        final byte[] record;

        // Written and read under `writing`.
        @Nullable Begun begun;
        @Nullable DiskException failure;

        Waiting(Entry entry) {
            this.entry = entry;
            this.record = record(BEGUN, entry.json());
        }
    }

    private CallJournal(Disk disk, String folder, List<String> old, List<Entry> left, long next) {
        this.disk = disk;
        this.folder = folder;
        this.old = old;
        this.left = left;
        this.next = next;
    }

    /// Opens the journal in a folder of a disk, or makes it, and reads what an earlier process
    /// left.
    public static CallJournal open(Disk disk, String folder) throws DiskException {
        disk.createFolder(folder);
        disk.force("");
        var old = new ArrayList<String>();
        Map<String, Entry> begun = new LinkedHashMap<>();
        var endedIds = new ArrayList<String>();
        var next = 0L;
        for (var name : disk.list(folder)) {
            var matcher = NAME.matcher(name);
            if (matcher.matches()) {
                old.add(name);
                next = Math.max(next, Long.parseLong(matcher.group(1)) + 1);
                try (var file = disk.open(folder + "/" + name)) {
                    read(file, begun, endedIds);
                }
            }
        }
        endedIds.forEach(begun::remove);
        return new CallJournal(disk, folder, old, List.copyOf(begun.values()), next);
    }

    private static void read(DiskFile file, Map<String, Entry> begun, List<String> ended)
            throws DiskException {
        var bytes = ByteBuffer.allocate((int) Math.min(file.size(), Integer.MAX_VALUE - 8));
        file.read(bytes, 0);
        bytes.flip();
        while (bytes.remaining() >= HEADER) {
            var at = bytes.position();
            var kind = bytes.get(at + 4);
            var length = bytes.getInt(at + 5);
            if (bytes.getInt(at) != MAGIC
                    || length < 0
                    || length > bytes.remaining() - HEADER
                    || bytes.getInt(at + 9) != crc(bytes.array(), at, length)) {
                // Never acknowledged: the process died while it was written.
                return;
            }
            var body = new byte[length];
            bytes.get(at + HEADER, body);
            if (kind == ENDED) {
                ended.add(new String(body, US_ASCII));
            } else if (READER.read(body, ANY_TIME) instanceof Parsed.Read(var event)) {
                begun.put(event.id(), new Entry(event.place(), event.id(), Origin.INTAKE, body));
            } else {
                throw new IllegalStateException(
                        "expected an event that can be delivered, as was written down");
            }
            bytes.position(at + HEADER + length);
        }
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

    /// What an earlier process began and is not known to have ended, in order.
    public List<Entry> left() {
        return left;
    }

    /// What was left is recorded: its files go.
    public void settled() throws DiskException {
        for (var name : old) {
            disk.delete(folder + "/" + name);
        }
        disk.force(folder);
        old.clear();
    }

    /// Writes down a call, and returns when that is durable.
    ///
    /// @param entry its event, should nobody say what became of it
    /// @throws DiskException when it is not durable: the call must not be passed on
    public Begun begin(Entry entry) throws DiskException {
        var waiting = new Waiting(entry);
        synchronized (queue) {
            queue.add(waiting);
        }
        writing.lock();
        try {
            if (waiting.begun == null && waiting.failure == null) {
                writeGroup();
            }
            if (waiting.failure != null) {
                throw waiting.failure;
            }
            return Objects.requireNonNull(waiting.begun, "a group is written or has failed");
        } finally {
            writing.unlock();
        }
    }

    private void writeGroup() {
        List<Waiting> group;
        List<byte[]> parts = new ArrayList<>();
        synchronized (queue) {
            group = List.copyOf(queue);
            queue.clear();
            parts.addAll(ended);
            ended.clear();
        }
        group.forEach(waiting -> parts.add(waiting.record));
        try {
            var journal = journal();
            var bytes = ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
            parts.forEach(bytes::put);
            var length = bytes.flip().remaining();
            journal.file.write(bytes, journal.size);
            journal.file.force();
            journal.size += length;
            synchronized (queue) {
                for (var waiting : group) {
                    waiting.begun = new Begun(journal, waiting.entry.id());
                    journal.open++;
                }
            }
        } catch (DiskException failure) {
            // Nothing that comes behind what failed could be trusted.
            leave();
            group.forEach(waiting -> waiting.failure = failure);
        }
    }

    private Journal journal() throws DiskException {
        if (current != null && current.size >= FILE_BYTES_MAX) {
            leave();
        }
        if (closed) {
            throw new DiskException(DiskException.Kind.FAILED, "the gateway stops");
        }
        if (current == null) {
            var name = folder + "/begun-" + next++;
            var file = disk.create(name);
            current = new Journal(name, file);
            disk.force(folder);
        }
        return current;
    }

    /// The present file is over; it goes with the last of its calls.
    private void leave() {
        var journal = current;
        current = null;
        if (journal != null) {
            boolean gone;
            synchronized (queue) {
                journal.over = true;
                gone = journal.open == 0;
            }
            if (gone) {
                delete(journal);
            }
        }
    }

    private void delete(Journal journal) {
        journal.file.close();
        try {
            disk.delete(journal.name);
        } catch (DiskException failure) {
            // It is read at the next start, and its calls are found recorded.
            LOG.warn("{} stays: {}", journal.name, failure.getMessage());
        }
    }

    /// A call's event is recorded.
    public void end(Begun begun) {
        boolean gone;
        synchronized (queue) {
            ended.add(record(ENDED, begun.id.getBytes(US_ASCII)));
            begun.journal.open--;
            gone = begun.journal.over && begun.journal.open == 0;
        }
        if (gone) {
            delete(begun.journal);
        }
    }

    /// Calls that are begun and not ended stay for the next process.
    @Override
    public void close() {
        writing.lock();
        try {
            boolean open;
            synchronized (queue) {
                open = current != null && current.open > 0;
            }
            if (open) {
                writeGroup();
            }
            leave();
            closed = true;
        } finally {
            writing.unlock();
        }
    }
}
