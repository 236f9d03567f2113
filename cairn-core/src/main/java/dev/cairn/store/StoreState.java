package dev.cairn.store;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An event data store as the API shows it.
///
/// @param ingesting whether it takes what is recorded, or would if it were not about to be deleted
/// @param deleted when its owner deleted it; null when they did not
/// @param tags in order of key
/// @param federationRole the ARN that was named when its table was opened to other engines; null
///   when it is not
/// @param policy its resource policy as it was written; null when it has none
public record StoreState(
        EventDataStore store,
        boolean ingesting,
        Instant created,
        Instant updated,
        @Nullable Instant deleted,
        Map<String, String> tags,
        @Nullable String federationRole,
        @Nullable String policy) {

    /// The same store with another policy, or none.
    StoreState guarded(@Nullable String other) {
        return new StoreState(
                store, ingesting, created, updated, deleted, tags, federationRole, other);
    }

    /// What the API calls it.
    public enum Status {
        ENABLED,
        STOPPED_INGESTION,
        PENDING_DELETION
    }

    public Status status() {
        return deleted != null
                ? Status.PENDING_DELETION
                : ingesting ? Status.ENABLED : Status.STOPPED_INGESTION;
    }
}
