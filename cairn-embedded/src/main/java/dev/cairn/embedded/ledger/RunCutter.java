package dev.cairn.embedded.ledger;

/// Cuts the bodies of one frame into runs.
final class RunCutter {
    private final Runs runs;
    private final long recordedAt;
    private long first;
    private long at;
    private int count;
    private int length;

    /// @param at where the frame's first body begins in the file
    RunCutter(Runs runs, Frame frame, long at) {
        this.runs = runs;
        this.recordedAt = frame.recordedAt();
        this.first = frame.first();
        this.at = at;
    }

    void add(int body) {
        if (count > 0 && length + body > Run.BYTES) {
            finish();
        }
        count++;
        length += body;
    }

    void finish() {
        if (count > 0) {
            runs.add(new Run(first, count, recordedAt, at, length, null));
            first += count;
            at += length;
            count = 0;
            length = 0;
        }
    }
}
