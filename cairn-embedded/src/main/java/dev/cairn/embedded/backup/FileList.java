package dev.cairn.embedded.backup;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.embedded.backup.BackupException.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The list of a backup's files, a [BackupFile] a line, in the order of their paths. It is written
/// and read as a stream: an archive may have millions.
final class FileList {
    private FileList() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// Writes a list to a file of its own. It is not forced: it is of use to this process only.
    static final class Writer implements AutoCloseable {
        private static final int BUFFER = 1 << 16;

        private final DiskFile file;
        private final StringBuilder waiting = new StringBuilder();
        private long at;
        private long files;
        private long bytes;

        Writer(Disk disk, String name) throws DiskException {
            if (disk.exists(name)) {
                disk.delete(name);
            }
            this.file = disk.create(name);
        }

        void add(BackupFile one) throws DiskException {
            waiting.append(one.line()).append('\n');
            files++;
            bytes += one.length();
            if (waiting.length() >= BUFFER) {
                flush();
            }
        }

        void flush() throws DiskException {
            byte[] text = waiting.toString().getBytes(UTF_8);
            file.write(ByteBuffer.wrap(text), at);
            at += text.length;
            waiting.setLength(0);
        }

        long files() {
            return files;
        }

        long bytes() {
            return bytes;
        }

        @Override
        public void close() {
            file.close();
        }
    }

    /// Reads a list from its start. For one thread.
    static final class Reader implements AutoCloseable {
        private final BufferedReader lines;
        private @Nullable BackupFile next;

        /// @param list closed with the reader
        Reader(InputStream list) throws BackupException {
            this.lines = new BufferedReader(new InputStreamReader(list, UTF_8));
            advance();
        }

        /// The next file; empty at the end.
        Optional<BackupFile> take() throws BackupException {
            Optional<BackupFile> taken = Optional.ofNullable(next);
            if (taken.isPresent()) {
                advance();
            }
            return taken;
        }

        /// The file of that path, when the list has it. To be asked in the order of paths.
        Optional<BackupFile> at(String path) throws BackupException {
            while (next != null && BackupFile.ORDER.compare(next.path(), path) < 0) {
                advance();
            }
            return next != null && next.path().equals(path) ? Optional.of(next) : Optional.empty();
        }

        private void advance() throws BackupException {
            try {
                String line = lines.readLine();
                next = line == null ? null : BackupFile.of(line);
            } catch (IOException e) {
                throw of(e);
            }
        }

        @Override
        public void close() {
            try {
                lines.close();
            } catch (IOException e) {
                throw new UncheckedIOException("what is read only does not fail to close", e);
            }
        }
    }

    /// What a failure to read bytes of a backup, or of a disk, means.
    static BackupException of(IOException e) {
        return switch (e) {
            case DiskException disk -> BackupPlace.unavailable(disk);
            default ->
                    e.getCause() instanceof BackupException backup
                            ? backup
                            : new BackupException(Kind.UNAVAILABLE, e.toString(), e);
        };
    }
}
