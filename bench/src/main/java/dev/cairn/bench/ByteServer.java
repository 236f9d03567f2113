package dev.cairn.bench;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/// An upstream that keeps nothing: it takes the body of a `PUT` and forgets it, and answers a `GET`
/// with as many bytes as the last segment of its path begins with (`/bench/16384-3`). It checks no
/// signature and touches no disk, so that whatever stands before it costs as much as can be in
/// comparison.
///
/// A thread for each connection, in the bench's own process.
final class ByteServer implements Closeable {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int HEAD_CHARS_MAX = 1 << 16;
    private static final double AHEAD_NANOS_MAX = 1e6;

    private final ServerSocket listening;
    private final double bytesPerSecondMax;
    private final byte[] block = new byte[BUFFER_BYTES];

    /// One as fast as the machine.
    ByteServer() throws IOException {
        this(Double.POSITIVE_INFINITY);
    }

    /// @param bytesPerSecondMax of each body, as if a network lay between
    ByteServer(double bytesPerSecondMax) throws IOException {
        this.bytesPerSecondMax = bytesPerSecondMax;
        listening = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("byte-server").start(this::accept);
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort());
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = listening.accept();
                Thread.ofPlatform().daemon().name("byte-server").start(() -> serve(socket));
            } catch (IOException _) {
                return; // It is closed.
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
            OutputStream out = socket.getOutputStream();
            while (answer(in, out)) {
                // The next request.
            }
        } catch (SocketException | EOFException _) {
            // The other side has ended.
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// @return false when no request comes any more
    private boolean answer(InputStream in, OutputStream out) throws IOException {
        String first = line(in);
        if (first.isEmpty()) {
            return false;
        }
        long length = 0;
        for (String field = line(in); !field.isEmpty(); field = line(in)) {
            String lower = field.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(lower.substring(15).strip());
            }
        }
        var pace = new Pace();
        for (long left = length; left > 0; left -= BUFFER_BYTES) {
            in.skipNBytes(Math.min(left, BUFFER_BYTES));
            pace.passed(BUFFER_BYTES);
        }
        long bytes = first.startsWith("GET ") ? bytes(first.split(" ", 3)[1]) : 0;
        byte[] head =
                ("HTTP/1.1 200 OK\r\nETag: \"0\"\r\nx-amz-request-id: tx0\r\nContent-Length: "
                                + bytes
                                + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1);
        if (bytes <= BUFFER_BYTES) {
            byte[] whole = new byte[head.length + (int) bytes];
            System.arraycopy(head, 0, whole, 0, head.length);
            out.write(whole);
            return true;
        }
        out.write(head);
        for (long left = bytes; left > 0; left -= block.length) {
            out.write(block, 0, (int) Math.min(left, block.length));
            pace.passed(block.length);
        }
        return true;
    }

    /// Waits where bytes pass faster than they may.
    private final class Pace {
        private final long began = System.nanoTime();
        private long bytes;

        void passed(int more) {
            bytes += more;
            double ahead = bytes / bytesPerSecondMax * 1e9 - (System.nanoTime() - began);
            if (ahead > AHEAD_NANOS_MAX) {
                LockSupport.parkNanos((long) ahead);
            }
        }
    }

    private static long bytes(String path) {
        String key = path.substring(path.lastIndexOf('/') + 1);
        return Long.parseLong(key.substring(0, key.indexOf('-')));
    }

    /// @return empty at the end of the connection, too
    private static String line(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder(80);
        for (int c = in.read(); c != '\n' && c >= 0; c = in.read()) {
            if (text.length() > HEAD_CHARS_MAX) {
                throw new IOException("expected a line, got " + HEAD_CHARS_MAX + " characters");
            }
            if (c != '\r') {
                text.append((char) c);
            }
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
