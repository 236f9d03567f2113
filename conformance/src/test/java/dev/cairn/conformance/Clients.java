package dev.cairn.conformance;

import org.opentest4j.TestAbortedException;

/// What to do when a client that should judge is not on this machine.
final class Clients {
    private Clients() {}

    /// Ends the calling test: skipped with the reason printed, or failed when
    /// `CAIRN_CLIENTS=required`.
    static RuntimeException absent(String reason) {
        if ("required".equals(System.getenv("CAIRN_CLIENTS"))) {
            throw new AssertionError(reason);
        }
        return skipped(reason);
    }

    /// Ends the calling test, skipped with the reason printed: for clients that no distribution
    /// packages, wherever the test runs.
    static RuntimeException skipped(String reason) {
        System.out.println("skipped: " + reason);
        return new TestAbortedException(reason);
    }
}
