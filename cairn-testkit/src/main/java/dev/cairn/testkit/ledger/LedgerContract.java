package dev.cairn.testkit.ledger;

import static dev.cairn.testkit.ledger.Entries.PLACE;
import static dev.cairn.testkit.ledger.Entries.append;
import static dev.cairn.testkit.ledger.Entries.entry;
import static dev.cairn.testkit.ledger.Entries.held;
import static dev.cairn.testkit.ledger.Entries.json;
import static dev.cairn.testkit.ledger.Entries.recorded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.event.Place;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What every ledger must do. An implementation extends it and says how one is opened.
///
/// Each test opens one ledger; [#open] is called again to open the same one after it was closed.
public abstract class LedgerContract {
    private static final Duration LONG = Duration.ofSeconds(30);

    /// What a test wants of a ledger.
    ///
    /// @param duplicateWindow how long ids are remembered
    /// @param duplicateIdsMax how many of a partition's newest ids are remembered
    public record Wanted(InstantSource clock, Duration duplicateWindow, long duplicateIdsMax) {}

    /// A clock that stands still until it is moved.
    public static final class HandClock implements InstantSource {
        private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        public void advance(Duration by) {
            now = now.plus(by);
        }
    }

    protected final HandClock clock = new HandClock();
    private final List<Ledger> opened = new ArrayList<>();

    /// Opens this test's ledger.
    protected abstract Ledger open(Wanted wanted) throws Exception;

    private Ledger open() throws Exception {
        return open(Duration.ofHours(24), 1_000_000);
    }

    private Ledger open(Duration window, long idsMax) throws Exception {
        Ledger ledger = open(new Wanted(clock, window, idsMax));
        opened.add(ledger);
        return ledger;
    }

    @AfterEach
    final void closeAll() {
        opened.forEach(Ledger::close);
    }

    @Test
    void what_is_appended_is_read_back_byte_for_byte() throws Exception {
        Ledger ledger = open();
        String json = "{ \"eventID\" : \"a\", \"snowman\":\"☃\" ,\"n\":1.0}\n";
        Position position = recorded(ledger, entry(PLACE, "a", json));

        Slice slice = ledger.read(position, 10, 1000);

        assertThat(slice.next()).isEqualTo(position.offset() + 1);
        assertThat(slice.items())
                .singleElement()
                .isInstanceOfSatisfying(
                        Slice.Held.class,
                        held -> {
                            assertThat(held.position()).isEqualTo(position);
                            assertThat(held.recordedAt()).isEqualTo(clock.instant());
                            assertThat(held.entry().place()).isEqualTo(PLACE);
                            assertThat(held.entry().id()).isEqualTo("a");
                            assertThat(json(held.entry())).isEqualTo(json);
                        });
    }

    @Test
    void names_that_are_empty_or_not_latin_are_kept() throws Exception {
        Ledger ledger = open();
        Place place = new Place("", "地域");
        Position position = recorded(ledger, entry(place, "", "{}"));

        Slice.Held held = (Slice.Held) ledger.read(position, 1, 1).items().getFirst();

        assertThat(held.entry().place()).isEqualTo(place);
        assertThat(held.entry().id()).isEmpty();
    }

    @Test
    void offsets_of_a_partition_are_dense_and_in_the_order_of_appending() throws Exception {
        Ledger ledger = open();
        int partition = ledger.partitionOf(PLACE);
        List<Entry> entries = IntStream.range(0, 250).mapToObj(i -> entry("event-" + i)).toList();

        List<Append> outcomes = new ArrayList<>(ledger.append(entries.subList(0, 100)));
        outcomes.addAll(ledger.append(entries.subList(100, 250)));

        assertThat(outcomes)
                .isEqualTo(
                        IntStream.range(0, 250)
                                .mapToObj(i -> new Append.Recorded(new Position(partition, i)))
                                .toList());
        assertThat(held(ledger, partition))
                .extracting(held -> held.entry().id())
                .isEqualTo(entries.stream().map(Entry::id).toList());
    }

    @Test
    void a_place_always_goes_to_the_same_partition() throws Exception {
        Ledger ledger = open();
        for (int i = 0; i < 50; i++) {
            Place place = new Place("1234567890" + (10 + i), "eu-west-" + i % 3);
            Position position = recorded(ledger, entry(place, "x", "{}"));
            assertThat(position.partition()).isEqualTo(ledger.partitionOf(place));
        }
    }

    @Test
    void one_append_may_bring_events_of_many_places() throws Exception {
        Ledger ledger = open();
        List<Entry> entries =
                IntStream.range(0, 64)
                        .mapToObj(i -> entry(new Place("account-" + i, "r"), "x", "{}"))
                        .toList();

        List<Append> outcomes = ledger.append(entries);

        for (int i = 0; i < entries.size(); i++) {
            Position position = ((Append.Recorded) outcomes.get(i)).position();
            Slice.Held held = (Slice.Held) ledger.read(position, 1, 1).items().getFirst();
            assertThat(held.entry().place()).isEqualTo(entries.get(i).place());
        }
    }

    @Test
    void an_append_of_nothing_is_a_mistake() throws Exception {
        Ledger ledger = open();
        assertThatThrownBy(() -> ledger.append(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_slice_ends_at_the_items_wanted() throws Exception {
        Ledger ledger = open();
        int partition = ledger.partitionOf(PLACE);
        ledger.append(IntStream.range(0, 10).mapToObj(i -> entry("e" + i)).toList());

        Slice slice = ledger.read(new Position(partition, 3), 4, Long.MAX_VALUE);

        assertThat(slice.items()).hasSize(4);
        assertThat(slice.next()).isEqualTo(7);
    }

    @Test
    void a_slice_ends_after_the_item_that_reaches_the_bytes_wanted() throws Exception {
        Ledger ledger = open();
        int partition = ledger.partitionOf(PLACE);
        ledger.append(IntStream.range(0, 10).mapToObj(i -> entry("e" + i)).toList());
        int each = entry("e0").json().length;

        assertThat(ledger.read(new Position(partition, 0), 10, 1).items()).hasSize(1);
        assertThat(ledger.read(new Position(partition, 0), 10, each + 1).items()).hasSize(2);
    }

    @Test
    void reading_at_the_end_gives_an_empty_slice_and_beyond_it_is_refused() throws Exception {
        Ledger ledger = open();
        int partition = ledger.partitionOf(PLACE);
        recorded(ledger, entry("a"));

        Slice slice = ledger.read(new Position(partition, 1), 10, 10);

        assertThat(slice.items()).isEmpty();
        assertThat(slice.next()).isEqualTo(1);
        assertThatThrownBy(() -> ledger.read(new Position(partition, 2), 10, 10))
                .isInstanceOfSatisfying(
                        LedgerException.class,
                        e -> assertThat(e.kind()).isEqualTo(LedgerException.Kind.NOT_FOUND));
    }

    @Test
    void what_was_recorded_is_there_after_closing_and_opening() throws Exception {
        Ledger ledger = open();
        int partition = ledger.partitionOf(PLACE);
        for (int i = 0; i < 20; i++) {
            recorded(ledger, entry("e" + i));
        }
        List<String> before = words(ledger, partition);
        ledger.close();

        Ledger again = open();

        assertThat(words(again, partition)).isEqualTo(before);
        assertThat(recorded(again, entry("next"))).isEqualTo(new Position(partition, 20));
    }

    /// Everything about each event, in words: arrays have no equality.
    private static List<String> words(Ledger ledger, int partition) throws LedgerException {
        return held(ledger, partition).stream()
                .map(held ->
                        held.position()
                                + " "
                                + held.recordedAt()
                                + " "
                                + held.entry().origin()
                                + " "
                                + held.entry().place()
                                + " "
                                + held.entry().id()
                                + " "
                                + json(held.entry()))
                .toList();
    }

    @Test
    void recorded_at_never_goes_back_even_when_the_clock_does() throws Exception {
        Ledger ledger = open();
        int partition = ledger.partitionOf(PLACE);
        recorded(ledger, entry("a"));
        clock.advance(Duration.ofHours(-1));
        recorded(ledger, entry("b"));
        ledger.close();
        clock.advance(Duration.ofHours(-1));
        ledger = open();
        recorded(ledger, entry("c"));

        assertThat(held(ledger, partition)).extracting(Slice.Held::recordedAt).isSorted();
    }

    @Test
    void a_waiting_reader_wakes_when_an_event_is_recorded() throws Exception {
        Ledger ledger = open();
        Position start = new Position(ledger.partitionOf(PLACE), 0);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> waiting = threads.submit(() -> ledger.await(start, LONG));
            recorded(ledger, entry("a"));
            assertThat(waiting.get()).isTrue();
        }
    }

    @Test
    void a_waiting_reader_gives_up_when_its_time_is_over() throws Exception {
        Ledger ledger = open();
        assertThat(ledger.await(new Position(0, 0), Duration.ofMillis(1))).isFalse();
        assertThat(ledger.await(new Position(0, 0), Duration.ZERO)).isFalse();
    }

    @Test
    void a_waiting_reader_does_not_outlive_the_ledger() throws Exception {
        Ledger ledger = open();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> waiting = threads.submit(() -> ledger.await(new Position(0, 0), LONG));
            ledger.close();
            assertThat(waiting.get()).isFalse();
        }
    }

    @Test
    void appends_to_a_closed_ledger_are_pushed_back() throws Exception {
        Ledger ledger = open();
        ledger.close();

        assertThat(append(ledger, entry("a"))).isInstanceOf(Append.Pushback.class);
    }

    @Test
    void appends_of_many_threads_keep_each_thread_s_order_and_lose_nothing() throws Exception {
        Ledger ledger = open();
        int threads = 8;
        int batches = 25;
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Position>>> futures = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                futures.add(executor.submit(() -> appendAll(ledger, thread, batches)));
            }
            Set<Position> positions = new HashSet<>();
            for (Future<List<Position>> future : futures) {
                assertThat(future.get()).extracting(Position::offset).isSorted();
                positions.addAll(future.get());
            }
            assertThat(positions).hasSize(threads * batches * 3);
        }
        Map<String, Integer> seen = new HashMap<>();
        for (int p = 0; p < ledger.partitions(); p++) {
            held(ledger, p).forEach(held -> seen.merge(held.entry().id(), 1, Integer::sum));
        }
        assertThat(seen).hasSize(threads * batches * 3);
        assertThat(seen.values()).containsOnly(1);
    }

    private static List<Position> appendAll(Ledger ledger, int thread, int batches)
            throws InterruptedException {
        List<Position> positions = new ArrayList<>();
        for (int b = 0; b < batches; b++) {
            List<Entry> entries = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                entries.add(
                        entry(
                                new Place("account-" + thread, "r"),
                                thread + "-" + b + "-" + i,
                                "{\"pad\":\"" + "x".repeat(100) + "\"}"));
            }
            for (Append outcome : ledger.append(entries)) {
                positions.add(((Append.Recorded) outcome).position());
            }
        }
        return positions;
    }

    @Test
    void an_event_recorded_before_is_a_duplicate_and_is_not_recorded_again() throws Exception {
        Ledger ledger = open();
        Position first = recorded(ledger, entry("a"));
        recorded(ledger, entry("b"));

        assertThat(append(ledger, entry("a"))).isEqualTo(new Append.Duplicate(first));
        assertThat(ledger.span(first.partition()).end()).isEqualTo(2);
    }

    @Test
    void a_duplicate_may_be_written_otherwise_and_the_first_bytes_stay() throws Exception {
        Ledger ledger = open();
        Position first = recorded(ledger, entry(PLACE, "a", "{\"x\":1,\"y\":[2]}"));

        assertThat(append(ledger, entry(PLACE, "a", " {\"y\":[2.0], \"x\":1e0}")))
                .isEqualTo(new Append.Duplicate(first));
        Slice.Held held = (Slice.Held) ledger.read(first, 1, 1).items().getFirst();
        assertThat(json(held.entry())).isEqualTo("{\"x\":1,\"y\":[2]}");
    }

    @Test
    void the_same_id_with_another_content_is_a_conflict() throws Exception {
        Ledger ledger = open();
        Position first = recorded(ledger, entry(PLACE, "a", "{\"x\":1}"));

        assertThat(append(ledger, entry(PLACE, "a", "{\"x\":2}")))
                .isEqualTo(new Append.Conflict(first));
    }

    @Test
    void equal_ids_within_one_append_count_as_one_after_the_other() throws Exception {
        Ledger ledger = open();
        int partition = ledger.partitionOf(PLACE);

        List<Append> outcomes =
                ledger.append(
                        List.of(
                                entry(PLACE, "a", "{\"x\":1}"),
                                entry(PLACE, "b", "{}"),
                                entry(PLACE, "a", "{\"x\": 1}"),
                                entry(PLACE, "a", "{\"x\":2}")));

        Position first = new Position(partition, 0);
        assertThat(outcomes)
                .containsExactly(
                        new Append.Recorded(first),
                        new Append.Recorded(new Position(partition, 1)),
                        new Append.Duplicate(first),
                        new Append.Conflict(first));
    }

    @Test
    void the_same_id_in_another_account_or_region_is_another_event() throws Exception {
        Ledger ledger = open();
        recorded(ledger, entry(new Place("1", "r"), "a", "{}"));
        recorded(ledger, entry(new Place("2", "r"), "a", "{}"));
        recorded(ledger, entry(new Place("1", "s"), "a", "{}"));
        recorded(ledger, entry(new Place("1r", ""), "a", "{}"));
    }

    @Test
    void duplicates_are_found_after_closing_and_opening() throws Exception {
        Ledger ledger = open();
        List<Position> firsts = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            firsts.add(recorded(ledger, entry(PLACE, "e" + i, padded(i))));
        }
        ledger.close();
        Ledger again = open();

        for (int i = 0; i < 200; i++) {
            assertThat(append(again, entry(PLACE, "e" + i, padded(i))))
                    .isEqualTo(new Append.Duplicate(firsts.get(i)));
        }
        assertThat(append(again, entry(PLACE, "e0", "{}")))
                .isEqualTo(new Append.Conflict(firsts.getFirst()));
    }

    private static String padded(int i) {
        return "{\"i\":" + i + ",\"pad\":\"" + "p".repeat(200) + "\"}";
    }

    @Test
    void an_id_may_be_recorded_again_when_the_window_has_passed() throws Exception {
        Ledger ledger = open(Duration.ofHours(1), 1_000_000);
        Position first = recorded(ledger, entry("a"));
        clock.advance(Duration.ofMinutes(59));
        assertThat(append(ledger, entry("a"))).isEqualTo(new Append.Duplicate(first));
        clock.advance(Duration.ofMinutes(1));

        Position second = recorded(ledger, entry("a"));

        assertThat(append(ledger, entry("a"))).isEqualTo(new Append.Duplicate(second));
    }

    @Test
    void the_window_holds_within_full_segments_too() throws Exception {
        Ledger ledger = open(Duration.ofHours(1), 1_000_000);
        for (int i = 0; i < 120; i++) {
            recorded(ledger, entry(PLACE, "e" + i, padded(i)));
            clock.advance(Duration.ofMinutes(1));
        }
        int recorded = 0;
        for (int i = 0; i < 120; i++) {
            Append outcome = append(ledger, entry(PLACE, "e" + i, padded(i)));
            recorded += outcome instanceof Append.Recorded ? 1 : 0;
        }

        assertThat(recorded).isEqualTo(61);
        assertThat(ledger.state().duplicatesSince())
                .isEqualTo(clock.instant().minus(Duration.ofHours(1)));
    }

    @Test
    void an_id_may_be_recorded_again_when_enough_others_came_since() throws Exception {
        Ledger ledger = open(Duration.ofHours(24), 10);
        recorded(ledger, entry("a"));
        for (int i = 0; i < 9; i++) {
            recorded(ledger, entry("other-" + i));
        }
        assertThat(append(ledger, entry("a"))).isInstanceOf(Append.Duplicate.class);
        clock.advance(Duration.ofMinutes(5));
        recorded(ledger, entry("one more"));

        recorded(ledger, entry("a"));
    }

    @Test
    void an_import_looks_ids_up_without_a_window() throws Exception {
        Ledger ledger = open(Duration.ofHours(1), 5);
        Position first = recorded(ledger, entry(PLACE, "a", "{}"));
        for (int i = 0; i < 100; i++) {
            recorded(ledger, entry(PLACE, "e" + i, padded(i)));
        }
        clock.advance(Duration.ofDays(400));

        assertThat(append(ledger, entry(PLACE, "a", Origin.IMPORT, "{}")))
                .isEqualTo(new Append.Duplicate(first));
        recorded(ledger, entry(PLACE, "a", Origin.OWN, "{}"));
    }

    @Test
    void released_events_are_gone_and_the_rest_stays() throws Exception {
        Ledger ledger = open();
        int partition = ledger.partitionOf(PLACE);
        for (int i = 0; i < 200; i++) {
            recorded(ledger, entry(PLACE, "e" + i, padded(i)));
        }

        ledger.release(partition, 150);

        Ledger.Span span = ledger.span(partition);
        assertThat(span.first()).isBetween(1L, 150L);
        assertThat(span.end()).isEqualTo(200);
        assertThat(held(ledger, partition)).hasSize((int) span.count());
        assertThatThrownBy(() -> ledger.read(new Position(partition, 0), 1, 1))
                .isInstanceOfSatisfying(
                        LedgerException.class,
                        e -> assertThat(e.kind()).isEqualTo(LedgerException.Kind.NOT_FOUND));
        ledger.close();
        assertThat(open().span(partition)).isEqualTo(span);
    }

    @Test
    void releasing_everything_keeps_the_end() throws Exception {
        Ledger ledger = open();
        int partition = ledger.partitionOf(PLACE);
        for (int i = 0; i < 100; i++) {
            recorded(ledger, entry(PLACE, "e" + i, padded(i)));
        }
        ledger.release(partition, Long.MAX_VALUE);
        ledger.close();

        assertThat(recorded(open(), entry("next"))).isEqualTo(new Position(partition, 100));
    }

    @Test
    void nothing_is_wrong_with_a_sound_ledger() throws Exception {
        Ledger ledger = open();
        recorded(ledger, entry("a"));
        Ledger.State state = ledger.state();

        assertThat(state.bytes()).isPositive();
        assertThat(state.pushback()).isEmpty();
        assertThat(state.damaged()).isEmpty();
    }
}
