package dev.cairn.log;

/// How much may still be read for one page.
final class Budget {
    private long left;

    Budget(long bytes) {
        left = bytes;
    }

    void spend(long bytes) {
        left -= bytes;
    }

    boolean isSpent() {
        return left <= 0;
    }
}
