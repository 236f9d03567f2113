package dev.cairn.embedded.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.event.Place;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.testkit.fault.SimulatedDisk;
import dev.cairn.testkit.ledger.Entries;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// The ledger behaves like a list for each partition, with a map of ids.
final class LedgerModelTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);

    /// One step: a batch to append, or, when it is empty, closing and opening.
    record Step(List<Entry> batch) {}

    @Property(tries = 150)
    void it_behaves_like_lists_with_a_map_of_ids(
            @ForAll("partitions") int partitions, @ForAll("steps") List<Step> steps)
            throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        List<List<Entry>> lists = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            lists.add(new ArrayList<>());
        }
        Map<String, Position> ids = new HashMap<>();
        SegmentLedger ledger = open(disk, partitions);
        for (Step step : steps) {
            if (step.batch().isEmpty()) {
                ledger.close();
                ledger = open(disk, partitions);
            } else {
                List<Append> expected = model(step.batch(), ledger, lists, ids);
                assertThat(ledger.append(step.batch())).isEqualTo(expected);
            }
        }
        for (int p = 0; p < partitions; p++) {
            List<Slice.Held> held = Entries.held(ledger, p);
            assertThat(held).hasSameSizeAs(lists.get(p));
            for (int i = 0; i < held.size(); i++) {
                assertThat(held.get(i).position()).isEqualTo(new Position(p, i));
                assertThat(held.get(i).entry().json()).isEqualTo(lists.get(p).get(i).json());
                assertThat(held.get(i).entry().id()).isEqualTo(lists.get(p).get(i).id());
            }
        }
        ledger.close();
        assertThat(Fsck.check(disk, (_, _) -> {}).findings()).isEmpty();
    }

    private static SegmentLedger open(SimulatedDisk disk, int partitions) throws LedgerException {
        return SegmentLedger.open(
                disk,
                LedgerSettings.DEFAULTS.withPartitions(partitions).withSegmentBytesMax(4096),
                CLOCK,
                Runnable::run);
    }

    private static List<Append> model(
            List<Entry> batch,
            SegmentLedger ledger,
            List<List<Entry>> lists,
            Map<String, Position> ids) {
        List<Append> outcomes = new ArrayList<>();
        for (Entry entry : batch) {
            String name = entry.place() + "/" + entry.id();
            int partition = ledger.partitionOf(entry.place());
            List<Entry> list = lists.get(partition);
            Position first = ids.get(name);
            if (first == null) {
                Position position = new Position(partition, list.size());
                list.add(entry);
                ids.put(name, position);
                outcomes.add(new Append.Recorded(position));
            } else {
                // The generator writes one value in one way only.
                boolean same =
                        Entries.json(list.get((int) first.offset())).equals(Entries.json(entry));
                outcomes.add(same ? new Append.Duplicate(first) : new Append.Conflict(first));
            }
        }
        return outcomes;
    }

    @Provide
    Arbitrary<Integer> partitions() {
        return Arbitraries.of(1, 4);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Place> places =
                Arbitraries.of("1", "2", "3").map(account -> new Place(account, "r"));
        Arbitrary<String> names = Arbitraries.integers().between(0, 60).map(i -> "id-" + i);
        Arbitrary<String> contents =
                Combinators.combine(
                                Arbitraries.frequencyOf(
                                        net.jqwik.api.Tuple.of(9, Arbitraries.just(0)),
                                        net.jqwik.api.Tuple.of(1, Arbitraries.integers())),
                                Arbitraries.of(10, 300))
                        .as((n, pad) -> "{\"n\":" + n + ",\"p\":\"" + "x".repeat(pad) + "\"}");
        Arbitrary<Entry> entries = Combinators.combine(places, names, contents).as(Entries::entry);
        return entries.list().ofMaxSize(8).map(Step::new).list().ofMaxSize(40);
    }
}
