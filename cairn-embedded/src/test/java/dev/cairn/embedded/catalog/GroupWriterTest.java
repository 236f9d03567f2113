package dev.cairn.embedded.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.CatalogException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Transactions that wait for each other share a commit, and nothing else.
///
/// Commits are counted in the write-ahead log itself
/// (https://sqlite.org/fileformat2.html#the_write_ahead_log).
class GroupWriterTest {
    private static final int SECONDS_MAX = 60;
    private static final int FIRST = -1;

    @TempDir private Path folder = Path.of("");
    private Path file = Path.of("");
    private SqliteCatalog catalog;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeEach
    void open() throws Exception {
        file = folder.resolve("catalog");
        catalog = SqliteCatalog.open(file);
    }

    /// Bounded: transactions that wait for each other for ever would keep it open.
    @AfterEach
    void close() throws Exception {
        get(threads.submit(catalog::close));
    }

    @Test
    void aLoneCallerHasACommitOfItsOwn() throws Exception {
        int before = commits();
        for (int i = 0; i < 3; i++) {
            String key = "k" + i;
            catalog.<Boolean, RuntimeException>write(tx -> create(tx, key));
        }
        assertThat(commits() - before).isEqualTo(3);
    }

    @Test
    void thoseWhoWaitForEachOtherShareACommit() throws Exception {
        int before = commits();
        List<Future<Boolean>> all = together(9, (tx, i) -> create(tx, "k" + i));
        for (Future<Boolean> one : all) {
            assertThat(get(one)).isTrue();
        }
        assertThat(keys()).hasSize(10);
        assertThat(commits() - before).isEqualTo(1);
    }

    @Test
    void aGroupIsBounded() throws Exception {
        int before = commits();
        for (Future<Boolean> one :
                together(GroupWriter.MEMBERS_MAX, (tx, i) -> create(tx, "k" + i))) {
            get(one);
        }
        assertThat(keys()).hasSize(GroupWriter.MEMBERS_MAX + 1);
        assertThat(commits() - before).isEqualTo(2);
    }

    @Test
    void eachSeesWhatThoseBeforeItDid() throws Exception {
        List<Future<Integer>> all =
                together(
                        5,
                        (tx, i) -> {
                            create(tx, "k" + i);
                            return tx.list("k", "", "", 100).size();
                        });
        List<Integer> seen = new ArrayList<>();
        for (Future<Integer> one : all) {
            seen.add(get(one));
        }
        assertThat(seen).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void workThatThrowsIsUndoneAlone() throws Exception {
        int before = commits();
        List<Future<Boolean>> all =
                together(
                        5,
                        (tx, i) -> {
                            create(tx, "k" + i);
                            if (i % 2 != 0) {
                                throw new IOException("on purpose " + i);
                            }
                            return true;
                        });
        // The first one, which began the group, throws as well.
        for (int i = 0; i < all.size(); i++) {
            int number = i - 1;
            if (number % 2 == 0) {
                assertThat(get(all.get(i))).isTrue();
            } else {
                assertThat(failure(all.get(i)))
                        .isInstanceOf(IOException.class)
                        .hasMessage("on purpose " + number);
            }
        }
        assertThat(keys()).containsExactly("k0", "k2", "k4");
        assertThat(commits() - before).isEqualTo(1);
    }

    @Test
    void nobodyIsAnsweredBeforeTheCommit() throws Exception {
        List<Future<Boolean>> known = new ArrayList<>();
        List<Future<Boolean>> all =
                together(
                        2,
                        (tx, i) -> {
                            if (i == 1) {
                                assertThat(known).isNotEmpty().noneMatch(Future::isDone);
                                assertThat(catalog.list("k", "", "", 10)).isEmpty();
                            }
                            return create(tx, "k" + i);
                        },
                        known);
        for (Future<Boolean> one : all) {
            assertThat(get(one)).isTrue();
        }
    }

    /// SQLite rolls all of it back when a statement finds the disk full.
    @Test
    void aFullDiskFailsTheGroupAndNotTheNextOne() throws Exception {
        catalog.limitPages(8);
        List<Future<Boolean>> all =
                together(
                        4,
                        (tx, i) ->
                                switch (i) {
                                    // Fails by what is not durable: it must not say so.
                                    case 1 -> create(tx, "k0");
                                    case 2 -> {
                                        tx.create("k", "k2", "x".repeat(200_000));
                                        yield true;
                                    }
                                    default -> create(tx, "k" + i);
                                });
        for (Future<Boolean> one : all.subList(0, 4)) {
            assertThat(failure(one))
                    .isInstanceOfSatisfying(
                            CatalogException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
                    .hasRootCauseMessage(
                            "[SQLITE_FULL] Insertion failed because database is full (database or disk is full)");
        }
        assertThat(get(all.getLast())).isTrue();
        assertThat(keys()).containsExactly("k3");
    }

    @Test
    void workThatPassesOverAnErrorOfTheDiskIsUndoneAllTheSame() throws Exception {
        catalog.limitPages(8);
        assertThatThrownBy(() ->
                        catalog.<Boolean, CatalogException>write(tx -> {
                            try {
                                tx.create("k", "a", "x".repeat(200_000));
                            } catch (CatalogException _) {
                                // As if nothing had happened.
                            }
                            return create(tx, "b");
                        }))
                .isInstanceOfSatisfying(
                        CatalogException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
        assertThat(keys()).isEmpty();
    }

    @Test
    void aLockThatIsHeldDoesNotKeepTheNextFromIt() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        List<Future<Boolean>> all =
                together(
                        4,
                        (tx, i) -> {
                            tx.hold(lock::lock, lock::unlock);
                            return create(tx, "k" + i);
                        });
        for (Future<Boolean> one : all) {
            assertThat(get(one)).isTrue();
        }
        assertThat(lock.isLocked()).isFalse();
    }

    @Test
    void closingEndsTheGroup() throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        Future<Boolean> written =
                threads.submit(() ->
                        catalog.<Boolean, Exception>write(tx -> {
                            working.countDown();
                            await(closing);
                            return create(tx, "a");
                        }));
        await(working);
        Future<?> closed = threads.submit(catalog::close);
        awaitWaiting(1);
        closing.countDown();
        assertThat(get(written)).isTrue();
        get(closed);
        try (SqliteCatalog again = SqliteCatalog.open(file)) {
            assertThat(again.get("k", "a")).isPresent();
        }
    }

    // How they are brought together.

    private interface NumberedWork<T> {
        T run(Transaction tx, int number) throws Exception;
    }

    private <T> List<Future<T>> together(int others, NumberedWork<T> work) throws Exception {
        return together(others, work, new ArrayList<>());
    }

    /// Runs a transaction numbered [#FIRST], which works until so many others, numbered from 0,
    /// wait in line behind it.
    ///
    /// @param all takes the futures as they are made
    private <T> List<Future<T>> together(int others, NumberedWork<T> work, List<Future<T>> all)
            throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch inLine = new CountDownLatch(1);
        all.add(
                threads.submit(() ->
                        catalog.<T, Exception>write(tx -> {
                            working.countDown();
                            await(inLine);
                            return work.run(tx, FIRST);
                        })));
        await(working);
        for (int i = 0; i < others; i++) {
            int number = i;
            all.add(threads.submit(() -> catalog.<T, Exception>write(tx -> work.run(tx, number))));
            awaitWaiting(number + 1);
        }
        inLine.countDown();
        return all;
    }

    private void awaitWaiting(int count) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
        while (catalog.waiting() < count) {
            assertThat(System.nanoTime()).as("%d in line", count).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(SECONDS_MAX, TimeUnit.SECONDS);
    }

    private static Throwable failure(Future<?> future) throws Exception {
        try {
            return new AssertionError("expected a failure, got " + get(future));
        } catch (ExecutionException e) {
            return Optional.ofNullable(e.getCause()).orElseThrow();
        }
    }

    private static boolean create(Transaction tx, String key) throws CatalogException {
        tx.create("k", key, "{}");
        return true;
    }

    private List<String> keys() throws CatalogException {
        return catalog.list("k", "", "", 1000).stream().map(Document::key).toList();
    }

    /// How many frames of the log end a transaction: those that say how many pages the file has
    /// then.
    private int commits() throws IOException {
        ByteBuffer log = ByteBuffer.wrap(Files.readAllBytes(Path.of(file + "-wal")));
        if (log.limit() == 0) {
            return 0;
        }
        int page = log.getInt(8);
        int commits = 0;
        for (int frame = 32; frame + 24 + page <= log.limit(); frame += 24 + page) {
            if (log.getInt(frame + 4) != 0) {
                commits++;
            }
        }
        return commits;
    }
}
