package dev.cairn.testkit.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/// A server that does with each connection what a test says, and remembers what it was sent.
public final class ScriptedServer implements AutoCloseable {
    private static final int WAIT_SECONDS_MAX = 30;

    private static final int BACKLOG = 50;

    private final ServerSocket listening;
    private final String scheme;
    private final Script script;
    private final BlockingQueue<String> heads = new LinkedBlockingQueue<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final Thread accepting;

    /// What it does with a connection.
    @FunctionalInterface
    public interface Script {
        void run(Peer peer) throws IOException;
    }

    /// One connection.
    public final class Peer {
        private final Socket socket;
        private final InputStream in;

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream());
        }

        /// Reads a request's head, with the blank line at its end.
        public String head() throws IOException {
            var bytes = new ByteArrayOutputStream();
            while (!bytes.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
                var one = in.read();
                if (one < 0) {
                    throw new EOFException();
                }
                bytes.write(one);
            }
            var head = bytes.toString(ISO_8859_1);
            heads.add(head);
            return head;
        }

        /// Reads so many bytes of a body.
        public String body(int length) throws IOException {
            var bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException();
            }
            return new String(bytes, ISO_8859_1);
        }

        /// Reads until the other side ends.
        public String rest() throws IOException {
            return new String(in.readAllBytes(), ISO_8859_1);
        }

        public void say(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
        }

        /// Says something one character after the other, unless the other side ends: each but the
        /// first when it has listened for so long.
        public void drip(String text, Duration pause) throws IOException {
            socket.setSoTimeout((int) pause.toMillis());
            for (var i = 0; i < text.length(); i++) {
                say(text.substring(i, i + 1));
                try {
                    if (in.read() < 0) {
                        throw new EOFException();
                    }
                } catch (SocketTimeoutException _) {
                    // It still listens.
                }
            }
            socket.setSoTimeout(0);
        }

        /// Ends the connection.
        public void end() throws IOException {
            socket.close();
        }

        /// Ends the connection the hard way.
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    /// Starts one on a free port.
    public ScriptedServer(Script script) throws IOException {
        this(script, new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()), "http");
    }

    /// Starts one on a free port, which speaks TLS.
    ///
    /// @param tls with a certificate for `localhost`
    public ScriptedServer(Script script, SSLContext tls) throws IOException {
        this(
                script,
                tls.getServerSocketFactory()
                        .createServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()),
                "https");
    }

    private ScriptedServer(Script script, ServerSocket listening, String scheme) {
        this.script = script;
        this.listening = listening;
        this.scheme = scheme;
        this.accepting = Thread.ofVirtual().name("scripted").unstarted(this::accept);
        accepting.start();
    }

    private void accept() {
        while (true) {
            try {
                var socket = listening.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException _) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            script.run(new Peer(socket));
        } catch (SocketException | SSLException | EOFException _) {
            // The other side has ended, or would not begin.
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    public URI address() {
        return URI.create(
                "%s://%s:%d"
                        .formatted(
                                scheme,
                                scheme.equals("http") ? "127.0.0.1" : "localhost",
                                listening.getLocalPort()));
    }

    /// The next head it was sent.
    public String nextHead() throws InterruptedException {
        var head = heads.poll(WAIT_SECONDS_MAX, TimeUnit.SECONDS);
        if (head == null) {
            throw new AssertionError("expected a request, got none");
        }
        return head;
    }

    /// Heads that nobody has asked for.
    public List<String> otherHeads() {
        var others = new ArrayList<String>();
        heads.drainTo(others);
        return others;
    }

    /// How many connections it was opened.
    public int connections() {
        return sockets.size();
    }

    /// Nobody listens there any more when this returns.
    @Override
    public void close() throws IOException {
        listening.close();
        awaitClosed();
        for (var socket : sockets) {
            socket.close();
        }
    }

    /// The port is closed by the thread that waits there.
    private void awaitClosed() {
        var interrupted = false;
        while (accepting.isAlive()) {
            try {
                accepting.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
