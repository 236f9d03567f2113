package dev.cairn.server.operation;

import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.Failure;
import dev.cairn.store.EventDataStore;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Imports of log files into event data stores: started, run beside everything else, gone on with
/// after a restart. Any thread may call any method.
public interface StoreImports {

    /// Where an import is.
    enum Status {
        INITIALIZING,
        IN_PROGRESS,
        FAILED,
        STOPPED,
        COMPLETED;

        public boolean ended() {
            return this != INITIALIZING && this != IN_PROGRESS;
        }
    }

    /// Where log files are, and which of them are meant.
    ///
    /// @param uri as it was asked for, such as `s3://logs/AWSLogs/123456789012/CloudTrail/`
    /// @param bucket of it
    /// @param prefix of it; empty for all
    /// @param region that was told with it
    /// @param role that was told with it
    /// @param start of the time that is meant; null for all before `end`
    /// @param end of the time that is meant; null for all since `start`
    record Source(
            String uri,
            String bucket,
            String prefix,
            String region,
            String role,
            @Nullable Instant start,
            @Nullable Instant end) {}

    /// An import.
    ///
    /// @param id a UUID
    /// @param store the ARN of its destination
    /// @param run how often it was gone on with: what an earlier run still does counts no more
    /// @param cursor the last key that is dealt with; empty before the first
    /// @param progress so far
    record Import(
            String id,
            String account,
            String region,
            String store,
            Source source,
            Status status,
            Instant created,
            Instant updated,
            long run,
            String cursor,
            Progress progress) {}

    /// How far an import is, as its statistics tell.
    ///
    /// @param prefixes how many folders were found; the last one is not completed before the end
    /// @param prefix the folder found last
    /// @param files how many were read
    /// @param events how many are in the store that were not before
    /// @param failed how many files could not be read, or not whole
    record Progress(long prefixes, String prefix, long files, long events, long failed) {
        public static final Progress NONE = new Progress(0, "", 0, 0, 0);
    }

    /// A file that could not be read, or not whole.
    ///
    /// @param location `s3://bucket/key`
    /// @param status as the API says it: `FAILED`, `RETRY` or `SUCCEEDED`
    /// @param type such as `AccessDenied`
    record FileFailure(
            String location, String status, String type, String message, Instant updated) {}

    /// Some of what failed in an import.
    ///
    /// @param next what the next page is asked for by; empty when there is none
    record FailurePage(List<FileFailure> failures, String next) {}

    /// What became of events that were loaded. All but the total are of one load alone.
    ///
    /// @param added how many are in the store that were not before
    /// @param known how many were there already, or came twice
    /// @param expired how many are older than the store keeps events
    /// @param unfit which of the events cannot be in a table, by where they stand in the load
    /// @param total how many their import has added in all
    record Loaded(long added, long known, long expired, List<Integer> unfit, long total) {}

    /// Starts an import.
    ///
    /// @throws Failure ACCOUNT_HAS_ONGOING_IMPORT
    Import start(EventDataStore store, Source source, Instant now) throws CatalogException;

    /// Goes on with an import that has ended: with what failed, then where it stopped.
    ///
    /// @throws Failure ACCOUNT_HAS_ONGOING_IMPORT
    Import retry(Import ended, Instant now) throws CatalogException;

    /// Ends an import; what is done stays.
    ///
    /// @throws Failure INVALID_PARAMETER when it has ended
    Import stop(Import running, Instant now) throws CatalogException;

    Optional<Import> find(String account, String region, String id) throws CatalogException;

    /// Those of an account in a region, in order of id.
    List<Import> of(String account, String region) throws CatalogException;

    /// What failed in an import, each file once, in no order that means something.
    ///
    /// @param from empty, or what the page before says is next
    /// @param max at most this many, 1 to [dev.cairn.catalog.Catalog#LIMIT_MAX]
    /// @throws Failure INVALID_NEXT_TOKEN when no page said so
    FailurePage failures(Import of, String from, int max) throws CatalogException;

    /// Whether an import into a store goes on.
    boolean ongoing(Transaction tx, EventDataStore store) throws CatalogException;

    /// Puts events into a store at once, each that it does not have yet; they are there when this
    /// returns.
    ///
    /// @param events records, JSON in UTF-8
    /// @throws IOException when it cannot be told whether they are there: they may be loaded again
    Loaded load(EventDataStore store, List<byte[]> events) throws IOException, CatalogException;
}
