package dev.cairn.testkit.delivery;

import dev.cairn.event.Place;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What readers see of a ledger: lists of events. It tells no duplicates and releases nothing.
public class ListLedger implements Ledger {
    private final List<List<Slice.Held>> partitions = new ArrayList<>();

    /// @param partitions how many
    public ListLedger(int partitions) {
        for (int partition = 0; partition < partitions; partition++) {
            this.partitions.add(new ArrayList<>());
        }
    }

    /// Records an entry at a time.
    public Position append(Entry entry, Instant now) {
        int partition = partitionOf(entry.place());
        Position position = new Position(partition, partitions.get(partition).size());
        partitions.get(partition).add(new Slice.Held(position, now, entry));
        return position;
    }

    @Override
    public List<Append> append(List<Entry> entries) {
        List<Append> outcomes = new ArrayList<>();
        for (Entry entry : entries) {
            outcomes.add(new Append.Recorded(append(entry, Instant.EPOCH)));
        }
        return outcomes;
    }

    @Override
    public int partitions() {
        return partitions.size();
    }

    @Override
    public int partitionOf(Place place) {
        return Math.floorMod(place.hashCode(), partitions.size());
    }

    @Override
    public Span span(int partition) {
        return new Span(0, partitions.get(partition).size());
    }

    @Override
    public Slice read(Position from, int itemsMax, long bytesMax) {
        List<Slice.Held> all = partitions.get(from.partition());
        int start = (int) from.offset();
        int end = Math.min(all.size(), start + Math.min(itemsMax, 7));
        return new Slice(from.partition(), List.copyOf(all.subList(start, end)), end);
    }

    @Override
    public boolean await(Position past, Duration atMost) {
        return span(past.partition()).end() > past.offset();
    }

    @Override
    public void release(int partition, long below) {}

    @Override
    public State state() {
        return new State(0, "", List.of(), Instant.EPOCH);
    }

    @Override
    public void close() {}
}
