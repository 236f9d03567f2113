package dev.cairn.testkit.fault;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// A disk that halts the process at its nth changing operation, without a word to anyone. For a JVM
/// of its own.
public final class HaltingDisk implements Disk {
    /// The exit code of a process that was halted.
    public static final int HALTED = 86;

    /// When, relative to the operation.
    public enum When {
        BEFORE,
        /// With half of a write done; for other operations the same as before.
        MIDDLE,
        AFTER
    }

    private final Disk disk;
    private final long nth;
    private final When when;
    private final AtomicLong operations = new AtomicLong();

    /// @param nth from 1; 0 to count only
    public HaltingDisk(Disk disk, long nth, When when) {
        this.disk = disk;
        this.nth = nth;
        this.when = when;
    }

    /// How many operations that change something were asked for.
    public long operations() {
        return operations.get();
    }

    private interface Act {
        void run() throws DiskException;
    }

    /// Counts an operation that is not the disk's, such as a transaction of a catalog. It may halt
    /// here.
    ///
    /// @return what [#end] is told
    public boolean begin() {
        boolean now = operations.incrementAndGet() == nth;
        if (now && when != When.AFTER) {
            Runtime.getRuntime().halt(HALTED);
        }
        return now;
    }

    /// The operation is done. It may halt here.
    public void end(boolean now) {
        if (now) {
            Runtime.getRuntime().halt(HALTED);
        }
    }

    private void change(Act half, Act act) throws DiskException {
        if (when == When.MIDDLE && operations.get() + 1 == nth) {
            half.run();
        }
        boolean now = begin();
        act.run();
        end(now);
    }

    private void change(Act act) throws DiskException {
        change(() -> {}, act);
    }

    @Override
    public DiskFile open(String name) throws DiskException {
        return disk.open(name);
    }

    @Override
    public DiskFile edit(String name) throws DiskException {
        return new File(disk.edit(name));
    }

    @Override
    public DiskFile create(String name) throws DiskException {
        change(() -> disk.create(name).close());
        return new File(disk.edit(name));
    }

    @Override
    public void rename(String from, String to) throws DiskException {
        change(() -> disk.rename(from, to));
    }

    @Override
    public void delete(String name) throws DiskException {
        change(() -> disk.delete(name));
    }

    @Override
    public void createFolder(String name) throws DiskException {
        change(() -> disk.createFolder(name));
    }

    @Override
    public void force(String folder) throws DiskException {
        change(() -> disk.force(folder));
    }

    @Override
    public List<String> list(String folder) throws DiskException {
        return disk.list(folder);
    }

    @Override
    public boolean exists(String name) throws DiskException {
        return disk.exists(name);
    }

    @Override
    public long free() throws DiskException {
        return disk.free();
    }

    private final class File implements DiskFile {
        private final DiskFile file;

        File(DiskFile file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer into, long at) throws DiskException {
            return file.read(into, at);
        }

        @Override
        public void write(ByteBuffer bytes, long at) throws DiskException {
            ByteBuffer half = bytes.slice(bytes.position(), bytes.remaining() / 2);
            change(() -> file.write(half, at), () -> file.write(bytes, at));
        }

        @Override
        public void force() throws DiskException {
            change(file::force);
        }

        @Override
        public void truncate(long size) throws DiskException {
            change(() -> file.truncate(size));
        }

        @Override
        public long size() throws DiskException {
            return file.size();
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
