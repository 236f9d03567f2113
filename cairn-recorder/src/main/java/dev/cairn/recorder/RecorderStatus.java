package dev.cairn.recorder;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a recorder has done since it was opened, and what it has to do.
///
/// @param recorded events that are or were in the spool: what was recorded since it was opened
/// @param sent events that Cairn has acknowledged
/// @param refused events that Cairn refused; they lie in the spool's folder `refused`
/// @param pushedBack events and rooms that were not taken because the spool was full
/// @param failed events that were not taken for another reason, and rooms that were forgotten
/// @param pending events that wait to be sent, those of earlier processes among them
/// @param spoolBytes room that is taken
/// @param spoolBytesMax room that there is
/// @param damagedBytes bytes of the spool that could not be read
/// @param lastSent when Cairn last acknowledged events; null for never
/// @param lastFailure what last kept events from being sent; null for nothing
public record RecorderStatus(
        long recorded,
        long sent,
        long refused,
        long pushedBack,
        long failed,
        long pending,
        long spoolBytes,
        long spoolBytesMax,
        long damagedBytes,
        @Nullable Instant lastSent,
        @Nullable Failure lastFailure) {

    /// Something that went wrong, in words.
    public record Failure(Instant time, String reason) {}
}
