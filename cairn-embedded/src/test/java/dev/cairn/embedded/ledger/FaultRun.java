package dev.cairn.embedded.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.disk.Disk;
import dev.cairn.event.Place;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import dev.cairn.testkit.ledger.Entries;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// One run of a random workload on a disk that fails and crashes, all of it decided by one seed,
/// and what must be true of the ledger after each crash.
final class FaultRun implements InstantSource {
    private final RandomGenerator random;
    private final LedgerSettings settings;
    private final int partitions;

    /// What was acknowledged, by id.
    private final Map<String, Acknowledged> acknowledged = new LinkedHashMap<>();

    /// Ids of batches that were pushed back or never answered, until they are seen.
    private final List<List<Entry>> unanswered = new ArrayList<>();

    private final Map<Integer, Long> released = new HashMap<>();
    private SimulatedDisk disk = new SimulatedDisk();
    private FaultyDisk faulty;
    private long millis = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    private int ids;

    private record Acknowledged(Entry entry, Position position) {}

    FaultRun(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        partitions = 1 + random.nextInt(3);
        settings =
                LedgerSettings.DEFAULTS
                        .withPartitions(partitions)
                        .withDiskFreeMin(0)
                        .withSegmentBytesMax(4096 << random.nextInt(3));
        faulty = new FaultyDisk(disk, random);
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis);
    }

    /// Lives through a few crashes.
    void run() throws Exception {
        int lives = 2 + random.nextInt(4);
        for (int life = 0; life < lives; life++) {
            live();
            // Sometimes only the process ends, and what it wrote is in the system's memory still.
            if (random.nextInt(3) > 0) {
                disk = disk.crash(random);
            }
            faulty = new FaultyDisk(disk, random);
            check();
        }
    }

    /// Opens the ledger, works until the machine goes down or for a while, and leaves.
    private void live() throws Exception {
        if (random.nextInt(3) > 0) {
            faulty.downAfter(1 + random.nextInt(150));
        }
        if (random.nextBoolean()) {
            faulty.odds(5 + random.nextInt(60));
        }
        SegmentLedger ledger;
        try {
            ledger = open(faulty);
        } catch (LedgerException e) {
            assertThat(e.kind()).isEqualTo(LedgerException.Kind.UNAVAILABLE);
            return;
        }
        int steps = random.nextInt(60);
        for (int i = 0; i < steps && !faulty.down(); i++) {
            step(ledger);
        }
        if (random.nextInt(4) > 0) {
            ledger.close();
        } else {
            // The writers' threads go on waiting; what they write no longer reaches anything.
            faulty.downAfter(0);
            ledger.close();
        }
    }

    private SegmentLedger open(Disk on) throws LedgerException {
        return SegmentLedger.open(on, settings, this, Runnable::run);
    }

    private void step(Ledger ledger) throws Exception {
        millis += random.nextInt(2000) - 100;
        switch (random.nextInt(12)) {
            case 0 -> release(ledger);
            case 1 -> readSomething(ledger);
            case 2 -> appendAgain(ledger);
            case 3 -> {
                if (!unanswered.isEmpty()) {
                    append(ledger, unanswered.remove(random.nextInt(unanswered.size())));
                }
            }
            default -> append(ledger, newEntries());
        }
    }

    private List<Entry> newEntries() {
        int place = random.nextInt(4);
        int count = 1 + random.nextInt(6);
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String id = "id-" + ids++;
            String pad = Long.toHexString(random.nextLong()).repeat(random.nextInt(30));
            entries.add(
                    Entries.entry(
                            new Place("account", "region-" + place),
                            id,
                            "{\"id\":\"" + id + "\",\"pad\":\"" + pad + "\"}"));
        }
        return entries;
    }

    private void append(Ledger ledger, List<Entry> entries) throws Exception {
        List<Append> outcomes = ledger.append(entries);
        boolean refused = false;
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            switch (outcomes.get(i)) {
                case Append.Recorded(Position position) ->
                        acknowledged.put(entry.id(), new Acknowledged(entry, position));
                case Append.Duplicate(Position position) ->
                        acknowledged.put(entry.id(), new Acknowledged(entry, position));
                case Append.Conflict conflict -> throw new AssertionError(conflict.toString());
                case Append.Pushback _ -> refused = true;
            }
        }
        if (refused) {
            unanswered.add(entries);
        }
    }

    private void appendAgain(Ledger ledger) throws Exception {
        if (acknowledged.isEmpty()) {
            return;
        }
        List<Acknowledged> all = List.copyOf(acknowledged.values());
        Acknowledged one = all.get(random.nextInt(all.size()));
        if (isReleased(one.position())) {
            return;
        }
        Append outcome = Entries.append(ledger, one.entry());
        if (!(outcome instanceof Append.Pushback)) {
            assertThat(outcome).isEqualTo(new Append.Duplicate(one.position()));
        }
    }

    private boolean isReleased(Position position) {
        return position.offset() < released.getOrDefault(position.partition(), 0L);
    }

    private void release(Ledger ledger) {
        int partition = random.nextInt(partitions);
        Ledger.Span span = ledger.span(partition);
        long below = span.first() + random.nextInt((int) span.count() + 1) / 3;
        released.merge(partition, below, Math::max);
        try {
            ledger.release(partition, below);
        } catch (LedgerException e) {
            assertThat(e.kind()).isEqualTo(LedgerException.Kind.UNAVAILABLE);
        }
    }

    private void readSomething(Ledger ledger) {
        int partition = random.nextInt(partitions);
        Ledger.Span span = ledger.span(partition);
        long from = span.first() + random.nextInt((int) span.count() + 1);
        try {
            for (Slice.Item item : ledger.read(new Position(partition, from), 20, 10_000).items()) {
                assertThat(item).isInstanceOf(Slice.Held.class);
            }
        } catch (LedgerException e) {
            assertThat(e.kind()).isEqualTo(LedgerException.Kind.UNAVAILABLE);
        }
    }

    /// What must be true after a crash.
    private void check() throws Exception {
        try (SegmentLedger ledger = open(disk)) {
            Map<String, Slice.Held> found = new HashMap<>();
            for (int p = 0; p < partitions; p++) {
                for (Slice.Held held : Entries.held(ledger, p)) {
                    assertThat(found.put(held.entry().id(), held))
                            .as("%s is recorded once", held.entry().id())
                            .isNull();
                }
            }
            assertThat(ledger.state().damaged()).isEmpty();
            checkAcknowledged(ledger, found);
            checkUnanswered(found);
            checkDuplicates(ledger);
        }
        assertThat(Fsck.check(disk, (_, _) -> {}).findings()).isEmpty();
    }

    private void checkAcknowledged(Ledger ledger, Map<String, Slice.Held> found) {
        Set<Position> positions = new HashSet<>();
        for (Acknowledged one : acknowledged.values()) {
            assertThat(positions.add(one.position())).as("%s twice", one.position()).isTrue();
            Slice.Held held = found.get(one.entry().id());
            if (held == null) {
                assertThat(isReleased(one.position()))
                        .as("%s at %s is there", one.entry().id(), one.position())
                        .isTrue();
                continue;
            }
            assertThat(held.position()).isEqualTo(one.position());
            assertThat(held.entry().json()).isEqualTo(one.entry().json());
            assertThat(held.entry().place()).isEqualTo(one.entry().place());
        }
        for (int p = 0; p < partitions; p++) {
            Ledger.Span span = ledger.span(p);
            for (Position position : positions) {
                if (position.partition() == p) {
                    assertThat(position.offset()).isLessThan(span.end());
                }
            }
        }
    }

    /// What was not acknowledged is wholly there, and then counts as recorded, or not at all.
    private void checkUnanswered(Map<String, Slice.Held> found) {
        unanswered.removeIf(entries -> {
            List<Entry> open =
                    entries.stream()
                            .filter(entry -> !acknowledged.containsKey(entry.id()))
                            .toList();
            long there = open.stream().filter(entry -> found.containsKey(entry.id())).count();
            assertThat(there).isIn(0L, (long) open.size());
            if (there > 0) {
                for (Entry entry : open) {
                    Slice.Held held = Objects.requireNonNull(found.get(entry.id()));
                    assertThat(held.entry().json()).isEqualTo(entry.json());
                    acknowledged.put(entry.id(), new Acknowledged(entry, held.position()));
                }
            }
            return there > 0;
        });
        Set<String> known = new HashSet<>(acknowledged.keySet());
        assertThat(known).containsAll(found.keySet());
    }

    private void checkDuplicates(Ledger ledger) throws Exception {
        for (Acknowledged one : acknowledged.values()) {
            if (!isReleased(one.position()) && random.nextInt(4) == 0) {
                assertThat(Entries.append(ledger, one.entry()))
                        .isEqualTo(new Append.Duplicate(one.position()));
            }
        }
    }
}
