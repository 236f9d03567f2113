package dev.cairn.testkit.fault;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

/// A [SimulatedDisk] whose operations fail by seed, that can be slow, and that goes down at a
/// chosen operation. It is calm until [#odds] says otherwise.
public final class FaultyDisk implements Disk {
    private final SimulatedDisk disk;
    private final RandomGenerator random;
    private final Semaphore forces = new Semaphore(Integer.MAX_VALUE / 2);
    private int oneIn;
    private long operations;
    private long downAt = Long.MAX_VALUE;
    private final Map<String, Long> badSectors = new HashMap<>();

    /// @param random decides which operations fail, and how
    public FaultyDisk(SimulatedDisk disk, RandomGenerator random) {
        this.disk = disk;
        this.random = random;
    }

    /// Lets one in so many operations fail from now on; none if 0.
    public synchronized void odds(int oneIn) {
        this.oneIn = oneIn;
    }

    /// Lets every read of a file fail that wants the byte at a place; one place a file.
    public synchronized void badSector(String name, long at) {
        badSectors.put(name, at);
    }

    /// Lets all bytes be read again.
    public synchronized void mendSectors() {
        badSectors.clear();
    }

    private synchronized void readSectors(String name, long from, long length)
            throws DiskException {
        Long bad = badSectors.get(name);
        if (bad != null && from <= bad && bad < from + length) {
            throw error("read " + name + " at " + from);
        }
    }

    /// Lets everything fail from the nth changing operation on, counted from now: the machine goes
    /// down in the middle of it.
    public synchronized void downAfter(long operations) {
        downAt = this.operations + operations;
    }

    /// Whether the machine went down.
    public synchronized boolean down() {
        return operations >= downAt;
    }

    /// How many operations that change something were asked for.
    public synchronized long operations() {
        return operations;
    }

    /// Makes the disk so slow that no force of a file ends, until [#go].
    public void stall() {
        forces.drainPermits();
    }

    /// Lets forces end again.
    public void go() {
        forces.release(Integer.MAX_VALUE / 2);
    }

    private enum Fate {
        WORKS,
        FAILS_BEFORE,
        FAILS_AFTER
    }

    private synchronized Fate fateOfChange() {
        operations++;
        if (operations > downAt) {
            return Fate.FAILS_BEFORE;
        }
        if (operations == downAt) {
            return random.nextBoolean() ? Fate.FAILS_BEFORE : Fate.FAILS_AFTER;
        }
        if (oneIn > 0 && random.nextInt(oneIn) == 0) {
            return random.nextBoolean() ? Fate.FAILS_BEFORE : Fate.FAILS_AFTER;
        }
        return Fate.WORKS;
    }

    private synchronized void read() throws DiskException {
        if (down() || (oneIn > 0 && random.nextInt(oneIn) == 0)) {
            throw error("read");
        }
    }

    private static DiskException error(String act) {
        return new DiskException(
                DiskException.Kind.FAILED, "could not " + act + ": Input/output error (simulated)");
    }

    private interface Act {
        void run() throws DiskException;
    }

    private void change(String name, Act act) throws DiskException {
        switch (fateOfChange()) {
            case WORKS -> act.run();
            case FAILS_BEFORE -> throw error(name);
            case FAILS_AFTER -> {
                act.run();
                throw error(name);
            }
        }
    }

    @Override
    public DiskFile open(String name) throws DiskException {
        read();
        return new File(name, disk.open(name));
    }

    @Override
    public DiskFile edit(String name) throws DiskException {
        read();
        return new File(name, disk.edit(name));
    }

    @Override
    public DiskFile create(String name) throws DiskException {
        change("create " + name, () -> disk.create(name).close());
        return new File(name, disk.edit(name));
    }

    @Override
    public void rename(String from, String to) throws DiskException {
        change("rename " + from, () -> disk.rename(from, to));
    }

    @Override
    public void delete(String name) throws DiskException {
        change("delete " + name, () -> disk.delete(name));
    }

    @Override
    public void createFolder(String name) throws DiskException {
        change("create folder " + name, () -> disk.createFolder(name));
    }

    @Override
    public void force(String folder) throws DiskException {
        change("force folder " + folder, () -> disk.force(folder));
    }

    @Override
    public List<String> list(String folder) throws DiskException {
        read();
        return disk.list(folder);
    }

    @Override
    public boolean exists(String name) throws DiskException {
        read();
        return disk.exists(name);
    }

    @Override
    public long free() throws DiskException {
        read();
        return disk.free();
    }

    private final class File implements DiskFile {
        private final String name;
        private final DiskFile file;

        File(String name, DiskFile file) {
            this.name = name;
            this.file = file;
        }

        @Override
        public int read(ByteBuffer into, long at) throws DiskException {
            FaultyDisk.this.read();
            readSectors(name, at, into.remaining());
            return file.read(into, at);
        }

        @Override
        public void write(ByteBuffer bytes, long at) throws DiskException {
            switch (fateOfChange()) {
                case WORKS -> file.write(bytes, at);
                case FAILS_BEFORE -> throw error("write " + name);
                case FAILS_AFTER -> {
                    int part;
                    synchronized (FaultyDisk.this) {
                        part = random.nextInt(bytes.remaining() + 1);
                    }
                    file.write(bytes.slice(bytes.position(), part), at);
                    throw error("write " + name);
                }
            }
        }

        @Override
        public void force() throws DiskException {
            forces.acquireUninterruptibly();
            forces.release();
            switch (fateOfChange()) {
                case WORKS -> file.force();
                case FAILS_BEFORE -> {
                    disk.failForce(name);
                    throw error("force " + name);
                }
                case FAILS_AFTER -> {
                    file.force();
                    throw error("force " + name);
                }
            }
        }

        @Override
        public void truncate(long size) throws DiskException {
            change("truncate " + name, () -> file.truncate(size));
        }

        @Override
        public long size() throws DiskException {
            FaultyDisk.this.read();
            return file.size();
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
