package dev.cairn.server.courier;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.topic.Courier;
import dev.cairn.topic.Outbound.Parcel;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// Posts a message as SNS does: the same headers, one request on a connection of its own.
///
/// The address that was judged is the address that is connected to, so that a name which changes
/// its mind leads nowhere else; redirects are not followed. All in all [#TIME_MAX], as SNS waits.
/// 2xx is taken, 4xx but 408 and 429 is refused for good, anything else is tried again.
///
/// Source: Amazon SNS Developer Guide, "Using Amazon SNS for HTTP/HTTPS notifications".
public final class HttpCourier implements Courier {
    /// From the first byte of the connection to the status line.
    public static final Duration TIME_MAX = Duration.ofSeconds(15);

    private static final int LINE_BYTES_MAX = 4096;

    /// A receiver that takes or gives a byte now and then would outlast every time-out of a read.
    private static final ScheduledExecutorService ENDS =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("courier-ends").factory());

    private final Addresses addresses;
    private final SSLSocketFactory tls;
    private final Duration timeMax;

    /// @param tls checks certificates as the machine does
    public HttpCourier(Addresses addresses, SSLSocketFactory tls) {
        this(addresses, tls, TIME_MAX);
    }

    /// @param timeMax from the first byte of the connection to the status line
    HttpCourier(Addresses addresses, SSLSocketFactory tls, Duration timeMax) {
        this.addresses = addresses;
        this.tls = tls;
        this.timeMax = timeMax;
    }

    @Override
    public Outcome carry(Parcel parcel) {
        var url = URI.create(parcel.to().endpoint());
        var secure = url.getScheme().equals("https");
        var port = url.getPort() < 0 ? (secure ? 443 : 80) : url.getPort();
        long end = System.nanoTime() + timeMax.toNanos();
        try {
            var found = addresses.of(url.getHost());
            if (found.isEmpty()) {
                return new Outcome.Refused(
                        "its address is private, and topic.private-addresses does not name it");
            }
            try (var plain = new Socket();
                    var _ = closing(plain, end)) {
                plain.connect(new InetSocketAddress(found.getFirst(), port), left(end));
                plain.setSoTimeout(left(end));
                if (!secure) {
                    return post(plain, url, parcel, end);
                }
                try (var socket = (SSLSocket) tls.createSocket(plain, url.getHost(), port, true)) {
                    var checked = new SSLParameters();
                    checked.setEndpointIdentificationAlgorithm("HTTPS");
                    socket.setSSLParameters(checked);
                    socket.startHandshake();
                    return post(socket, url, parcel, end);
                }
            }
        } catch (UnknownHostException _) {
            return new Outcome.Failed("the name of the host is not known");
        } catch (SocketTimeoutException _) {
            return late();
        } catch (IOException failure) {
            return System.nanoTime() - end >= 0 ? late() : new Outcome.Failed(failure.toString());
        }
    }

    private Outcome late() {
        return new Outcome.Failed("no answer within %d s".formatted(timeMax.toSeconds()));
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

    private static Outcome post(Socket socket, URI url, Parcel parcel, long end)
            throws IOException {
        var body = parcel.body().getBytes(UTF_8);
        var out = socket.getOutputStream();
        out.write(head(url, parcel, body.length).getBytes(UTF_8));
        out.write(body);
        out.flush();
        var status = status(line(socket, end));
        if (status >= 200 && status < 300) {
            return new Outcome.Taken();
        }
        return status >= 400 && status < 500 && status != 408 && status != 429
                ? new Outcome.Refused("answered " + status)
                : new Outcome.Failed("answered " + status);
    }

    private static String head(URI url, Parcel parcel, int length) {
        var path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        var head =
                new StringBuilder("POST ")
                        .append(path)
                        .append(url.getRawQuery() == null ? "" : "?" + url.getRawQuery())
                        .append(" HTTP/1.1\r\n");
        field(head, "x-amz-sns-message-type", parcel.type());
        field(head, "x-amz-sns-message-id", parcel.messageId());
        field(head, "x-amz-sns-topic-arn", parcel.to().topic().toString());
        if (!parcel.type().equals("SubscriptionConfirmation")) {
            field(head, "x-amz-sns-subscription-arn", parcel.to().arn());
        }
        if (parcel.raw()) {
            field(head, "x-amz-sns-rawdelivery", "true");
        }
        field(head, "Content-Length", Integer.toString(length));
        field(head, "Content-Type", "text/plain; charset=UTF-8");
        field(head, "Host", url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort()));
        field(head, "Connection", "close");
        field(head, "User-Agent", "Amazon Simple Notification Service Agent");
        if (url.getRawUserInfo() != null) {
            field(
                    head,
                    "Authorization",
                    "Basic "
                            + java.util.Base64.getEncoder()
                                    .encodeToString(url.getUserInfo().getBytes(UTF_8)));
        }
        return head.append("\r\n").toString();
    }

    private static void field(StringBuilder head, String name, String value) {
        head.append(name).append(": ").append(value).append("\r\n");
    }

    /// The first line of the answer; the rest is of no use.
    private static String line(Socket socket, long end) throws IOException {
        var line = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (line.length() < LINE_BYTES_MAX) {
            socket.setSoTimeout(left(end));
            var next = in.read();
            if (next < 0 || next == '\n') {
                break;
            }
            line.append((char) next);
        }
        return line.toString();
    }

    private static int status(String line) throws IOException {
        var parts = line.strip().split(" ", 3);
        if (parts.length < 2 || !parts[0].startsWith("HTTP/1.") || !parts[1].matches("\\d{3}")) {
            throw new IOException("expected an HTTP status line");
        }
        return Integer.parseInt(parts[1]);
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
