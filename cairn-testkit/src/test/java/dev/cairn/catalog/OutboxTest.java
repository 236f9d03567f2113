package dev.cairn.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.testkit.catalog.FaultyCatalog;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final Place PLACE = new Place("123456789012", "us-east-1");

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final Recorder ledger = new Recorder();
    private final Outbox outbox = new Outbox(catalog, ledger);

    @Test
    void aChangeAndItsEventAreDoneBeforeTheAnswer() throws Exception {
        assertThat(outbox.perform(change("a"))).isEqualTo("answer a");
        assertThat(catalog.get("thing", "a")).isPresent();
        assertThat(ledger.entries).hasSize(1);
        Entry entry = ledger.entries.getFirst();
        assertThat(entry.place()).isEqualTo(PLACE);
        assertThat(entry.origin()).isEqualTo(Origin.OWN);
        assertThat(new String(entry.json(), UTF_8)).isEqualTo("{\"eventID\":\"a\",\"ü\":\"\\n\"}");
        assertThat(outbox.waiting()).isZero();
        assertThat(outbox.drain()).isEqualTo(new Outbox.Drained(0, 0, 0));
    }

    @Test
    void aChangeThatFailsLeavesNothing() throws Exception {
        assertThatThrownBy(() ->
                        outbox.perform(tx -> {
                            tx.create("thing", "a", "{}");
                            throw new Failure(ErrorCode.INVALID_PARAMETER);
                        }))
                .isInstanceOf(Failure.class);
        assertThat(catalog.get("thing", "a")).isEmpty();
        assertThat(outbox.waiting()).isZero();
        assertThat(ledger.entries).isEmpty();
    }

    @Test
    void aLedgerThatPushesBackRefusesTheChangeBeforeItIsMade() throws Exception {
        ledger.pushback = "The disk is full.";
        assertThatThrownBy(() -> outbox.perform(change("a")))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> {
                            assertThat(failure.code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
                            assertThat(failure.retryAfter()).isPresent();
                        })
                .hasMessage("The disk is full.");
        assertThat(catalog.get("thing", "a")).isEmpty();
        assertThat(outbox.waiting()).isZero();
    }

    @Test
    void anEventPushedBackAfterItsChangeWaitsAndIsRecordedLater() throws Exception {
        ledger.full = true;
        assertThat(outbox.perform(change("a"))).isEqualTo("answer a");
        assertThat(outbox.waiting()).isEqualTo(1);
        assertThat(outbox.drain()).isEqualTo(new Outbox.Drained(0, 0, 1));
        ledger.full = false;
        assertThat(outbox.drain()).isEqualTo(new Outbox.Drained(1, 0, 0));
        assertThat(ledger.ids()).containsExactly("a");
        assertThat(outbox.waiting()).isZero();
    }

    @Test
    void tooManyWaitingEventsRefuseFurtherChanges() throws Exception {
        ledger.full = true;
        for (int i = 0; i < Outbox.WAITING_MAX; i++) {
            outbox.perform(change("n" + i));
        }
        assertThatThrownBy(() -> outbox.perform(change("a")))
                .isInstanceOf(Failure.class)
                .hasMessage("Events of 1000 earlier calls still wait to be recorded.");
        assertThat(catalog.get("thing", "a")).isEmpty();
        ledger.full = false;
        assertThat(outbox.drain()).isEqualTo(new Outbox.Drained(Outbox.WAITING_MAX, 0, 0));
        assertThat(ledger.entries).hasSize(Outbox.WAITING_MAX);
        outbox.perform(change("a"));
    }

    @Test
    void anEventWhoseIdIsTakenIsSetAside() throws Exception {
        ledger.append(List.of(new Entry(PLACE, "a", Origin.INTAKE, "{}".getBytes(UTF_8))));
        assertThat(outbox.perform(change("a"))).isEqualTo("answer a");
        assertThat(outbox.waiting()).isZero();
        assertThat(catalog.get("outbox-set-aside", "a"))
                .map(Document::json)
                .hasValueSatisfying(json -> assertThat(json).contains("eventID"));
        assertThat(outbox.drain()).isEqualTo(new Outbox.Drained(0, 0, 0));
    }

    @Test
    void aCatalogThatFailsAfterTheChangeDoesNotMakeItAFailure() throws Exception {
        Recorder closing =
                new Recorder() {
                    @Override
                    public List<Append> append(List<Entry> added) throws InterruptedException {
                        catalog.close();
                        return super.append(added);
                    }
                };

        assertThat(new Outbox(catalog, closing).perform(change("a"))).isEqualTo("answer a");
        assertThat(closing.ids()).containsExactly("a");
    }

    @Test
    void anInterruptedCallKeepsItsInterruptAndItsEvent() throws Exception {
        Thread.currentThread().interrupt();
        assertThat(outbox.perform(change("a"))).isEqualTo("answer a");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(outbox.waiting()).isEqualTo(1);
        assertThat(outbox.drain().recorded()).isEqualTo(1);
    }

    /// Three calls, killed at every step of catalog and ledger; then a restart, killed at every
    /// step of its own; then one that is left alone.
    @Test
    void whateverItDiesOnEachChangeHasExactlyOneEvent() throws Exception {
        int sites = 0;
        boolean died = true;
        for (int first = 0; died; first++) {
            boolean diedAgain = true;
            for (int second = 0; diedAgain; second++) {
                MemoryCatalog disk = new MemoryCatalog();
                Recorder recorded = new Recorder();
                List<String> answered = new ArrayList<>();
                died =
                        dies(
                                first,
                                disk,
                                recorded,
                                box -> {
                                    for (String id : List.of("a", "b", "c")) {
                                        box.perform(change(id));
                                        answered.add(id);
                                    }
                                });
                diedAgain = dies(second, disk, recorded, Outbox::drain);
                new Outbox(disk, recorded).drain();

                List<String> made =
                        disk.list("thing", "", "", 10).stream().map(Document::key).toList();
                assertThat(recorded.ids())
                        .as("dead at step %d, then at step %d", first, second)
                        .containsExactlyInAnyOrderElementsOf(made);
                assertThat(made).containsAll(answered);
                assertThat(disk.list("outbox", "", "", 10)).isEmpty();
                assertThat(disk.list("outbox-set-aside", "", "", 10)).isEmpty();
                sites++;
            }
        }
        // Six steps a call: before and after the transaction, the append, the removal.
        assertThat(sites).isGreaterThan(3 * 6);
    }

    private interface Life {
        void live(Outbox outbox) throws Exception;
    }

    /// Runs until the step of that number, at which everything stops.
    ///
    /// @return false when it was through before
    private static boolean dies(int step, MemoryCatalog disk, Recorder recorded, Life life)
            throws Exception {
        Reaper reaper = new Reaper(step);
        try {
            life.live(
                    new Outbox(
                            new FaultyCatalog(disk, () -> reaper),
                            new MortalLedger(recorded, reaper)));
            return false;
        } catch (Dead _) {
            return true;
        }
    }

    private static Outbox.Change<String, RuntimeException> change(String id) {
        return tx -> {
            tx.create("thing", id, "{}");
            byte[] json = "{\"eventID\":\"%s\",\"ü\":\"\\n\"}".formatted(id).getBytes(UTF_8);
            return new Outbox.Changed<>("answer " + id, new Entry(PLACE, id, Origin.OWN, json));
        };
    }

    private static final class Dead extends Error {
        private static final long serialVersionUID = 1L;
    }

    private static final class Reaper implements FaultyCatalog.Faults {
        private int left;

        Reaper(int step) {
            left = step;
        }

        void step() {
            if (left-- == 0) {
                throw new Dead();
            }
        }

        @Override
        public void beforeWrite() {
            step();
        }

        @Override
        public void inWrite() {
            step();
        }

        @Override
        public void afterWrite() {
            step();
        }
    }

    private static final class MortalLedger extends Recorder {
        private final Recorder disk;
        private final Reaper reaper;

        MortalLedger(Recorder disk, Reaper reaper) {
            this.disk = disk;
            this.reaper = reaper;
        }

        @Override
        public List<Append> append(List<Entry> entries) throws InterruptedException {
            reaper.step();
            List<Append> outcomes = disk.append(entries);
            reaper.step();
            return outcomes;
        }
    }

    /// As much of a ledger as the outbox uses: it appends, knows ids, and pushes back.
    private static class Recorder implements Ledger {
        final List<Entry> entries = new ArrayList<>();
        boolean full;
        String pushback = "";

        List<String> ids() {
            return entries.stream().map(Entry::id).toList();
        }

        @Override
        public List<Append> append(List<Entry> added) throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return added.stream().map(this::append).toList();
        }

        private Append append(Entry entry) {
            if (full) {
                return new Append.Pushback(Duration.ofSeconds(1), "full");
            }
            int known = ids().indexOf(entry.id());
            if (known < 0) {
                entries.add(entry);
                return new Append.Recorded(new Position(0, entries.size() - 1));
            }
            return Arrays.equals(entries.get(known).json(), entry.json())
                    ? new Append.Duplicate(new Position(0, known))
                    : new Append.Conflict(new Position(0, known));
        }

        @Override
        public State state() {
            return new State(0, pushback, List.of(), Instant.EPOCH);
        }

        @Override
        public int partitions() {
            return 1;
        }

        @Override
        public int partitionOf(Place place) {
            return 0;
        }

        @Override
        public Span span(int partition) {
            return new Span(0, entries.size());
        }

        @Override
        public Slice read(Position from, int itemsMax, long bytesMax) {
            throw new UnsupportedOperationException("the outbox does not read");
        }

        @Override
        public boolean await(Position past, Duration atMost) {
            throw new UnsupportedOperationException("the outbox does not wait");
        }

        @Override
        public void release(int partition, long below) {
            throw new UnsupportedOperationException("the outbox does not release");
        }

        @Override
        public void close() {}
    }
}
