package dev.cairn.server.command;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// A log file that somebody else goes on writing, read in whole lines from where it was left.
///
/// It may be renamed, and a new one begun in its place, as logrotate does: the old one is read to
/// its end first, also by a process that starts later, as long as it lies in the same folder and
/// unpacked. What can no longer be read is told.
final class FollowedFile implements AutoCloseable {
    private static final int LINE_BYTES_MAX = 4 << 20;
    private static final long HEAD_BYTES = 256;

    private final Path file;
    private final int batchBytes;
    private final Consumer<String> warnings;
    private @Nullable FileChannel channel;
    private Mark mark;

    /// How far a file was read.
    ///
    /// @param key the file's, whatever its name; empty for none yet
    /// @param offset of the first byte that was not
    /// @param head sum of its first bytes, for a file system gives a key again when a file is gone
    record Mark(String key, long offset, long head) {
        static final Mark START = new Mark("", 0, 0);
    }

    /// Some lines.
    ///
    /// @param bytes whole lines
    /// @param next where the file is read on when they are dealt with
    @SuppressWarnings("ArrayRecordComponent") // Handed on once, never compared.
    record Lines(byte[] bytes, Mark next) {}

    /// @param mark where it was left
    /// @param batchBytes about how much is read at once
    /// @param warnings told what is lost
    FollowedFile(Path file, Mark mark, int batchBytes, Consumer<String> warnings) {
        this.file = file.toAbsolutePath();
        this.mark = mark;
        this.batchBytes = batchBytes;
        this.warnings = warnings;
    }

    /// The next lines; empty when there are none yet. The same again until [#done] is called.
    Optional<Lines> next() throws IOException {
        if (channel == null && !open()) {
            return Optional.empty();
        }
        var lines = read(false);
        if (lines.isPresent() || !isReplaced()) {
            return lines;
        }
        // Whoever writes has begun the new file, so this is all of the old one.
        lines = read(true);
        if (lines.isPresent()) {
            return lines;
        }
        close();
        mark = Mark.START;
        return open() ? read(false) : Optional.empty();
    }

    /// They are dealt with.
    void done(Lines lines) {
        mark = lines.next();
    }

    private boolean open() throws IOException {
        var found = mark.key().isEmpty() ? file : marked(mark);
        if (found == null) {
            warnings.accept(
                    "the file that was read up to byte %d is gone: what was written to it after that is not read"
                            .formatted(mark.offset()));
            mark = Mark.START;
            found = file;
        }
        try {
            channel = FileChannel.open(found, StandardOpenOption.READ);
            mark = new Mark(key(found), mark.offset(), mark.head());
            return true;
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    private @Nullable Path marked(Mark wanted) throws IOException {
        var name = String.valueOf(file.getFileName());
        try (var siblings =
                Files.newDirectoryStream(
                        Objects.requireNonNull(file.getParent(), "a file is in a folder"),
                        sibling -> String.valueOf(sibling.getFileName()).startsWith(name))) {
            for (var sibling : siblings) {
                if (key(sibling).equals(wanted.key()) && hasHead(sibling, wanted)) {
                    return sibling;
                }
            }
        }
        return null;
    }

    private static boolean hasHead(Path path, Mark wanted) throws IOException {
        try (var there = FileChannel.open(path, StandardOpenOption.READ)) {
            // One that is shorter was cut off: that is told when it is read.
            return there.size() < wanted.offset() || head(there, wanted.offset()) == wanted.head();
        }
    }

    private static long head(FileChannel file, long offset) throws IOException {
        var sum = new CRC32C();
        sum.update(bytes(file, 0, Math.min(offset, HEAD_BYTES)));
        return sum.getValue();
    }

    private static byte[] bytes(FileChannel file, long offset, long length) throws IOException {
        var buffer = ByteBuffer.allocate((int) length);
        while (buffer.hasRemaining() && file.read(buffer, offset + buffer.position()) >= 0) {
            // Until it is full, or the file was cut off.
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    /// @return empty for a file that is just going
    private static String key(Path path) throws IOException {
        try {
            return String.valueOf(Files.readAttributes(path, BasicFileAttributes.class).fileKey());
        } catch (NoSuchFileException _) {
            return "";
        }
    }

    /// @param last whether what has no end of line is a line all the same
    private Optional<Lines> read(boolean last) throws IOException {
        var open = channel;
        if (open == null) {
            return Optional.empty();
        }
        var size = open.size();
        if (size < mark.offset()) {
            warnings.accept(
                    "%s was cut off below byte %d: it is read from its start"
                            .formatted(file, mark.offset()));
            mark = new Mark(mark.key(), 0, 0);
        }
        for (var length = Math.min(batchBytes, size - mark.offset());
                length > 0;
                length = Math.min(2 * length, size - mark.offset())) {
            var bytes = bytes(open, mark.offset(), length);
            var atEnd = mark.offset() + length >= size;
            var end = last && atEnd ? bytes.length : lineEnd(bytes);
            if (end > 0) {
                return Optional.of(
                        new Lines(
                                Arrays.copyOf(bytes, end),
                                new Mark(
                                        mark.key(),
                                        mark.offset() + end,
                                        head(open, mark.offset() + end))));
            }
            if (atEnd) {
                break;
            }
            if (length > LINE_BYTES_MAX) {
                throw new IOException(
                        "expected lines of at most %d bytes, got a longer one at byte %d of %s"
                                .formatted(LINE_BYTES_MAX, mark.offset(), file));
            }
        }
        return Optional.empty();
    }

    /// Behind the last end of a line; 0 when there is none.
    private static int lineEnd(byte[] bytes) {
        var end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    /// Whether another file has its name, and is written to.
    private boolean isReplaced() throws IOException {
        try {
            return Files.size(file) > 0 && !key(file).equals(mark.key());
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }
}
