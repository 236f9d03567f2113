package dev.cairn.lake.table;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;

/// The files of a table in a folder of this machine. What was written is durable (fsync) when it is
/// closed.
///
/// Iceberg names files by their whole path. Those of a folder that was moved since are found where
/// it is now.
final class FolderFiles implements FileIO {
    private static final long serialVersionUID = 1L;

    private final transient Path folder;
    private final String location;

    /// @param location what the folder is called in the table's metadata
    FolderFiles(Path folder, String location) {
        this.folder = folder;
        this.location = location;
    }

    /// Where a file of the table is.
    Path path(String name) {
        return name.startsWith(location + "/")
                ? folder.resolve(name.substring(location.length() + 1))
                : Path.of(name);
    }

    @Override
    public InputFile newInputFile(String name) {
        return new Input(name, path(name));
    }

    @Override
    public OutputFile newOutputFile(String name) {
        return new Output(name, path(name));
    }

    @Override
    public void deleteFile(String name) {
        try {
            Files.deleteIfExists(path(name));
            Files.deleteIfExists(EventIdIndex.of(path(name)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Makes names in a folder durable.
    static void force(Path folder) throws IOException {
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private record Input(String location, Path path) implements InputFile {
        @Override
        public long getLength() {
            try {
                return Files.size(path);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        public SeekableInputStream newStream() {
            try {
                return new In(FileChannel.open(path, StandardOpenOption.READ));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        public boolean exists() {
            return Files.exists(path);
        }
    }

    private record Output(String location, Path path) implements OutputFile {
        @Override
        public PositionOutputStream create() {
            return open(StandardOpenOption.CREATE_NEW);
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            return open(StandardOpenOption.CREATE);
        }

        private PositionOutputStream open(StandardOpenOption how) {
            try {
                Files.createDirectories(path.getParent());
                var channel =
                        FileChannel.open(
                                path,
                                how,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.TRUNCATE_EXISTING);
                return new Out(channel);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        public InputFile toInputFile() {
            return new Input(location, path);
        }
    }

    private static final class In extends SeekableInputStream {
        private final FileChannel channel;
        private final java.io.InputStream in;

        In(FileChannel channel) {
            this.channel = channel;
            this.in = java.nio.channels.Channels.newInputStream(channel);
        }

        @Override
        public long getPos() throws IOException {
            return channel.position();
        }

        @Override
        public void seek(long position) throws IOException {
            channel.position(position);
        }

        @Override
        public int read() throws IOException {
            return in.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return in.read(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private static final class Out extends PositionOutputStream {
        private static final int BUFFER_BYTES = 1 << 16;

        private final FileChannel channel;
        private final OutputStream out;
        private long position;

        Out(FileChannel channel) {
            this.channel = channel;
            this.out =
                    new java.io.BufferedOutputStream(
                            new OutputStream() {
                                @Override
                                public void write(int b) throws IOException {
                                    write(new byte[] {(byte) b}, 0, 1);
                                }

                                @Override
                                public void write(byte[] bytes, int offset, int length)
                                        throws IOException {
                                    var buffer = ByteBuffer.wrap(bytes, offset, length);
                                    while (buffer.hasRemaining()) {
                                        channel.write(buffer);
                                    }
                                }
                            },
                            BUFFER_BYTES);
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            position++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            position += length;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            if (channel.isOpen()) {
                try (channel) {
                    out.flush();
                    channel.force(true);
                }
            }
        }
    }
}
