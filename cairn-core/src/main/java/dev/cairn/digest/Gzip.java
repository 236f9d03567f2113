package dev.cairn.digest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// How log files and digests are packed. Without a time in the header: the same content gives the
/// same bytes.
public final class Gzip {
    private static final int BUFFER = 1 << 16;

    private Gzip() {}

    /// A stream that packs what is written to it.
    ///
    /// @param level 1 (fast) to 9 (small)
    public static OutputStream packing(OutputStream out, int level) throws IOException {
        return new GZIPOutputStream(out, BUFFER) {
            {
                def.setLevel(level);
            }
        };
    }

    /// @param level 1 (fast) to 9 (small)
    public static byte[] pack(byte[] content, int level) {
        var packed = new ByteArrayOutputStream();
        try (OutputStream out = packing(packed, level)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException("a ByteArrayOutputStream does no I/O", e);
        }
        return packed.toByteArray();
    }

    /// The lower-case hex SHA-256 of what is packed in a stream.
    ///
    /// @throws IOException when it is not gzip, or cannot be read
    public static String unpackedHash(InputStream packed) throws IOException {
        MessageDigest hash = Hashes.sha256();
        try (var unpacked = new GZIPInputStream(packed, BUFFER)) {
            byte[] buffer = new byte[BUFFER];
            for (int read = unpacked.read(buffer); read >= 0; read = unpacked.read(buffer)) {
                hash.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(hash.digest());
    }
}
