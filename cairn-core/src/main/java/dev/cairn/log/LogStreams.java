package dev.cairn.log;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The streams of log groups. Documents: `log-stream` under `ACCOUNT/REGION/GROUP:NAME`. Any thread
/// may call any method.
public final class LogStreams {
    private static final String KIND = "log-stream";
    private static final String CREATED = "created";
    private static final String FIRST = "first";
    private static final String LAST = "last";
    private static final String INGESTED = "ingested";
    private static final String BYTES = "bytes";
    private static final String SINCE = "since";

    private final Catalog catalog;

    LogStreams(Catalog catalog) {
        this.catalog = catalog;
    }

    public Optional<LogStream> find(LogGroupName group, String name) throws CatalogException {
        Optional<Document> document = catalog.get(KIND, prefix(group) + name);
        return document.isEmpty() ? Optional.empty() : Optional.of(read(document.get()));
    }

    /// A group's streams in order of name.
    ///
    /// @param prefix that their names begin with; empty for all
    /// @param after the last name of the page before; empty for the first page
    public List<LogStream> list(LogGroupName group, String prefix, String after, int limit)
            throws CatalogException {
        List<LogStream> streams = new ArrayList<>();
        for (Document document :
                catalog.list(
                        KIND,
                        prefix(group) + prefix,
                        after.isEmpty() ? "" : prefix(group) + after,
                        limit)) {
            streams.add(read(document));
        }
        return streams;
    }

    /// As [#expect(LogGroupName, String)], as a transaction sees it.
    LogStream expect(Transaction tx, LogGroupName group, String name) throws CatalogException {
        return read(tx.get(KIND, prefix(group) + name).orElseThrow(LogStreams::missing));
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    LogStream expect(LogGroupName group, String name) throws CatalogException {
        return find(group, name).orElseThrow(LogStreams::missing);
    }

    boolean has(Transaction tx, LogGroupName group, String name) throws CatalogException {
        return tx.get(KIND, prefix(group) + name).isPresent();
    }

    /// AWS's words for a stream that is not there.
    public static Failure missing() {
        return new Failure(
                ErrorCode.RESOURCE_NOT_FOUND, "The specified log stream does not exist.");
    }

    /// @throws Failure INVALID_PARAMETER when it is a name of trails' streams
    static void checkNotOfTrails(String name) {
        if (GroupEvents.isOfTrails(name)) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "The stream %s is written by trails alone.".formatted(name));
        }
    }

    /// @throws Failure RESOURCE_ALREADY_EXISTS, INVALID_PARAMETER
    void create(Transaction tx, LogGroupName group, String name, Instant now)
            throws CatalogException {
        checkNotOfTrails(name);
        if (tx.get(KIND, prefix(group) + name).isPresent()) {
            throw new Failure(
                    ErrorCode.RESOURCE_ALREADY_EXISTS, "The specified log stream already exists");
        }
        LogStream stream =
                new LogStream(
                        group,
                        name,
                        now.truncatedTo(ChronoUnit.MILLIS),
                        null,
                        null,
                        null,
                        0,
                        StoredGroup.of(tx, group).next());
        tx.create(KIND, prefix(group) + name, fields(stream).json());
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    void delete(Transaction tx, LogGroupName group, String name) throws CatalogException {
        tx.delete(tx.get(KIND, prefix(group) + name).orElseThrow(LogStreams::missing));
    }

    /// Notes messages of a stream, and makes it when it is not there: without what was stored under
    /// its name before.
    void wrote(Transaction tx, LogGroupName group, String name, LogStream.Span span)
            throws CatalogException {
        Optional<Document> document = tx.get(KIND, prefix(group) + name);
        LogStream stream =
                document.isPresent()
                        ? read(document.get())
                        : new LogStream(
                                group,
                                name,
                                span.first(),
                                null,
                                null,
                                null,
                                0,
                                StoredGroup.of(tx, group).next());
        String json = fields(stream.with(span)).json();
        if (document.isPresent()) {
            tx.replace(document.get(), json);
        } else {
            tx.create(KIND, prefix(group) + name, json);
        }
    }

    /// Deletes all streams of a group.
    void deleteOf(Transaction tx, LogGroupName group) throws CatalogException {
        List<Document> page;
        do {
            page = tx.list(KIND, prefix(group), "", Catalog.LIMIT_MAX);
            for (Document document : page) {
                tx.delete(document);
            }
        } while (page.size() == Catalog.LIMIT_MAX);
    }

    private static String prefix(LogGroupName group) {
        return group.key() + ':';
    }

    private static Fields fields(LogStream stream) {
        Fields fields =
                Fields.none()
                        .with(CREATED, stream.created().toString())
                        .with(BYTES, Long.toString(stream.bytes()))
                        .with(SINCE, Long.toString(stream.since()));
        fields = with(fields, FIRST, stream.first());
        fields = with(fields, LAST, stream.last());
        return with(fields, INGESTED, stream.ingested());
    }

    private static Fields with(Fields fields, String name, @Nullable Instant time) {
        return time == null ? fields : fields.with(name, time.toString());
    }

    private static LogStream read(Document document) throws CatalogException {
        int colon = document.key().indexOf(':');
        Fields fields = Fields.of(document);
        return new LogStream(
                LogGroupName.ofKey(document.key().substring(0, colon)),
                document.key().substring(colon + 1),
                Instant.parse(fields.text(CREATED)),
                fields.find(FIRST).map(Instant::parse).orElse(null),
                fields.find(LAST).map(Instant::parse).orElse(null),
                fields.find(INGESTED).map(Instant::parse).orElse(null),
                Long.parseLong(fields.text(BYTES)),
                Long.parseLong(fields.text(SINCE)));
    }
}
