package dev.cairn.lake.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.lake.column.EventColumns;
import dev.cairn.lake.column.StoreColumns;
import dev.cairn.lake.engine.Engine;
import dev.cairn.lake.engine.Limits;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The process that keeps the tables of event data stores. It writes what it is told to, runs no
/// SQL but ours, and ends when its input does.
///
/// Asked are frames, of a length (4 bytes) and a JSON document; after an `append` or a `load` come
/// as many records as it says, each of a length and its bytes:
///
/// ```
/// {"begin":{"memoryBytes":268435456,"scratch":"/data/lake/scratch","spillBytes":1073741824,"threads":2,"lock":"/data/lake/lock"}}
/// {"open":{"table":"/data/lake/tables/1a2b…","first":[0,0],"columns":"events"}}
/// {"append":{"table":"/data/lake/tables/1a2b…","from":[0,0],"to":[12,40],"filtered":2,"aside":[],"retentionDays":366,"columns":"events","events":50}}
/// {"load":{"table":"/data/lake/tables/1a2b…","first":[0,0],"columns":"events","import":"5e6f…","added":0,"retentionDays":366,"events":50,"parts":[20,30]}}
/// {"tidy":{"table":"/data/lake/tables/1a2b…","first":[0,0],"columns":"events","retentionDays":366}}
/// {"forget":{"table":"/data/lake/tables/1a2b…"}}
/// ```
///
/// It holds the lock until it ends, and waits for it: one that outlives its server by a commit is
/// never met by the next one.
///
/// Each is answered by a line, in order: `{"standing":{…}}` as [Standing] is written, `{"done":{}}`
/// for `begin` and `forget`, of a `load` also
/// `"loaded":{"parts":[{"added":20,"known":0,"expired":0,"unfit":[]},…],"total":40}`, of a `tidy`
/// also `"tidied":"merged"`, `"later"` or `"nothing"`, or `{"failed":"…"}`; a table that failed is
/// opened again before its next batch.
public final class Keeper implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int FRAME_BYTES_MAX = 64 << 20;

    private final DataInputStream in;
    private final PrintStream out;
    private final InstantSource clock;
    private final Map<Path, EventTable> tables = new HashMap<>();
    private @Nullable Engine engine;
    private @Nullable FileLock alone;

    private Keeper(InputStream in, PrintStream out, InstantSource clock) {
        this.in = new DataInputStream(new BufferedInputStream(in));
        this.out = out;
        this.clock = clock;
    }

    /// The process.
    public static void main(String[] arguments) {
        var out = System.out;
        // Whatever a library prints is no answer.
        System.setOut(System.err);
        System.exit(serve(System.in, out, InstantSource.system()));
    }

    /// Keeps tables until the input ends.
    ///
    /// @return the exit code: 0 when its input ended between two frames
    public static int serve(InputStream in, PrintStream out, InstantSource clock) {
        try (var keeper = new Keeper(in, out, clock)) {
            while (true) {
                var frame = keeper.frame();
                if (frame == null) {
                    return 0;
                }
                keeper.answer(JSON.readTree(frame));
            }
        } catch (IOException | SQLException failure) {
            System.err.println("the tables cannot be kept: " + failure);
            return 1;
        }
    }

    private byte @Nullable [] frame() throws IOException {
        int length;
        try {
            length = in.readInt();
        } catch (EOFException _) {
            return null;
        }
        if (length < 0 || length > FRAME_BYTES_MAX) {
            throw new IOException("expected a frame of at most 64 MB, got " + length);
        }
        var frame = new byte[length];
        in.readFully(frame);
        return frame;
    }

    private void answer(JsonNode asked) throws IOException, SQLException {
        if (asked.has("append")) {
            append(asked.path("append"));
        } else if (asked.has("load")) {
            load(asked.path("load"));
        } else if (asked.has("open")) {
            var open = asked.path("open");
            var path = Path.of(open.path("table").asText());
            var made = new EventTable.Made(numbers(open.path("first")), columns(open));
            attempt(path, () -> standing(table(path, made)));
        } else if (asked.has("tidy")) {
            tidy(asked.path("tidy"));
        } else if (asked.has("forget")) {
            tables.remove(Path.of(asked.path("forget").path("table").asText()));
            done();
        } else {
            begin(asked.path("begin"));
            done();
        }
    }

    private void begin(JsonNode begin) throws IOException, SQLException {
        var channel =
                FileChannel.open(
                        Path.of(begin.path("lock").asText()),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        alone = channel.lock();
        engine =
                Engine.start(
                        new Limits(
                                begin.path("memoryBytes").asLong(),
                                Path.of(begin.path("scratch").asText()),
                                begin.path("spillBytes").asLong(),
                                begin.path("threads").asInt()));
        engine.run(EventColumns.macros());
    }

    /// All of them first, so that what comes next begins where it should whatever happens.
    private List<byte[]> events(JsonNode asked) throws IOException {
        var events = new ArrayList<byte[]>();
        for (var at = 0; at < asked.path("events").asInt(); at++) {
            var event = frame();
            if (event == null) {
                throw new EOFException("in the middle of a batch");
            }
            events.add(event);
        }
        return events;
    }

    private void load(JsonNode asked) throws IOException {
        var load =
                new Load(
                        asked.path("import").asText(),
                        asked.path("added").asLong(),
                        asked.path("retentionDays").asInt(),
                        parts(asked, events(asked)));
        var path = Path.of(asked.path("table").asText());
        var made = new EventTable.Made(numbers(asked.path("first")), columns(asked));
        attempt(
                path,
                () -> {
                    var table = table(path, made);
                    var loaded = table.load(load);
                    var json = standing(table);
                    json.set("loaded", loaded.json());
                    return json;
                });
    }

    private static List<List<byte[]>> parts(JsonNode asked, List<byte[]> events)
            throws IOException {
        var parts = new ArrayList<List<byte[]>>();
        var first = 0;
        for (var size : numbers(asked.path("parts"))) {
            var end = Math.toIntExact(first + size);
            if (end > events.size()) {
                break;
            }
            parts.add(events.subList(first, end));
            first = end;
        }
        if (first != events.size()) {
            throw new IOException(
                    "expected parts of %d events in all, got %s"
                            .formatted(events.size(), asked.path("parts")));
        }
        return parts;
    }

    private void append(JsonNode append) throws IOException {
        var events = events(append);
        var path = Path.of(append.path("table").asText());
        var from = numbers(append.path("from"));
        var batch =
                new Batch(
                        from,
                        numbers(append.path("to")),
                        append.path("filtered").asLong(),
                        append.path("aside"),
                        append.path("retentionDays").asInt(),
                        events);
        attempt(
                path,
                () -> {
                    var table = table(path, new EventTable.Made(from, columns(append)));
                    table.append(batch);
                    return standing(table);
                });
    }

    private void tidy(JsonNode tidy) throws IOException {
        var path = Path.of(tidy.path("table").asText());
        var made = new EventTable.Made(numbers(tidy.path("first")), columns(tidy));
        attempt(
                path,
                () -> {
                    var table = table(path, made);
                    var tidied = table.tidy(tidy.path("retentionDays").asInt());
                    return standing(table).put("tidied", tidied.name().toLowerCase(Locale.ROOT));
                });
    }

    private static StoreColumns columns(JsonNode asked) {
        return StoreColumns.of(asked.path("columns").asText());
    }

    private EventTable table(Path path, EventTable.Made made) throws IOException {
        var known = tables.get(path);
        if (known != null) {
            return known;
        }
        var started = engine;
        if (started == null) {
            throw new IllegalStateException("expected to begin first");
        }
        var opened = EventTable.open(path, made, started, clock);
        tables.put(path, opened);
        return opened;
    }

    private static List<Long> numbers(JsonNode array) {
        var numbers = new ArrayList<Long>();
        array.forEach(number -> numbers.add(number.asLong()));
        return numbers;
    }

    private interface Attempt {
        ObjectNode run() throws IOException, SQLException;
    }

    /// The outermost frame of what is done for a table: Iceberg's failures are all unchecked.
    private void attempt(Path path, Attempt attempt) throws IOException {
        try {
            say(attempt.run());
        } catch (IOException | SQLException | RuntimeException failure) {
            tables.remove(path);
            failure.printStackTrace();
            say(JSON.createObjectNode().put("failed", failure.toString()));
        }
    }

    private static ObjectNode standing(EventTable table) throws IOException {
        var json = JSON.createObjectNode();
        json.set("standing", table.standing().json());
        return json;
    }

    private void done() throws IOException {
        var json = JSON.createObjectNode();
        json.putObject("done");
        say(json);
    }

    private void say(ObjectNode json) throws IOException {
        out.write((json + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() throws IOException, SQLException {
        if (engine != null) {
            engine.close();
        }
        if (alone != null) {
            alone.channel().close();
        }
    }
}
