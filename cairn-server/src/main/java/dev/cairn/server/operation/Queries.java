package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.Failure;
import dev.cairn.store.StoreState;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Queries of event data stores: started, run in processes of their own, and kept with their
/// results for seven days. Any thread may call any method.
public interface Queries {
    /// The most of an account and region that are queued or running.
    /// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
    int CONCURRENT_MAX = 10;

    /// Where a query is.
    enum Status {
        QUEUED,
        RUNNING,
        FINISHED,
        FAILED,
        CANCELLED,
        TIMED_OUT;

        public boolean ended() {
            return this != QUEUED && this != RUNNING;
        }
    }

    /// A query.
    ///
    /// @param id a UUID
    /// @param stores the ids of those it names
    /// @param eventsScanned how many events there were in those when it began
    /// @param bytesScanned what they take on disk
    /// @param rows of its result
    /// @param milliseconds how long it ran
    /// @param error why it failed; null when it did not
    record Query(
            String id,
            String account,
            String region,
            String statement,
            List<String> stores,
            Status status,
            Instant created,
            long eventsScanned,
            long bytesScanned,
            long rows,
            long milliseconds,
            @Nullable String error) {}

    /// Some rows of a result.
    ///
    /// @param columns names, of which one may come twice
    /// @param rows arrays of as many values
    /// @param next where the next page begins; negative when there is none
    record Page(List<String> columns, List<JsonNode> rows, long next) {}

    /// Takes a query, and returns when it is known to be sound.
    ///
    /// @param stores those that it names, active ones of the caller's
    /// @throws Failure INVALID_QUERY_STATEMENT, MAX_CONCURRENT_QUERIES, SERVICE_UNAVAILABLE
    Query start(
            String account, String region, String statement, List<StoreState> stores, Instant now)
            throws CatalogException, InterruptedException;

    Optional<Query> find(String account, String region, String id) throws CatalogException;

    /// Those of an account in a region, newest first.
    List<Query> of(String account, String region) throws CatalogException;

    /// Ends a query.
    ///
    /// @throws Failure INACTIVE_QUERY when it has ended
    void cancel(Query query) throws CatalogException;

    /// Rows of the result of a query that is finished.
    ///
    /// @param from 0, or what the page before said
    /// @throws IllegalArgumentException when no row begins there
    Page page(Query query, long from, int rowsMax) throws IOException;
}
