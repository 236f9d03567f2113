package dev.cairn.intake;

import dev.cairn.ledger.Entry;
import java.util.List;

/// What a check of a body found.
public sealed interface Checked {

    /// Its records, one by one.
    ///
    /// @param taken what may be handed to the ledger, in order of the body
    /// @param indexes for each of them its place in the body
    /// @param refused the rest, in order of the body
    record Batch(List<Entry> taken, List<Integer> indexes, List<Refusal> refused)
            implements Checked {
        public Batch {
            taken = List.copyOf(taken);
            indexes = List.copyOf(indexes);
            refused = List.copyOf(refused);
            if (taken.size() != indexes.size()) {
                throw new IllegalArgumentException("expected an index for each entry");
            }
        }
    }

    /// It has more records than a batch may have; none was taken.
    record TooMany(int eventsMax) implements Checked {}
}
