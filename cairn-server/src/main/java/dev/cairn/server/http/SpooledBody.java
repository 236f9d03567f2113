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
/// checked first: in memory up to [#MEMORY_BYTES_MAX], beyond that in a temporary file. What it
/// takes of memory is its share of [Bodies], given back when it is closed.
public final class SpooledBody implements AutoCloseable {
    static final int MEMORY_BYTES_MAX = 4 << 20;
    private static final int FILE_BUFFER_BYTES = 64 << 10;
    private static final int MEMORY_BYTES_LEAST = 8 << 10;
    private static final int MEMORY_BYTES_FIRST = 256 << 10;
    private static final int STRANGERS_BYTES_FIRST = 64 << 10;
    private static final Logger LOG = LoggerFactory.getLogger(SpooledBody.class);

    private final byte[] memory;
    private final @Nullable Path file;
    private final long length;

    /// Of a body in a file, made while it was written; one in memory is hashed when asked for.
    private final @Nullable String fileSha256;

    private final Bodies.@Nullable Share share;
    private long taken;

    private SpooledBody(
            byte[] memory,
            @Nullable Path file,
            long length,
            @Nullable String fileSha256,
            Bodies.@Nullable Share share) {
        this.memory = memory;
        this.file = file;
        this.length = length;
        this.fileSha256 = fileSha256;
        this.share = share;
    }

    /// Reads a body to its end.
    ///
    /// @param stranger whether nothing is proved about its sender before the body is there; such a
    ///   body is never spooled to disk
    /// @throws BodyException when it has more bytes than allowed, is too slow, or stops early, or
    ///   when there is no room for it
    public static SpooledBody read(
            Exchange exchange, long bytesMax, boolean stranger, Bodies bodies) throws IOException {
        if (exchange.contentLength() > bytesMax) {
            throw tooLarge(bytesMax);
        }
        if (stranger && exchange.contentLength() > MEMORY_BYTES_MAX) {
            throw noHash();
        }
        var share = bodies.share(exchange.remoteAddress(), stranger);
        try {
            return read(exchange, bytesMax, share, bodies.folder());
        } catch (IOException | RuntimeException failure) {
            share.close();
            throw failure;
        }
    }

    private static SpooledBody read(
            Exchange exchange, long bytesMax, Bodies.Share share, Path folder) throws IOException {
        // Grows with what comes: an announced length alone costs nobody much.
        var first =
                Math.clamp(
                        exchange.contentLength(),
                        MEMORY_BYTES_LEAST,
                        share.stranger() ? STRANGERS_BYTES_FIRST : MEMORY_BYTES_FIRST);
        share.hold(first);
        var memory = new byte[first];
        var in = exchange.body();
        var length = 0;
        while (true) {
            if (length == memory.length) {
                var next = in.read();
                if (next < 0) {
                    break;
                }
                if (memory.length >= MEMORY_BYTES_MAX) {
                    if (share.stranger()) {
                        throw noHash();
                    }
                    return toFile(exchange, in, memory, next, bytesMax, folder, share);
                }
                var more = Math.min(MEMORY_BYTES_MAX, memory.length * 2);
                share.hold(more);
                memory = Arrays.copyOf(memory, more);
                memory[length++] = (byte) next;
            }
            var read = in.read(memory, length, memory.length - length);
            length += Math.max(0, read);
            if (length > bytesMax) {
                throw tooLarge(bytesMax);
            }
            if (read < 0) {
                break;
            }
        }
        whole(exchange, length);
        share.hold(length);
        return new SpooledBody(
                length == memory.length ? memory : Arrays.copyOf(memory, length),
                null,
                length,
                null,
                share);
    }

    /// A body that is there already.
    public static SpooledBody of(byte[] bytes) {
        return new SpooledBody(bytes, null, bytes.length, null, null);
    }

    private static SpooledBody toFile(
            Exchange exchange,
            InputStream in,
            byte[] start,
            int next,
            long bytesMax,
            Path folder,
            Bodies.Share share)
            throws IOException {
        var digest = newDigest();
        var file = newFile(folder);
        try (OutputStream out = Files.newOutputStream(file)) {
            long length = start.length + 1L;
            if (length > bytesMax) {
                throw tooLarge(bytesMax);
            }
            write(out, start, start.length);
            digest.update(start);
            var buffer = new byte[FILE_BUFFER_BYTES];
            buffer[0] = (byte) next;
            write(out, buffer, 1);
            digest.update(buffer, 0, 1);
            share.hold(FILE_BUFFER_BYTES);
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
                    new byte[0], file, length, HexFormat.of().formatHex(digest.digest()), share);
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

    private static BodyException noHash() {
        return new BodyException(
                BodyException.Kind.NO_HASH,
                "expected the header x-amz-content-sha256 with a body of more than "
                        + MEMORY_BYTES_MAX
                        + " bytes, so that the signature can be checked before the body is taken in, got none");
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
        return fileSha256 == null
                ? HexFormat.of().formatHex(newDigest().digest(memory))
                : fileSha256;
    }

    public long length() {
        return length;
    }

    /// Its sender has proved who they are.
    public void known() {
        if (share != null) {
            share.known();
        }
    }

    /// Reserves memory for what is made of it, besides its own bytes; until it is closed.
    ///
    /// @throws BodyException NO_ROOM when there is not as much
    public void reserve(long more) throws BodyException {
        if (share != null) {
            share.hold((file == null ? length : FILE_BUFFER_BYTES) + taken + more);
            taken += more;
        }
    }

    /// As [#reserve], as long as half of the memory for bodies stays free for others.
    ///
    /// @return false when it would not
    public boolean reserveSpare(long more) {
        if (share != null
                && !share.holdSpare((file == null ? length : FILE_BUFFER_BYTES) + taken + more)) {
            return false;
        }
        taken += more;
        return true;
    }

    /// The bytes, from the start; may be opened again.
    public InputStream open() throws IOException {
        return file == null ? new ByteArrayInputStream(memory) : Files.newInputStream(file);
    }

    /// All bytes in memory.
    public byte[] bytes() throws IOException {
        if (file == null) {
            return memory;
        }
        reserve(length);
        return Files.readAllBytes(file);
    }

    @Override
    public void close() throws IOException {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } finally {
            if (share != null) {
                share.close();
            }
        }
    }
}
