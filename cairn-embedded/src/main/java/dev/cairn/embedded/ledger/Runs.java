package dev.cairn.embedded.ledger;

import java.util.Arrays;

/// A segment's runs, in order. One thread adds; any thread reads what was published.
final class Runs {
    private Run[] runs = new Run[16];
    private int added;

    /// Guards `runs`: written after them, read before them.
    private volatile int published;

    void add(Run run) {
        if (added == runs.length) {
            runs = Arrays.copyOf(runs, added * 2);
        }
        runs[added++] = run;
    }

    /// Shows what was added to readers.
    void publish() {
        published = added;
    }

    int count() {
        return published;
    }

    /// @param index below a count seen before by the same thread
    Run get(int index) {
        return runs[index];
    }

    /// The index of the run that holds an offset; the count when none does.
    int indexOf(long offset) {
        int low = 0;
        int high = count() - 1;
        int count = high + 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Run run = get(middle);
            if (offset < run.first()) {
                high = middle - 1;
            } else if (offset >= run.end()) {
                low = middle + 1;
            } else {
                return middle;
            }
        }
        return count;
    }
}
