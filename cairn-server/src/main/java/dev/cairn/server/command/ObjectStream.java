package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The answer of ReadObjects, read as it comes: one object after the other, none of them kept. Its
/// form stands at the operation, [dev.cairn.server.bucket.ReadObjects].
///
/// For one thread.
final class ObjectStream implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BUFFER_BYTES = 64 << 10;

    private final InputStream in;
    private final List<String> keys;

    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int end;

    private int heads;
    private JsonNode head = JSON.missingNode();
    private boolean contentAhead;
    private int pieceAhead;

    /// @param in the answer; closed with this
    /// @param keys as they were asked for
    ObjectStream(InputStream in, List<String> keys) {
        this.in = in;
        this.keys = keys;
    }

    /// Goes to the next object, which [#open] then gives.
    ///
    /// @return false when the answer is over, whole; it may hold fewer objects than were asked for
    /// @throws IOException when it breaks off, or is none
    boolean next() throws IOException {
        skipContent();
        head = JSON.readTree(line());
        if (head.has("answered")) {
            if (head.path("answered").asInt() != heads) {
                throw new IOException("expected %d objects, got %s".formatted(heads, head));
            }
            return false;
        }
        if (heads == keys.size() || !head.path("key").asText().equals(keys.get(heads))) {
            throw new IOException("expected an object that was asked for, got " + head);
        }
        heads++;
        contentAhead = head.has("length");
        pieceAhead = 0;
        return true;
    }

    /// The object that was gone to: empty when there is none. What was not read of it when the
    /// stream goes on is passed over.
    Optional<Archive.Content> open() throws ArchiveException {
        if (head.has("code")) {
            return refused(head.path("code").asText(), head.path("message").asText());
        }
        return Optional.of(
                new Archive.Content(
                        head.path("length").asLong(),
                        stored(head.path("stored").asText()),
                        new Archive.Description(
                                head.path("contentType").asText(),
                                head.path("contentEncoding").asText(),
                                metadata()),
                        new Content()));
    }

    private static Optional<Archive.Content> refused(String code, String message)
            throws ArchiveException {
        var kind =
                switch (code) {
                    case OwnBuckets.NO_SUCH_BUCKET -> ArchiveException.Kind.NO_SUCH_BUCKET;
                    case OwnBuckets.ACCESS_DENIED -> ArchiveException.Kind.DENIED;
                    default -> ArchiveException.Kind.UNAVAILABLE;
                };
        if (code.equals(OwnBuckets.NO_SUCH_KEY)) {
            return Optional.empty();
        }
        throw new ArchiveException(kind, code, code + ": " + message);
    }

    private static Instant stored(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException _) {
            return Instant.EPOCH;
        }
    }

    private Map<String, String> metadata() {
        var metadata = new TreeMap<String, String>();
        head.path("metadata")
                .properties()
                .forEach(entry -> metadata.put(entry.getKey(), entry.getValue().asText()));
        return metadata;
    }

    private void skipContent() throws IOException {
        while (pieceLeft()) {
            var some = Math.min(pieceAhead, end - at);
            at += some;
            pieceAhead -= some;
        }
    }

    /// Whether the buffer holds more of the object's content; at its end there is none.
    private boolean pieceLeft() throws IOException {
        if (!contentAhead) {
            return false;
        }
        if (pieceAhead == 0) {
            var line = line();
            if (!line.matches("[1-9][0-9]{0,8}")) {
                contentAhead = false;
                if (line.equals("end")) {
                    return false;
                }
                throw new IOException("the store cannot read the rest of it");
            }
            pieceAhead = Integer.parseInt(line);
        }
        if (at == end) {
            fill(0);
        }
        return true;
    }

    private String line() throws IOException {
        var from = at;
        while (true) {
            while (from < end) {
                if (buffer[from++] == '\n') {
                    var line = new String(buffer, at, from - 1 - at, StandardCharsets.UTF_8);
                    at = from;
                    return line;
                }
            }
            var held = end - at;
            fill(held);
            from = held;
        }
    }

    /// Reads on, behind so many bytes that are kept.
    private void fill(int kept) throws IOException {
        System.arraycopy(buffer, end - kept, buffer, 0, kept);
        at = 0;
        end = kept;
        if (kept == BUFFER_BYTES) {
            throw new IOException("expected a line, got one that does not end");
        }
        var read = in.read(buffer, kept, BUFFER_BYTES - kept);
        if (read < 0) {
            throw new EOFException("the answer broke off");
        }
        end += read;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private final class Content extends InputStream {
        private final int object = heads;

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int count) throws IOException {
            if (object != heads) {
                throw new IOException("the answer has gone on to another object");
            }
            if (count == 0) {
                return 0;
            }
            if (!pieceLeft()) {
                return -1;
            }
            var some = Math.min(Math.min(count, pieceAhead), end - at);
            System.arraycopy(buffer, at, into, offset, some);
            at += some;
            pieceAhead -= some;
            return some;
        }
    }
}
