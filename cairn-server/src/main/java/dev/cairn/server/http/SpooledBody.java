package dev.cairn.server.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A request body taken in whole before anything is done with it, so that its signed hash can be
/// checked first: in memory up to [#MEMORY_BYTES_MAX], beyond that in a temporary file.
public final class SpooledBody implements AutoCloseable {
    static final int MEMORY_BYTES_MAX = 4 << 20;
    private static final int MEMORY_BYTES_FIRST = 64 << 10;
    private static final Logger LOG = LoggerFactory.getLogger(SpooledBody.class);

    private final byte[] memory;
    private final @Nullable Path file;
    private final long length;
    private final String sha256;

    private SpooledBody(byte[] memory, @Nullable Path file, long length, String sha256) {
        this.memory = memory;
        this.file = file;
        this.length = length;
        this.sha256 = sha256;
    }

    /// Whether a body is, or may be, more than is kept in memory.
    public static boolean mayNeedDisk(Exchange exchange) {
        return exchange.contentLength() < 0 || exchange.contentLength() > MEMORY_BYTES_MAX;
    }

    /// Reads a body to its end.
    ///
    /// @param folder where a large body goes while it is worked on
    /// @throws BodyException when it has more bytes than allowed, is too slow, or stops early
    public static SpooledBody read(Exchange exchange, long bytesMax, Path folder)
            throws IOException {
        if (exchange.contentLength() > bytesMax) {
            throw tooLarge(bytesMax);
        }
        var digest = newDigest();
        // Grows with what comes: an announced length costs a stranger nothing.
        var memory = new byte[Math.clamp(exchange.contentLength(), 8192, MEMORY_BYTES_FIRST)];
        var in = exchange.body();
        var length = 0;
        while (true) {
            if (length == memory.length) {
                if (memory.length >= MEMORY_BYTES_MAX) {
                    return toFile(exchange, in, memory, digest, bytesMax, folder);
                }
                memory = Arrays.copyOf(memory, Math.min(MEMORY_BYTES_MAX, memory.length * 2));
            }
            var read = in.read(memory, length, memory.length - length);
            if (read < 0) {
                break;
            }
            length += read;
            if (length > bytesMax) {
                throw tooLarge(bytesMax);
            }
        }
        whole(exchange, length);
        digest.update(memory, 0, length);
        return new SpooledBody(
                Arrays.copyOf(memory, length),
                null,
                length,
                HexFormat.of().formatHex(digest.digest()));
    }

    /// A body that is there already.
    public static SpooledBody of(byte[] bytes) {
        return new SpooledBody(
                bytes, null, bytes.length, HexFormat.of().formatHex(newDigest().digest(bytes)));
    }

    private static SpooledBody toFile(
            Exchange exchange,
            InputStream in,
            byte[] start,
            MessageDigest digest,
            long bytesMax,
            Path folder)
            throws IOException {
        var file = newFile(folder);
        try (OutputStream out = Files.newOutputStream(file)) {
            long length = start.length;
            write(out, start, start.length);
            digest.update(start);
            var buffer = new byte[1 << 16];
            for (var read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                length += read;
                if (length > bytesMax) {
                    throw tooLarge(bytesMax);
                }
                digest.update(buffer, 0, read);
                write(out, buffer, read);
            }
            whole(exchange, length);
            return new SpooledBody(
                    new byte[0], file, length, HexFormat.of().formatHex(digest.digest()));
        } catch (IOException | RuntimeException failure) {
            Files.deleteIfExists(file);
            throw failure;
        }
    }

    private static Path newFile(Path folder) throws BodyException {
        try {
            return Files.createTempFile(folder, "body-", ".spool");
        } catch (IOException failure) {
            throw noRoom(failure);
        }
    }

    private static void write(OutputStream out, byte[] bytes, int length) throws BodyException {
        try {
            out.write(bytes, 0, length);
        } catch (IOException failure) {
            throw noRoom(failure);
        }
    }

    private static BodyException noRoom(IOException cause) {
        LOG.warn("a request body cannot be kept: {}", cause.toString());
        return new BodyException(
                BodyException.Kind.NO_ROOM, "there is no room for the request body at the moment");
    }

    private static void whole(Exchange exchange, long length) throws BodyException {
        if (exchange.contentLength() >= 0 && length != exchange.contentLength()) {
            throw new BodyException(
                    BodyException.Kind.INCOMPLETE,
                    "expected a body of %d bytes, got %d"
                            .formatted(exchange.contentLength(), length));
        }
    }

    private static BodyException tooLarge(long bytesMax) {
        return new BodyException(
                BodyException.Kind.TOO_LARGE, "expected a body of at most " + bytesMax + " bytes");
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /// The SHA-256 of the bytes, in lower-case hex.
    public String sha256() {
        return sha256;
    }

    public long length() {
        return length;
    }

    /// The bytes, from the start; may be opened again.
    public InputStream open() throws IOException {
        return file == null ? new ByteArrayInputStream(memory) : Files.newInputStream(file);
    }

    /// All bytes in memory.
    public byte[] bytes() throws IOException {
        return file == null ? memory : Files.readAllBytes(file);
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            Files.deleteIfExists(file);
        }
    }
}
