package dev.cairn.server.lake;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.secret.Secrets;
import dev.cairn.server.operation.StoreImports;
import dev.cairn.store.EventDataStore;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreId;
import dev.cairn.store.StoreState;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Imports log files of buckets into the tables of event data stores, past the ledger.
///
/// An import goes through the keys of its bucket in their order. The events of some files are
/// committed to the table first, then the last of their keys is written down with what became of
/// them; whatever the server dies on, some files are read again, and the table takes of their
/// events those that it does not have. What cannot be reached for a while is waited for,
/// [#TRIES_MAX] times.
public final class LakeImports implements StoreImports, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LakeImports.class);

    /// How much is committed at once.
    private static final long BATCH_BYTES = 32L << 20;

    private static final int BATCH_FILES = 1_000;

    /// What is read is written down this often at least.
    private static final Duration SAVE = Duration.ofSeconds(5);

    private static final Duration PAUSE_MAX = Duration.ofMinutes(1);
    private static final int TRIES_MAX = 10;
    private static final int CLOSE_SECONDS = 60;

    private final Tables tables;
    private final EventDataStores stores;
    private final ImportDocuments documents;
    private final Buckets buckets;
    private final long fileBytesMax;
    private final Secrets secrets;
    private final InstantSource clock;
    private final Duration pauseMin;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ExecutorService threads;

    /// Where events go.
    @FunctionalInterface
    public interface Tables {
        /// Puts events into a store's table, those that it does not have yet.
        ///
        /// @param id of their import; empty when it has none
        /// @param added how many events that import has added before
        /// @throws IOException when it cannot be told whether they are there: they may be loaded
        ///   again
        Loaded load(EventDataStore store, String id, long added, List<byte[]> events)
                throws IOException, CatalogException;
    }

    private LakeImports(
            Tables tables,
            EventDataStores stores,
            Catalog catalog,
            Buckets buckets,
            long fileBytesMax,
            Secrets secrets,
            InstantSource clock,
            Duration pauseMin,
            ExecutorService threads) {
        this.pauseMin = pauseMin;
        this.threads = threads;
        this.tables = tables;
        this.stores = stores;
        this.documents = new ImportDocuments(catalog);
        this.buckets = buckets;
        this.fileBytesMax = fileBytesMax;
        this.secrets = secrets;
        this.clock = clock;
    }

    /// Opens them, and goes on with those that were under way.
    ///
    /// @param buckets where log files are read
    /// @param fileBytesMax the largest file when unpacked
    /// @param pauseMin before the first try again; the pauses double
    /// @param threads that run imports; shut down when they are closed
    public static LakeImports open(
            Tables tables,
            EventDataStores stores,
            Catalog catalog,
            Buckets buckets,
            long fileBytesMax,
            Secrets secrets,
            InstantSource clock,
            Duration pauseMin,
            ExecutorService threads)
            throws CatalogException {
        var imports =
                new LakeImports(
                        tables,
                        stores,
                        catalog,
                        buckets,
                        fileBytesMax,
                        secrets,
                        clock,
                        pauseMin,
                        threads);
        for (var one : imports.documents.list("")) {
            if (!one.status().ended()) {
                imports.threads.execute(() -> imports.run(one));
            }
        }
        return imports;
    }

    // ---- asking ---------------------------------------------------------------------------------

    @Override
    public Import start(EventDataStore store, Source source, Instant now) throws CatalogException {
        var one =
                new Import(
                        secrets.uuid(),
                        store.account(),
                        store.region(),
                        store.arn(),
                        source,
                        Status.INITIALIZING,
                        now,
                        now,
                        0,
                        "",
                        Progress.NONE);
        documents.<Boolean>write(tx -> {
            checkNone(documents.list(tx, ImportDocuments.within(store.account())));
            documents.create(tx, one);
            return true;
        });
        threads.execute(() -> run(one));
        return one;
    }

    @Override
    public Import retry(Import ended, Instant now) throws CatalogException {
        var one =
                documents.write(tx -> {
                    checkNone(documents.list(tx, ImportDocuments.within(ended.account())));
                    // A run that was stopped may have got further since it was asked for.
                    var next = resumed(documents.find(tx, ended).orElse(ended), now);
                    documents.replace(tx, next);
                    return next;
                });
        threads.execute(() -> run(one));
        return one;
    }

    private static Import resumed(Import ended, Instant now) {
        return new Import(
                ended.id(),
                ended.account(),
                ended.region(),
                ended.store(),
                ended.source(),
                Status.INITIALIZING,
                ended.created(),
                now,
                ended.run() + 1,
                ended.cursor(),
                ended.progress());
    }

    private static void checkNone(List<Import> imports) {
        for (var other : imports) {
            if (!other.status().ended()) {
                throw new Failure(
                        ErrorCode.ACCOUNT_HAS_ONGOING_IMPORT,
                        "The import %s is %s: an account has one at a time."
                                .formatted(other.id(), other.status()));
            }
        }
    }

    @Override
    public Import stop(Import running, Instant now) throws CatalogException {
        return documents.write(tx -> {
            var known = documents.find(tx, running).orElse(running);
            if (known.status().ended()) {
                throw new Failure(
                        ErrorCode.INVALID_PARAMETER,
                        "Expected an import that goes on, got %s, which is %s."
                                .formatted(known.id(), known.status()));
            }
            var stopped = with(known, Status.STOPPED, now, known.cursor(), known.progress());
            documents.replace(tx, stopped);
            return stopped;
        });
    }

    @Override
    public Optional<Import> find(String account, String region, String id) throws CatalogException {
        return documents.find(account, region, id);
    }

    @Override
    public List<Import> of(String account, String region) throws CatalogException {
        return documents.list(ImportDocuments.within(account, region));
    }

    @Override
    public FailurePage failures(Import of, String from, int max) throws CatalogException {
        return documents.failures(of, from, max);
    }

    @Override
    public boolean ongoing(Transaction tx, EventDataStore store) throws CatalogException {
        return documents.list(tx, ImportDocuments.within(store.account(), store.region())).stream()
                .anyMatch(one -> one.store().equals(store.arn()) && !one.status().ended());
    }

    @Override
    public Loaded load(EventDataStore store, List<byte[]> events)
            throws IOException, CatalogException {
        return tables.load(store, "", 0, events);
    }

    private static Import with(
            Import one, Status status, Instant now, String cursor, Progress progress) {
        return new Import(
                one.id(),
                one.account(),
                one.region(),
                one.store(),
                one.source(),
                status,
                one.created(),
                now,
                one.run(),
                cursor,
                progress);
    }

    // ---- running --------------------------------------------------------------------------------

    private void run(Import one) {
        try {
            var pause = pauseMin;
            var tries = 0;
            var cursor = one.cursor();
            while (true) {
                var known = documents.find(one.account(), one.region(), one.id());
                if (known.isEmpty()
                        || known.get().run() != one.run()
                        || known.get().status().ended()) {
                    return;
                }
                tries = known.get().cursor().equals(cursor) ? tries + 1 : 1;
                cursor = known.get().cursor();
                try {
                    new Run(known.get()).run();
                    return;
                } catch (Lasting lasting) {
                    end(known.get(), lasting.type, String.valueOf(lasting.getMessage()));
                    return;
                } catch (Passing passing) {
                    LOG.warn("the import {} must wait {}: {}", one.id(), pause, passing.toString());
                    if (tries >= TRIES_MAX) {
                        end(known.get(), passing.type, String.valueOf(passing.getMessage()));
                        return;
                    }
                }
                if (closing.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                    return;
                }
                var twice = pause.multipliedBy(2);
                pause = twice.compareTo(PAUSE_MAX) < 0 ? twice : PAUSE_MAX;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (CatalogException failure) {
            LOG.error("the import {} waits for the next start", one.id(), failure);
        } catch (RuntimeException unforeseen) {
            // The outermost frame: a mistake of ours must not end what others rely on.
            LOG.error("the import {} waits for the next start", one.id(), unforeseen);
        }
    }

    /// Ends an import that cannot go on. Its location with a star stands for all of it.
    private void end(Import one, String type, String message) throws CatalogException {
        var now = clock.instant();
        var all =
                new FileFailure(
                        location(one.source(), one.source().prefix() + "*"),
                        "FAILED",
                        type,
                        message,
                        now);
        documents.<Boolean>write(tx -> {
            var known = documents.find(tx, one).orElse(one);
            if (known.run() == one.run() && !known.status().ended()) {
                // Counted once, however often it is tried in vain.
                var more = documents.failed(tx, known, all.location()) ? 0 : 1;
                documents.put(tx, known, all);
                documents.replace(
                        tx,
                        with(
                                known,
                                Status.FAILED,
                                now,
                                known.cursor(),
                                failed(known.progress(), more)));
            }
            return true;
        });
    }

    private static Progress failed(Progress progress, int more) {
        return new Progress(
                progress.prefixes(),
                progress.prefix(),
                progress.files(),
                progress.events(),
                progress.failed() + more);
    }

    private static String location(Source source, String key) {
        return "s3://" + source.bucket() + "/" + key;
    }

    /// What does not go away by waiting.
    private static final class Lasting extends Exception {
        private static final long serialVersionUID = 1L;

        private final String type;

        Lasting(String type, String message) {
            super(message);
            this.type = type;
        }
    }

    /// What may be over soon.
    private static final class Passing extends Exception {
        private static final long serialVersionUID = 1L;

        private final String type;

        Passing(String type, Exception cause) {
            super(cause.getMessage(), cause);
            this.type = type;
        }
    }

    /// A file that was read to its end.
    ///
    /// @param wrong what is wrong with it
    /// @param before how it failed, where it did and is tried again
    private record Ended(String key, Optional<FileFailure> wrong, Optional<FileFailure> before) {

        Progress counted(Progress progress, boolean failed) {
            if (before.isPresent()) {
                return failed ? progress : LakeImports.failed(progress, -1);
            }
            return failed
                    ? LakeImports.failed(progress, 1)
                    : new Progress(
                            progress.prefixes(),
                            progress.prefix(),
                            progress.files() + 1,
                            progress.events(),
                            progress.failed());
        }
    }

    /// One try, from where the import is. For one thread.
    private final class Run {
        private final Source source;
        private Import one;
        private Progress progress;
        private String cursor;
        private final List<byte[]> batch = new ArrayList<>();

        /// Of each event of the batch, the key of its file.
        private final List<String> keys = new ArrayList<>();

        /// How many events of a file the table did not take, by its key.
        private final Map<String, Integer> unfit = new HashMap<>();

        private final List<Ended> files = new ArrayList<>();
        private final List<FileFailure> outcomes = new ArrayList<>();
        private long batchBytes;
        private int batchFiles;
        private long savedNanos = System.nanoTime();
        private boolean stopped;

        Run(Import one) {
            this.one = one;
            this.source = one.source();
            this.progress = one.progress();
            this.cursor = one.cursor();
        }

        void run() throws Passing, Lasting, CatalogException, InterruptedException {
            save(false);
            retryFailed();
            var more = !stopped;
            while (more && !stopped) {
                var page = list();
                for (var object : page.objects()) {
                    if (stopped) {
                        return;
                    }
                    if (ImportedFile.isMeant(object.key(), source)) {
                        file(object.key());
                    } else {
                        passOver(object.key());
                    }
                }
                more = page.more() && !page.objects().isEmpty();
            }
            save(true);
        }

        private void passOver(String key) throws Passing, CatalogException, InterruptedException {
            checkOpen();
            cursor = key;
            batchFiles++;
            saveWhenDue();
        }

        private void checkOpen() throws InterruptedException {
            if (closing.getCount() == 0) {
                throw new InterruptedException("the server stops");
            }
        }

        private Archive.Page list() throws Passing, Lasting {
            try {
                return buckets.list(source.bucket(), source.prefix(), cursor, Buckets.LIST_MAX);
            } catch (ArchiveException failure) {
                if (failure.kind() == ArchiveException.Kind.TIMEOUT
                        || failure.kind() == ArchiveException.Kind.UNAVAILABLE) {
                    throw passing(failure);
                }
                throw lasting(failure);
            }
        }

        private static Passing passing(ArchiveException failure) {
            return new Passing(failure.code(), failure);
        }

        private static Lasting lasting(ArchiveException failure) {
            return new Lasting(failure.code(), String.valueOf(failure.getMessage()));
        }

        /// The files that failed before.
        private void retryFailed() throws Passing, Lasting, CatalogException, InterruptedException {
            var from = "";
            do {
                var page = documents.failures(one, from, Catalog.LIMIT_MAX);
                for (var failure : page.failures()) {
                    if (!failure.status().equals("SUCCEEDED") && !stopped) {
                        again(failure);
                    }
                }
                from = page.next();
            } while (!from.isEmpty());
        }

        private void again(FileFailure failure)
                throws Passing, Lasting, CatalogException, InterruptedException {
            var key = failure.location().substring(location(source, "").length());
            var wrong = key.endsWith("*") ? Optional.<FileFailure>empty() : read(key);
            files.add(new Ended(key, wrong, Optional.of(failure)));
            batchFiles++;
            saveWhenDue();
        }

        /// Says what became of the files that were read, once their events are in the table.
        private void settle() {
            for (var file : files) {
                var wrong = wrong(file);
                progress = file.counted(progress, wrong.isPresent());
                wrong.or(() -> file.before().map(this::succeeded)).ifPresent(outcomes::add);
            }
            files.clear();
            unfit.clear();
        }

        private Optional<FileFailure> wrong(Ended file) {
            var count = unfit.get(file.key());
            if (count == null) {
                return file.wrong();
            }
            var words =
                    "%d of its records cannot be in an event data store: no sound JSON, such as half of a surrogate pair"
                            .formatted(count);
            return Optional.of(
                    file.wrong()
                            .map(one ->
                                    failed(file.key(), one.type(), one.message() + "; " + words))
                            .orElseGet(() -> failed(file.key(), "InvalidFile", words)));
        }

        private FileFailure succeeded(FileFailure before) {
            return new FileFailure(
                    before.location(),
                    "SUCCEEDED",
                    before.type(),
                    before.message(),
                    clock.instant());
        }

        private void file(String key)
                throws Passing, Lasting, CatalogException, InterruptedException {
            var wrong = read(key);
            var prefix = key.substring(0, key.lastIndexOf('/') + 1);
            var another = progress.prefixes() == 0 || !prefix.equals(progress.prefix());
            progress =
                    new Progress(
                            progress.prefixes() + (another ? 1 : 0),
                            prefix,
                            progress.files(),
                            progress.events(),
                            progress.failed());
            files.add(new Ended(key, wrong, Optional.empty()));
            cursor = key;
            batchFiles++;
            saveWhenDue();
        }

        /// @return what is wrong with it; empty when nothing is
        private Optional<FileFailure> read(String key)
                throws Passing, Lasting, CatalogException, InterruptedException {
            checkOpen();
            try {
                var found = buckets.get(source.bucket(), key);
                if (found.isEmpty()) {
                    return Optional.of(failed(key, "NoSuchKey", "it was listed, and is gone"));
                }
                try (var content = found.get()) {
                    var wrong =
                            new ImportedFile(key, source, fileBytesMax)
                                    .read(
                                            content.bytes(),
                                            clock.instant(),
                                            event -> take(key, event));
                    return wrong == null
                            ? Optional.empty()
                            : Optional.of(failed(key, "InvalidFile", wrong));
                }
            } catch (ArchiveException failure) {
                return switch (failure.kind()) {
                    case TIMEOUT, UNAVAILABLE -> throw passing(failure);
                    case NO_SUCH_BUCKET -> throw lasting(failure);
                    case DENIED, CORRUPT ->
                            Optional.of(
                                    failed(
                                            key,
                                            failure.code(),
                                            String.valueOf(failure.getMessage())));
                };
            } catch (ImportedFile.TakerException failure) {
                throw new Passing("InternalFailure", failure);
            } catch (IOException failure) {
                return Optional.of(
                        failed(key, "InvalidFile", "it cannot be read: " + failure.getMessage()));
            }
        }

        private FileFailure failed(String key, String type, String message) {
            return new FileFailure(location(source, key), "FAILED", type, message, clock.instant());
        }

        private void take(String key, byte[] event) throws IOException {
            batch.add(event);
            keys.add(key);
            batchBytes += event.length;
            if (batchBytes >= BATCH_BYTES) {
                load();
            }
        }

        private void load() throws IOException {
            if (batch.isEmpty()) {
                return;
            }
            try {
                var loaded = tables.load(store(), one.id(), progress.events(), List.copyOf(batch));
                progress =
                        new Progress(
                                progress.prefixes(),
                                progress.prefix(),
                                progress.files(),
                                loaded.total(),
                                progress.failed());
                loaded.unfit().forEach(at -> unfit.merge(keys.get(at), 1, Integer::sum));
            } catch (CatalogException failure) {
                throw new IOException("the catalog does not answer", failure);
            }
            batch.clear();
            keys.clear();
            batchBytes = 0;
        }

        /// As it is now: its retention may have been changed.
        private EventDataStore store() throws CatalogException, IOException {
            var id = StoreId.of(one.store());
            return stores.find(id.account(), id.region(), id.id())
                    .filter(state -> state.status() != StoreState.Status.PENDING_DELETION)
                    .map(StoreState::store)
                    .orElseThrow(() -> new IOException("the event data store is gone"));
        }

        private void saveWhenDue() throws Passing, CatalogException {
            if (batchFiles >= BATCH_FILES
                    || batchBytes >= BATCH_BYTES
                    || System.nanoTime() - savedNanos >= SAVE.toNanos()) {
                save(false);
            }
        }

        /// Commits what was read, then writes down how far that is.
        private void save(boolean end) throws Passing, CatalogException {
            try {
                load();
            } catch (IOException failure) {
                throw new Passing("InternalFailure", failure);
            }
            settle();
            var status =
                    end
                            ? progress.failed() == 0 ? Status.COMPLETED : Status.FAILED
                            : Status.IN_PROGRESS;
            var next = with(one, status, clock.instant(), cursor, progress);
            stopped =
                    documents.write(tx -> {
                        var known = documents.find(tx, one);
                        if (known.isEmpty() || known.get().run() != one.run()) {
                            return true;
                        }
                        for (var outcome : outcomes) {
                            documents.put(tx, one, outcome);
                        }
                        var ended = known.get().status().ended();
                        documents.replace(
                                tx,
                                ended
                                        ? with(
                                                next,
                                                known.get().status(),
                                                next.updated(),
                                                cursor,
                                                progress)
                                        : next);
                        return ended;
                    });
            outcomes.clear();
            batchFiles = 0;
            savedNanos = System.nanoTime();
        }
    }

    /// Ends the tries under way; the imports go on after the next start.
    @Override
    public void close() {
        closing.countDown();
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("an import does not end");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
