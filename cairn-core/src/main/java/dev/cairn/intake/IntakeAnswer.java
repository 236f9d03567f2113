package dev.cairn.intake;

import dev.cairn.ledger.Append;
import dev.cairn.ledger.Position;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What became of a batch.
///
/// @param recorded how many events are on disk now that were not before
/// @param duplicates how many were recorded already
/// @param refused the others, in order of the body
/// @param positions where those recorded and those repeated are, in order of the body
/// @param pushback set when the ledger took nothing and nothing was repeated, because it is full or
///   behind: the whole batch may be sent again
public record IntakeAnswer(
        int recorded,
        int duplicates,
        List<Refusal> refused,
        List<Taken> positions,
        Append.@Nullable Pushback pushback) {
    public IntakeAnswer {
        refused = List.copyOf(refused);
        positions = List.copyOf(positions);
    }

    /// An event of the batch that the ledger has.
    ///
    /// @param index its place in the body, from 0
    /// @param duplicate it was there before this batch
    public record Taken(int index, Position position, boolean duplicate) {}

    /// Whether the caller got anything done.
    public boolean taken() {
        return recorded + duplicates > 0;
    }
}
