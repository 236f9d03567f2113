package dev.cairn.aws.sigv4;

import dev.cairn.aws.http.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Reads a body framed as `aws-chunked` and gives back what is inside.
///
/// A signed chunk is held back until its signature, which covers that of the chunk before it, has
/// been found true: no byte that is not the signer's is ever handed out. The stream ends only when
/// the last chunk, the trailer and the announced length are in order; everything else is a
/// [ChunkException]. Holds one chunk in memory. For one thread.
public final class AwsChunkedInputStream extends InputStream {

    private static final int LINE_MAX = 8192;
    private static final int TRAILERS_MAX = 64;

    private final InputStream in;
    private final Verdict.@Nullable Verified verified;
    private final boolean trailer;
    private final OptionalLong length;
    private final int chunkBytesMax;
    private String previousSignature;
    private byte[] chunk = new byte[0];
    private int chunkLength;
    private int chunkOffset;
    private long delivered;
    private boolean ended;
    private @Nullable ChunkException failure;
    private Headers trailers = Headers.NONE;

    /// @param in the body as it comes from the wire
    /// @param verified the verdict on the head of the same request, whose payload must be
    ///   [Payload.Chunked]
    /// @param length the value of `x-amz-decoded-content-length`, if sent
    /// @param chunkBytesMax the largest chunk to take
    public AwsChunkedInputStream(
            InputStream in, Verdict.Verified verified, OptionalLong length, int chunkBytesMax) {
        if (!(verified.signed().payload()
                instanceof Payload.Chunked(boolean signed, boolean withTrailer))) {
            throw new IllegalArgumentException(
                    "expected a chunked payload, got " + verified.signed().payload());
        }
        this.in = in;
        this.verified = signed ? verified : null;
        this.trailer = withTrailer;
        this.length = length;
        this.chunkBytesMax = chunkBytesMax;
        this.previousSignature = verified.signed().value();
    }

    /// The header fields after the last chunk, without their signature; none before the end has
    /// been read.
    public Headers trailers() {
        return trailers;
    }

    @Override
    public int read() throws IOException {
        return fill() ? chunk[chunkOffset++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int wanted) throws IOException {
        Objects.checkFromIndexSize(offset, wanted, into.length);
        if (wanted == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(wanted, chunkLength - chunkOffset);
        System.arraycopy(chunk, chunkOffset, into, offset, count);
        chunkOffset += count;
        return count;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /// Sees to it that the current chunk has bytes left; false at the end. What is broken once
    /// stays broken, so that a reader that tries again does not take the failure for the end.
    private boolean fill() throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (chunkOffset == chunkLength && !ended) {
            try {
                nextChunk();
            } catch (ChunkException e) {
                chunkOffset = 0;
                chunkLength = 0;
                failure = e;
                throw e;
            }
        }
        return chunkOffset < chunkLength;
    }

    private void nextChunk() throws IOException {
        String head = line();
        int semicolon = head.indexOf(';');
        int size = size(semicolon < 0 ? head : head.substring(0, semicolon));
        if (delivered + size > length.orElse(Long.MAX_VALUE)) {
            throw broken("more bytes came than x-amz-decoded-content-length says");
        }
        readChunk(size);
        if (verified != null) {
            check(
                    signature(head, semicolon),
                    "AWS4-HMAC-SHA256-PAYLOAD",
                    SigningKeys.sha256Hex("") + "\n" + chunkHash());
        }
        delivered += size;
        if (size > 0) {
            crlf();
            return;
        }
        end();
    }

    private void readChunk(int size) throws IOException {
        // Grows with what really comes: an announced size alone must not cost memory.
        chunkOffset = 0;
        chunkLength = 0;
        while (chunkLength < size) {
            if (chunk.length == chunkLength) {
                chunk = Arrays.copyOf(chunk, Math.min(size, Math.max(8192, 2 * chunk.length)));
            }
            int count = in.read(chunk, chunkLength, Math.min(chunk.length, size) - chunkLength);
            if (count < 0) {
                throw broken("the body ended inside a chunk");
            }
            chunkLength += count;
        }
    }

    private int size(String hex) throws ChunkException {
        if (hex.isEmpty()
                || hex.length() > 8
                || !hex.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128)) {
            throw broken("expected a chunk size in hexadecimal");
        }
        long size = Long.parseLong(hex, 16);
        if (size > chunkBytesMax) {
            throw broken(
                    "a chunk may have at most " + chunkBytesMax + " bytes, this one has " + size);
        }
        return (int) size;
    }

    private static String signature(String head, int semicolon) throws ChunkException {
        String name = ";chunk-signature=";
        if (semicolon < 0 || !head.startsWith(name, semicolon)) {
            throw broken("expected a chunk-signature");
        }
        return head.substring(semicolon + name.length());
    }

    private String chunkHash() {
        MessageDigest digest = SigningKeys.sha256();
        digest.update(chunk, 0, chunkLength);
        return HexFormat.of().formatHex(digest.digest());
    }

    private void check(String signature, String algorithm, String hashes) throws ChunkException {
        var signer = Objects.requireNonNull(verified);
        String expected =
                HexFormat.of()
                        .formatHex(
                                SigningKeys.hmac(
                                        signer.signingKey(),
                                        algorithm
                                                + "\n"
                                                + AmzDate.format(signer.signed().signedAt())
                                                + "\n"
                                                + signer.signed().scope().path()
                                                + "\n"
                                                + previousSignature
                                                + "\n"
                                                + hashes));
        if (!SignatureVerifier.same(expected, signature)) {
            throw new ChunkException(Refusal.MISMATCH, "the signature of a chunk does not match");
        }
        previousSignature = signature;
    }

    private void end() throws IOException {
        if (trailer) {
            readTrailers();
        } else {
            crlf();
        }
        if (length.isPresent() && delivered != length.getAsLong()) {
            throw broken("fewer bytes came than x-amz-decoded-content-length says");
        }
        if (in.read() >= 0) {
            throw broken("bytes follow the last chunk");
        }
        ended = true;
    }

    private void readTrailers() throws IOException {
        var fields = new ArrayList<Headers.Field>();
        String signature = null;
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            if (colon <= 0 || fields.size() == TRAILERS_MAX) {
                throw broken("expected at most " + TRAILERS_MAX + " trailing header fields");
            }
            String name = line.substring(0, colon).toLowerCase(Locale.ROOT).strip();
            String value = line.substring(colon + 1).strip();
            if (name.equals("x-amz-trailer-signature")) {
                signature = value;
            } else if (signature != null) {
                throw broken("a field follows the trailer's signature");
            } else {
                fields.add(new Headers.Field(name, value));
            }
        }
        if (verified != null) {
            var canonical = new StringBuilder();
            fields.forEach(field ->
                    canonical.append(field.name()).append(':').append(field.value()).append('\n'));
            check(
                    signature == null ? "" : signature,
                    "AWS4-HMAC-SHA256-TRAILER",
                    SigningKeys.sha256Hex(canonical.toString()));
        }
        trailers = new Headers(fields);
    }

    private void crlf() throws IOException {
        if (!line().isEmpty()) {
            throw broken("expected the end of a chunk");
        }
    }

    private String line() throws IOException {
        var line = new StringBuilder(96);
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw broken("the body ended before its last chunk");
            }
            if (line.length() == LINE_MAX) {
                throw broken("a line is longer than " + LINE_MAX + " bytes");
            }
            line.append((char) c);
        }
        if (line.isEmpty() || line.charAt(line.length() - 1) != '\r') {
            throw broken("a line must end in CR LF");
        }
        line.setLength(line.length() - 1);
        return new String(
                line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private static ChunkException broken(String message) {
        return new ChunkException(Refusal.INCOMPLETE_BODY, message);
    }

    /// The body breaks the framing or a signature.
    public static final class ChunkException extends IOException {
        private static final long serialVersionUID = 1;

        private final Refusal refusal;

        ChunkException(Refusal refusal, String message) {
            super(message);
            this.refusal = refusal;
        }

        /// What to answer.
        public Refusal refusal() {
            return refusal;
        }
    }
}
