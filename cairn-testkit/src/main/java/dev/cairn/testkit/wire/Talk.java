package dev.cairn.testkit.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;

/// A client's side of a connection, byte for byte: what no HTTP client would send, or show.
public final class Talk {
    private Talk() {}

    /// @throws IOException when the peer is gone
    public static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /// What comes until a text has come, with it.
    ///
    /// @throws AssertionError when the peer ends before
    public static String until(Socket socket, String end) throws IOException {
        var bytes = new ByteArrayOutputStream();
        while (!bytes.toString(ISO_8859_1).endsWith(end)) {
            var one = socket.getInputStream().read();
            if (one < 0) {
                throw new AssertionError(
                        "expected '%s', got '%s' and the end"
                                .formatted(end, bytes.toString(ISO_8859_1)));
            }
            bytes.write(one);
        }
        return bytes.toString(ISO_8859_1);
    }
}
