package dev.cairn.embedded.disk;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// A folder of the machine's file system. It forces with fdatasync, folders with fsync.
public final class RealDisk implements Disk {
    private final Path root;

    /// @param root a folder that exists
    public RealDisk(Path root) {
        this.root = root;
    }

    @Override
    public DiskFile open(String name) throws DiskException {
        return channel(name, Set.of(StandardOpenOption.READ));
    }

    @Override
    public DiskFile edit(String name) throws DiskException {
        return channel(name, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public DiskFile create(String name) throws DiskException {
        return channel(
                name,
                Set.of(
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE_NEW));
    }

    private DiskFile channel(String name, Set<StandardOpenOption> options) throws DiskException {
        try {
            return new ChannelFile(name, FileChannel.open(path(name), options));
        } catch (IOException e) {
            throw failed("open", name, e);
        }
    }

    @Override
    public void rename(String from, String to) throws DiskException {
        try {
            Files.move(
                    path(from),
                    path(to),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw failed("rename", from, e);
        }
    }

    @Override
    public void delete(String name) throws DiskException {
        try {
            Files.delete(path(name));
        } catch (IOException e) {
            throw failed("delete", name, e);
        }
    }

    @Override
    public void createFolder(String name) throws DiskException {
        try {
            Files.createDirectories(path(name));
        } catch (IOException e) {
            throw failed("create folder", name, e);
        }
    }

    @Override
    public void force(String folder) throws DiskException {
        try (FileChannel channel = FileChannel.open(path(folder), StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw failed("force folder", folder, e);
        }
    }

    @Override
    public List<String> list(String folder) throws DiskException {
        try (Stream<Path> paths = Files.list(path(folder))) {
            return paths.map(path -> String.valueOf(path.getFileName())).sorted().toList();
        } catch (IOException e) {
            throw failed("list", folder, e);
        }
    }

    @Override
    public boolean exists(String name) {
        return Files.exists(path(name));
    }

    @Override
    public long free() throws DiskException {
        try {
            return Files.getFileStore(root).getUsableSpace();
        } catch (IOException e) {
            throw failed("ask for the free space of", root.toString(), e);
        }
    }

    private Path path(String name) {
        return name.isEmpty() ? root : root.resolve(name);
    }

    private static DiskException failed(String act, String name, IOException e) {
        return new DiskException(kind(e), "could not " + act + " " + name + ": " + e, e);
    }

    private static DiskException.Kind kind(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> DiskException.Kind.NOT_FOUND;
            // There is no such folder, but a file.
            case NotDirectoryException _ -> DiskException.Kind.NOT_FOUND;
            case FileAlreadyExistsException _ -> DiskException.Kind.EXISTS;
            default -> isFull(e) ? DiskException.Kind.FULL : DiskException.Kind.FAILED;
        };
    }

    /// Java keeps the errno only as the C library's words for it.
    private static boolean isFull(IOException e) {
        String words = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return words.contains("no space left") || words.contains("quota exceeded");
    }

    private record ChannelFile(String name, FileChannel channel) implements DiskFile {

        @Override
        public int read(ByteBuffer into, long at) throws DiskException {
            int total = 0;
            try {
                while (into.hasRemaining()) {
                    int n = channel.read(into, at + total);
                    if (n < 0) {
                        break;
                    }
                    total += n;
                }
            } catch (IOException e) {
                throw failed("read", name, e);
            }
            return total;
        }

        @Override
        public void write(ByteBuffer bytes, long at) throws DiskException {
            try {
                long to = at;
                while (bytes.hasRemaining()) {
                    to += channel.write(bytes, to);
                }
            } catch (IOException e) {
                throw failed("write", name, e);
            }
        }

        @Override
        public void force() throws DiskException {
            try {
                // The file's size is metadata that fdatasync does write, as reading needs it.
                channel.force(false);
            } catch (IOException e) {
                throw failed("force", name, e);
            }
        }

        @Override
        public void truncate(long size) throws DiskException {
            try {
                channel.truncate(size);
            } catch (IOException e) {
                throw failed("truncate", name, e);
            }
        }

        @Override
        public long size() throws DiskException {
            try {
                return channel.size();
            } catch (IOException e) {
                throw failed("ask for the size of", name, e);
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException _) {
                // Whatever had to be durable was forced before: a failed close takes nothing back.
            }
        }
    }
}
