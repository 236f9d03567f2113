package dev.cairn.ledger;

/// Where an event is recorded. Offsets of a partition are dense from zero, so the difference of two
/// is a count of events.
///
/// @param partition from 0 to the ledger's number of partitions, exclusive
/// @param offset ordinal of the event in its partition, from 0; never given to another event
///   (invariant I1)
public record Position(int partition, long offset) {
    public Position {
        if (partition < 0 || offset < 0) {
            throw new IllegalArgumentException(
                    "a position has no negative part: " + partition + ":" + offset);
        }
    }

    @Override
    public String toString() {
        return partition + ":" + offset;
    }
}
