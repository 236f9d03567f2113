package dev.cairn.conformance;

import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The line between the gateway and an upstream, on which a test lets go wrong what goes wrong on
/// lines. Bytes pass as they come. Any thread may call.
final class FaultyLine implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int BACKLOG = 50;
    private static final Duration LISTEN_MAX = Duration.ofSeconds(30);

    private final InetSocketAddress target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile Condition condition = Condition.SOUND;
    private volatile ServerSocket listening;

    /// What becomes of calls on the line. Where requests pass, the upstream does what they ask.
    enum Condition {
        SOUND,
        /// Nobody listens, and the connections that there were are gone.
        DOWN,
        /// Requests pass; where the answer should come, the connection is reset.
        RESETTING,
        /// Requests pass; of the answer, nothing comes.
        SILENT,
        /// Requests pass; the answer ends a byte early.
        CUTTING
    }

    FaultyLine(URI upstream) throws Exception {
        target = new InetSocketAddress(InetAddress.getLoopbackAddress(), upstream.getPort());
        listening = listen(0);
        Thread.ofVirtual().name("line").start(() -> accept(listening));
    }

    /// Where to call instead of the upstream.
    URI endpoint() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort());
    }

    /// Changes what becomes of calls from now on, and of those that wait for their answer.
    void set(Condition next) throws Exception {
        var before = condition;
        condition = next;
        if (next == Condition.DOWN) {
            listening.close();
            sockets.forEach(FaultyLine::end);
        } else if (before == Condition.DOWN) {
            var again = listen(listening.getLocalPort());
            listening = again;
            Thread.ofVirtual().name("line").start(() -> accept(again));
        }
    }

    /// @param port 0 for any; another that was this line's before, which somebody else's connection
    ///   may have taken for a moment
    private static ServerSocket listen(int port) throws Exception {
        return Await.value(
                Await.Bound.of("port %d to be had".formatted(port), LISTEN_MAX),
                () -> {
                    var socket = new ServerSocket();
                    try {
                        socket.setReuseAddress(true);
                        socket.bind(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                                BACKLOG);
                    } catch (BindException _) {
                        socket.close();
                    }
                    return socket;
                },
                ServerSocket::isBound);
    }

    private void accept(ServerSocket from) {
        while (true) {
            try {
                var near = from.accept();
                Thread.ofVirtual().start(() -> join(near));
            } catch (IOException _) {
                return;
            }
        }
    }

    private void join(Socket near) {
        var far = new Socket();
        sockets.add(near);
        sockets.add(far);
        try (near;
                far) {
            if (condition == Condition.DOWN) {
                // Accepted in the moment in which the line went down.
                return;
            }
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            far.connect(target);
            Thread.ofVirtual().start(() -> passRequests(near, far));
            passAnswers(near, far);
        } catch (IOException _) {
            // One of the sides has ended: so does the other.
        } finally {
            sockets.remove(near);
            sockets.remove(far);
        }
    }

    private static void passRequests(Socket near, Socket far) {
        try (near;
                far) {
            var buffer = new byte[BUFFER_BYTES];
            var in = near.getInputStream();
            for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                far.getOutputStream().write(buffer, 0, count);
            }
        } catch (IOException _) {
            // One of the sides has ended: so does the other.
        }
    }

    private void passAnswers(Socket near, Socket far) throws IOException {
        var buffer = new byte[BUFFER_BYTES];
        var in = far.getInputStream();
        for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            switch (condition) {
                case SOUND -> near.getOutputStream().write(buffer, 0, count);
                case DOWN -> {
                    return;
                }
                case RESETTING -> {
                    near.setSoLinger(true, 0);
                    return;
                }
                case SILENT -> {
                    // For this connection, for ever: the middle of an answer is none.
                    in.transferTo(OutputStream.nullOutputStream());
                    return;
                }
                case CUTTING -> {
                    near.getOutputStream().write(buffer, 0, count - 1);
                    return;
                }
            }
        }
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // It is gone either way.
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        sockets.forEach(FaultyLine::end);
    }
}
