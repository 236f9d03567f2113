package dev.cairn.proof;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a verification says in the end.
///
/// @param chains one line for each chain of digests, those that only a head knows of included
/// @param runs the last digest of each run that was proved, for a later verification to expect
/// @param digests how many digests are proved
/// @param files how many log files are proved
/// @param faults how many findings say that something is not as delivered
/// @param unjudged how many files nothing could be said of
/// @param pending how many files wait for their digest
public record Verdict(
        List<ChainLine> chains,
        List<Head> runs,
        long digests,
        long files,
        long faults,
        long unjudged,
        long pending) {

    /// Whether everything that the expectation names is there, and nothing is at fault.
    public boolean proved() {
        return faults == 0 && unjudged == 0 && digests > 0;
    }

    /// One chain.
    ///
    /// @param name what it chains, in words
    /// @param from start of the first proved digest; empty when none is
    /// @param to end of the last proved digest
    /// @param head the latest end that an expectation names for this chain; without it nothing says
    ///   that the chain does not go on
    public record ChainLine(
            String name,
            Optional<Instant> from,
            Optional<Instant> to,
            Optional<Instant> head,
            long digests,
            long files) {}
}
