package dev.cairn.server.lake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.server.operation.Queries;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// The results of queries, a file each: a line with the names and types of the columns,
/// `{"columns":["n"],"types":["BIGINT"]}`, then a line for each row, an array of JSON. A page
/// begins at a byte where a line begins.
final class QueryResults {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int NEWLINE = '\n';

    /// A page is in memory as a whole. It ends with the row that reaches this.
    static final int PAGE_BYTES_MAX = 2 << 20;

    private final Path folder;

    QueryResults(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    private Path file(String id) {
        return folder.resolve(id + ".rows");
    }

    /// A result that is being written.
    final class Writing implements AutoCloseable {
        private final FileChannel channel;
        private final OutputStream out;
        private final long bytesMax;
        private long bytes;

        /// @param bytesMax how large it may become
        Writing(String id, long bytesMax) throws IOException {
            this.bytesMax = bytesMax;
            channel =
                    FileChannel.open(
                            file(id),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING);
            out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
        }

        /// @param json the head, then rows
        /// @return false when it would become too large: it is not written then
        boolean line(JsonNode json) throws IOException {
            var line = JSON.writeValueAsBytes(json);
            bytes += line.length + 1;
            if (bytes > bytesMax) {
                return false;
            }
            out.write(line);
            out.write(NEWLINE);
            return true;
        }

        /// Makes it durable.
        void finish() throws IOException {
            out.flush();
            channel.force(true);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    void remove(String id) throws IOException {
        Files.deleteIfExists(file(id));
    }

    /// @param from 0, or where a row's line begins
    /// @param rowsMax at most so many; fewer where they are large
    Queries.Page page(String id, long from, int rowsMax) throws IOException {
        try (var channel = FileChannel.open(file(id), StandardOpenOption.READ)) {
            if (from > channel.size()) {
                throw new IllegalArgumentException("expected a row at " + from);
            }
            var in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
            var head = line(in);
            var named = JSON.readTree(head);
            var at = head.length + 1L;
            if (from > at) {
                channel.position(from - 1);
                in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
                if (in.read() != NEWLINE) {
                    throw new IllegalArgumentException("expected a row at " + from);
                }
                at = from;
            }
            var rows = new ArrayList<JsonNode>();
            var begun = at;
            while (rows.size() < rowsMax && at - begun < PAGE_BYTES_MAX && at < channel.size()) {
                var line = line(in);
                rows.add(JSON.readTree(line));
                at += line.length + 1L;
            }
            return new Queries.Page(
                    // Results of last week's release have names alone.
                    texts(named.isArray() ? named : named.path("columns")),
                    texts(named.path("types")),
                    rows,
                    at < channel.size() ? at : -1);
        }
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static byte[] line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (var b = in.read(); b >= 0 && b != NEWLINE; b = in.read()) {
            line.write(b);
        }
        return line.toByteArray();
    }
}
