package dev.cairn.proof;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a bucket should hold, from a source that is not the bucket.
public interface Expectation {

    /// Nothing is known: nothing after a chain's newest digest is proved.
    Expectation NONE = of(List.of());

    /// The ends of the runs that must be there. Asked once, before the bucket is read.
    List<Head> heads();

    /// Keys of the files in a bucket that were delivered and are in no digest yet; empty when
    /// nobody knows. Asked after the bucket was read, so that files delivered meanwhile are in it.
    Optional<Set<String>> pending(String bucket);

    /// Heads alone.
    static Expectation of(List<Head> heads) {
        List<Head> copy = List.copyOf(heads);
        return new Expectation() {
            @Override
            public List<Head> heads() {
                return copy;
            }

            @Override
            public Optional<Set<String>> pending(String bucket) {
                return Optional.empty();
            }
        };
    }
}
