package dev.cairn.gateway.decoding;

import dev.cairn.aws.http.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// A document that may have travelled packed (`Content-Encoding: gzip`), as SDKs send large ones.
///
/// One member without a name or a comment is taken, as SDKs make it: room for other things gives a
/// body a second meaning.
///
/// @param body as it was before it was packed; as it came when it was not
/// @param sound whether it was not packed, or packed as it says, as far as it was read
record Packed(Kept body, boolean sound) {
    private static final int BUFFER_BYTES = 8 << 10;
    private static final int HEADER_BYTES = 10;
    private static final int TRAILER_BYTES = 8;

    /// The flag of texts, the only one that adds nothing to the header.
    private static final int TEXT_FLAG = 1;

    /// How a body says that it is packed, in lower case; empty when it does not.
    static String coding(Headers headers) {
        return String.join(",", headers.all("content-encoding")).strip().toLowerCase(Locale.ROOT);
    }

    /// Unpacks a body that is packed by gzip.
    ///
    /// @param bytesMax of more than so many bytes, the first are given: a little that was sent can
    ///   stand for any amount
    static Packed of(Headers headers, Kept raw, int bytesMax) {
        byte[] in = raw.bytes();
        if (!coding(headers).equals("gzip") || in.length == 0) {
            return new Packed(raw, true);
        }
        if (!hasPlainHeader(in)) {
            return new Packed(new Kept(new byte[0], raw.length(), true), false);
        }
        var out = new ByteArrayOutputStream();
        var crc = new CRC32();
        var inflater = new Inflater(true);
        try {
            inflater.setInput(in, HEADER_BYTES, in.length - HEADER_BYTES);
            var buffer = new byte[BUFFER_BYTES];
            while (true) {
                int room = bytesMax - out.size();
                int count = inflater.inflate(buffer, 0, Math.clamp(room, 1, buffer.length));
                if (count > 0 && room == 0) {
                    return new Packed(new Kept(out.toByteArray(), raw.length(), true), true);
                }
                if (count == 0) {
                    break;
                }
                out.write(buffer, 0, count);
                crc.update(buffer, 0, count);
            }
            boolean whole =
                    inflater.finished()
                            && inflater.getRemaining() == TRAILER_BYTES
                            && fits(in, crc, inflater.getBytesWritten());
            return new Packed(
                    new Kept(out.toByteArray(), raw.length(), raw.cut() || !whole), whole);
        } catch (DataFormatException _) {
            // What is there says perhaps what is asked for; it is no document.
            return new Packed(new Kept(out.toByteArray(), raw.length(), true), false);
        } finally {
            inflater.end();
        }
    }

    private static boolean hasPlainHeader(byte[] in) {
        return in.length > HEADER_BYTES
                && in[0] == 0x1f
                && in[1] == (byte) 0x8b
                && in[2] == 8
                && (in[3] & ~TEXT_FLAG) == 0;
    }

    private static boolean fits(byte[] in, CRC32 crc, long bytes) {
        var trailer =
                ByteBuffer.wrap(in, in.length - TRAILER_BYTES, TRAILER_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        return trailer.getInt() == (int) crc.getValue() && trailer.getInt() == (int) bytes;
    }
}
