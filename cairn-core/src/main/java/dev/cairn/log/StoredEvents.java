package dev.cairn.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.metric.Datum;
import dev.cairn.metric.Metrics;
import dev.cairn.metric.StatisticSet;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The messages that callers put into log groups themselves.
///
/// They are in the catalog, so that a message, what is told of its stream, and what the group's
/// metric filters count of it become durable together. Documents: `log-event` under
/// `ACCOUNT/REGION/GROUP:TIME/NUMBER`, and `log-events` under `ACCOUNT/REGION/GROUP` with the next
/// number and the bytes of all, which outlives its group: a number is given once. Messages of a
/// stream that is deleted are not shown any more, and removed later ([#tidy]). Any thread may call
/// any method.
public final class StoredEvents {
    /// What the messages of a group may take, each with [#EVENT_BYTES] besides.
    static final long GROUP_BYTES_MAX = 1L << 30;

    /// What a message counts for besides its bytes.
    static final int EVENT_BYTES = 26;

    static final String KIND = "log-event";
    static final String STREAM = "stream";
    static final String INGESTED = "ingested";
    static final String MESSAGE = "message";

    private static final String GROUPS = "log-events";
    private static final String NEXT = "next";
    private static final String BYTES = "bytes";

    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
    private static final long BATCH_BYTES_MAX = 1 << 20;

    private static final Duration BATCH_SPAN_MAX = Duration.ofHours(24);
    private static final Duration NEW_MAX = Duration.ofHours(2);
    private static final Duration OLD_MAX = Duration.ofDays(14);

    private final Catalog catalog;
    private final LogGroups groups;
    private final Metrics metrics;

    public StoredEvents(Catalog catalog, LogGroups groups, Metrics metrics) {
        this.catalog = catalog;
        this.groups = groups;
        this.metrics = metrics;
    }

    /// A message to put.
    public record Message(Instant time, String text) {}

    /// Which messages of a batch were not taken, by their places in it; the rest was.
    ///
    /// @param tooNewFrom the first that is too far in the future; empty when none is
    /// @param tooOldTo the one behind the last that is too old; empty when none is
    /// @param expiredTo the one behind the last that retention has ended for; empty when none is
    public record Left(
            Optional<Integer> tooNewFrom,
            Optional<Integer> tooOldTo,
            Optional<Integer> expiredTo) {}

    /// Puts messages into a stream.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND, INVALID_PARAMETER, SERVICE_UNAVAILABLE when the group is
    ///   full
    public Left put(
            Transaction tx, LogGroupName name, String stream, List<Message> messages, Instant now)
            throws CatalogException {
        LogStreams.checkNotOfTrails(stream);
        LogGroup group = groups.expect(tx, name);
        groups.streams().expect(tx, name, stream);
        check(messages);
        List<Message> taken = new ArrayList<>();
        int from = places(messages, now.minus(OLD_MAX));
        int kept =
                group.retentionDays().isEmpty()
                        ? 0
                        : places(messages, now.minus(Duration.ofDays(group.retentionDays().get())));
        int to = places(messages, now.plus(NEW_MAX).plusMillis(1));
        taken.addAll(messages.subList(Math.min(to, Math.max(from, kept)), to));
        if (!taken.isEmpty()) {
            keep(tx, name, stream, taken, now);
            count(tx, name, taken, now);
        }
        return new Left(
                to < messages.size() ? Optional.of(to) : Optional.empty(),
                from > 0 ? Optional.of(from) : Optional.empty(),
                kept > from ? Optional.of(kept) : Optional.empty());
    }

    /// How many messages are before a time.
    private static int places(List<Message> messages, Instant time) {
        int places = 0;
        while (places < messages.size() && messages.get(places).time().isBefore(time)) {
            places++;
        }
        return places;
    }

    private static void check(List<Message> messages) {
        long bytes = 0;
        Instant last = messages.getFirst().time();
        for (Message message : messages) {
            bytes += bytes(message.text());
            if (message.time().isBefore(last)) {
                throw invalid(
                        "Log events in a single PutLogEvents request must be in chronological order.");
            }
            last = message.time();
        }
        if (bytes > BATCH_BYTES_MAX) {
            throw invalid(
                    "Upload too large: %d bytes exceeds limit of %d"
                            .formatted(bytes, BATCH_BYTES_MAX));
        }
        if (Duration.between(messages.getFirst().time(), last).compareTo(BATCH_SPAN_MAX) > 0) {
            throw invalid(
                    "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
        }
    }

    static long bytes(String message) {
        return message.getBytes(UTF_8).length + (long) EVENT_BYTES;
    }

    private static Failure invalid(String words) {
        return new Failure(ErrorCode.INVALID_PARAMETER, words);
    }

    private void keep(
            Transaction tx, LogGroupName name, String stream, List<Message> messages, Instant now)
            throws CatalogException {
        long bytes = messages.stream().mapToLong(message -> bytes(message.text())).sum();
        Optional<Document> document = tx.get(GROUPS, name.key());
        Stored stored = Stored.of(document);
        if (stored.bytes() + bytes > GROUP_BYTES_MAX) {
            throw new Failure(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "The log group has %d bytes of messages, and may have %d. Give it a retention, or delete streams"
                            .formatted(stored.bytes(), GROUP_BYTES_MAX));
        }
        long number = stored.next();
        for (Message message : messages) {
            tx.create(
                    KIND,
                    key(name, message.time().toEpochMilli(), number++),
                    Fields.none()
                            .with(STREAM, stream)
                            .with(INGESTED, Long.toString(now.toEpochMilli()))
                            .with(MESSAGE, message.text())
                            .json());
        }
        new Stored(number, stored.bytes() + bytes).write(tx, name, document);
        groups.streams()
                .wrote(
                        tx,
                        name,
                        stream,
                        new LogStream.Span(
                                messages.getFirst().time(),
                                messages.getLast().time(),
                                now.truncatedTo(ChronoUnit.MILLIS),
                                bytes));
    }

    private void count(Transaction tx, LogGroupName name, List<Message> messages, Instant now)
            throws CatalogException {
        GroupFilters filters = new GroupFilters(groups.filters().of(tx, name));
        Map<Datum, Long> counts = new LinkedHashMap<>();
        for (Message message : messages) {
            filters.count(
                    message.text().getBytes(UTF_8),
                    message.time(),
                    one -> counts.merge(one, 1L, Long::sum));
        }
        if (!counts.isEmpty()) {
            metrics.add(tx, data(counts), now);
        }
    }

    /// Values, and how often each came.
    static List<Datum> data(Map<Datum, Long> counts) {
        List<Datum> data = new ArrayList<>();
        counts.forEach((one, times) ->
                data.add(
                        new Datum(
                                one.metric(),
                                one.time(),
                                one.unit(),
                                StatisticSet.of(one.values().sum(), times),
                                one.fine())));
        return data;
    }

    /// What a group has.
    ///
    /// @param next the number of its next message
    private record Stored(long next, long bytes) {
        static Stored of(Optional<Document> document) throws CatalogException {
            if (document.isEmpty()) {
                return new Stored(0, 0);
            }
            Fields fields = Fields.of(document.get());
            return new Stored(
                    Long.parseLong(fields.text(NEXT)), Long.parseLong(fields.text(BYTES)));
        }

        void write(Transaction tx, LogGroupName name, Optional<Document> old)
                throws CatalogException {
            String json =
                    Fields.none()
                            .with(NEXT, Long.toString(next))
                            .with(BYTES, Long.toString(bytes))
                            .json();
            if (old.isEmpty()) {
                tx.create(GROUPS, name.key(), json);
            } else {
                tx.replace(old.get(), json);
            }
        }
    }

    /// The number that a stream's messages begin at which is made now.
    static long next(Transaction tx, LogGroupName name) throws CatalogException {
        return Stored.of(tx.get(GROUPS, name.key())).next();
    }

    static String prefix(LogGroupName name) {
        return name.key() + ':';
    }

    static String key(LogGroupName name, long millis, long number) {
        return prefix(name) + "%016d/%016d".formatted(millis, number);
    }

    // What nobody sees any more.

    private static final int TIDY_MAX = 500;

    /// Removes messages that retention has ended for, or whose stream is deleted: of each group at
    /// most a few hundred, so that nobody waits long for the catalog.
    ///
    /// @param after where the round before ended; empty to begin
    /// @return where to go on; empty when all groups were gone through
    public String tidy(String after, Instant now) throws CatalogException {
        List<Document> page = catalog.list(KIND, "", after, TIDY_MAX);
        Map<LogGroupName, List<Document>> over = new LinkedHashMap<>();
        for (Document document : page) {
            LogGroupName name =
                    LogGroupName.ofKey(document.key().substring(0, document.key().indexOf(':')));
            if (isOver(document, name, now)) {
                over.computeIfAbsent(name, _ -> new ArrayList<>()).add(document);
            }
        }
        for (Map.Entry<LogGroupName, List<Document>> one : over.entrySet()) {
            catalog.<Boolean, RuntimeException>write(tx -> {
                remove(tx, one.getKey(), one.getValue());
                return true;
            });
        }
        return page.size() < TIDY_MAX ? "" : page.getLast().key();
    }

    private boolean isOver(Document document, LogGroupName name, Instant now)
            throws CatalogException {
        Optional<LogGroup> group = groups.find(name);
        Fields fields = Fields.of(document);
        if (group.isEmpty()
                || !groups.streams().shows(name, fields.text(STREAM), number(document))) {
            return true;
        }
        return group.get().retentionDays().isPresent()
                && Instant.ofEpochMilli(millis(document))
                        .isBefore(now.minus(Duration.ofDays(group.get().retentionDays().get())));
    }

    private static void remove(Transaction tx, LogGroupName name, List<Document> documents)
            throws CatalogException {
        Optional<Document> document = tx.get(GROUPS, name.key());
        Stored stored = Stored.of(document);
        long bytes = 0;
        for (Document over : documents) {
            Optional<Document> there = tx.get(KIND, over.key());
            if (there.isPresent()) {
                tx.delete(there.get());
                bytes += bytes(Fields.of(there.get()).text(MESSAGE));
            }
        }
        new Stored(stored.next(), Math.max(0, stored.bytes() - bytes)).write(tx, name, document);
    }

    static long millis(Document document) {
        int colon = document.key().indexOf(':');
        return Long.parseLong(
                document.key().substring(colon + 1, document.key().indexOf('/', colon)));
    }

    static long number(Document document) {
        return Long.parseLong(document.key().substring(document.key().lastIndexOf('/') + 1));
    }
}
