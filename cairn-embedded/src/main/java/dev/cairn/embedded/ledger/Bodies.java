package dev.cairn.embedded.ledger;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Reads bodies that lie side by side, and names those that are damaged.
final class Bodies {
    private Bodies() {}

    /// Reads a run's bodies from the offset wanted next, until the slice is full or the run ends.
    ///
    /// @param start where the run's first body begins in `bytes`
    /// @param end where the bytes at hand end; less than the run's length when the file is short
    static void read(ByteBuffer bytes, int start, int end, Run run, String file, Gathering into) {
        int at = start;
        for (long offset = run.first(); offset < run.end(); offset++) {
            if (into.full()) {
                return;
            }
            if (!Body.fits(bytes, at, end)) {
                // Where the next body begins is not known any more.
                into.lost(
                        run.end(),
                        place(file, run.at() + at - start) + "expected an event, got other bytes");
                return;
            }
            if (offset == into.next()) {
                String fault = Body.fault(bytes, at);
                if (fault == null) {
                    into.held(bytes, at, run.recordedAt());
                } else {
                    into.lost(offset + 1, place(file, run.at() + at - start) + fault);
                }
            }
            at += Body.length(bytes, at);
        }
    }

    /// The first fault in bodies that should be `count` and end at `end`; null when there is none.
    static @Nullable String fault(ByteBuffer bytes, int start, int end, long count) {
        int at = start;
        for (long i = 0; i < count; i++) {
            if (!Body.fits(bytes, at, end)) {
                return "expected an event at byte " + (at - start) + ", got other bytes";
            }
            String fault = Body.fault(bytes, at);
            if (fault != null) {
                return fault;
            }
            at += Body.length(bytes, at);
        }
        return at == end ? null : "expected " + count + " events to end at " + end + ", got " + at;
    }

    static String place(String file, long at) {
        return file + ", byte " + at + ": ";
    }
}
