package dev.cairn.server.operation;

import dev.cairn.catalog.CatalogException;
import dev.cairn.history.HistoryException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A reader of the ledger, as status shows it.
public interface ReaderView {

    /// `history`, or the ARN of a trail.
    String name();

    /// Whose it is: only who may see that account is shown it. Empty when it is everyone's.
    default Optional<String> account() {
        return Optional.empty();
    }

    /// Where it stands now, counted from its output.
    Snapshot snapshot() throws HistoryException, CatalogException;

    /// The newest of what it set aside.
    List<SetAside> setAside(int limit) throws HistoryException, CatalogException;

    /// This reader's side of the completeness ledger, over all partitions and since the first
    /// event.
    ///
    /// @param taken positions it has dealt with
    /// @param oldestPending when the oldest event it has not dealt with was recorded; null when
    ///   none is pending
    /// @param failing whether it cannot go on at the moment, or not with all it should
    record Snapshot(
            long taken,
            long delivered,
            long filtered,
            long setAside,
            @Nullable Instant oldestPending,
            @Nullable String lastFailure,
            @Nullable Instant lastFailureTime,
            boolean failing) {

        /// Whether everything it has dealt with is accounted for.
        public boolean balanced() {
            return taken == delivered + filtered + setAside;
        }
    }

    /// Events that could not be taken (invariant I9).
    ///
    /// @param position of the first of them
    record SetAside(String position, long count, String reason) {}
}
