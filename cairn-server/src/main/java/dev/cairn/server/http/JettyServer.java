package dev.cairn.server.http;

import dev.cairn.aws.http.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/// Jetty, made to hand over requests as they are and to answer them from blocking code on virtual
/// threads. The only class that names Jetty.
public final class JettyServer implements AutoCloseable {
    /// How long requests under way may take to end when the server stops.
    private static final long STOP_MILLIS = 5_000;

    private final Server server;
    private final ServerConnector connector;
    private final LongAdder refusedBusy = new LongAdder();

    /// Prepares a server; [#start] opens its port.
    ///
    /// @param port 0 picks a free one
    /// @param door answers each request, on a virtual thread of its own
    public JettyServer(String host, int port, HttpLimits limits, Door door) {
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
        // Signatures and S3 keys need the path exactly as it was sent, odd as it may be.
        configuration.setUriCompliance(UriCompliance.UNSAFE);
        connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(configuration));
        connector.setHost(host);
        connector.setPort(port);
        connector.setIdleTimeout(limits.idleMax().toMillis());
        connector.setAcceptQueueSize(1024);
        server.addConnector(connector);
        server.setHandler(new GracefulHandler(new DoorHandler(limits, door)));
        server.setErrorHandler(new Refusals(door));
        server.setStopTimeout(STOP_MILLIS);
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

    /// Stops taking connections, lets requests under way end, and closes.
    @Override
    public void close() {
        try {
            server.stop();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (Exception failure) {
            throw new IllegalStateException("the HTTP server did not stop", failure);
        }
    }

    private final class DoorHandler extends Handler.Abstract {
        private final HttpLimits limits;
        private final Door door;
        private final Semaphore places;

        DoorHandler(HttpLimits limits, Door door) {
            this.limits = limits;
            this.door = door;
            this.places = new Semaphore(limits.concurrentMax());
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback)
                throws Exception {
            if (!places.tryAcquire()) {
                refusedBusy.increment();
                send(
                        door.refuse(503, "too many requests at once").with("Connection", "close"),
                        response,
                        callback);
                return true;
            }
            try {
                var reply = door.answer(exchange(request));
                send(reply, response, callback);
            } finally {
                places.release();
            }
            return true;
        }

        private Exchange exchange(Request request) {
            var uri = request.getHttpURI();
            var path = uri.getPath();
            var query = uri.getQuery();
            InputStream body =
                    new TimedBody(
                            Content.Source.asInputStream(request),
                            System.nanoTime() + limits.bodyTimeMax().toNanos());
            return new Exchange(
                    new dev.cairn.aws.http.Request(
                            request.getMethod(),
                            path == null || path.isEmpty() ? "/" : path,
                            query == null ? "" : query,
                            headers(request)),
                    body,
                    request.getLength(),
                    address(request.getConnectionMetaData().getRemoteSocketAddress()),
                    tls(request));
        }

        private static Headers headers(Request request) {
            var fields = new ArrayList<Headers.Field>();
            for (HttpField field : request.getHeaders()) {
                var value = field.getValue();
                fields.add(new Headers.Field(field.getName(), value == null ? "" : value));
            }
            return new Headers(fields);
        }

        private static String address(SocketAddress address) {
            return address instanceof InetSocketAddress inet && inet.getAddress() != null
                    ? inet.getAddress().getHostAddress()
                    : address.toString();
        }

        private static Exchange.@Nullable Tls tls(Request request) {
            if (request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE)
                    instanceof EndPoint.SslSessionData data) {
                return new Exchange.Tls(data.sslSession().getProtocol(), data.cipherSuite());
            }
            return null;
        }
    }

    /// What Jetty refuses by itself: a head that cannot be read or is too large, a request that
    /// comes while the server stops.
    private record Refusals(Door door) implements Request.Handler {
        @Override
        public boolean handle(Request request, Response response, Callback callback)
                throws IOException {
            var status = response.getStatus();
            var reason =
                    request.getAttribute(ErrorHandler.ERROR_MESSAGE) instanceof String known
                            ? known
                            : HttpStatus.getMessage(status);
            send(door.refuse(status, reason), response, callback);
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
            case Reply.Streamed streamed -> {
                // Closing is what tells the peer that the body is whole: only after success.
                OutputStream out = Content.Sink.asOutputStream(response);
                try {
                    streamed.writer().write(out);
                    out.close();
                } catch (IOException failure) {
                    callback.failed(failure);
                    return;
                }
                callback.succeeded();
            }
        }
    }
}
