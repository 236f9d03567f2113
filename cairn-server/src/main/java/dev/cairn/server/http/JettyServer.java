package dev.cairn.server.http;

import dev.cairn.aws.http.Headers;
import dev.cairn.server.certificate.ServerCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.HTTP2Cipher;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Jetty, made to hand over requests as they are and to answer them from blocking code on virtual
/// threads. The only class that names Jetty.
public final class JettyServer implements AutoCloseable {
    /// How long requests under way may take to end when the server stops.
    private static final long STOP_MILLIS = 5_000;

    /// What one read of a connection takes at most. Connections that wait hold no such buffer.
    private static final int INPUT_BYTES = 32 << 10;

    /// What is relayed may have a larger head than what Cairn says itself.
    private static final int ANSWER_HEAD_BYTES_MAX = 128 << 10;

    /// How often the certificate's files are looked at.
    private static final Duration CERTIFICATE_EVERY = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(JettyServer.class);

    private final Server server;
    private final ServerConnector connector;
    private final @Nullable Tls tls;
    private final ExecutorService telling = Executors.newVirtualThreadPerTaskExecutor();
    private final LongAdder refusedBusy = new LongAdder();
    private final LongAdder closedWaiting = new LongAdder();

    /// Prepares a server that speaks in the clear; [#start] opens its port.
    ///
    /// @param port 0 picks a free one
    /// @param door answers each request, on a virtual thread of its own
    public JettyServer(String host, int port, HttpLimits limits, Door door) {
        this(host, port, null, limits, door);
    }

    /// Prepares a server; [#start] opens its port.
    ///
    /// @param port 0 picks a free one
    /// @param certificate shown to clients, which then speak TLS only, and HTTP/2 where they ask
    ///   for it (ALPN); null: in the clear, HTTP/1.1 only
    /// @param door answers each request, on a virtual thread of its own
    public JettyServer(
            String host,
            int port,
            @Nullable ServerCertificate certificate,
            HttpLimits limits,
            Door door) {
        var pool = new QueuedThreadPool(16, 2);
        pool.setName("http");
        pool.setVirtualThreadsExecutor(
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("request-", 0).factory()));
        server = new Server(pool);
        var configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendDateHeader(true);
        configuration.setRequestHeaderSize(limits.headerBytesMax());
        configuration.setMaxResponseHeaderSize(ANSWER_HEAD_BYTES_MAX);
        // Signatures and S3 keys need the path exactly as it was sent, odd as it may be.
        configuration.setUriCompliance(UriCompliance.UNSAFE);
        // So do they need the values of headers: a cache would give `charset=utf-8` for `UTF-8`.
        configuration.setHeaderCacheCaseSensitive(true);
        var secure = certificate == null ? null : new Tls(certificate);
        tls = secure;
        connector =
                new ServerConnector(
                        server,
                        1,
                        1,
                        secure == null
                                ? new ConnectionFactory[] {one(configuration)}
                                : secure.protocols(configuration));
        connector.setHost(host);
        connector.setPort(port);
        connector.setIdleTimeout(limits.idleMax().toMillis());
        connector.setAcceptQueueSize(1024);
        var connections = new Connections(limits, telling, closedWaiting, door);
        connector.addBean(connections);
        if (secure != null) {
            connector.addBean(secure);
        }
        server.addConnector(connector);
        server.setHandler(new GracefulHandler(new DoorHandler(limits, connections, door)));
        server.setErrorHandler(new Refusals(connections, door));
        server.setStopTimeout(STOP_MILLIS);
    }

    /// HTTP/1.1, which most bodies come by: each read of one costs a turn of threads.
    private static HttpConnectionFactory one(HttpConfiguration configuration) {
        var one = new HttpConnectionFactory(configuration);
        one.setInputBufferSize(INPUT_BYTES);
        return one;
    }

    /// Opens the port.
    ///
    /// @throws IOException when the port cannot be had
    public void start() throws IOException {
        try {
            server.start();
        } catch (IOException failure) {
            throw failure;
        } catch (Exception failure) {
            throw new IOException("the HTTP server did not start", failure);
        }
    }

    /// The port that is listened on.
    public int port() {
        return connector.getLocalPort();
    }

    /// How many requests were turned away because too many were being worked on.
    public long refusedBusy() {
        return refusedBusy.sum();
    }

    /// How many connections were closed because they waited too long for a request, or longest when
    /// there were too many.
    public long closedWaiting() {
        return closedWaiting.sum();
    }

    /// Stops taking connections, lets requests under way end, for so long, and closes.
    @Override
    public void close() {
        try {
            server.stop();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException _) {
            // All has ended by now; a client that went away within its head may be waited for too.
            LOG.warn("connections were cut off that did not end within {} ms", STOP_MILLIS);
        } catch (Exception failure) {
            throw new IllegalStateException("the HTTP server did not stop", failure);
        } finally {
            telling.close();
        }
    }

    /// Looks whether the certificate's files were replaced; connections that are opened from then
    /// on are shown what they hold. Done by itself every [#CERTIFICATE_EVERY].
    ///
    /// @return whether there is another one now
    public boolean readCertificateAgain() {
        return tls != null && tls.readAgain();
    }

    /// The certificate, and the protocols spoken behind it.
    private static final class Tls extends AbstractLifeCycle {
        private final ServerCertificate certificate;
        private final SslContextFactory.Server context = new SslContextFactory.Server();
        private final ScheduledExecutorService looker =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("http-certificate").factory());

        Tls(ServerCertificate certificate) {
            this.certificate = certificate;
            context.setKeyStore(certificate.store());
            context.setKeyStorePassword(certificate.password());
            context.setCipherComparator(HTTP2Cipher.COMPARATOR);
        }

        ConnectionFactory[] protocols(HttpConfiguration configuration) {
            // Which host a client means, it says by `Host`, which its signature covers; what it was
            // shown is for it to judge.
            configuration.addCustomizer(new SecureRequestCustomizer(false));
            var one = one(configuration);
            var two = new HTTP2ServerConnectionFactory(configuration);
            var choice = new ALPNServerConnectionFactory();
            choice.setDefaultProtocol(one.getProtocol());
            return new ConnectionFactory[] {
                new SslConnectionFactory(context, choice.getProtocol()), choice, two, one
            };
        }

        boolean readAgain() {
            try {
                var changed = certificate.changed();
                if (changed.isEmpty()) {
                    return false;
                }
                context.reload(factory -> factory.setKeyStore(changed.get()));
                LOG.info("{} was replaced, and is used from now on", certificate.file());
                return true;
            } catch (Exception failure) {
                LOG.error(
                        "the certificate's files were changed and cannot be used; the one before is",
                        failure);
                return false;
            }
        }

        @Override
        protected void doStart() {
            ScheduledFuture<?> _ =
                    looker.scheduleWithFixedDelay(
                            this::readAgain,
                            CERTIFICATE_EVERY.toMillis(),
                            CERTIFICATE_EVERY.toMillis(),
                            TimeUnit.MILLISECONDS);
        }

        @Override
        protected void doStop() {
            looker.shutdownNow();
        }
    }

    /// Bounds the connections that are open, and how long they wait for a request. One that ends
    /// within the head of a request is told to the door.
    private static final class Connections extends AbstractLifeCycle
            implements Connection.Listener {
        private static final int SWEEPS = 4;

        /// Some clients end a body by a line more than it has (RFC 9112, 2.2).
        private static final int EMPTY_LINE_BYTES = 2;

        private final WaitingPeers<Connection> peers;
        private final ExecutorService telling;
        private final LongAdder closed;
        private final Door door;
        private final long sweepNanos;

        /// Those that speak HTTP/1.1.
        private final Map<Connection, Heard> heard = new ConcurrentHashMap<>();

        /// @param sender the peer's IP address; a closed connection does not know it any more
        /// @param bytes that had come when it began to wait for a request: what comes after them is
        ///   a head
        private record Heard(String sender, long bytes) {}

        private final ScheduledExecutorService sweeper =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("http-waiting").factory());

        /// @param telling runs what tells the door
        Connections(HttpLimits limits, ExecutorService telling, LongAdder closed, Door door) {
            this.telling = telling;
            this.peers = new WaitingPeers<>(limits.connectionsMax(), limits.waitMax());
            this.closed = closed;
            this.door = door;
            this.sweepNanos = Math.max(1, limits.waitMax().toNanos() / SWEEPS);
        }

        @Override
        protected void doStart() {
            ScheduledFuture<?> _ =
                    sweeper.scheduleWithFixedDelay(
                            () -> close(peers.overdue(System.nanoTime())),
                            sweepNanos,
                            sweepNanos,
                            TimeUnit.NANOSECONDS);
        }

        @Override
        protected void doStop() {
            sweeper.shutdownNow();
        }

        @Override
        public void onOpened(Connection connection) {
            if (connection instanceof SslConnection) {
                return; // It carries one that is counted.
            }
            // Connections of HTTP/2 stand for many requests, and bytes come between these, too.
            if (connection instanceof ConnectionMetaData known
                    && known.getHttpVersion() != HttpVersion.HTTP_2) {
                var sender = address(connection.getEndPoint().getRemoteSocketAddress());
                heard.put(connection, new Heard(sender, 0));
            }
            close(peers.opened(connection, System.nanoTime()));
        }

        /// A request is in hand.
        void busy(Connection connection) {
            heard(connection, Long.MAX_VALUE);
            peers.busy(connection);
        }

        /// A request is answered.
        void waiting(Connection connection) {
            heard(connection, connection.getBytesIn());
            peers.waiting(connection, System.nanoTime());
        }

        /// A head was refused, and the connection is about to end.
        void refused(Connection connection) {
            heard.remove(connection);
        }

        private void heard(Connection connection, long bytes) {
            heard.computeIfPresent(connection, (_, old) -> new Heard(old.sender(), bytes));
        }

        @Override
        public void onClosed(Connection connection) {
            peers.closed(connection);
            var last = heard.remove(connection);
            var bytes = last == null ? 0 : connection.getBytesIn() - last.bytes();
            if (last != null && bytes > EMPTY_LINE_BYTES) {
                // The door may wait for a disk, which this thread must not.
                try {
                    telling.execute(() ->
                            door.refuse(
                                    HttpStatus.REQUEST_TIMEOUT_408,
                                    "the connection ended after %d bytes of a request's head"
                                            .formatted(bytes),
                                    last.sender()));
                } catch (RejectedExecutionException _) {
                    // The server has stopped: nobody is there to tell.
                }
            }
        }

        private void close(List<Connection> connections) {
            for (var connection : connections) {
                closed.increment();
                connection.getEndPoint().close();
            }
        }
    }

    private final class DoorHandler extends Handler.Abstract {
        private final HttpLimits limits;
        private final Connections connections;
        private final Door door;
        private final Semaphore places;
        private final StrangersPlaces unread;

        DoorHandler(HttpLimits limits, Connections connections, Door door) {
            this.limits = limits;
            this.connections = connections;
            this.door = door;
            this.places = new Semaphore(limits.concurrentMax());
            this.unread = new StrangersPlaces(limits.concurrentMax());
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback)
                throws Exception {
            var connection = request.getConnectionMetaData().getConnection();
            connections.busy(connection);
            Request.addCompletionListener(request, _ -> connections.waiting(connection));
            var body = new ArrivingBody(request, limits);
            boolean more;
            var flaw = isHttp2(request) ? two(request).flaw() : Optional.<String>empty();
            if (flaw.isPresent()) {
                var sender = address(request.getConnectionMetaData().getRemoteSocketAddress());
                more = answer(door.refuse(400, flaw.get(), sender), body, response, callback);
            } else if (places.tryAcquire()) {
                try {
                    var reply = door.answer(exchange(request, body));
                    more = answer(reply, body, response, callback);
                } finally {
                    places.release();
                }
            } else {
                refusedBusy.increment();
                var sender = address(request.getConnectionMetaData().getRemoteSocketAddress());
                var reply = door.noPlace("too many requests at once", sender);
                more = answer(reply.with("Connection", "close"), body, response, callback);
            }
            if (more) {
                readOn(request, body, callback);
            }
            return true;
        }

        /// Sends the answer, and completes the request where its body is at its end.
        ///
        /// @return whether the answer is out and the request is not complete, because more of its
        ///   body may come
        private static boolean answer(
                Reply reply, ArrivingBody body, Response response, Callback callback)
                throws IOException {
            // While an answer is relayed, its request's body may still be on its way.
            var relayed = reply.body() instanceof Reply.Relayed;
            if (!relayed && body.endsHere()) {
                send(reply, response, callback);
                return false;
            }
            try (var sent = Blocker.callback()) {
                send(relayed ? reply : reply.with("Connection", "close"), response, sent);
                sent.block();
            } catch (IOException failure) {
                callback.failed(failure);
                return false;
            }
            if (relayed && body.endsHere()) {
                callback.succeeded();
                return false;
            }
            return true;
        }

        /// Has a sender that goes on writing come to its end, so that it reads its answer, before
        /// the connection is closed: what arrives at a closed one is answered with a reset, which
        /// may overtake what was sent (RFC 9112, 9.6). Whoever is refused may be anyone, so all of
        /// them together have no more of this than strangers have, and none of the places for work.
        private void readOn(Request request, ArrivingBody body, Callback callback) {
            var address = address(request.getConnectionMetaData().getRemoteSocketAddress());
            var ended = false;
            if (body.invited() && unread.enter(address)) {
                try {
                    ended = body.discard(limits.unreadBytesMax(), limits.unreadTimeMax().toNanos());
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                } finally {
                    unread.leave(address);
                }
            }
            if (ended || !body.awaited()) {
                callback.succeeded();
            } else {
                callback.failed(new IOException("more of the body was to come"));
            }
        }

        private static boolean isHttp2(Request request) {
            return request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_2;
        }

        private static Http2Head two(Request request) {
            return new Http2Head(
                    head(request, headers(request.getHeaders())),
                    request.getHttpURI().getAuthority());
        }

        /// A request as HTTP/1.1 would have it, whichever way it came: of HTTP/2 the host is where
        /// signatures cover it, and a body whose length nobody said is told by its encoding.
        private Exchange exchange(Request request, ArrivingBody body) {
            var headers = headers(request.getHeaders());
            long length = request.getLength();
            if (isHttp2(request)) {
                var authority = request.getHttpURI().getAuthority();
                if (!headers.has("host") && authority != null) {
                    headers = headers.plus("Host", authority);
                }
                if (length < 0) {
                    if (body.isNone()) {
                        length = 0;
                    } else {
                        headers = headers.plus("Transfer-Encoding", "chunked");
                    }
                }
            }
            return new Exchange(
                    head(request, headers),
                    body,
                    length,
                    address(request.getConnectionMetaData().getRemoteSocketAddress()),
                    tls(request));
        }

        private static dev.cairn.aws.http.Request head(Request request, Headers headers) {
            var uri = request.getHttpURI();
            var path = uri.getPath();
            var query = uri.getQuery();
            return new dev.cairn.aws.http.Request(
                    request.getMethod(),
                    path == null || path.isEmpty() ? "/" : path,
                    query == null ? "" : query,
                    headers);
        }

        private static Exchange.@Nullable Tls tls(Request request) {
            if (request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE)
                    instanceof EndPoint.SslSessionData data) {
                return Exchange.Tls.of(data.sslSession().getProtocol(), data.cipherSuite());
            }
            return null;
        }
    }

    private static String address(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress()
                : address.toString();
    }

    private static Headers headers(HttpFields these) {
        var fields = new ArrayList<Headers.Field>();
        for (HttpField field : these) {
            var value = field.getValue();
            fields.add(new Headers.Field(field.getName(), value == null ? "" : value));
        }
        return new Headers(fields);
    }

    /// A body, which must keep coming: waits for each byte just as long as the limits give it. The
    /// time in which nobody reads is not the sender's.
    private static final class ArrivingBody extends InputStream implements Trailed {
        /// What is thrown away without a word, when it is there already.
        private static final int THERE_BYTES_MAX = 128 << 10;

        private final Request source;
        private final HttpLimits limits;
        private long waitedNanos;
        private final Semaphore demanded = new Semaphore(0);

        /// Whether Jetty was told to say when more is there, and has not said so yet.
        private boolean awaited;

        /// Whether the sender may have been told to go on.
        private boolean invited;

        private boolean closed;
        private Content.@Nullable Chunk chunk;
        private @Nullable BodyException failure;
        private long bytes;

        ArrivingBody(Request source, HttpLimits limits) {
            this.source = source;
            this.limits = limits;
        }

        /// Whether the head was all there is, of a request that does not say; asked before anything
        /// is read.
        boolean isNone() {
            if (invited()) {
                chunk = source.read();
            }
            return chunk != null && chunk.isLast() && !chunk.hasRemaining();
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            while (true) {
                if (failure != null) {
                    throw failure;
                }
                if (closed) {
                    return -1;
                }
                var current = chunk == null ? next() : chunk;
                chunk = current;
                if (Content.Chunk.isFailure(current)) {
                    failure = failure(current.getFailure());
                } else if (current.hasRemaining()) {
                    var read = current.get(into, offset, length);
                    bytes += read;
                    return read;
                } else if (current.isLast()) {
                    return -1;
                } else {
                    current.release();
                    chunk = null;
                }
            }
        }

        private Content.Chunk next() throws IOException {
            while (true) {
                var left = limits.bodyTime(bytes).toNanos() - waitedNanos;
                if (left <= 0) {
                    failure = tooSlow();
                    throw failure;
                }
                var next = source.read();
                if (next != null) {
                    return next;
                }
                var since = System.nanoTime();
                try {
                    if (!await(left)) {
                        failure = tooSlow();
                        throw failure;
                    }
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("interrupted while a body arrived");
                } finally {
                    waitedNanos += System.nanoTime() - since;
                }
            }
        }

        /// Waits until more is there, or the end.
        private boolean await(long nanos) throws InterruptedException {
            if (!awaited) {
                awaited = true;
                invited = true;
                source.demand(
                        Invocable.from(Invocable.InvocationType.NON_BLOCKING, demanded::release));
            }
            awaited =
                    nanos > 0
                            ? !demanded.tryAcquire(nanos, TimeUnit.NANOSECONDS)
                            : !demanded.tryAcquire();
            return !awaited;
        }

        boolean awaited() {
            return awaited;
        }

        /// Whether the sender may be sending the body: not when it waits to be told so (`Expect:
        /// 100-continue`).
        boolean invited() {
            return invited
                    || !source.getHeaders()
                            .contains(HttpHeader.EXPECT, HttpHeaderValue.CONTINUE.asString());
        }

        /// Throws away what is there already, without waiting.
        ///
        /// @return whether that was all, or no more can come
        boolean endsHere() {
            try {
                return discard(THERE_BYTES_MAX, 0);
            } catch (InterruptedException interrupted) {
                throw new AssertionError("expected not to wait", interrupted);
            }
        }

        /// Reads on and throws away.
        ///
        /// @param nanosMax 0 does not wait
        /// @return whether the body is at its end, or has broken off; false when it is longer or
        ///   takes longer
        boolean discard(long bytesMax, long nanosMax) throws InterruptedException {
            var end = System.nanoTime() + nanosMax;
            var left = bytesMax;
            while (left > 0) {
                if (awaited && !await(end - System.nanoTime())) {
                    return false;
                }
                var current = chunk == null ? source.read() : chunk;
                if (current == null) {
                    var wait = end - System.nanoTime();
                    if (wait <= 0 || !await(wait)) {
                        return false;
                    }
                    continue;
                }
                if (Content.Chunk.isFailure(current)) {
                    chunk = current;
                    return true;
                }
                left -= current.remaining();
                var last = current.isLast();
                current.release();
                chunk = last ? Content.Chunk.EOF : null;
                if (last) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public Headers trailers() {
            var trailers = source.getTrailers();
            return trailers == null ? Headers.NONE : headers(trailers);
        }

        private BodyException tooSlow() {
            return new BodyException(
                    BodyException.Kind.TOO_SLOW,
                    "expected a body that brings at least %d bytes a second after its first %d s, and ends within %d s, got %d bytes in %d ms"
                            .formatted(
                                    limits.bodyRateMin(),
                                    limits.arrivalGrace().toSeconds(),
                                    limits.bodyTimeMax().toSeconds(),
                                    bytes,
                                    Duration.ofNanos(waitedNanos).toMillis()));
        }

        private BodyException failure(Throwable cause) {
            return cause instanceof TimeoutException
                    ? tooSlow()
                    : new BodyException(
                            BodyException.Kind.INCOMPLETE,
                            "the body breaks off after %d bytes: %s"
                                    .formatted(bytes, cause.getMessage()));
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /// What Jetty refuses by itself: a head that cannot be read or is too large, a request that
    /// comes while the server stops.
    private record Refusals(Connections connections, Door door) implements Request.Handler {
        @Override
        public boolean handle(Request request, Response response, Callback callback)
                throws IOException {
            connections.refused(request.getConnectionMetaData().getConnection());
            var status = response.getStatus();
            var reason =
                    request.getAttribute(ErrorHandler.ERROR_MESSAGE) instanceof String known
                            ? known
                            : HttpStatus.getMessage(status);
            var sender = address(request.getConnectionMetaData().getRemoteSocketAddress());
            send(door.refuse(status, reason, sender), response, callback);
            return true;
        }
    }

    private static void send(Reply reply, Response response, Callback callback) throws IOException {
        response.setStatus(reply.status());
        reply.headers().forEach((name, value) -> response.getHeaders().put(name, value));
        switch (reply.body()) {
            case Reply.Whole whole -> {
                response.getHeaders().put("Content-Length", (long) whole.bytes().length);
                response.write(true, ByteBuffer.wrap(whole.bytes()), callback);
            }
            case Reply.Streamed streamed -> write(streamed.writer(), response, callback);
            case Reply.Relayed relayed -> {
                relay(relayed, response);
                write(relayed.writer(), response, callback);
            }
        }
    }

    private static void relay(Reply.Relayed relayed, Response response) {
        var headers = response.getHeaders();
        var met = new HashSet<String>();
        for (var field : relayed.headers().fields()) {
            if (met.add(field.name().toLowerCase(Locale.ROOT))) {
                headers.put(field.name(), field.value());
            } else {
                headers.add(field.name(), field.value());
            }
        }
        if (met.contains("trailer")) {
            response.setTrailersSupplier(() -> {
                var trailers = HttpFields.build();
                relayed.trailers()
                        .get()
                        .fields()
                        .forEach(field -> trailers.add(field.name(), field.value()));
                return trailers;
            });
        }
    }

    /// Closing is what tells the peer that the body is whole: only after success.
    private static void write(Reply.Writer writer, Response response, Callback callback) {
        OutputStream out = Content.Sink.asOutputStream(response);
        try {
            writer.write(out);
            out.close();
        } catch (IOException failure) {
            callback.failed(failure);
            return;
        }
        callback.succeeded();
    }
}
