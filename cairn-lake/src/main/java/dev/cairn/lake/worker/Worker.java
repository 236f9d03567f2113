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
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Answers a question, and ends, or waits for another one where the question says so. A question
/// over event data stores is read and translated at once, and run when another line comes.
public final class Worker {
    /// The only table there is over log files.
    private static final String LOGS = "logs";

    /// Deeply nested statements are refused by their depth, not by the size of a thread's stack.
    private static final long STACK_BYTES = 64L << 20;

    /// How often progress is told, in packed bytes read.
    private static final long TOLD_BYTES = 1L << 20;

    private static final long LOADING_BYTES = 64L << 20;
    private static final Duration LOADING_TIME = Duration.ofMinutes(1);

    /// No line says nothing.
    private static final String END = "";

    private final Answers answers;
    private final Runnable gone;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

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

    /// Does once what every question needs, while none may be there yet: what is loaded and
    /// compiled for it is there then.
    private static void load() {
        var folder = Path.of(System.getProperty("java.io.tmpdir"));
        try (var engine = Engine.start(new Limits(LOADING_BYTES, folder, LOADING_BYTES, 1));
                var clock = Executors.newScheduledThreadPool(1)) {
            var query =
                    Dialect.translate(
                            "SELECT eventName, count(*) FROM logs WHERE eventTime > '2026-01-01 00:00:00' GROUP BY 1",
                            Map.of(LOGS, EventColumns.all()));
            var run =
                    new Run(engine, new Answers(OutputStream.nullOutputStream()), clock, () -> {});
            run.prepare(LOGS, List.of(), Optional.empty());
            run.rows(query, LOADING_TIME);
        } catch (SQLException | SqlRefusedException _) {
            // It fails again when it is needed, and somebody hears of it.
        }
    }

    /// @param in the question's line, over stores another one, and then nothing until it ends, or
    ///   until the next question where there may be one: whoever asked is gone when it ends
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
        listen(in);
        try {
            var more = true;
            while (more) {
                var line = lines.take();
                if (line.equals(END)) {
                    return 1;
                }
                var question = Question.of(line);
                more = question.more();
                try {
                    answer(question);
                } catch (SqlRefusedException refused) {
                    answers.refused(String.valueOf(refused.getMessage()));
                }
                if (more) {
                    answers.ready();
                }
            }
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
    private void listen(InputStream in) {
        Thread.ofPlatform()
                .daemon()
                .name("asker")
                .start(() -> {
                    try (var said =
                            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                        for (@Nullable String line = said.readLine();
                                line != null;
                                line = said.readLine()) {
                            lines.add(line);
                        }
                    } catch (IOException _) {
                        // As good as ended.
                    }
                    lines.add(END);
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
        lines.take();
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
