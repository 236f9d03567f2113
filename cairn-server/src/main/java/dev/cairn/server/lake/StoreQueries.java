package dev.cairn.server.lake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.Archive;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.digest.RegionKeys;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.LedgerException;
import dev.cairn.secret.Secrets;
import dev.cairn.server.configuration.LakeSettings;
import dev.cairn.server.operation.Queries;
import dev.cairn.store.StoreState;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs queries, each in a process of its own, [#RUNNING_MAX] at once. A process that has answered
/// well waits for the next query of the same account ([IdleWorkers]); after any other end it is
/// gone.
///
/// A query sees what was recorded when it was started: the table of each store as it was committed
/// last, and each store's events since. What it has when the server stops is lost; it has failed
/// then.
public final class StoreQueries implements Queries, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreQueries.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration KEPT = Duration.ofDays(7);
    private static final int RUNNING_MAX = 2;
    private static final int ACCEPT_SECONDS = 60;

    /// Of all accounts: each that waits for its turn is a process already.
    private static final int WAITING_MAX = 20;

    /// How often one that waits for its turn looks whether it was cancelled.
    private static final int TURN_SECONDS = 1;

    /// What a query may take beyond its time until its process is ended. Its own clock ends it
    /// before, unless it is where DuckDB does not look at that, such as planning.
    private static final Duration OVERDUE_MAX = Duration.ofMinutes(1);

    private static final int ERROR_CHARS_MAX = 1000;

    /// When a query that was pushed back may be asked again.
    private static final Duration LATER = Duration.ofSeconds(30);

    private final StoreTables tables;
    private final QueryDocuments documents;
    private final QueryResults results;
    private final ResultDelivery deliveries;
    private final Path scratch;
    private final IdleWorkers workers;
    private final LakeSettings settings;
    private final Secrets secrets;
    private final InstantSource clock;
    private final Map<String, Active> active = new ConcurrentHashMap<>();

    /// Those that have a place and no process yet that has read them.
    private final Map<String, Query> starting = new ConcurrentHashMap<>();

    private final Semaphore running = new Semaphore(RUNNING_MAX);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /// One at a time, as a file of it is in memory; never interrupted while it writes.
    private final ExecutorService delivering =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("lake-delivery").factory());

    private volatile boolean closing;

    private StoreQueries(
            StoreTables tables,
            Catalog catalog,
            Path folder,
            Archive archive,
            RegionKeys keys,
            LakeSettings settings,
            Secrets secrets,
            InstantSource clock)
            throws IOException {
        this.tables = tables;
        this.documents = new QueryDocuments(catalog);
        this.results = new QueryResults(folder.resolve("results"));
        this.deliveries = new ResultDelivery(archive, keys, results);
        this.scratch = folder.resolve("scratch").resolve("queries").toAbsolutePath();
        this.workers = new IdleWorkers(scratch, secrets::uuid);
        this.settings = settings;
        this.secrets = secrets;
        this.clock = clock;
    }

    /// Opens them. What a server that was killed left of its queries is removed.
    ///
    /// @param folder of the lake; results are in `results` there
    /// @param archive where results are delivered to
    /// @param keys that sign what is delivered
    public static StoreQueries open(
            StoreTables tables,
            Catalog catalog,
            Path folder,
            Archive archive,
            RegionKeys keys,
            LakeSettings settings,
            Secrets secrets,
            InstantSource clock)
            throws IOException, CatalogException {
        var queries =
                new StoreQueries(tables, catalog, folder, archive, keys, settings, secrets, clock);
        LakeProcess.remove(queries.scratch);
        for (var query : queries.documents.list("")) {
            if (!query.status().ended()) {
                queries.documents.replace(
                        ended(query, Status.FAILED, "the server was stopped while it ran"));
            } else if (query.delivery() != null
                    && query.delivery().status() == DeliveryStatus.PENDING) {
                queries.delivering.execute(() -> queries.deliver(query));
            }
        }
        return queries;
    }

    /// A query on its way.
    ///
    /// @param percent how far it is
    private record Active(
            Query query, IdleWorkers.Worker worker, BufferedReader answers, AtomicInteger percent) {
        Process process() {
            return worker.process();
        }
    }

    // ---- starting -------------------------------------------------------------------------------

    @Override
    public Query start(
            String account,
            String region,
            String asker,
            String statement,
            List<StoreState> stores,
            @Nullable Delivery delivery,
            @Nullable Template template,
            Instant now)
            throws CatalogException, InterruptedException {
        removeOld(now);
        var query =
                new Query(
                        secrets.uuid(),
                        account,
                        region,
                        asker,
                        statement,
                        stores.stream().map(state -> state.store().id()).toList(),
                        Status.QUEUED,
                        now,
                        0,
                        0,
                        0,
                        0,
                        null,
                        delivery,
                        template);
        reserve(query);
        try {
            return begin(query, stores);
        } finally {
            starting.remove(query.id());
        }
    }

    /// Takes a place for a query before anything is done for it.
    private void reserve(Query query) {
        synchronized (active) {
            checkConcurrent(query.asker(), query.region());
            starting.put(query.id(), query);
        }
    }

    private Query begin(Query query, List<StoreState> stores)
            throws CatalogException, InterruptedException {
        var started = process(query, stores);
        var taken = false;
        try {
            var refused = refused(started);
            if (refused.isPresent()) {
                taken = true;
                end(started, true);
                throw new Failure(ErrorCode.INVALID_QUERY_STATEMENT, refused.get());
            }
            synchronized (active) {
                active.put(query.id(), started);
                starting.remove(query.id());
            }
            documents.add(query);
            threads.execute(() -> run(started));
            taken = true;
            return query;
        } finally {
            if (!taken) {
                active.remove(query.id());
                started.worker().end();
            }
        }
    }

    private void checkConcurrent(String asker, String region) {
        var all =
                Stream.concat(
                                active.values().stream().map(Active::query),
                                starting.values().stream())
                        .toList();
        var count =
                all.stream()
                        .filter(query ->
                                query.asker().equals(asker) && query.region().equals(region))
                        .count();
        if (count >= CONCURRENT_MAX) {
            throw new Failure(
                    ErrorCode.MAX_CONCURRENT_QUERIES,
                    "Expected at most %d queries that are queued or running, got one more."
                            .formatted(CONCURRENT_MAX));
        }
        if (all.size() >= WAITING_MAX + RUNNING_MAX) {
            throw new Failure(
                    ErrorCode.MAX_CONCURRENT_QUERIES,
                    "Expected at most %d queries of all accounts that are queued or running, got one more."
                            .formatted(WAITING_MAX + RUNNING_MAX));
        }
    }

    private Active process(Query query, List<StoreState> stores) throws CatalogException {
        try {
            var worker = workers.take(query.asker());
            var asked = false;
            try {
                var started =
                        new Active(
                                query,
                                worker,
                                new BufferedReader(
                                        new InputStreamReader(
                                                worker.process().getInputStream(),
                                                StandardCharsets.UTF_8)),
                                new AtomicInteger());
                say(
                        started,
                        question(query, stores, Files.createDirectories(worker.scratch()))
                                .toString());
                asked = true;
                return started;
            } finally {
                if (!asked) {
                    worker.end();
                }
            }
        } catch (IOException | LedgerException failure) {
            LOG.error("a query cannot be started", failure);
            throw new Failure(
                    ErrorCode.SERVICE_UNAVAILABLE, "the query cannot be started", failure);
        }
    }

    /// @param folder for what it needs on disk
    private ObjectNode question(Query query, List<StoreState> stores, Path folder)
            throws CatalogException, LedgerException, IOException {
        var question =
                JSON.createObjectNode()
                        .put("sql", query.statement())
                        .put("scratch", folder.toString())
                        .put("memoryBytes", settings.memoryBytes())
                        .put("spillBytes", settings.temporaryBytes())
                        .put("threads", Runtime.getRuntime().availableProcessors())
                        .put("milliseconds", settings.queryTime().toMillis())
                        .put("more", true);
        var room = new AtomicLong(settings.temporaryBytes());
        var array = question.putArray("stores");
        for (var state : stores) {
            var id = state.store().id();
            try (var tail = new Tail(folder.resolve(id), room)) {
                var standing = tables.reading(state.store(), tail::take);
                var one =
                        array.addObject()
                                .put("id", id)
                                .put("columns", LakeProcess.columns(state.store()))
                                .put("metadata", standing.metadata().toString());
                tail.file().ifPresent(file -> one.put("tail", file.toString()));
            }
        }
        return question;
    }

    /// A file of the events that are not in a store's table yet: each a length (4 bytes) and a
    /// record.
    private static final class Tail implements AutoCloseable {
        private final Path file;
        private final AtomicLong room;
        private @Nullable DataOutputStream out;

        /// @param room how many bytes the tails of its query may still have
        Tail(Path file, AtomicLong room) {
            this.file = file;
            this.room = room;
        }

        void take(byte[] event) throws IOException {
            if (room.addAndGet(-event.length) < 0) {
                throw new Failure(
                        ErrorCode.SERVICE_UNAVAILABLE,
                        "What was recorded since its event data stores were committed last is larger than lake.temporary-space.",
                        LATER);
            }
            if (out == null) {
                out =
                        new DataOutputStream(
                                new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
            }
            out.writeInt(event.length);
            out.write(event);
        }

        /// Empty when there were none.
        Optional<Path> file() throws IOException {
            if (out != null) {
                out.flush();
            }
            return out == null ? Optional.empty() : Optional.of(file);
        }

        @Override
        public void close() throws IOException {
            if (out != null) {
                out.close();
            }
        }
    }

    private static void say(Active query, String line) throws IOException {
        // Its input stays open: to the worker its end means that we are gone.
        var input = query.process().getOutputStream();
        input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        input.flush();
    }

    /// Waits for the worker to have read the statement.
    ///
    /// @return why it is refused; empty when it is sound
    private static Optional<String> refused(Active started) {
        var watch = endAfter(started.process(), Duration.ofSeconds(ACCEPT_SECONDS));
        try {
            var said = next(started);
            if (said.has("refused")) {
                return Optional.of(said.path("refused").asText());
            }
            if (!said.has("accepted")) {
                throw new IOException(said.toString());
            }
            return Optional.empty();
        } catch (IOException failure) {
            LOG.error("the process of a query fails", failure);
            throw new Failure(
                    ErrorCode.SERVICE_UNAVAILABLE, "the query cannot be started", failure);
        } finally {
            watch.interrupt();
        }
    }

    /// @return is to be interrupted when the process need not be ended any more
    private static Thread endAfter(Process process, Duration time) {
        return Thread.ofVirtual()
                .start(() -> {
                    try {
                        if (!process.waitFor(time)) {
                            process.destroyForcibly();
                        }
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    private static JsonNode next(Active query) throws IOException {
        var line = query.answers().readLine();
        if (line == null) {
            throw new IOException("the query's process ended unexpectedly");
        }
        return JSON.readTree(line);
    }

    // ---- running --------------------------------------------------------------------------------

    private void run(Active started) {
        var query = started.query();
        Optional<Query> finished = Optional.empty();
        try {
            var turn = false;
            // One whose process is gone was cancelled: it waits for nothing.
            while (!turn && started.process().isAlive()) {
                turn = running.tryAcquire(TURN_SECONDS, TimeUnit.SECONDS);
            }
            try {
                finished = hear(started);
            } finally {
                if (turn) {
                    running.release();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (CatalogException failure) {
            LOG.error("what became of the query {} cannot be written down", query.id(), failure);
        } catch (RuntimeException unforeseen) {
            // The outermost frame: a mistake of ours must not end what others rely on.
            LOG.error("the query {} fails", query.id(), unforeseen);
        } finally {
            try {
                end(started, finished.isPresent());
            } finally {
                active.remove(query.id());
            }
        }
        finished.filter(done -> done.delivery() != null)
                .ifPresent(done -> delivering.execute(() -> deliver(done)));
    }

    /// Waits until nothing of a query is left in its process.
    private static boolean isReady(Active answered) throws IOException {
        var watch = endAfter(answered.process(), Duration.ofSeconds(ACCEPT_SECONDS));
        try {
            return next(answered).has("ready");
        } finally {
            watch.interrupt();
        }
    }

    /// Ends the process of a query, or keeps it for the next.
    private void end(Active ended, boolean answered) {
        var kept = false;
        try {
            if (answered && isReady(ended)) {
                workers.giveBack(ended.worker(), ended.query().asker());
                kept = true;
            }
        } catch (IOException failure) {
            LOG.warn("the process of a query is not used again", failure);
        } finally {
            if (!kept) {
                ended.worker().end();
            }
        }
        // Not before: it would take what this query needed.
        workers.prepare();
    }

    /// Puts a result into its bucket. What the server's end interrupts is done after its next
    /// start.
    private void deliver(Query query) {
        try {
            if (!closing) {
                var status = deliveries.deliver(query);
                documents.delivered(
                        query.with(Objects.requireNonNull(query.delivery()).with(status)));
            }
        } catch (CatalogException | IOException failure) {
            LOG.error("the result of the query {} waits to be delivered", query.id(), failure);
        } catch (RuntimeException unforeseen) {
            // The outermost frame: a mistake of ours must not end what others rely on.
            LOG.error("the result of the query {} is not delivered", query.id(), unforeseen);
        }
    }

    /// @return the query when it is finished
    private Optional<Query> hear(Active started) throws CatalogException {
        var query = started.query().with(Status.RUNNING);
        if (!documents.replace(query)) {
            return Optional.empty(); // Cancelled.
        }
        var begun = System.nanoTime();
        Query ended;
        var timeMax = timeMax();
        var watch = endAfter(started.process(), timeMax);
        try {
            say(started, "go");
            ended = hear(started, query);
        } catch (IOException failure) {
            ended =
                    System.nanoTime() - begun >= timeMax.toNanos()
                            ? ended(query, Status.TIMED_OUT, "the query took too long")
                            : ended(
                                    query,
                                    Status.FAILED,
                                    String.valueOf(failure.getMessage())
                                            + "; perhaps it needed more memory than there is");
        } finally {
            watch.interrupt();
        }
        var timed = ended.timed(Duration.ofNanos(System.nanoTime() - begun).toMillis());
        if (!documents.replace(timed) || timed.status() != Status.FINISHED) {
            removeResult(query.id());
            return Optional.empty();
        }
        return Optional.of(timed);
    }

    private Duration timeMax() {
        var time = settings.queryTime();
        return time.plus(time.compareTo(OVERDUE_MAX) < 0 ? time : OVERDUE_MAX);
    }

    private Query hear(Active started, Query begun) throws IOException {
        var query = begun;
        try (var writing = results.new Writing(query.id(), settings.temporaryBytes())) {
            while (true) {
                var said = next(started);
                if (said.isArray() || said.has("columns")) {
                    if (!writing.line(said)) {
                        return ended(
                                query,
                                Status.FAILED,
                                "the result is larger than lake.temporary-space, %d bytes"
                                        .formatted(settings.temporaryBytes()));
                    }
                } else if (said.has("scanned")) {
                    query =
                            query.scanned(
                                    said.path("scanned").path("events").asLong(),
                                    said.path("scanned").path("bytes").asLong());
                } else if (said.has("running")) {
                    started.percent().set(said.path("running").asInt());
                } else if (said.has("done")) {
                    writing.finish();
                    return finished(query, said.path("done").path("rows").asLong());
                } else if (said.has("failed")) {
                    return ended(
                            query,
                            said.has("timeOver") ? Status.TIMED_OUT : Status.FAILED,
                            said.path("failed").asText());
                }
            }
        }
    }

    private Query finished(Query query, long rows) {
        var delivery = query.delivery();
        var finished = query.ended(Status.FINISHED, rows, null);
        return delivery == null ? finished : finished.with(delivery.completed(clock.instant()));
    }

    /// Without a result there is nothing to deliver.
    private static Query ended(Query query, Status status, String error) {
        var ended =
                query.ended(
                        status, 0, error.substring(0, Math.min(error.length(), ERROR_CHARS_MAX)));
        var delivery = query.delivery();
        return delivery == null ? ended : ended.with(delivery.with(DeliveryStatus.FAILED));
    }

    private static Query cancelled(Query query) {
        var cancelled = query.with(Status.CANCELLED);
        var delivery = query.delivery();
        return delivery == null
                ? cancelled
                : cancelled.with(delivery.with(DeliveryStatus.CANCELLED));
    }

    // ---- asking ---------------------------------------------------------------------------------

    @Override
    public Optional<Query> find(String account, String region, String id) throws CatalogException {
        return documents.find(account, region, id).filter(this::kept);
    }

    @Override
    public List<Query> of(String account, String region) throws CatalogException {
        return documents.list(QueryDocuments.within(account, region)).stream()
                .filter(this::kept)
                .sorted(Comparator.comparing(Query::created).reversed().thenComparing(Query::id))
                .toList();
    }

    private boolean kept(Query query) {
        return !old(query, clock.instant());
    }

    private static boolean old(Query query, Instant now) {
        return query.created().plus(KEPT).isBefore(now);
    }

    @Override
    public int percent(Query query) {
        var known = active.get(query.id());
        return known != null ? known.percent().get() : query.status().ended() ? 100 : 0;
    }

    @Override
    public void cancel(Query query) throws CatalogException {
        var known = active.get(query.id());
        if (query.status().ended() || !documents.replace(cancelled(query))) {
            throw new Failure(
                    ErrorCode.INACTIVE_QUERY, "The query %s has ended.".formatted(query.id()));
        }
        if (known != null) {
            known.process().destroyForcibly();
        }
    }

    @Override
    public Page page(Query query, long from, int rowsMax) throws IOException {
        return results.page(query.id(), from, rowsMax);
    }

    private void removeOld(Instant now) throws CatalogException {
        for (var query : documents.list("")) {
            if (old(query, now) && query.status().ended()) {
                removeResult(query.id());
                documents.remove(query);
            }
        }
    }

    private void removeResult(String id) {
        try {
            results.remove(id);
        } catch (IOException failure) {
            LOG.warn("the result of the query {} cannot be removed", id, failure);
        }
    }

    /// Ends the queries under way, and lets the delivery under way end.
    @Override
    public void close() {
        closing = true;
        workers.close();
        active.values().forEach(query -> query.process().destroyForcibly());
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(ACCEPT_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a query does not end");
            }
            delivering.shutdown();
            if (!delivering.awaitTermination(ACCEPT_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("the delivery of a result does not end");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
