package dev.cairn.gateway.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// The server behind the gateway. Calls go there with the method, path, query and headers they came
/// with, `Host` included, so that their signatures stay valid.
///
/// Connections that have served a call rest for the next one, the latest first. Any thread may
/// call.
public final class Upstream implements AutoCloseable {
    /// How many connections rest.
    private static final int RESTING_MAX = 256;

    /// Shorter than servers let a connection be idle.
    private static final Duration REST_MAX = Duration.ofSeconds(4);

    /// How often it may say that it is still at it (1xx), for a call: there is no end to that else.
    private static final int INTERIM_MAX = 20;

    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final URI address;
    private final String host;
    private final int port;
    private final Duration silenceMax;
    private final @Nullable SSLSocketFactory tls;
    private final Deque<Connection> resting = new ArrayDeque<>();
    private final Set<Connection> busy = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService looker;
    private boolean closed;

    /// @param address such as `http://127.0.0.1:7480`
    /// @param silenceMax how long it may take to accept a connection, to take bytes, to say
    ///   anything once it has the call, and to end the head of an answer that it has begun
    /// @throws IllegalArgumentException when the address is not one, or is `https`
    public Upstream(URI address, Duration silenceMax) {
        this(address, silenceMax, null);
    }

    /// @param address such as `https://s3.example.org`, whose certificate has to be for that name
    /// @param silenceMax how long it may take to accept a connection, to take bytes, to say
    ///   anything once it has the call, and to end the head of an answer that it has begun
    /// @param trust whose certificates are believed; only an address of `http` goes without
    /// @throws IllegalArgumentException when the address is not one
    public Upstream(URI address, Duration silenceMax, @Nullable SSLContext trust) {
        var secure = "https".equals(address.getScheme());
        if (!(secure ? trust != null : "http".equals(address.getScheme()))
                || address.getHost() == null
                || !(address.getRawPath().isEmpty() || address.getRawPath().equals("/"))
                || address.getRawQuery() != null
                || address.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "expected an address such as http://127.0.0.1:7480, got '%s'"
                            .formatted(address));
        }
        this.address = address;
        this.host = address.getHost();
        this.port = address.getPort() >= 0 ? address.getPort() : secure ? 443 : 80;
        this.silenceMax = silenceMax;
        this.tls = secure && trust != null ? trust.getSocketFactory() : null;
        this.looker =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("gateway-upstream").factory());
        ScheduledFuture<?> _ =
                looker.scheduleWithFixedDelay(
                        this::look,
                        LOOK_EVERY.toMillis(),
                        LOOK_EVERY.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    public URI address() {
        return address;
    }

    private void look() {
        var now = System.nanoTime();
        for (var connection : busy) {
            connection.look(now);
        }
        List<Connection> tired = new ArrayList<>();
        synchronized (resting) {
            while (!resting.isEmpty()
                    && now - resting.peekFirst().restedSince() > REST_MAX.toNanos()) {
                tired.add(resting.pollFirst());
            }
        }
        tired.forEach(Connection::close);
    }

    /// Passes a call on, and returns when the head of the answer is there.
    ///
    /// @param head as it came; what speaks of the client's connection alone is left out
    /// @return must be closed
    /// @throws UpstreamException when there is no answer
    /// @throws IOException what the arriving body threw: the upstream has not got it whole
    public UpstreamAnswer send(Request head, OutgoingBody body) throws IOException {
        return send(head, body, Duration.ZERO);
    }

    /// The same.
    ///
    /// @param patience how long the upstream may at least say nothing once it has the call: for
    ///   answers that are known to take their time
    /// @throws UpstreamException when there is no answer
    /// @throws IOException what the arriving body threw: the upstream has not got it whole
    public UpstreamAnswer send(Request head, OutgoingBody body, Duration patience)
            throws IOException {
        expectSendable(head, body);
        var mayRepeat =
                body instanceof OutgoingBody.None
                        && (head.method().equals("GET") || head.method().equals("HEAD"));
        while (true) {
            var rested = rested();
            var connection = rested == null ? connect() : rested;
            connection.awaitAnswers(patience);
            busy.add(connection);
            try {
                return send(connection, head, body);
            } catch (UpstreamException failure) {
                if (rested == null
                        || !mayRepeat
                        || failure.kind() != UpstreamException.Kind.RESET) {
                    throw failure;
                }
            }
        }
    }

    private UpstreamAnswer send(Connection connection, Request head, OutgoingBody body)
            throws IOException {
        var sending = Sending.DONE;
        UpstreamAnswer answer = null;
        try {
            try {
                connection.write(start(head, body));
            } catch (UpstreamException failure) {
                throw failure;
            } catch (IOException failure) {
                throw new UpstreamException(
                        UpstreamException.Kind.RESET,
                        "the connection to the upstream broke: " + failure.getMessage(),
                        failure);
            }
            if (body instanceof OutgoingBody.Arriving arriving) {
                sending = new Sending(connection, arriving);
                if (arriving.afterContinue()) {
                    connection.owes();
                }
            } else {
                connection.owes();
            }
            answer = answer(connection, sending, head.method().equals("HEAD"));
            return answer;
        } finally {
            if (answer == null) {
                sending.finish(false);
                release(connection);
            }
        }
    }

    private UpstreamAnswer answer(Connection connection, Sending sending, boolean headAsked)
            throws IOException {
        try {
            var head = connection.head();
            for (var interim = 1; head.status() < 200; interim++) {
                if (interim > INTERIM_MAX) {
                    throw Connection.malformed(
                            "at most %d interim answers".formatted(INTERIM_MAX), "more");
                }
                if (head.status() == 100) {
                    sending.begin();
                }
                head = connection.head();
            }
            return new UpstreamAnswer(
                    connection,
                    sending,
                    head,
                    headAsked,
                    () -> rest(connection),
                    () -> release(connection));
        } catch (UpstreamException failure) {
            var arrival = sending.arrival();
            throw arrival == null ? failure : arrival;
        }
    }

    /// Whoever let the call in should have refused it: an upstream must not see two calls in one.
    private static void expectSendable(Request head, OutgoingBody body) throws UpstreamException {
        var flaw = head.flaw().or(() -> otherLength(head, body));
        if (flaw.isPresent()) {
            throw new UpstreamException(UpstreamException.Kind.UNSENDABLE, flaw.get());
        }
    }

    private static Optional<String> otherLength(Request head, OutgoingBody body) {
        long length =
                switch (body) {
                    case OutgoingBody.None _ -> 0;
                    case OutgoingBody.Whole(byte[] bytes) -> bytes.length;
                    case OutgoingBody.Arriving arriving -> arriving.length();
                };
        return head.headers()
                .first("content-length")
                .filter(announced -> Long.parseLong(announced) != length)
                .map(announced ->
                        length < 0
                                ? "expected no content-length beside chunks"
                                : "expected a content-length of %d, got %s"
                                        .formatted(length, announced));
    }

    /// The head, and the body when it is there already.
    private static byte[][] start(Request head, OutgoingBody body) {
        var fields = new ArrayList<>(HopByHop.without(head.headers()).fields());
        if (body instanceof OutgoingBody.Arriving arriving && arriving.length() < 0) {
            fields.add(new Headers.Field("Transfer-Encoding", "chunked"));
        }
        // A path that was never encoded came as UTF-8.
        var line =
                (head.method()
                                + " "
                                + head.rawPath()
                                + (head.rawQuery().isEmpty() ? "" : "?" + head.rawQuery())
                                + " HTTP/1.1\r\n")
                        .getBytes(UTF_8);
        var whole = body instanceof OutgoingBody.Whole(byte[] bytes) ? bytes : new byte[0];
        return new byte[][] {line, Connection.bytes(fields), whole};
    }

    private @Nullable Connection rested() {
        while (true) {
            Connection connection;
            synchronized (resting) {
                connection = resting.pollLast();
            }
            if (connection == null || !connection.ended()) {
                return connection;
            }
            connection.close();
        }
    }

    private Connection connect() throws UpstreamException {
        var to = new InetSocketAddress(host, port);
        if (to.isUnresolved()) {
            throw new UpstreamException(
                    UpstreamException.Kind.REFUSED, "the upstream's name has no address: " + host);
        }
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open();
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.socket().connect(to, (int) Math.min(silenceMax.toMillis(), Integer.MAX_VALUE));
            var connection = new Connection(channel, encrypted(channel), silenceMax);
            channel = null;
            return connection;
        } catch (SSLException failure) {
            throw new UpstreamException(
                    UpstreamException.Kind.REFUSED,
                    "no safe connection to the upstream at %s: %s"
                            .formatted(address, failure.getMessage()),
                    failure);
        } catch (IOException failure) {
            throw new UpstreamException(
                    UpstreamException.Kind.REFUSED,
                    "the upstream at %s takes no connection: %s"
                            .formatted(address, failure.getMessage()),
                    failure);
        } finally {
            if (channel != null) {
                close(channel);
            }
        }
    }

    /// The same for `http`; else what was agreed upon with a server that has proved its name.
    /// Nothing of a call was sent yet.
    private Socket encrypted(SocketChannel channel) throws IOException {
        if (tls == null) {
            return channel.socket();
        }
        var socket = (SSLSocket) tls.createSocket(channel.socket(), host, port, true);
        var parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        socket.setSSLParameters(parameters);
        // All of it, not each of its messages.
        var late = new AtomicBoolean();
        var end =
                looker.schedule(
                        () -> {
                            late.set(true);
                            close(channel);
                        },
                        silenceMax.toMillis(),
                        TimeUnit.MILLISECONDS);
        try {
            socket.startHandshake();
        } catch (IOException failure) {
            throw late.get()
                    ? new SSLException(
                            "no handshake within %d ms".formatted(silenceMax.toMillis()), failure)
                    : failure;
        } finally {
            end.cancel(false);
        }
        return socket;
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException _) {
            // It never served anything.
        }
    }

    private void rest(Connection connection) {
        busy.remove(connection);
        connection.rest(System.nanoTime());
        Connection surplus = null;
        synchronized (resting) {
            if (closed) {
                surplus = connection;
            } else {
                resting.addLast(connection);
                if (resting.size() > RESTING_MAX) {
                    surplus = resting.pollFirst();
                }
            }
        }
        if (surplus != null) {
            surplus.close();
        }
    }

    private void release(Connection connection) {
        busy.remove(connection);
        connection.close();
    }

    /// Ends the connections that rest; those in use end with their calls.
    @Override
    public void close() {
        looker.shutdownNow();
        List<Connection> all;
        synchronized (resting) {
            closed = true;
            all = List.copyOf(resting);
            resting.clear();
        }
        all.forEach(Connection::close);
    }
}
