package dev.cairn.log;

/// How much may still be done for one page: bytes read, and steps of regular expressions, which are
/// counted as bytes.
final class Budget {
    /// How many steps take about as long as reading a byte of a message and its JSON.
    private static final int STEPS_OF_BYTE = 4;

    private final int steps;
    private long left;

    /// @param steps that asking takes for each byte at most
    Budget(long bytes, int steps) {
        this.steps = steps;
        left = bytes;
    }

    /// Spends what it takes to read something.
    void read(long bytes) {
        left -= bytes;
    }

    /// Spends what it takes to ask whether a message is wanted.
    void ask(long bytes) {
        left -= bytes * steps / STEPS_OF_BYTE;
    }

    /// How many bytes are worth reading at once.
    long bytes(long min, long max) {
        return Math.clamp(left / (1 + steps / STEPS_OF_BYTE), min, max);
    }

    boolean isSpent() {
        return left <= 0;
    }
}
