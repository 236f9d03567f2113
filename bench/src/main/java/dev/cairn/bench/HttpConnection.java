package dev.cairn.bench;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/// One kept-alive HTTP/1.1 connection, as cheap as can be: what it costs is not Cairn's.
///
/// For one thread.
final class HttpConnection implements Closeable {
    private static final int ANSWER_TIMEOUT_MILLIS = 60_000;
    private static final int ANSWER_MAX = 64 << 20;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] passedOver = new byte[1 << 16];

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Answer(int status, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /// What came back.
    ///
    /// @param bytes of the answer's body
    record Passed(int status, long bytes) {}

    HttpConnection(URI endpoint) throws IOException {
        socket = new Socket(InetAddress.getByName(endpoint.getHost()), endpoint.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(ANSWER_TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        out = socket.getOutputStream();
    }

    /// Sends a request, and waits for the answer.
    ///
    /// @param head request line and headers, each ended by CR LF, without Content-Length
    Answer send(String head, byte[] body, int length) throws IOException {
        out.write(
                (head + "Content-Length: " + length + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
        out.write(body, 0, length);
        out.flush();
        String status = line();
        int contentLength = -1;
        boolean chunked = false;
        for (String field = line(); !field.isEmpty(); field = line()) {
            String lower = field.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                contentLength = Integer.parseInt(lower.substring(15).strip());
            } else if (lower.startsWith("transfer-encoding:")) {
                chunked = lower.endsWith("chunked");
            }
        }
        byte[] answer = chunked ? chunks() : exactly(Math.max(0, contentLength));
        return new Answer(Integer.parseInt(status.substring(9, 12)), answer);
    }

    /// Sends a request and passes over the answer's body: nothing is kept.
    ///
    /// @param head request line and headers, each ended by CR LF, without Content-Length
    /// @param block sent again and again
    /// @param length of the body, in bytes
    Passed pass(String head, byte[] block, long length) throws IOException {
        byte[] start =
                (head + "Content-Length: " + length + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1);
        if (length <= block.length) {
            byte[] whole = Arrays.copyOf(start, start.length + (int) length);
            System.arraycopy(block, 0, whole, start.length, (int) length);
            out.write(whole);
        } else {
            out.write(start);
            for (long left = length; left > 0; left -= block.length) {
                out.write(block, 0, (int) Math.min(left, block.length));
            }
        }
        out.flush();
        String status = line();
        long announced = 0;
        for (String field = line(); !field.isEmpty(); field = line()) {
            String lower = field.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                announced = Long.parseLong(lower.substring(15).strip());
            } else if (lower.startsWith("transfer-encoding:")) {
                throw new IOException("expected a length, got " + field);
            }
        }
        for (long left = announced; left > 0; ) {
            int read = in.read(passedOver, 0, (int) Math.min(left, passedOver.length));
            if (read < 0) {
                throw new EOFException("the answer broke off");
            }
            left -= read;
        }
        return new Passed(Integer.parseInt(status.substring(9, 12)), announced);
    }

    private byte[] chunks() throws IOException {
        var whole = new java.io.ByteArrayOutputStream();
        while (whole.size() < ANSWER_MAX) {
            int length = Integer.parseInt(line().split(";", 2)[0].strip(), 16);
            whole.write(exactly(length));
            line();
            if (length == 0) {
                return whole.toByteArray();
            }
        }
        throw new IOException("expected an answer of at most " + ANSWER_MAX + " bytes");
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the answer broke off");
        }
        return bytes;
    }

    private String line() throws IOException {
        StringBuilder text = new StringBuilder(80);
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0 || text.length() > 1 << 16) {
                throw new EOFException("expected a line, got " + text);
            }
            if (c != '\r') {
                text.append((char) c);
            }
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
