package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.Failure;
import dev.cairn.store.StoreState;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Queries of event data stores: started, run in processes of their own, and kept with their
/// results for seven days. Any thread may call any method.
public interface Queries {
    /// The most that callers of an account have queued or running in a region.
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

    /// Where a result is on its way to a bucket, by the API's names.
    enum DeliveryStatus {
        PENDING,
        SUCCESS,
        FAILED,
        FAILED_SIGNING_FILE,
        RESOURCE_NOT_FOUND,
        ACCESS_DENIED,
        ACCESS_DENIED_SIGNING_FILE,
        CANCELLED
    }

    /// A result that is to be put into a bucket.
    ///
    /// @param uri `s3://BUCKET` or `s3://BUCKET/PREFIX`, as it was asked for
    /// @param source the ARN of the event data store on whose behalf it is put: `aws:SourceArn`
    /// @param completed when the query was finished, whole seconds; null before
    record Delivery(String uri, String source, DeliveryStatus status, @Nullable Instant completed) {
        private static final String SCHEME = "s3://";

        /// One that is about to be asked for.
        public static Delivery to(String uri, String source) {
            return new Delivery(uri, source, DeliveryStatus.PENDING, null);
        }

        public Delivery with(DeliveryStatus now) {
            return new Delivery(uri, source, now, completed);
        }

        public Delivery completed(Instant at) {
            return new Delivery(uri, source, status, at.truncatedTo(ChronoUnit.SECONDS));
        }

        public String bucket() {
            var slash = uri.indexOf('/', SCHEME.length());
            return uri.substring(SCHEME.length(), slash < 0 ? uri.length() : slash);
        }

        /// What keys begin with: empty, or with a slash at its end.
        public String prefix() {
            var slash = uri.indexOf('/', SCHEME.length());
            var prefix = slash < 0 ? "" : uri.substring(slash + 1);
            return prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/";
        }
    }

    /// What a query was made of.
    ///
    /// @param alias of a dashboard's widget
    /// @param refresh of which refresh it is; empty when it was started by itself
    record Template(String alias, String refresh) {}

    /// A query.
    ///
    /// @param id a UUID
    /// @param account whose event data stores it asks
    /// @param asker the account of who asks
    /// @param stores the ids of those it names
    /// @param eventsScanned how many events there were in those when it began
    /// @param bytesScanned what they take on disk
    /// @param rows of its result
    /// @param milliseconds how long it ran
    /// @param error why it failed; null when it did not
    /// @param delivery where its result goes besides; null: nowhere
    /// @param template what it was made of; null when its statement was sent
    record Query(
            String id,
            String account,
            String region,
            String asker,
            String statement,
            List<String> stores,
            Status status,
            Instant created,
            long eventsScanned,
            long bytesScanned,
            long rows,
            long milliseconds,
            @Nullable String error,
            @Nullable Delivery delivery,
            @Nullable Template template) {

        public Query with(Status now) {
            return with(now, rows, milliseconds, error, delivery);
        }

        public Query with(@Nullable Delivery now) {
            return with(status, rows, milliseconds, error, now);
        }

        /// @param why it failed; null when it did not
        public Query ended(Status now, long result, @Nullable String why) {
            return with(now, result, milliseconds, why, delivery);
        }

        /// @param time how long it ran, in milliseconds
        public Query timed(long time) {
            return with(status, rows, time, error, delivery);
        }

        public Query scanned(long events, long bytes) {
            return new Query(
                    id,
                    account,
                    region,
                    asker,
                    statement,
                    stores,
                    status,
                    created,
                    events,
                    bytes,
                    rows,
                    milliseconds,
                    error,
                    delivery,
                    template);
        }

        private Query with(
                Status now,
                long result,
                long time,
                @Nullable String why,
                @Nullable Delivery where) {
            return new Query(
                    id,
                    account,
                    region,
                    asker,
                    statement,
                    stores,
                    now,
                    created,
                    eventsScanned,
                    bytesScanned,
                    result,
                    time,
                    why,
                    where,
                    template);
        }
    }

    /// Some rows of a result.
    ///
    /// @param columns names, of which one may come twice
    /// @param types what DuckDB calls their types
    /// @param rows arrays of as many values
    /// @param next where the next page begins; negative when there is none
    record Page(List<String> columns, List<String> types, List<JsonNode> rows, long next) {}

    /// Takes a query, and returns when it is known to be sound.
    ///
    /// @param account whose event data stores it asks
    /// @param asker the account of who asks
    /// @param stores those that it names, active ones of the account
    /// @param delivery where its result goes besides; null: nowhere
    /// @param template what it was made of; null when its statement was sent
    /// @throws Failure INVALID_QUERY_STATEMENT, MAX_CONCURRENT_QUERIES, SERVICE_UNAVAILABLE
    Query start(
            String account,
            String region,
            String asker,
            String statement,
            List<StoreState> stores,
            @Nullable Delivery delivery,
            @Nullable Template template,
            Instant now)
            throws CatalogException, InterruptedException;

    Optional<Query> find(String account, String region, String id) throws CatalogException;

    /// Those that ask an account's event data stores in a region, newest first.
    List<Query> of(String account, String region) throws CatalogException;

    /// How far a query is, in percent, as far as that is known.
    int percent(Query query);

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
