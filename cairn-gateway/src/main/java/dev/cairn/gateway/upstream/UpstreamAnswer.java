package dev.cairn.gateway.upstream;

import dev.cairn.aws.http.Headers;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/// An answer of the upstream, its body read as it comes. One thread uses it, and closes it.
public final class UpstreamAnswer implements AutoCloseable {
    private static final int CHUNK_LINE_BYTES_MAX = 1024;
    private static final int CHUNK_DIGITS_MAX = 15;

    /// How the end of a body is told.
    private enum Framing {
        NONE,
        LENGTH,
        CHUNKS,
        END_OF_CONNECTION
    }

    private final Connection connection;
    private final Sending sending;
    private final AnswerHead head;
    private final Framing framing;
    private final long length;
    private final boolean keepsAlive;
    private final Runnable rest;
    private final Runnable release;

    /// What is left of the body, or of the present chunk.
    private long left;

    private boolean inChunk;
    private boolean ended;
    private boolean closed;
    private boolean callTaken;
    private Headers trailers = Headers.NONE;

    /// @param rest what gives the connection back for another call
    /// @param release what ends it
    UpstreamAnswer(
            Connection connection,
            Sending sending,
            AnswerHead head,
            boolean headAsked,
            Runnable rest,
            Runnable release)
            throws UpstreamException {
        this.connection = connection;
        this.sending = sending;
        this.head = head;
        this.rest = rest;
        this.release = release;
        var encodings = head.headers().all("transfer-encoding");
        var announced = announced(head.headers());
        if (headAsked || head.status() == 204 || head.status() == 304) {
            framing = Framing.NONE;
        } else if (!encodings.isEmpty()) {
            if (announced >= 0
                    || encodings.size() > 1
                    || !encodings.getFirst().strip().equalsIgnoreCase("chunked")) {
                throw Connection.malformed(
                        "either a length or chunks", "Transfer-Encoding: " + encodings);
            }
            framing = Framing.CHUNKS;
        } else {
            framing = announced >= 0 ? Framing.LENGTH : Framing.END_OF_CONNECTION;
        }
        length = framing == Framing.LENGTH ? announced : -1;
        left = framing == Framing.LENGTH ? announced : 0;
        ended = framing == Framing.NONE || (framing == Framing.LENGTH && announced == 0);
        keepsAlive =
                framing != Framing.END_OF_CONNECTION
                        && !connection.old()
                        && head.headers().all("connection").stream()
                                .noneMatch(
                                        value -> value.toLowerCase(Locale.ROOT).contains("close"));
    }

    private static long announced(Headers headers) throws UpstreamException {
        List<String> values = headers.all("content-length");
        if (values.isEmpty()) {
            return -1;
        }
        var first = values.getFirst();
        if (!values.stream().allMatch(first::equals)
                || first.isEmpty()
                || first.length() > 18
                || !first.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw Connection.malformed("one length", "Content-Length: " + values);
        }
        return Long.parseLong(first);
    }

    public AnswerHead head() {
        return head;
    }

    /// The body's bytes as announced; -1 when it goes in chunks or ends with the connection.
    public long length() {
        return length;
    }

    /// Whether a body may follow, be it empty.
    public boolean hasBody() {
        return framing != Framing.NONE;
    }

    /// Whether the body was read to its end.
    public boolean ended() {
        return ended;
    }

    /// What came behind the last chunk; known when the body has ended.
    public Headers trailers() {
        return trailers;
    }

    /// Reads the body.
    ///
    /// @param patienceNanos how long to wait for the first byte; 0: as long as the upstream may be
    ///   silent
    /// @return how many bytes; 0 when none came in time; -1 at the body's end
    /// @throws UpstreamException CUT, TIMEOUT, RESET, MALFORMED
    public int read(byte[] into, int offset, int length, long patienceNanos) throws IOException {
        if (ended) {
            return -1;
        }
        try {
            return switch (framing) {
                case NONE -> -1;
                case LENGTH -> ofLength(into, offset, length, patienceNanos);
                case CHUNKS -> ofChunks(into, offset, length, patienceNanos);
                case END_OF_CONNECTION -> {
                    var read = connection.read(into, offset, length, patienceNanos);
                    ended = read < 0;
                    yield read;
                }
            };
        } catch (UpstreamException failure) {
            throw failure.kind() == UpstreamException.Kind.RESET
                    ? new UpstreamException(UpstreamException.Kind.CUT, failure.message(), failure)
                    : failure;
        }
    }

    private int ofLength(byte[] into, int offset, int length, long patienceNanos)
            throws IOException {
        var read = connection.read(into, offset, (int) Math.min(length, left), patienceNanos);
        if (read < 0) {
            throw Connection.cut();
        }
        left -= read;
        ended = left == 0;
        return read;
    }

    private int ofChunks(byte[] into, int offset, int length, long patienceNanos)
            throws IOException {
        if (left == 0) {
            if (patienceNanos > 0 && !connection.ready(patienceNanos)) {
                return 0;
            }
            if (inChunk && !connection.line(2).isEmpty()) {
                throw Connection.malformed("the end of a chunk", "more of it");
            }
            left = chunk(connection.line(CHUNK_LINE_BYTES_MAX));
            inChunk = left > 0;
            if (!inChunk) {
                trailers = connection.trailers();
                ended = true;
                return -1;
            }
        }
        var read = connection.read(into, offset, (int) Math.min(length, left), patienceNanos);
        if (read < 0) {
            throw Connection.cut();
        }
        left -= read;
        return read;
    }

    private static long chunk(String line) throws UpstreamException {
        var semicolon = line.indexOf(';');
        var digits = (semicolon < 0 ? line : line.substring(0, semicolon)).strip();
        if (digits.isEmpty()
                || digits.length() > CHUNK_DIGITS_MAX
                || !digits.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128)) {
            throw Connection.malformed("a chunk's length", line);
        }
        return Long.parseLong(digits, 16);
    }

    /// Whether the upstream took the whole call; known when this is closed.
    public boolean callTaken() {
        return callTaken;
    }

    /// Gives the connection back when both sides are done with it, and ends it otherwise: then no
    /// thread reads the call's body any more. More than once is once.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        callTaken = sending.finish(ended);
        if (callTaken && ended && keepsAlive) {
            rest.run();
        } else {
            release.run();
        }
    }
}
