package dev.cairn.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/// The line between the gateway and an upstream, on which a test lets go wrong what goes wrong on
/// lines. Bytes pass as they come. Any thread may call.
final class FaultyLine implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int BACKLOG = 50;
    private static final int HEAD_BYTES_MAX = 64 << 10;
    private static final String HEAD_END = "\r\n\r\n";
    private static final Duration LISTEN_MAX = Duration.ofSeconds(30);
    private static final Duration HELD_MAX = Duration.ofMinutes(1);
    private static final Pattern LENGTH =
            Pattern.compile("\r\ncontent-length: *(\\d{1,18})\r\n", Pattern.CASE_INSENSITIVE);

    private final InetSocketAddress target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// What was asked on connections whose answers are held. Guarded by the lock.
    private final Set<String> held = ConcurrentHashMap.newKeySet();

    private volatile State state = State.SOUND;
    private volatile ServerSocket listening;
    private volatile Thread accepting;

    /// What becomes of calls on the line. Where requests pass, the upstream does what they ask.
    enum State {
        SOUND,
        /// Nobody listens, and the connections that there were are gone.
        DOWN,
        /// Requests pass; where the answer should come, the connection is reset.
        RESETTING,
        /// Requests pass; of the answer, nothing comes.
        SILENT,
        /// Requests pass; the answer ends a byte early.
        CUTTING,
        /// Requests pass; the answer comes when the line is in another state.
        HOLDING
    }

    FaultyLine(URI upstream) throws Exception {
        target = new InetSocketAddress(InetAddress.getLoopbackAddress(), upstream.getPort());
        listening = listen(0);
        accepting = Thread.ofVirtual().name("line").start(() -> accept(listening));
    }

    /// Where to call instead of the upstream.
    URI endpoint() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort());
    }

    /// Changes what becomes of calls from now on, and of those that wait for their answer.
    void set(State next) throws Exception {
        var before = state;
        lock.lock();
        try {
            state = next;
            held.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (next == State.DOWN) {
            listening.close();
            // The port is closed by the thread that waits there.
            accepting.join();
            sockets.forEach(FaultyLine::end);
        } else if (before == State.DOWN) {
            var again = listen(listening.getLocalPort());
            listening = again;
            accepting = Thread.ofVirtual().name("line").start(() -> accept(again));
        }
    }

    /// Waits until an answer is held that the upstream gave to a request.
    ///
    /// @param mark what stands in the request's head or body, and in no other's
    void awaitHeld(String mark) throws Exception {
        Await.until(
                Await.Bound.of("the answer to " + mark + " held", HELD_MAX),
                () -> held.stream().anyMatch(asked -> asked.contains(mark)));
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
            if (state == State.DOWN) {
                // Accepted in the moment in which the line went down.
                return;
            }
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            far.connect(target);
            var pair = new Pair(near, far);
            Thread.ofVirtual().start(pair::passRequests);
            pair.passAnswers();
        } catch (IOException _) {
            // One of the sides has ended: so does the other.
        } finally {
            sockets.remove(near);
            sockets.remove(far);
        }
    }

    /// A connection of the gateway's and the one to the upstream that belongs to it.
    private final class Pair {
        private final Socket near;
        private final Socket far;

        /// What came last of the gateway.
        private volatile String asked = "";

        Pair(Socket near, Socket far) {
            this.near = near;
            this.far = far;
        }

        void passRequests() {
            try (near;
                    far) {
                var buffer = new byte[BUFFER_BYTES];
                var in = near.getInputStream();
                for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    // A head and its body may come in two.
                    var before = asked.substring(Math.max(0, asked.length() - BUFFER_BYTES));
                    asked = before + new String(buffer, 0, count, ISO_8859_1);
                    far.getOutputStream().write(buffer, 0, count);
                }
            } catch (IOException _) {
                // One of the sides has ended: so does the other.
            }
        }

        void passAnswers() throws IOException {
            var buffer = new byte[BUFFER_BYTES];
            var in = far.getInputStream();
            for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (state == State.HOLDING) {
                    hold(asked);
                }
                switch (state) {
                    // Held for another state, it may be held for this one again: it was held.
                    case SOUND, HOLDING -> {
                        asked = "";
                        near.getOutputStream().write(buffer, 0, count);
                    }
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
                        cut(buffer, count, in, near.getOutputStream());
                        return;
                    }
                }
            }
        }
    }

    private void hold(String asked) {
        lock.lock();
        try {
            held.add(asked);
            while (state == State.HOLDING) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Passes an answer on but for its last byte; of one whose length nobody tells, or that has no
    /// body, what has come of it.
    private static void cut(byte[] buffer, int count, InputStream in, OutputStream out)
            throws IOException {
        var come = new ByteArrayOutputStream();
        come.write(buffer, 0, count);
        while (headEnd(come) < 0 && come.size() < HEAD_BYTES_MAX) {
            var more = in.read(buffer);
            if (more < 0) {
                break;
            }
            come.write(buffer, 0, more);
        }
        var length = LENGTH.matcher(come.toString(ISO_8859_1));
        var left =
                headEnd(come) >= 0 && length.find() && Long.parseLong(length.group(1)) > 0
                        ? headEnd(come) + Long.parseLong(length.group(1)) - 1
                        : come.size() - 1;
        var pass = come.toByteArray();
        for (var got = pass.length; got >= 0; got = in.read(pass)) {
            out.write(pass, 0, (int) Math.min(got, left));
            left -= Math.min(got, left);
            if (left == 0) {
                return;
            }
        }
    }

    /// Where an answer's body begins; negative while its head is not whole.
    private static int headEnd(ByteArrayOutputStream come) {
        var at = come.toString(ISO_8859_1).indexOf(HEAD_END);
        return at < 0 ? -1 : at + HEAD_END.length();
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
        lock.lock();
        try {
            state = State.DOWN;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
