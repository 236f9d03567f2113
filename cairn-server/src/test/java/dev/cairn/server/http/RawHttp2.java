package dev.cairn.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// Says over HTTP/2 what no client would: one request, in frames made by hand (RFC 9113, 4.1), with
/// fields that are never compressed (RFC 7541, 6.2.2).
final class RawHttp2 implements AutoCloseable {
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int FRAME_HEAD_BYTES = 9;

    /// Statuses that have a place of their own in the table of RFC 7541, Appendix A.
    private static final int FIRST_STATUS = 8;

    private static final int[] STATUSES = {200, 204, 206, 304, 400, 404, 500};

    private final SSLSocket socket;

    RawHttp2(SSLContext trust, int port, int millisMax) throws IOException {
        socket =
                (SSLSocket)
                        trust.getSocketFactory()
                                .createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(millisMax);
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
        frame(SETTINGS, 0, 0, new byte[0]);
    }

    /// Sends a request without a body.
    ///
    /// @param fields names and values in turn, HTTP/2's own among them
    /// @return its status; 0 when there is none, for the stream or the connection was ended
    int ask(String... fields) throws IOException {
        var block = new ByteArrayOutputStream();
        for (var i = 0; i < fields.length; i += 2) {
            block.write(0);
            for (var text : new String[] {fields[i], fields[i + 1]}) {
                block.write(text.length());
                block.writeBytes(text.getBytes(ISO_8859_1));
            }
        }
        return askPacked(block.toByteArray());
    }

    /// The same, of fields as bytes (RFC 7541, 6).
    int askPacked(byte... block) throws IOException {
        frame(HEADERS, END_STREAM | END_HEADERS, 1, block);
        return status();
    }

    private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        var frame = ByteBuffer.allocate(FRAME_HEAD_BYTES + payload.length);
        frame.put((byte) 0).putShort((short) payload.length);
        frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
        socket.getOutputStream().write(frame.array());
    }

    private int status() throws IOException {
        var in = new DataInputStream(socket.getInputStream());
        while (true) {
            int first;
            try {
                first = in.readUnsignedByte();
            } catch (EOFException _) {
                return 0;
            }
            var payload = new byte[first << 16 | in.readUnsignedShort()];
            var type = in.readUnsignedByte();
            in.skipNBytes(FRAME_HEAD_BYTES - 4);
            in.readFully(payload);
            if (type == RST_STREAM || type == GOAWAY) {
                return 0;
            }
            if (type == HEADERS) {
                return STATUSES[(payload[sizeUpdate(payload)] & 0x7f) - FIRST_STATUS];
            }
        }
    }

    /// How many bytes say first how large the table of fields is (RFC 7541, 6.3).
    private static int sizeUpdate(byte[] block) {
        if ((block[0] & 0xe0) != 0x20) {
            return 0;
        }
        var at = 1;
        if ((block[0] & 0x1f) == 0x1f) {
            while (block[at++] < 0) {}
        }
        return at;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
