package dev.cairn.testkit.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Range;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.CatalogException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/// What every [Catalog] does. An implementation's test extends this.
public abstract class CatalogContract {

    /// A catalog without documents; the suite closes it.
    protected abstract Catalog newCatalog() throws Exception;

    @Test
    void aDocumentStartsAtVersionOneAndRisesByOne() throws Exception {
        try (Catalog catalog = newCatalog()) {
            create(catalog, "trail", "a", "{}");
            replace(catalog, "trail", "a", "{\"x\":1}");
            replace(catalog, "trail", "a", "{\"x\":2}");
            assertThat(catalog.get("trail", "a"))
                    .contains(new Document("trail", "a", 3, "{\"x\":2}"));
        }
    }

    @Test
    void aDocumentMadeAgainStartsAtVersionOneAgain() throws Exception {
        try (Catalog catalog = newCatalog()) {
            create(catalog, "trail", "a", "{}");
            replace(catalog, "trail", "a", "{}");
            delete(catalog, "trail", "a");
            assertThat(catalog.get("trail", "a")).isEmpty();
            create(catalog, "trail", "a", "{}");
            assertThat(catalog.get("trail", "a")).map(Document::version).contains(1L);
        }
    }

    @Test
    void kindsDoNotMeet() throws Exception {
        try (Catalog catalog = newCatalog()) {
            create(catalog, "a", "k", "1");
            create(catalog, "b", "k", "2");
            assertThat(catalog.list("a", "", "", 10))
                    .extracting(Document::json)
                    .containsExactly("1");
            assertThat(catalog.get("b", "k")).map(Document::json).contains("2");
        }
    }

    @Test
    void creatingWhatIsThereConflicts() throws Exception {
        try (Catalog catalog = newCatalog()) {
            create(catalog, "trail", "a", "1");
            assertConflict(() -> create(catalog, "trail", "a", "2"));
            assertThat(catalog.get("trail", "a")).map(Document::json).contains("1");
        }
    }

    @Test
    void changingOrRemovingAnOldVersionConflicts() throws Exception {
        try (Catalog catalog = newCatalog()) {
            Document old = create(catalog, "trail", "a", "1");
            replace(catalog, "trail", "a", "2");
            assertConflict(() -> write(catalog, tx -> tx.replace(old, "3")));
            assertConflict(() -> write(catalog, tx -> tx.delete(old)));
            assertThat(catalog.get("trail", "a")).map(Document::json).contains("2");

            Document gone = catalog.get("trail", "a").orElseThrow();
            delete(catalog, "trail", "a");
            assertConflict(() -> write(catalog, tx -> tx.replace(gone, "3")));
            assertConflict(() -> write(catalog, tx -> tx.delete(gone)));
        }
    }

    @Test
    void whenTheWorkThrowsNothingIsChanged() throws Exception {
        try (Catalog catalog = newCatalog()) {
            create(catalog, "trail", "a", "1");
            assertThatThrownBy(() ->
                            catalog.write(tx -> {
                                tx.create("trail", "b", "2");
                                tx.delete(tx.get("trail", "a").orElseThrow());
                                throw new IOException("on purpose");
                            }))
                    .isInstanceOf(IOException.class)
                    .hasMessage("on purpose");
            assertThat(catalog.list("trail", "", "", 10))
                    .containsExactly(new Document("trail", "a", 1, "1"));
            create(catalog, "trail", "b", "3");
        }
    }

    @Test
    void aConflictWithinTheWorkUndoesAllOfIt() throws Exception {
        try (Catalog catalog = newCatalog()) {
            create(catalog, "trail", "b", "1");
            assertConflict(() ->
                    write(
                            catalog,
                            tx -> {
                                tx.create("trail", "a", "1");
                                tx.create("trail", "b", "1");
                            }));
            assertThat(catalog.get("trail", "a")).isEmpty();
        }
    }

    @Test
    void aTransactionSeesItsOwnChangesAndOthersDoNotYet() throws Exception {
        try (Catalog catalog = newCatalog()) {
            write(
                    catalog,
                    tx -> {
                        tx.create("trail", "a", "1");
                        assertThat(tx.get("trail", "a")).isPresent();
                        assertThat(tx.list("trail", "", "", 10)).hasSize(1);
                        assertThat(catalog.get("trail", "a")).isEmpty();
                        assertThat(catalog.list("trail", "", "", 10)).isEmpty();
                    });
            assertThat(catalog.get("trail", "a")).isPresent();
        }
    }

    @Test
    void aTransactionMustNotStartAnother() throws Exception {
        try (Catalog catalog = newCatalog()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> write(catalog, tx -> create(catalog, "trail", "a", "1")));
            create(catalog, "trail", "a", "1");
        }
    }

    @Test
    void aTransactionIsOfNoUseAfterItsWork() throws Exception {
        try (Catalog catalog = newCatalog()) {
            Transaction kept = catalog.<Transaction, RuntimeException>write(tx -> tx);
            assertThatIllegalStateException().isThrownBy(() -> kept.get("trail", "a"));
            assertThatIllegalStateException().isThrownBy(() -> kept.create("trail", "a", "1"));
        }
    }

    @Test
    void whatIsToBeDoneAtTheEndIsDoneWhetherItWorkedOrNot() throws Exception {
        try (Catalog catalog = newCatalog()) {
            List<Optional<Document>> seen = new ArrayList<>();
            Callable<Optional<Document>> look = () -> catalog.get("trail", "a");
            write(
                    catalog,
                    tx -> {
                        tx.atEnd(() -> seen.add(unchecked(look)));
                        tx.create("trail", "a", "1");
                        assertThat(seen).isEmpty();
                    });
            assertThat(seen).containsExactly(Optional.of(new Document("trail", "a", 1, "1")));
            assertConflict(() ->
                    write(
                            catalog,
                            tx -> {
                                tx.atEnd(() -> seen.add(unchecked(look)));
                                tx.create("trail", "a", "2");
                            }));
            assertThat(seen).hasSize(2);
        }
    }

    @Test
    void aLockIsHeldUntilTheTransactionHasEndedWhetherItWorkedOrNot() throws Exception {
        try (Catalog catalog = newCatalog()) {
            ReentrantLock lock = new ReentrantLock();
            write(
                    catalog,
                    tx -> {
                        tx.hold(lock::lock, lock::unlock);
                        tx.create("trail", "a", "1");
                        assertThat(lock.isHeldByCurrentThread()).isTrue();
                    });
            assertThat(lock.isLocked()).isFalse();
            assertConflict(() ->
                    write(
                            catalog,
                            tx -> {
                                tx.hold(lock::lock, lock::unlock);
                                tx.create("trail", "a", "2");
                            }));
            assertThat(lock.isLocked()).isFalse();
        }
    }

    @Test
    void aListIsOrderedByCodePointAndPaged() throws Exception {
        try (Catalog catalog = newCatalog()) {
            // U+FF5E sorts behind U+1F600 by UTF-16 unit, before it by code point.
            List<String> keys =
                    List.of("A", "Z", "a", "a/1", "a/2", "a0", "é", "～", "\uD83D\uDE00");
            for (String key : keys.reversed()) {
                create(catalog, "k", key, "{}");
            }
            create(catalog, "j", "a/0", "{}");
            create(catalog, "l", "a/3", "{}");
            assertThat(keysOf(catalog.list("k", "", "", 1000))).isEqualTo(keys);
            assertThat(keysOf(catalog.list("k", "", "", 3))).containsExactly("A", "Z", "a");
            assertThat(keysOf(catalog.list("k", "", "a", 3))).containsExactly("a/1", "a/2", "a0");
            assertThat(keysOf(catalog.list("k", "a/", "", 10))).containsExactly("a/1", "a/2");
            assertThat(keysOf(catalog.list("k", "a/", "a/1", 10))).containsExactly("a/2");
            assertThat(keysOf(catalog.list("k", "a/", "a/2", 10))).isEmpty();
            assertThat(keysOf(catalog.list("k", "a/", "z", 10))).isEmpty();
            assertThat(keysOf(catalog.list("k", "b", "", 10))).isEmpty();
        }
    }

    @Test
    void aRangeIsListedEitherWayAndEndsAtItsBoundOfCharacters() throws Exception {
        try (Catalog catalog = newCatalog()) {
            // U+FF5E sorts behind U+1F600 by UTF-16 unit, before it by code point.
            List<String> keys = List.of("a", "b", "b/1", "b/2", "é", "～", "\uD83D\uDE00");
            for (String key : keys.reversed()) {
                create(catalog, "k", key, "{}");
            }
            create(catalog, "j", "b", "{}");
            create(catalog, "l", "b", "{}");
            String last = "\uD83D\uDE01";
            assertThat(keysOf(catalog.list("k", new Range("", last, false), 10, 100)))
                    .isEqualTo(keys);
            assertThat(keysOf(catalog.list("k", new Range("", last, true), 10, 100)))
                    .isEqualTo(keys.reversed());
            assertThat(keysOf(catalog.list("k", new Range("a", "～", false), 10, 100)))
                    .containsExactly("b", "b/1", "b/2", "é");
            assertThat(keysOf(catalog.list("k", new Range("a", "～", true), 2, 100)))
                    .containsExactly("é", "b/2");
            assertThat(keysOf(catalog.list("k", new Range("b/", "b/2", true), 10, 100)))
                    .containsExactly("b/1");
            assertThat(catalog.list("k", new Range("b", "a", false), 10, 100)).isEmpty();
            assertThat(catalog.list("k", new Range("b", "b", true), 10, 100)).isEmpty();

            assertThat(keysOf(catalog.list("k", new Range("", last, false), 10, 1)))
                    .containsExactly("a");
            assertThat(keysOf(catalog.list("k", new Range("", last, false), 10, 4)))
                    .containsExactly("a", "b");
            assertThat(keysOf(catalog.list("k", new Range("", last, true), 10, 5)))
                    .containsExactly("\uD83D\uDE00", "～", "é");
        }
    }

    @Test
    void anyTextIsGivenBackAsItWas() throws Exception {
        try (Catalog catalog = newCatalog()) {
            String text = "{\"t\":\"\u0000\uD83D\uDE00 \\u0000 %' --;\r\n\"}" + "x".repeat(100_000);
            create(catalog, "k", "%_'\"; DROP TABLE document; --", text);
            assertThat(catalog.list("k", "%_'", "", 1))
                    .extracting(Document::json)
                    .containsExactly(text);
        }
    }

    @Test
    void namesAndLimitsOutOfBoundsAreRefused() throws Exception {
        try (Catalog catalog = newCatalog()) {
            String longest = "k".repeat(Catalog.NAME_CHARS_MAX);
            create(catalog, longest, longest, "{}");
            assertThat(catalog.get(longest, longest)).isPresent();
            for (String bad : List.of("", longest + "k", "a\u0000", "a\nb", "\uD83D", "\uDE00x")) {
                assertThatIllegalArgumentException().isThrownBy(() -> catalog.get("k", bad));
                assertThatIllegalArgumentException().isThrownBy(() -> catalog.get(bad, "k"));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> create(catalog, "k", bad, ""));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> create(catalog, bad, "k", ""));
                assertThatIllegalArgumentException().isThrownBy(() -> catalog.list(bad, "", "", 1));
            }
            assertThatIllegalArgumentException().isThrownBy(() -> catalog.list("k", "", "", 0));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> catalog.list("k", "", "", Catalog.LIMIT_MAX + 1));
            Range all = new Range("", "z", false);
            assertThatIllegalArgumentException().isThrownBy(() -> catalog.list("", all, 1, 1));
            assertThatIllegalArgumentException().isThrownBy(() -> catalog.list("k", all, 0, 1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> catalog.list("k", all, Catalog.LIMIT_MAX + 1, 1));
            assertThatIllegalArgumentException().isThrownBy(() -> catalog.list("k", all, 1, 0));
        }
    }

    @Test
    void writersOnManyThreadsLoseNoChangeAndKeepNoneOfAFailedOne() throws Exception {
        try (Catalog catalog = newCatalog();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            create(catalog, "k", "sum", "0");
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(
                        threads.submit(() -> {
                            for (int n = 0; n < 10; n++) {
                                addOne(catalog);
                                assertThatThrownBy(() -> addOneAndThrow(catalog))
                                        .isInstanceOf(OnPurpose.class);
                                catalog.get("k", "sum");
                                catalog.list("k", "", "", 10);
                            }
                            return null;
                        }));
            }
            for (Future<?> one : all) {
                one.get();
            }
            assertThat(catalog.list("k", "", "", 10))
                    .containsExactly(new Document("k", "sum", 81, "80"));
        }
    }

    @Test
    void aClosedCatalogSaysSo() throws Exception {
        Catalog catalog = newCatalog();
        catalog.close();
        catalog.close();
        for (Action use :
                List.<Action>of(
                        () -> catalog.get("k", "a"),
                        () -> catalog.list("k", "", "", 1),
                        () -> catalog.list("k", new Range("", "z", false), 1, 1),
                        () -> create(catalog, "k", "a", "1"))) {
            assertThatThrownBy(use::run)
                    .isInstanceOfSatisfying(
                            CatalogException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
        }
    }

    @Property(tries = 60)
    void behavesLikeAMapWithVersions(@ForAll("transactions") List<List<Step>> transactions)
            throws Exception {
        try (Catalog catalog = newCatalog()) {
            Model model = new Model();
            for (List<Step> steps : transactions) {
                Model next = model.copy();
                boolean expected = steps.stream().allMatch(next::apply);
                boolean made = run(catalog, steps);
                assertThat(made).isEqualTo(expected);
                if (made) {
                    model = next;
                }
                assertThat(catalog.list("k", "", "", 100)).isEqualTo(model.documents());
                for (Document document : model.documents()) {
                    assertThat(catalog.get("k", document.key())).contains(document);
                }
            }
        }
    }

    @Provide
    Arbitrary<List<List<Step>>> transactions() {
        Arbitrary<Step> step =
                Combinators.combine(
                                Arbitraries.of(Act.class),
                                Arbitraries.of("a", "b", "c"),
                                Arbitraries.longs().between(1, 4),
                                Arbitraries.of("1", "2", "3"))
                        .as(Step::new);
        return step.list().ofMinSize(1).ofMaxSize(4).list().ofMaxSize(12);
    }

    /// What a step of the model does.
    enum Act {
        CREATE,
        REPLACE,
        DELETE,
        /// The work throws.
        FAIL
    }

    record Step(Act act, String key, long version, String json) {
        Document old() {
            return new Document("k", key, version, "");
        }
    }

    private static boolean run(Catalog catalog, List<Step> steps) throws CatalogException {
        try {
            write(
                    catalog,
                    tx -> {
                        for (Step step : steps) {
                            switch (step.act()) {
                                case CREATE -> tx.create("k", step.key(), step.json());
                                case REPLACE -> tx.replace(step.old(), step.json());
                                case DELETE -> tx.delete(step.old());
                                case FAIL -> throw new OnPurpose();
                            }
                        }
                    });
            return true;
        } catch (OnPurpose _) {
            return false;
        } catch (CatalogException e) {
            assertThat(e.kind()).isEqualTo(Kind.CONFLICT);
            return false;
        }
    }

    /// The plainest model: three keys, each with a document or none.
    private static final class Model {
        private final TreeMap<String, Document> documents = new TreeMap<>();

        Model copy() {
            Model copy = new Model();
            copy.documents.putAll(documents);
            return copy;
        }

        List<Document> documents() {
            return List.copyOf(documents.values());
        }

        boolean apply(Step step) {
            Document now = documents.get(step.key());
            return switch (step.act()) {
                case CREATE -> {
                    documents.putIfAbsent(
                            step.key(), new Document("k", step.key(), 1, step.json()));
                    yield now == null;
                }
                case REPLACE -> {
                    documents.computeIfPresent(
                            step.key(),
                            (key, old) -> new Document("k", key, old.version() + 1, step.json()));
                    yield now != null && now.version() == step.version();
                }
                case DELETE -> {
                    documents.remove(step.key());
                    yield now != null && now.version() == step.version();
                }
                case FAIL -> false;
            };
        }
    }

    private static final class OnPurpose extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private interface Change {
        void make(Transaction tx) throws CatalogException;
    }

    private interface Action {
        void run() throws Exception;
    }

    private static void write(Catalog catalog, Change change) throws CatalogException {
        catalog.<Optional<Void>, RuntimeException>write(tx -> {
            change.make(tx);
            return Optional.empty();
        });
    }

    private static Document create(Catalog catalog, String kind, String key, String json)
            throws CatalogException {
        write(catalog, tx -> tx.create(kind, key, json));
        return catalog.get(kind, key).orElseThrow();
    }

    private static void replace(Catalog catalog, String kind, String key, String json)
            throws CatalogException {
        write(catalog, tx -> tx.replace(tx.get(kind, key).orElseThrow(), json));
    }

    private static void delete(Catalog catalog, String kind, String key) throws CatalogException {
        write(catalog, tx -> tx.delete(tx.get(kind, key).orElseThrow()));
    }

    private static void addOne(Catalog catalog) throws CatalogException {
        write(
                catalog,
                tx -> {
                    Document old = tx.get("k", "sum").orElseThrow();
                    tx.replace(old, Integer.toString(Integer.parseInt(old.json()) + 1));
                });
    }

    private static void addOneAndThrow(Catalog catalog) throws CatalogException {
        write(
                catalog,
                tx -> {
                    Document old = tx.get("k", "sum").orElseThrow();
                    tx.replace(old, "0");
                    tx.create("k", "undone", "");
                    throw new OnPurpose();
                });
    }

    private static List<String> keysOf(List<Document> documents) {
        return documents.stream().map(Document::key).toList();
    }

    private static void assertConflict(Action action) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        CatalogException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
    }

    private static <T> T unchecked(Callable<T> call) {
        try {
            return call.call();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
