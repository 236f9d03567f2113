package dev.cairn.proof;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Unpacks gzip (RFC 1952) strictly: every checksum holds and nothing stands behind the last
/// member, where `GZIPInputStream` would pass over it.
///
/// What the format does not check stays unchecked: a member's time and system, which are no part of
/// the content.
final class Gunzip {
    private static final int BUFFER_BYTES = 32 * 1024;
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private final InputStream packed;
    private final Sink sink;
    private final long bytesMax;
    private final byte[] in = new byte[BUFFER_BYTES];
    private int at;
    private int end;
    private long total;

    private Gunzip(InputStream packed, Sink sink, long bytesMax) {
        this.packed = packed;
        this.sink = sink;
        this.bytesMax = bytesMax;
    }

    /// Takes unpacked bytes, piece by piece.
    @FunctionalInterface
    interface Sink {
        void take(byte[] bytes, int offset, int length);
    }

    /// Unpacks all of a stream.
    ///
    /// @param bytesMax the most bytes it may unpack to
    /// @return how many bytes it unpacked to
    /// @throws Malformed when it is not gzip through and through, or too large
    /// @throws IOException when the stream fails
    static long unpack(InputStream packed, long bytesMax, Sink sink) throws IOException {
        Gunzip gunzip = new Gunzip(packed, sink, bytesMax);
        Inflater inflater = new Inflater(true);
        try {
            do {
                gunzip.member(inflater);
                inflater.reset();
            } while (!gunzip.atEnd());
        } finally {
            inflater.end();
        }
        return gunzip.total;
    }

    private void member(Inflater inflater) throws IOException {
        header();
        CRC32 crc = new CRC32();
        byte[] out = new byte[BUFFER_BYTES];
        long size = 0;
        while (!inflater.finished()) {
            if (inflater.needsInput()) {
                if (atEnd()) {
                    throw new Malformed("the gzip data breaks off");
                }
                inflater.setInput(in, at, end - at);
                at = end;
            }
            int length;
            try {
                length = inflater.inflate(out);
            } catch (DataFormatException e) {
                throw new Malformed("the gzip data is damaged", e);
            }
            if (length == 0 && inflater.needsDictionary()) {
                throw new Malformed("the gzip data asks for a dictionary");
            }
            crc.update(out, 0, length);
            sink.take(out, 0, length);
            size += length;
            total += length;
            if (total > bytesMax) {
                throw new Malformed("unpacks to more than %d bytes".formatted(bytesMax));
            }
        }
        at = end - inflater.getRemaining();
        if (number() != crc.getValue() || number() != (size & 0xffff_ffffL)) {
            throw new Malformed("the gzip checksum does not hold");
        }
    }

    private void header() throws IOException {
        if (one() != 0x1f || one() != 0x8b || one() != 8) {
            throw new Malformed("expected gzip data");
        }
        int flags = one();
        if ((flags & RESERVED) != 0) {
            throw new Malformed("the gzip header is damaged");
        }
        skip(6);
        if ((flags & EXTRA) != 0) {
            skip(one() | one() << 8);
        }
        for (int text : new int[] {NAME, COMMENT}) {
            if ((flags & text) != 0) {
                while (one() != 0) {
                    // Up to the zero byte at its end.
                }
            }
        }
        if ((flags & HEADER_CRC) != 0) {
            skip(2);
        }
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            one();
        }
    }

    private long number() throws IOException {
        return one() | one() << 8 | one() << 16 | (long) one() << 24;
    }

    private int one() throws IOException {
        if (atEnd()) {
            throw new Malformed("the gzip data breaks off");
        }
        return in[at++] & 0xff;
    }

    private boolean atEnd() throws IOException {
        while (at == end) {
            int read = packed.read(in);
            if (read < 0) {
                return true;
            }
            at = 0;
            end = read;
        }
        return false;
    }
}
