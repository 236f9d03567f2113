package dev.cairn.server.courier;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// Requests to servers outside, each on a connection of its own, as SNS and EventBridge make them.
///
/// The address that was judged is the address that is connected to, so that a name which changes
/// its mind leads nowhere else; redirects are not followed, certificates are checked. All of it
/// ends within a time.
public final class HttpCalls {
    private static final int LINE_BYTES_MAX = 8192;
    private static final int LINES_MAX = 200;

    /// A receiver that takes or gives a byte now and then would outlast every time-out of a read.
    private static final ScheduledExecutorService ENDS =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("courier-ends").factory());

    private final Addresses addresses;
    private final Supplier<SSLSocketFactory> roots;
    private @Nullable SSLSocketFactory tls;

    /// @param roots says which certificates are believed; asked once, by the first call by https:
    ///   the machine's certificates take their time to load
    public HttpCalls(Addresses addresses, Supplier<SSLSocketFactory> roots) {
        this.addresses = addresses;
        this.roots = roots;
    }

    private synchronized SSLSocketFactory tls() {
        var made = tls == null ? roots.get() : tls;
        tls = made;
        return made;
    }

    /// What is asked.
    ///
    /// @param url by http or https
    /// @param headers without `Host`, `Content-Length` and `Connection`
    /// @param body null for none
    /// @param answerBytesMax how much of the answer's body is read; 0 for none of it
    public record Asked(
            String method,
            URI url,
            Map<String, String> headers,
            @Nullable String body,
            int answerBytesMax) {
        public Asked {
            var sorted = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
            sorted.putAll(headers);
            headers = sorted;
        }

        /// The value of the header `Host`.
        static String host(URI url) {
            return url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort());
        }
    }

    /// What became of it.
    public sealed interface Answer {
        /// An answer came.
        ///
        /// @param headers by name in lower case; of several of a name the last
        record Answered(int status, Map<String, String> headers, String body) implements Answer {}

        /// None came.
        ///
        /// @param reason never what the server said, which may be a secret; cut to
        ///   [#REASON_CHARS_MAX]
        record None(String reason) implements Answer {
            static final int REASON_CHARS_MAX = 512;

            public None {
                reason = reason.substring(0, Math.min(reason.length(), REASON_CHARS_MAX));
            }
        }

        /// Nobody was asked: the address may not be called.
        record Forbidden(String reason) implements Answer {}
    }

    /// @param timeMax from the look-up of the host's name to the answer's end
    public Answer ask(Asked asked, Duration timeMax) {
        var url = asked.url();
        var secure = url.getScheme().equals("https");
        var port = url.getPort() < 0 ? (secure ? 443 : 80) : url.getPort();
        long end = System.nanoTime() + timeMax.toNanos();
        try {
            var found = addresses.of(url.getHost(), timeMax);
            if (found.isEmpty()) {
                return new Answer.Forbidden(
                        "its address is private, and topic.private-addresses does not name it");
            }
            try (var plain = new Socket();
                    var _ = closing(plain, end)) {
                plain.connect(new InetSocketAddress(found.getFirst(), port), left(end));
                plain.setSoTimeout(left(end));
                if (!secure) {
                    return exchange(plain, asked, end);
                }
                try (var socket =
                        (SSLSocket) tls().createSocket(plain, url.getHost(), port, true)) {
                    var checked = new SSLParameters();
                    checked.setEndpointIdentificationAlgorithm("HTTPS");
                    socket.setSSLParameters(checked);
                    socket.startHandshake();
                    return exchange(socket, asked, end);
                }
            }
        } catch (UnknownHostException _) {
            return new Answer.None("the name of the host is not known");
        } catch (SocketTimeoutException _) {
            return late(timeMax);
        } catch (IOException failure) {
            return System.nanoTime() - end >= 0
                    ? late(timeMax)
                    : new Answer.None(failure.toString());
        }
    }

    private static Answer late(Duration timeMax) {
        return new Answer.None("no answer within %d s".formatted(timeMax.toSeconds()));
    }

    private interface Cancelled extends AutoCloseable {
        @Override
        void close();
    }

    /// Closes a socket when its time is over, unless this is closed before.
    private static Cancelled closing(Socket socket, long end) {
        var at =
                ENDS.schedule(
                        () -> {
                            socket.close();
                            return true;
                        },
                        end - System.nanoTime(),
                        TimeUnit.NANOSECONDS);
        return () -> at.cancel(false);
    }

    // The request.

    private static Answer exchange(Socket socket, Asked asked, long end) throws IOException {
        var text = head(asked) + Objects.requireNonNullElse(asked.body(), "");
        socket.getOutputStream().write(text.getBytes(UTF_8));
        socket.getOutputStream().flush();
        return new Reading(socket, end).answer(asked);
    }

    private static String head(Asked asked) {
        var url = asked.url();
        var path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        var head =
                new StringBuilder(asked.method())
                        .append(' ')
                        .append(path)
                        .append(url.getRawQuery() == null ? "" : "?" + url.getRawQuery())
                        .append(" HTTP/1.1\r\n");
        asked.headers().forEach((name, value) -> field(head, name, value));
        if (asked.body() != null) {
            field(head, "Content-Length", Integer.toString(asked.body().getBytes(UTF_8).length));
        }
        field(head, "Host", Asked.host(url));
        field(head, "Connection", "close");
        return head.append("\r\n").toString();
    }

    /// What would end a line is a blank: nobody begins a header in the value of another.
    private static void field(StringBuilder head, String name, String value) {
        head.append(oneLine(name)).append(": ").append(oneLine(value)).append("\r\n");
    }

    private static String oneLine(String text) {
        return text.replaceAll("[\\x00-\\x1f\\x7f]", " ");
    }

    // The answer.

    /// Reads an answer until its time is over.
    private static final class Reading {
        private final Socket socket;
        private final long end;
        private final InputStream in;

        Reading(Socket socket, long end) throws IOException {
            this.socket = socket;
            this.end = end;
            this.in = new BufferedInputStream(socket.getInputStream());
        }

        Answer answer(Asked asked) throws IOException {
            int status;
            Map<String, String> headers;
            do {
                status = status(line());
                headers = new TreeMap<>();
                try {
                    headers(headers);
                } catch (IOException cut) {
                    if (asked.answerBytesMax() > 0 || isPreliminary(status)) {
                        throw cut;
                    }
                    // The server has answered: who wants no more than its status has that.
                }
            } while (isPreliminary(status));
            var body =
                    asked.answerBytesMax() == 0 || asked.method().equals("HEAD") || status == 204
                            ? ""
                            : body(headers, asked.answerBytesMax());
            return new Answer.Answered(status, headers, body);
        }

        private static boolean isPreliminary(int status) {
            return status < 200 && status != 101;
        }

        private int next() throws IOException {
            socket.setSoTimeout(left(end));
            return in.read();
        }

        private String line() throws IOException {
            var line = new ByteArrayOutputStream();
            int next;
            while ((next = next()) >= 0 && next != '\n') {
                if (line.size() == LINE_BYTES_MAX) {
                    throw new IOException("a line of its answer is too long");
                }
                line.write(next);
            }
            return line.toString(ISO_8859_1).strip();
        }

        private static int status(String line) throws IOException {
            var parts = line.split(" ", 3);
            if (parts.length < 2
                    || !parts[0].startsWith("HTTP/1.")
                    || !parts[1].matches("\\d{3}")) {
                throw new IOException("expected an HTTP status line");
            }
            return Integer.parseInt(parts[1]);
        }

        private void headers(Map<String, String> headers) throws IOException {
            var line = line();
            for (int i = 0; !line.isEmpty(); i++) {
                if (i == LINES_MAX) {
                    throw new IOException("its answer has too many headers");
                }
                var colon = line.indexOf(':');
                if (colon > 0) {
                    headers.put(
                            line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
                            line.substring(colon + 1).strip());
                }
                line = line();
            }
        }

        private String body(Map<String, String> headers, int most) throws IOException {
            var body = new ByteArrayOutputStream();
            if (headers.getOrDefault("transfer-encoding", "")
                    .toLowerCase(Locale.ROOT)
                    .contains("chunked")) {
                for (var size = chunk(); size > 0; size = chunk()) {
                    part(body, size, most);
                    line();
                }
            } else if (headers.containsKey("content-length")) {
                part(body, number(headers.get("content-length"), 10), most);
            } else {
                int next;
                while ((next = next()) >= 0) {
                    body.write(next);
                    checkLength(body.size(), most);
                }
            }
            return body.toString(UTF_8);
        }

        private long chunk() throws IOException {
            return number(line().split(";", 2)[0].strip(), 16);
        }

        private void part(ByteArrayOutputStream body, long size, int most) throws IOException {
            checkLength(body.size() + size, most);
            for (long i = 0; i < size; i++) {
                var next = next();
                if (next < 0) {
                    throw new IOException("its answer broke off");
                }
                body.write(next);
            }
        }

        private static void checkLength(long length, int most) throws IOException {
            if (length > most) {
                throw new IOException("its answer is longer than %d bytes".formatted(most));
            }
        }

        private static long number(String text, int radix) throws IOException {
            try {
                var number = Long.parseLong(text, radix);
                if (number >= 0 && number <= Integer.MAX_VALUE) {
                    return number;
                }
            } catch (NumberFormatException _) {
                // Told below.
            }
            throw new IOException("expected a length in its answer");
        }
    }

    /// At least a thousandth of a second: 0 would mean for ever.
    private static int left(long end) throws SocketTimeoutException {
        var left = Duration.ofNanos(end - System.nanoTime()).toMillis();
        if (left <= 0) {
            throw new SocketTimeoutException();
        }
        return (int) left;
    }
}
