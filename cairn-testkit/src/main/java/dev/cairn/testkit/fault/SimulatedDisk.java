package dev.cairn.testkit.fault;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/// A disk in memory that knows what is durable and what is not.
///
/// It gives no more than [Disk] promises. After [#crash], of what was not forced, each file and
/// folder keeps all, nothing, a beginning cut off anywhere, or any of its sectors, as the seed has
/// it. A force that [fails][#failForce] leaves bytes that can be read but that no later force makes
/// durable, as Linux does.
public final class SimulatedDisk implements Disk {
    private static final int SECTOR = 512;

    private final Map<String, Node> names;
    private final Map<String, Node> durableNames;
    private final Map<String, List<NameChange>> nameChanges = new HashMap<>();
    private long capacity = Long.MAX_VALUE;
    private boolean dead;

    public SimulatedDisk() {
        this(new TreeMap<>());
    }

    private SimulatedDisk(Map<String, Node> durable) {
        this.names = new TreeMap<>(durable);
        this.durableNames = new TreeMap<>(durable);
        names.putIfAbsent("", Folder.HERE);
        durableNames.putIfAbsent("", Folder.HERE);
    }

    private sealed interface Node {}

    private enum Folder implements Node {
        HERE
    }

    /// A file's bytes: as they are read, and the way they came about since the last good force.
    private static final class Content implements Node {
        private byte[] bytes = {};
        private byte[] base = {};
        private final List<Change> changes = new ArrayList<>();

        void write(byte[] added, long at) {
            changes.add(new Change(at, added));
            bytes = written(bytes, added, at);
        }

        void truncate(long size) {
            if (size < bytes.length) {
                changes.add(new Change(size));
                bytes = Arrays.copyOf(bytes, (int) size);
            }
        }

        void force() {
            for (Change change : changes) {
                if (change.state == State.PENDING) {
                    change.state = State.FORCED;
                }
            }
            if (changes.stream().noneMatch(change -> change.state == State.LIMBO)) {
                changes.clear();
                base = bytes;
            }
        }

        void failForce() {
            for (Change change : changes) {
                if (change.state == State.PENDING) {
                    change.state = State.LIMBO;
                }
            }
        }

        /// The file as a crash leaves it.
        Content survivor(RandomGenerator random) {
            int mode = random.nextInt(4);
            int kept = random.nextInt(changes.size() + 1);
            byte[] left = base;
            int index = 0;
            for (Change change : changes) {
                if (change.state == State.FORCED || mode == 0 || (mode == 2 && index < kept)) {
                    left = change.applied(left);
                } else if (mode == 2 && index == kept) {
                    left = change.torn(left, random);
                } else if (mode == 3) {
                    left = change.scattered(left, random);
                }
                index++;
            }
            Content content = new Content();
            content.base = left;
            content.bytes = left;
            return content;
        }
    }

    private enum State {
        PENDING,
        LIMBO,
        FORCED
    }

    /// A write, or a truncation when there are no bytes.
    private static final class Change {
        private final long at;
        private final byte[] bytes;
        private final boolean truncation;
        private State state = State.PENDING;

        Change(long at, byte[] bytes) {
            this.at = at;
            this.bytes = bytes;
            this.truncation = false;
        }

        Change(long size) {
            this.at = size;
            this.bytes = new byte[0];
            this.truncation = true;
        }

        byte[] applied(byte[] to) {
            if (!truncation) {
                return written(to, bytes, at);
            }
            return at < to.length ? Arrays.copyOf(to, (int) at) : to;
        }

        byte[] torn(byte[] to, RandomGenerator random) {
            if (truncation) {
                return random.nextBoolean() ? applied(to) : to;
            }
            return written(to, Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)), at);
        }

        byte[] scattered(byte[] to, RandomGenerator random) {
            if (truncation) {
                return random.nextBoolean() ? applied(to) : to;
            }
            byte[] left = to;
            if (random.nextInt(4) == 0) {
                // The size reached the disk before the bytes did.
                left = Arrays.copyOf(left, (int) Math.max(left.length, at + bytes.length));
            }
            int from = 0;
            while (from < bytes.length) {
                int sectorEnd = (int) ((at + from) / SECTOR * SECTOR + SECTOR - at);
                int to2 = Math.min(bytes.length, sectorEnd);
                if (random.nextBoolean()) {
                    left = written(left, Arrays.copyOfRange(bytes, from, to2), at + from);
                }
                from = to2;
            }
            return left;
        }
    }

    private static byte[] written(byte[] to, byte[] added, long at) {
        byte[] grown = Arrays.copyOf(to, (int) Math.max(to.length, at + added.length));
        System.arraycopy(added, 0, grown, (int) at, added.length);
        return grown;
    }

    /// A change to names of one folder: `to` gets the node, `from`, if any, goes.
    private record NameChange(String from, String to, Node node) {
        void apply(Map<String, Node> names) {
            if (!from.isEmpty()) {
                names.remove(from, node);
            }
            if (!to.isEmpty()) {
                names.put(to, node);
            }
        }
    }

    /// Ends this disk, and gives the one that is found after the crash. Everything asked of this
    /// one from now on fails.
    public synchronized SimulatedDisk crash(RandomGenerator random) {
        dead = true;
        Map<String, Node> left = new TreeMap<>(durableNames);
        for (List<NameChange> changes : new TreeMap<>(nameChanges).values()) {
            int mode = random.nextInt(4);
            int kept = random.nextInt(changes.size() + 1);
            for (int i = 0; i < changes.size(); i++) {
                if (mode == 0 || (mode == 2 && i < kept) || (mode == 3 && random.nextBoolean())) {
                    changes.get(i).apply(left);
                }
            }
        }
        Map<Node, Node> survivors = new HashMap<>();
        Map<String, Node> after = new TreeMap<>();
        left.forEach((name, node) -> {
            if (folderLeft(name, left)) {
                after.put(
                        name,
                        node instanceof Content content
                                ? survivors.computeIfAbsent(content, _ -> content.survivor(random))
                                : node);
            }
        });
        SimulatedDisk disk = new SimulatedDisk(after);
        disk.capacity = capacity;
        return disk;
    }

    private static boolean folderLeft(String name, Map<String, Node> left) {
        String folder = folder(name);
        return name.isEmpty() || (left.get(folder) == Folder.HERE && folderLeft(folder, left));
    }

    /// Changes one bit of a file, on the disk and in what is read.
    public synchronized void flip(String name, long bit) throws DiskException {
        Content content = content(name);
        byte[] flipped = content.bytes.clone();
        flipped[(int) (bit / 8)] ^= (byte) (1 << (bit % 8));
        content.bytes = flipped;
        content.base = flipped;
        content.changes.clear();
    }

    /// Removes a file behind its owner's back, durably.
    public synchronized void remove(String name) {
        names.remove(name);
        durableNames.remove(name);
    }

    /// Sets how many bytes all files may have together.
    public synchronized void capacity(long bytes) {
        capacity = bytes;
    }

    /// The names of all files.
    public synchronized List<String> files() {
        return names.keySet().stream().filter(name -> names.get(name) instanceof Content).toList();
    }

    /// Gives up what was written to a file since its last good force, as a failed force does.
    synchronized void failForce(String name) {
        if (names.get(name) instanceof Content content) {
            content.failForce();
        }
    }

    @Override
    public synchronized DiskFile open(String name) throws DiskException {
        return new OpenFile(name, content(name), false);
    }

    @Override
    public synchronized DiskFile edit(String name) throws DiskException {
        return new OpenFile(name, content(name), true);
    }

    @Override
    public synchronized DiskFile create(String name) throws DiskException {
        alive();
        if (names.containsKey(name)) {
            throw new DiskException(DiskException.Kind.EXISTS, name + " is there");
        }
        folderOf(name);
        Content content = new Content();
        change(new NameChange("", name, content));
        return new OpenFile(name, content, true);
    }

    @Override
    public synchronized void rename(String from, String to) throws DiskException {
        if (!folder(from).equals(folder(to))) {
            throw new IllegalArgumentException(from + " and " + to + " are in two folders");
        }
        change(new NameChange(from, to, content(from)));
    }

    @Override
    public synchronized void delete(String name) throws DiskException {
        change(new NameChange(name, "", content(name)));
    }

    private void change(NameChange change) {
        change.apply(names);
        String folder = folder(change.from.isEmpty() ? change.to : change.from);
        nameChanges.computeIfAbsent(folder, _ -> new ArrayList<>()).add(change);
    }

    @Override
    public synchronized void createFolder(String name) throws DiskException {
        alive();
        if (!names.containsKey(name)) {
            if (!folder(name).isEmpty()) {
                createFolder(folder(name));
            }
            change(new NameChange("", name, Folder.HERE));
        }
    }

    @Override
    public synchronized void force(String folder) throws DiskException {
        alive();
        if (names.get(folder) != Folder.HERE) {
            throw new DiskException(DiskException.Kind.NOT_FOUND, folder + " is no folder");
        }
        List<NameChange> changes = nameChanges.remove(folder);
        if (changes != null) {
            changes.forEach(change -> change.apply(durableNames));
        }
    }

    @Override
    public synchronized List<String> list(String folder) throws DiskException {
        alive();
        if (names.get(folder) != Folder.HERE) {
            throw new DiskException(DiskException.Kind.NOT_FOUND, folder + " is no folder");
        }
        SortedSet<String> found = new TreeSet<>();
        for (String name : names.keySet()) {
            if (!name.isEmpty() && folder(name).equals(folder)) {
                found.add(name.substring(name.lastIndexOf('/') + 1));
            }
        }
        return List.copyOf(found);
    }

    @Override
    public synchronized boolean exists(String name) throws DiskException {
        alive();
        return names.containsKey(name);
    }

    @Override
    public synchronized long free() throws DiskException {
        alive();
        return capacity == Long.MAX_VALUE ? capacity : Math.max(0, capacity - used());
    }

    private long used() {
        long used = 0;
        for (Node node : names.values()) {
            used += node instanceof Content content ? content.bytes.length : 0;
        }
        return used;
    }

    private Content content(String name) throws DiskException {
        alive();
        if (names.get(name) instanceof Content content) {
            return content;
        }
        throw new DiskException(DiskException.Kind.NOT_FOUND, "there is no file " + name);
    }

    private void folderOf(String name) throws DiskException {
        if (names.get(folder(name)) != Folder.HERE) {
            throw new DiskException(
                    DiskException.Kind.NOT_FOUND, "there is no folder " + folder(name));
        }
    }

    private static String folder(String name) {
        return name.contains("/") ? name.substring(0, name.lastIndexOf('/')) : "";
    }

    private void alive() throws DiskException {
        if (dead) {
            throw new DiskException(DiskException.Kind.FAILED, "the machine is down");
        }
    }

    private final class OpenFile implements DiskFile {
        private final String name;
        private final Content content;
        private final boolean writable;

        OpenFile(String name, Content content, boolean writable) {
            this.name = name;
            this.content = content;
            this.writable = writable;
        }

        @Override
        public int read(ByteBuffer into, long at) throws DiskException {
            synchronized (SimulatedDisk.this) {
                alive();
                int length =
                        (int) Math.max(0, Math.min(into.remaining(), content.bytes.length - at));
                if (length > 0) {
                    into.put(content.bytes, (int) at, length);
                }
                return length;
            }
        }

        @Override
        public void write(ByteBuffer bytes, long at) throws DiskException {
            synchronized (SimulatedDisk.this) {
                writable();
                long room =
                        capacity == Long.MAX_VALUE
                                ? capacity
                                : free() + Math.max(0, content.bytes.length - at);
                int length = (int) Math.max(0, Math.min(bytes.remaining(), room));
                boolean full = length < bytes.remaining();
                byte[] added = new byte[length];
                bytes.get(added);
                content.write(added, at);
                if (full) {
                    throw new DiskException(
                            DiskException.Kind.FULL, "no space left to write " + name);
                }
            }
        }

        @Override
        public void force() throws DiskException {
            synchronized (SimulatedDisk.this) {
                writable();
                content.force();
            }
        }

        @Override
        public void truncate(long size) throws DiskException {
            synchronized (SimulatedDisk.this) {
                writable();
                content.truncate(size);
            }
        }

        @Override
        public long size() throws DiskException {
            synchronized (SimulatedDisk.this) {
                alive();
                return content.bytes.length;
            }
        }

        private void writable() throws DiskException {
            alive();
            if (!writable) {
                throw new IllegalStateException(name + " is open for reading");
            }
        }

        @Override
        public void close() {
            // Closing makes nothing durable.
        }
    }
}
