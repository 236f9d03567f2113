package dev.cairn.server.lake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.server.operation.StoreImports;
import dev.cairn.store.EventDataStore;
import dev.cairn.store.StoreFilling;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Speaks with the process that keeps the tables, and starts it when it is first needed, and again
/// when it has died. `dev.cairn.lake.table.Keeper` says what is spoken.
///
/// One at a time; an answer that does not come within [#ANSWER_MAX_SECONDS] ends the process.
final class TableKeeper implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// It holds a batch of events as they come and as texts.
    private static final String HEAP = "-Xmx512m";

    private static final long MEMORY_BYTES = 512L << 20;
    private static final long SPILL_BYTES = 10L << 30;
    private static final long ANSWER_MAX_SECONDS = 600;
    private static final long END_SECONDS = 10;

    private final Path lock;
    private final Path scratch;
    private @Nullable Running running;
    private boolean closed;

    private record Running(Process process, DataOutputStream in, BufferedReader out) {}

    /// @param folder of the lake
    TableKeeper(Path folder) {
        this.lock = folder.resolve("lock");
        this.scratch = folder.resolve("scratch").resolve("keeper");
    }

    /// Opens a table, or makes it.
    ///
    /// @param first by partition, where a table that is made begins
    /// @param columns which a table that is made has
    synchronized TableStanding open(Path table, List<Long> first, String columns)
            throws IOException {
        var json = JSON.createObjectNode();
        var open = json.putObject("open").put("table", table.toString()).put("columns", columns);
        first.forEach(open.putArray("first")::add);
        return TableStanding.of(ask(json, List.of()).path("standing"));
    }

    /// Commits what was filled, exactly once: a table that is not at `from` refuses it.
    ///
    /// @throws IOException when it cannot be told whether it was committed; [#open] tells
    synchronized TableStanding append(Path table, List<Long> from, StoreFilling filling)
            throws IOException {
        var json = JSON.createObjectNode();
        var append =
                json.putObject("append")
                        .put("table", table.toString())
                        .put("filtered", filling.filtered())
                        .put("retentionDays", filling.state().store().retentionDays())
                        .put("columns", LakeProcess.columns(filling.state().store()))
                        .put("events", filling.taken().size());
        from.forEach(append.putArray("from")::add);
        filling.to().forEach(append.putArray("to")::add);
        var aside = append.putArray("aside");
        for (var one : filling.aside()) {
            aside.addObject()
                    .put("position", one.position().toString())
                    .put("count", one.count())
                    .put("reason", one.reason());
        }
        return TableStanding.of(ask(json, filling.taken()).path("standing"));
    }

    /// Commits events of log files, those that the table does not have yet.
    ///
    /// @param first by partition, where a table that is made begins
    /// @param id of their import; empty when it has none
    /// @param added how many events that import has added before
    /// @param parts the events, by who loads them
    /// @throws IOException when it cannot be told whether they were committed: they may be loaded
    ///   again
    synchronized Loading load(
            EventDataStore store,
            Path table,
            List<Long> first,
            String id,
            long added,
            List<List<byte[]>> parts)
            throws IOException {
        var events = parts.stream().flatMap(List::stream).toList();
        var json = JSON.createObjectNode();
        var load =
                json.putObject("load")
                        .put("table", table.toString())
                        .put("columns", LakeProcess.columns(store))
                        .put("import", id)
                        .put("added", added)
                        .put("retentionDays", store.retentionDays())
                        .put("events", events.size());
        first.forEach(load.putArray("first")::add);
        var sizes = load.putArray("parts");
        parts.forEach(part -> sizes.add(part.size()));
        var answer = ask(json, events);
        var loaded = new ArrayList<StoreImports.Loaded>();
        for (var part : answer.path("loaded").path("parts")) {
            var unfit = new ArrayList<Integer>();
            part.path("unfit").forEach(index -> unfit.add(index.asInt()));
            loaded.add(
                    new StoreImports.Loaded(
                            part.path("added").asLong(),
                            part.path("known").asLong(),
                            part.path("expired").asLong(),
                            unfit,
                            answer.path("loaded").path("total").asLong()));
        }
        return new Loading(TableStanding.of(answer.path("standing")), loaded);
    }

    /// What became of the parts of a load, in their order, and where the table is.
    record Loading(TableStanding standing, List<StoreImports.Loaded> loaded) {}

    /// What there is to be merged after one look, and where the table is.
    record Tidying(TableStanding standing, Tidied tidied) {}

    /// What one look for files to be merged came to.
    enum Tidied {
        MERGED,
        LATER,
        NOTHING
    }

    /// Does what is due for a table though nothing comes: drops what is expired, merges the small
    /// files of a day that is over, if there is one.
    ///
    /// @param first by partition, where a table that is made begins
    synchronized Tidying tidy(EventDataStore store, Path table, List<Long> first)
            throws IOException {
        var json = JSON.createObjectNode();
        var tidy =
                json.putObject("tidy")
                        .put("table", table.toString())
                        .put("columns", LakeProcess.columns(store))
                        .put("retentionDays", store.retentionDays());
        first.forEach(tidy.putArray("first")::add);
        var answer = ask(json, List.of());
        return new Tidying(
                TableStanding.of(answer.path("standing")),
                Tidied.valueOf(answer.path("tidied").asText().toUpperCase(Locale.ROOT)));
    }

    /// Lets go of a table that is about to be removed.
    synchronized void forget(Path table) throws IOException {
        if (running != null) {
            var json = JSON.createObjectNode();
            json.putObject("forget").put("table", table.toString());
            ask(json, List.of());
        }
    }

    private JsonNode ask(ObjectNode question, List<byte[]> events) throws IOException {
        var now = running();
        try (var _ = new Watch(now.process())) {
            var answer = exchange(now, question, events);
            if (answer.has("failed")) {
                throw new IOException(answer.path("failed").asText());
            }
            return answer;
        }
    }

    private JsonNode exchange(Running now, ObjectNode question, List<byte[]> events)
            throws IOException {
        var answered = false;
        try {
            frame(now.in(), JSON.writeValueAsBytes(question));
            for (var event : events) {
                frame(now.in(), event);
            }
            now.in().flush();
            var line = now.out().readLine();
            if (line == null) {
                throw new IOException("the process that keeps the tables has ended");
            }
            var answer = JSON.readTree(line);
            answered = true;
            return answer;
        } finally {
            if (!answered) {
                // Whatever it says next would be taken for the answer to the next question.
                end();
            }
        }
    }

    private static void frame(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private Running running() throws IOException {
        if (closed) {
            throw new IOException("the server stops");
        }
        var known = running;
        if (known != null && known.process().isAlive()) {
            return known;
        }
        end();
        LakeProcess.remove(scratch);
        Files.createDirectories(scratch);
        var process = LakeProcess.start(LakeProcess.KEEPER, HEAP, scratch);
        var started =
                new Running(
                        process,
                        new DataOutputStream(
                                new BufferedOutputStream(process.getOutputStream(), 1 << 16)),
                        new BufferedReader(
                                new InputStreamReader(
                                        process.getInputStream(), StandardCharsets.UTF_8)));
        running = started;
        var begin = JSON.createObjectNode();
        begin.putObject("begin")
                .put("memoryBytes", MEMORY_BYTES)
                .put("scratch", scratch.toString())
                .put("spillBytes", SPILL_BYTES)
                .put("lock", lock.toString())
                .put("threads", Runtime.getRuntime().availableProcessors());
        try (var _ = new Watch(process)) {
            exchange(started, begin, List.of());
        }
        return started;
    }

    private void end() {
        var known = running;
        running = null;
        if (known != null) {
            known.process().destroyForcibly();
        }
    }

    /// Lets the commit under way end.
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        var known = running;
        running = null;
        if (known != null) {
            try {
                known.in().close();
                if (!known.process().waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                    known.process().destroyForcibly();
                }
            } catch (InterruptedException _) {
                known.process().destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        LakeProcess.remove(scratch);
    }

    /// Ends a process that does not answer.
    private static final class Watch implements AutoCloseable {
        private final Thread thread;

        Watch(Process process) {
            thread =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    if (!process.waitFor(ANSWER_MAX_SECONDS, TimeUnit.SECONDS)) {
                                        process.destroyForcibly();
                                    }
                                } catch (InterruptedException _) {
                                    Thread.currentThread().interrupt();
                                }
                            });
        }

        @Override
        public void close() {
            thread.interrupt();
        }
    }
}
