package dev.cairn.gateway.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cairn.aws.http.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// One connection to the upstream. One thread reads, one may write at the same time.
///
/// Reading waits as long as the upstream may be silent, once the call is sent, and as long from the
/// first byte of a head, or of what else frames a body, to its last: who sends them byte by byte
/// holds nobody for longer. A thread that writes is freed by [#close].
final class Connection implements AutoCloseable {
    /// The most bytes of an answer's head.
    static final int HEAD_BYTES_MAX = 64 << 10;

    private static final int BUFFER_BYTES = 64 << 10;
    private static final int TICK_MILLIS = 500;

    /// No stamp: what may take any time.
    private static final long ANY_TIME = 0;

    private static final int STATUS_LINE_MIN = "HTTP/1.1 200".length();

    private final SocketChannel channel;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final long silenceNanosMax;

    /// The same while it owes an answer.
    private volatile long answerNanosMax;

    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;

    /// Since when the upstream owes something: 0 while it does not.
    private volatile long owesSince;

    /// Since when a write waits: 0 while none does.
    private volatile long writingSince;

    private volatile boolean late;
    private boolean old;
    private long idleSince;

    /// @param channel what the bytes go through: tells that the connection has ended, and ends it
    /// @param socket the channel's, or one that encrypts what goes through it
    Connection(SocketChannel channel, Socket socket, Duration silenceMax) throws IOException {
        this.channel = channel;
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
        this.silenceNanosMax = silenceMax.toNanos();
        this.answerNanosMax = silenceNanosMax;
        socket.setSoTimeout(TICK_MILLIS);
    }

    // Rest and reuse.

    void rest(long nowNanos) {
        idleSince = nowNanos;
    }

    long restedSince() {
        return idleSince;
    }

    /// Whether the upstream speaks HTTP/1.0, and so ends it after the answer.
    boolean old() {
        return old;
    }

    /// Whether the upstream has ended it meanwhile, or said something that nobody asked for.
    boolean ended() {
        if (position < limit) {
            return true;
        }
        try {
            // Of an encrypted connection nothing is owed either while it rests: a byte of it is its
            // end, or something as unexpected.
            channel.configureBlocking(false);
            var got = channel.read(ByteBuffer.wrap(buffer, 0, 1));
            channel.configureBlocking(true);
            return got != 0;
        } catch (IOException _) {
            return true;
        }
    }

    // Writing.

    /// Writes several arrays at once.
    void write(byte[]... parts) throws IOException {
        var length = 0;
        for (var part : parts) {
            length += part.length;
        }
        var all = new byte[length];
        var at = 0;
        for (var part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        write(all, 0, length);
    }

    void write(byte[] bytes, int offset, int length) throws IOException {
        writingSince = stamp();
        try {
            out.write(bytes, offset, length);
            out.flush();
        } catch (IOException failure) {
            throw late
                    ? new UpstreamException(
                            UpstreamException.Kind.TIMEOUT,
                            "the upstream took none of the request for " + silence(),
                            failure)
                    : failure;
        } finally {
            writingSince = 0;
        }
    }

    /// @param patience how long the next answers may at least keep one waiting
    void awaitAnswers(Duration patience) {
        answerNanosMax = Math.max(silenceNanosMax, patience.toNanos());
    }

    /// The call is sent, or the upstream was asked whether to send the rest: it owes an answer.
    void owes() {
        owesSince = stamp();
    }

    /// Ends it when a write has waited too long; called by another thread from time to time.
    void look(long nowNanos) {
        var since = writingSince;
        if (since != 0 && nowNanos - since > silenceNanosMax) {
            late = true;
            close();
        }
    }

    private static long stamp() {
        var now = System.nanoTime();
        return now == 0 ? 1 : now;
    }

    // Reading.

    /// Reads an answer's head, which may be an interim one (1xx).
    AnswerHead head() throws IOException {
        if (position == limit && !fill(ANY_TIME)) {
            throw new UpstreamException(
                    UpstreamException.Kind.RESET,
                    "the upstream ended the connection without an answer");
        }
        var begun = stamp();
        var line = line(HEAD_BYTES_MAX, begun);
        var status = status(line);
        old = line.startsWith("HTTP/1.0");
        return new AnswerHead(status, fields(HEAD_BYTES_MAX - line.length() - 2, begun));
    }

    /// The fields behind the last chunk of a body.
    Headers trailers() throws IOException {
        return fields(HEAD_BYTES_MAX, begun());
    }

    private Headers fields(int bytesMax, long begun) throws IOException {
        var left = bytesMax;
        var fields = new ArrayList<Headers.Field>();
        while (true) {
            var line = line(left, begun);
            left -= line.length() + 2;
            if (line.isEmpty()) {
                return new Headers(fields);
            }
            fields.add(field(line));
        }
    }

    private static int status(String line) throws UpstreamException {
        if (line.length() >= STATUS_LINE_MIN
                && (line.startsWith("HTTP/1.1 ") || line.startsWith("HTTP/1.0 "))
                && (line.length() == STATUS_LINE_MIN || line.charAt(STATUS_LINE_MIN) == ' ')) {
            var status = 0;
            for (var i = STATUS_LINE_MIN - 3; i < STATUS_LINE_MIN; i++) {
                var digit = line.charAt(i) - '0';
                status = digit < 0 || digit > 9 ? -1000 : status * 10 + digit;
            }
            if (status >= 100 && status < 600) {
                return status;
            }
        }
        throw malformed("a status line", line);
    }

    private static Headers.Field field(String line) throws UpstreamException {
        var colon = line.indexOf(':');
        if (colon < 1) {
            throw malformed("a header field", line);
        }
        for (var i = 0; i < colon; i++) {
            if (!isTokenCharacter(line.charAt(i))) {
                throw malformed("a header field", line);
            }
        }
        var start = colon + 1;
        var end = line.length();
        while (start < end && isBlank(line.charAt(start))) {
            start++;
        }
        while (start < end && isBlank(line.charAt(end - 1))) {
            end--;
        }
        for (var i = start; i < end; i++) {
            if (line.charAt(i) == 0 || line.charAt(i) == '\r') {
                throw malformed("a header value without control characters", line);
            }
        }
        return new Headers.Field(line.substring(0, colon), line.substring(start, end));
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /// RFC 9110, 5.6.2.
    private static boolean isTokenCharacter(char c) {
        return (c >= '0' && c <= '9')
                || (c >= 'A' && c <= 'Z')
                || (c >= 'a' && c <= 'z')
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    /// A line amid a body, without its end.
    String line(int bytesMax) throws IOException {
        return line(bytesMax, begun());
    }

    /// Waits for the first byte of something.
    ///
    /// @return when it came
    private long begun() throws IOException {
        if (position == limit && !fill(ANY_TIME)) {
            throw cut();
        }
        return stamp();
    }

    /// @param begun when the first byte came of what it is a line of
    private String line(int bytesMax, long begun) throws IOException {
        var line = new StringBuilder();
        while (true) {
            while (position < limit) {
                var c = (char) (buffer[position++] & 0xff);
                if (c == '\n') {
                    if (line.isEmpty() || line.charAt(line.length() - 1) != '\r') {
                        throw malformed("a line that ends with CR LF", line.toString());
                    }
                    line.setLength(line.length() - 1);
                    return line.toString();
                }
                line.append(c);
                if (line.length() > bytesMax) {
                    throw malformed("at most %d bytes".formatted(HEAD_BYTES_MAX), "more");
                }
            }
            if (!fill(begun)) {
                throw cut();
            }
        }
    }

    /// Whether there are bytes to read, or the end, within a time.
    boolean ready(long patienceNanos) throws IOException {
        return position < limit || !fillWithin(patienceNanos) || position < limit;
    }

    /// Reads bytes of a body.
    ///
    /// @param patienceNanos 0: as long as the upstream may be silent
    /// @return -1 when the connection has ended; 0 when nothing came in time
    int read(byte[] into, int offset, int length, long patienceNanos) throws IOException {
        if (position == limit) {
            if (patienceNanos > 0 ? !fillWithin(patienceNanos) : !fill(ANY_TIME)) {
                return -1;
            }
            if (position == limit) {
                return 0;
            }
        }
        var some = Math.min(length, limit - position);
        System.arraycopy(buffer, position, into, offset, some);
        position += some;
        return some;
    }

    /// @param begun since when it is owed whole, what the bytes are of; [#ANY_TIME] for what may
    ///   take as long as it keeps coming
    /// @return false when the connection has ended
    private boolean fill(long begun) throws IOException {
        // Time in which nobody asked is not the upstream's.
        var asked = stamp();
        while (true) {
            if (begun != ANY_TIME && System.nanoTime() - begun > silenceNanosMax) {
                throw new UpstreamException(
                        UpstreamException.Kind.TIMEOUT,
                        "the upstream took longer than %s for a head that it had begun"
                                .formatted(silence()));
            }
            try {
                return take(in.read(buffer));
            } catch (SocketTimeoutException _) {
                var owed = owesSince;
                var since = owed - asked > 0 ? owed : asked;
                if (owed != 0 && System.nanoTime() - since > answerNanosMax) {
                    throw new UpstreamException(
                            UpstreamException.Kind.TIMEOUT,
                            "the upstream said nothing for %d ms"
                                    .formatted(answerNanosMax / 1_000_000));
                }
            } catch (IOException failure) {
                throw reset(failure);
            }
        }
    }

    private boolean fillWithin(long patienceNanos) throws IOException {
        try {
            socket.setSoTimeout((int) Math.max(1, patienceNanos / 1_000_000));
            return take(in.read(buffer));
        } catch (SocketTimeoutException _) {
            return true;
        } catch (IOException failure) {
            throw reset(failure);
        } finally {
            socket.setSoTimeout(TICK_MILLIS);
        }
    }

    private boolean take(int read) {
        if (read < 0) {
            return false;
        }
        position = 0;
        limit = read;
        return true;
    }

    private UpstreamException reset(IOException failure) {
        return late
                ? new UpstreamException(
                        UpstreamException.Kind.TIMEOUT,
                        "the upstream took none of the request for " + silence(),
                        failure)
                : new UpstreamException(
                        UpstreamException.Kind.RESET,
                        "the connection to the upstream broke: " + failure.getMessage(),
                        failure);
    }

    private String silence() {
        return silenceNanosMax / 1_000_000 + " ms";
    }

    static UpstreamException cut() {
        return new UpstreamException(
                UpstreamException.Kind.CUT, "the upstream's answer ended before it was whole");
    }

    static UpstreamException malformed(String expected, String got) {
        return new UpstreamException(
                UpstreamException.Kind.MALFORMED,
                "expected %s from the upstream, got '%s'"
                        .formatted(expected, got.length() <= 80 ? got : got.substring(0, 80)));
    }

    /// Fields and the blank line behind them, as bytes: those that came for each character.
    static byte[] bytes(List<Headers.Field> fields) {
        var text = new StringBuilder();
        for (var field : fields) {
            text.append(field.name()).append(": ").append(field.value()).append("\r\n");
        }
        return text.append("\r\n").toString().getBytes(ISO_8859_1);
    }

    /// Ends it without a farewell, which TLS could wait for: no call depends on one.
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // It is gone either way.
        }
    }
}
