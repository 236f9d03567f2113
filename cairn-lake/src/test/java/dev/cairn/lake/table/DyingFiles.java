package dev.cairn.lake.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The machine's own files, which take so many changes and then no more, as those of a process that
/// is killed: a write that comes then is done by half.
///
/// Changes are files and folders made, linked, renamed and deleted, writes, and forcings to disk.
final class DyingFiles extends FileSystemProvider {
    private final FileSystemProvider real = Path.of("").getFileSystem().provider();
    private final FileSystem system = new Machine();
    private int left;
    private int done;

    /// @param changes how many are taken
    DyingFiles(int changes) {
        left = changes;
    }

    /// The process is dead.
    static final class Dead extends IOException {
        private static final long serialVersionUID = 1L;

        Dead() {
            super("dead");
        }
    }

    /// A path of the machine, by way of these files.
    Path of(Path path) {
        return (Path)
                Proxy.newProxyInstance(
                        DyingFiles.class.getClassLoader(),
                        new Class<?>[] {Path.class},
                        new Handler(path));
    }

    /// How many changes were made.
    int done() {
        return done;
    }

    private void change() throws Dead {
        if (left == 0) {
            throw new Dead();
        }
        left--;
        done++;
    }

    private static Path real(Path path) {
        return Proxy.isProxyClass(path.getClass())
                        && Proxy.getInvocationHandler(path) instanceof Handler handler
                ? handler.path
                : path;
    }

    private final class Handler implements InvocationHandler {
        private final Path path;

        Handler(Path path) {
            this.path = path;
        }

        @Override
        public @Nullable Object invoke(
                Object proxy, Method method, @Nullable Object @Nullable [] arguments)
                throws Throwable {
            if (method.getName().equals("getFileSystem")) {
                return system;
            }
            var given = arguments == null ? new Object[0] : arguments.clone();
            for (var at = 0; at < given.length; at++) {
                if (given[at] instanceof Path other) {
                    given[at] = real(other);
                }
            }
            try {
                var answer = method.invoke(path, given);
                return answer instanceof Path other ? of(other) : answer;
            } catch (InvocationTargetException failure) {
                throw failure.getCause();
            }
        }
    }

    // ---- changes ------------------------------------------------------------------------------

    @Override
    public FileChannel newFileChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        if (options.contains(StandardOpenOption.CREATE)
                || options.contains(StandardOpenOption.CREATE_NEW)) {
            change();
        }
        return new Channel(real.newFileChannel(real(path), options, attributes));
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
        change();
        real.createDirectory(real(folder), attributes);
    }

    @Override
    public void createLink(Path link, Path existing) throws IOException {
        change();
        real.createLink(real(link), real(existing));
    }

    @Override
    public void delete(Path path) throws IOException {
        change();
        real.delete(real(path));
    }

    @Override
    public boolean deleteIfExists(Path path) throws IOException {
        change();
        return real.deleteIfExists(real(path));
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
        change();
        real.copy(real(source), real(target), options);
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        change();
        real.move(real(source), real(target), options);
    }

    @Override
    public void setAttribute(Path path, String name, Object value, LinkOption... options)
            throws IOException {
        change();
        real.setAttribute(real(path), name, value, options);
    }

    private final class Channel extends FileChannel {
        private final FileChannel file;

        Channel(FileChannel file) {
            this.file = file;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            try {
                change();
            } catch (Dead dead) {
                file.write(bytes.slice(bytes.position(), bytes.remaining() / 2));
                throw dead;
            }
            return file.write(bytes);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            change();
            file.force(metadata);
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            return file.read(into);
        }

        @Override
        public long position() throws IOException {
            return file.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            return file.position(position);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return file.read(into, position);
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
            return file.map(mode, position, size);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            file.close();
        }

        @Override
        public long read(ByteBuffer[] into, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] from, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel truncate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer from, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }

    // ---- all else -----------------------------------------------------------------------------

    @Override
    public DirectoryStream<Path> newDirectoryStream(
            Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
        var paths =
                real.newDirectoryStream(
                        real(folder),
                        path -> {
                            try {
                                return filter.accept(of(path));
                            } catch (IOException failure) {
                                throw new UncheckedIOException(failure);
                            }
                        });
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                var all = paths.iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return all.hasNext();
                    }

                    @Override
                    public Path next() {
                        return of(all.next());
                    }
                };
            }

            @Override
            public void close() throws IOException {
                paths.close();
            }
        };
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
        return real.isSameFile(real(path), real(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return real.isHidden(real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        return real.getFileStore(real(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        real.checkAccess(real(path), modes);
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        return real.getFileAttributeView(real(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(
            Path path, Class<A> type, LinkOption... options) throws IOException {
        return real.readAttributes(real(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
            throws IOException {
        return real.readAttributes(real(path), names, options);
    }

    @Override
    public String getScheme() {
        return "dying";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return system;
    }

    @Override
    public Path getPath(URI uri) {
        return of(Path.of(uri));
    }

    private final class Machine extends FileSystem {
        private final FileSystem files = Path.of("").getFileSystem();

        @Override
        public FileSystemProvider provider() {
            return DyingFiles.this;
        }

        @Override
        public PathMatcher getPathMatcher(String pattern) {
            var matcher = files.getPathMatcher(pattern);
            return path -> matcher.matches(real(path));
        }

        @Override
        public Path getPath(String first, String... more) {
            return of(files.getPath(first, more));
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public String getSeparator() {
            return files.getSeparator();
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            return files.getRootDirectories();
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            return files.getFileStores();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            return files.supportedFileAttributeViews();
        }

        @Override
        public UserPrincipalLookupService getUserPrincipalLookupService() {
            return files.getUserPrincipalLookupService();
        }

        @Override
        public WatchService newWatchService() throws IOException {
            return files.newWatchService();
        }
    }
}
