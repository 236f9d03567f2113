package dev.cairn.gateway.decoding;

import dev.cairn.aws.http.Headers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/// Documents that travel packed (`Content-Encoding: gzip`), as SDKs send large ones.
final class Packed {
    private static final int BUFFER_BYTES = 8 << 10;

    private Packed() {}

    /// A body as it was before it was packed; itself when it was not, or in a way that services do
    /// not take.
    ///
    /// @param bytesMax of more than so many bytes, the first are given: a little that was sent can
    ///   stand for any amount
    static Kept unpacked(Headers headers, Kept body, int bytesMax) {
        String coding = String.join(",", headers.all("content-encoding"));
        if (!coding.strip().toLowerCase(Locale.ROOT).equals("gzip") || body.bytes().length == 0) {
            return body;
        }
        var out = new ByteArrayOutputStream();
        boolean whole;
        try (var in = new GZIPInputStream(new ByteArrayInputStream(body.bytes()))) {
            var buffer = new byte[BUFFER_BYTES];
            int read = in.read(buffer);
            while (read >= 0 && out.size() < bytesMax) {
                out.write(buffer, 0, Math.min(read, bytesMax - out.size()));
                read = out.size() < bytesMax ? in.read(buffer) : in.read();
            }
            whole = read < 0;
        } catch (IOException _) {
            // What is there says perhaps what is asked for; it is no document.
            whole = false;
        }
        return new Kept(out.toByteArray(), body.length(), body.cut() || !whole);
    }
}
