package dev.cairn.gateway;

import java.util.random.RandomGenerator;

/// Which of the calls that only ask are recorded, where the operator does not want all of them.
///
/// A call that changes something, or fails, is recorded whatever this says.
///
/// @param share of reads that are recorded, from 0 to 1
/// @param random nobody should be able to foresee it; any thread may ask
public record Sampling(double share, RandomGenerator random) {

    /// Whether the next read is one of those that are recorded.
    boolean takes() {
        return share >= 1 || random.nextDouble() < share;
    }

    /// Whether some reads are left out.
    boolean leavesOut() {
        return share < 1;
    }
}
