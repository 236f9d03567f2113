package dev.cairn.lake.worker;

import dev.cairn.lake.column.Column;
import dev.cairn.lake.column.EventColumns;
import dev.cairn.lake.dialect.Dialect;
import dev.cairn.lake.dialect.SqlRefusedException;
import dev.cairn.lake.dialect.Translated;
import dev.cairn.lake.engine.Engine;
import dev.cairn.lake.engine.Limits;
import dev.cairn.lake.log.Keep;
import dev.cairn.lake.log.LogTable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Answers one question, and ends. A question over event data stores is read and translated at
/// once, and run when another line comes.
public final class Worker {
    /// The only table there is over log files.
    private static final String LOGS = "logs";

    /// Deeply nested statements are refused by their depth, not by the size of a thread's stack.
    private static final long STACK_BYTES = 64L << 20;

    /// How often progress is told, in packed bytes read.
    private static final long TOLD_BYTES = 1L << 20;

    private static final long LOADING_BYTES = 64L << 20;

    private final Answers answers;
    private final Runnable gone;
    private final CountDownLatch go = new CountDownLatch(1);

    private Worker(Answers answers, Runnable gone) {
        this.answers = answers;
        this.gone = gone;
    }

    /// The process. Its exit code is 0 when it could say how the query ended, whatever the end.
    public static void main(String[] arguments) throws InterruptedException {
        var out = System.out;
        // Whatever a library prints is no answer.
        System.setOut(System.err);
        Thread.ofPlatform().daemon().name("load").start(Worker::load);
        System.exit(serve(System.in, out, () -> Runtime.getRuntime().halt(1)));
    }

    /// Loads what every question needs, while it may not be there yet.
    private static void load() {
        var folder = Path.of(System.getProperty("java.io.tmpdir"));
        try (var _ = Engine.start(new Limits(LOADING_BYTES, folder, LOADING_BYTES, 1))) {
            Dialect.translate("SELECT count(*) FROM logs", Map.of(LOGS, EventColumns.all()));
        } catch (SQLException | SqlRefusedException _) {
            // It fails again when it is needed, and somebody hears of it.
        }
    }

    /// @param in the question's line, over stores another one, and then nothing until it ends:
    ///   whoever asked is gone then
    /// @param gone is run when it has ended, and when a query is not to be waited for any more
    /// @return the exit code
    static int serve(InputStream in, OutputStream out, Runnable gone) throws InterruptedException {
        var code = new AtomicInteger(1);
        var worker = new Worker(new Answers(out), gone);
        var thread = new Thread(null, () -> code.set(worker.answer(in)), "worker", STACK_BYTES);
        thread.start();
        thread.join();
        return code.get();
    }

    private int answer(InputStream in) {
        try {
            var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            var line = lines.readLine();
            if (line == null) {
                return 1;
            }
            watch(lines);
            answer(Question.of(line));
            return 0;
        } catch (SqlRefusedException refused) {
            answers.refused(String.valueOf(refused.getMessage()));
            return 0;
        } catch (SQLException | IOException failure) {
            answers.failed(Failures.words(failure), Failures.timeOver(failure));
            return 0;
        } catch (UncheckedIOException _) {
            // Nobody listens.
            return 1;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    /// Nobody waits for the answer any more when the input ends.
    private void watch(BufferedReader lines) {
        Thread.ofPlatform()
                .daemon()
                .name("asker")
                .start(() -> {
                    try {
                        @Nullable String line;
                        do {
                            line = lines.readLine();
                            go.countDown();
                        } while (line != null);
                    } catch (IOException _) {
                        // As good as ended.
                    }
                    gone.run();
                });
    }

    private void answer(Question question)
            throws SqlRefusedException, SQLException, IOException, InterruptedException {
        var limits =
                new Limits(
                        question.memoryBytes(),
                        question.scratch().resolve("spill"),
                        question.spillBytes(),
                        question.threads());
        if (question.rows().isPresent()) {
            ofRows(question, question.rows().get(), limits);
        } else if (question.stores().isEmpty()) {
            overLogs(question, limits);
        } else {
            overStores(question, limits);
        }
    }

    private void overStores(Question question, Limits limits)
            throws SqlRefusedException, SQLException, IOException, InterruptedException {
        var columns = new HashMap<String, List<Column>>();
        question.stores().forEach(store -> columns.put(store.id(), store.columns().ofStores()));
        var query = Dialect.translate(question.sql(), columns);
        // Before it waits for its turn: the version of a table that it is to read may be forgotten
        // meanwhile, the files that this names not.
        var tables = new ArrayList<StoreTable>();
        for (var store : question.stores()) {
            tables.add(StoreTable.of(store, query.sought(store.id())));
        }
        answers.accepted();
        go.await();
        answers.scanned(
                tables.stream().mapToLong(StoreTable::events).sum(),
                tables.stream().mapToLong(StoreTable::bytes).sum());
        try (var engine = Engine.start(limits);
                var clock = Executors.newScheduledThreadPool(1)) {
            var run = new Run(engine, answers, clock, gone);
            run.prepare(tables, question.parquet());
            answer(run, query, question);
        }
    }

    private void ofRows(Question question, Question.Rows rows, Limits limits) throws SQLException {
        try (var engine = Engine.start(limits);
                var clock = Executors.newScheduledThreadPool(1)) {
            new Run(engine, answers, clock, gone)
                    .parquet(rows, question.parquet().orElseThrow(), question.time());
        }
    }

    private static void answer(Run run, Translated query, Question question) throws SQLException {
        if (question.parquet().isPresent()) {
            run.parquet(query, question.parquet().get(), question.time());
        } else {
            run.rows(query, question.time());
        }
    }

    private void overLogs(Question question, Limits limits)
            throws SqlRefusedException, SQLException, IOException, InterruptedException {
        var query = Dialect.translate(question.sql(), Map.of(LOGS, EventColumns.all()));
        var keep =
                question.cache()
                        .map(folder -> new Keep(folder, question.cacheBytesMax(), true))
                        .orElseGet(() ->
                                new Keep(question.scratch().resolve(LOGS), Long.MAX_VALUE, false));
        var told = new AtomicLong();
        try (var table =
                        LogTable.open(
                                question.logs(),
                                keep,
                                limits,
                                InstantSource.system(),
                                (done, total, events) -> {
                                    var last = told.get();
                                    if ((done - last >= TOLD_BYTES || done == total)
                                            && told.compareAndSet(last, done)) {
                                        answers.reading(done, total, events);
                                    }
                                });
                var engine = Engine.start(limits);
                var clock = Executors.newScheduledThreadPool(1)) {
            answers.read(table);
            var run = new Run(engine, answers, clock, gone);
            run.prepare(LOGS, table.parts(), question.parquet());
            answer(run, query, question);
        }
    }
}
