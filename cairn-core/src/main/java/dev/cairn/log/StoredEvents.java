package dev.cairn.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.metric.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// The messages that callers put into log groups themselves.
///
/// They are in the catalog, so that a message, what is told of its stream, and what the group's
/// metric filters count of it become durable together. Documents: `log-event` under
/// `ACCOUNT/REGION/GROUP:TIME/NUMBER`, [StoredGroup]s, and `log-events-uncounted` under `all`.
/// Messages of a stream that is deleted are not shown any more, and removed later ([StoredSweep]).
/// Any thread may call any method.
public final class StoredEvents {
    /// What the messages of a group may take, each with [#EVENT_BYTES] besides.
    static final long GROUP_BYTES_MAX = 1L << 30;

    /// What a message counts for besides its bytes.
    static final int EVENT_BYTES = 26;

    static final String KIND = "log-event";
    static final String STREAM = "stream";
    static final String INGESTED = "ingested";
    static final String MESSAGE = "message";

    private static final String UNCOUNTED = "log-events-uncounted";
    private static final String UNCOUNTED_KEY = "all";
    private static final String VALUES = "values";

    /// How often filters are asked about a batch while their group changes.
    private static final int TRIES_MAX = 5;

    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
    private static final long BATCH_BYTES_MAX = 1 << 20;

    private static final Duration BATCH_SPAN_MAX = Duration.ofHours(24);
    private static final Duration NEW_MAX = Duration.ofHours(2);
    private static final Duration OLD_MAX = Duration.ofDays(14);

    private final Catalog catalog;
    private final LogGroups groups;
    private final Metrics metrics;
    private final Subscribers subscribers;
    private final QuietMinutes quiet;

    public StoredEvents(
            Catalog catalog, LogGroups groups, Metrics metrics, Subscribers subscribers) {
        this.catalog = catalog;
        this.groups = groups;
        this.metrics = metrics;
        this.subscribers = subscribers;
        this.quiet = new QuietMinutes(catalog, groups, metrics);
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
    /// The group's filters are asked before the transaction, which others wait for; when the group
    /// was changed meanwhile, they are asked again.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND, INVALID_PARAMETER, SERVICE_UNAVAILABLE when the group is
    ///   full, or is changed all the time
    public Left put(LogGroupName name, String stream, List<Message> messages, Instant now)
            throws CatalogException {
        LogStreams.checkNotOfTrails(stream);
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            LogGroup group = groups.expect(name);
            groups.streams().expect(name, stream);
            check(messages);
            Taken taken = Taken.of(messages, group, now);
            Counted counted = counted(name, taken.messages());
            List<Subscribers.Parcel> parcels = List.of();
            OptionalLong number = OptionalLong.empty();
            if (counted.isPassed()) {
                number = OptionalLong.of(reserve(name, taken.messages().size()));
                parcels = counted.packed(stream, number.getAsLong(), now);
                subscribers.prepare(now);
            }
            Kept kept = new Kept(stream, taken.messages(), number, counted, parcels);
            boolean put =
                    catalog.<Boolean, RuntimeException>write(tx -> {
                        LogStream there = groups.streams().expect(tx, name, stream);
                        // One made anew has only messages that were numbered since.
                        if (!groups.expect(tx, name).equals(group)
                                || kept.number().orElse(there.since()) < there.since()) {
                            return false;
                        }
                        if (!taken.messages().isEmpty()) {
                            keep(tx, name, kept, now);
                        }
                        return true;
                    });
            if (put) {
                return taken.left();
            }
        }
        throw new Failure(
                ErrorCode.SERVICE_UNAVAILABLE,
                "The log group was changed %d times while its metric filters were asked"
                        .formatted(TRIES_MAX));
    }

    /// Puts one message of a service's into a stream, which is made when it is not there. The
    /// group's filters are asked within the transaction. [Subscribers#prepare] is to be called
    /// before it.
    ///
    /// @param message whose time is now
    /// @throws Failure RESOURCE_NOT_FOUND, INVALID_PARAMETER when it is a stream of trails,
    ///   SERVICE_UNAVAILABLE when the group is full
    public void put(Transaction tx, LogGroupName name, String stream, Message message, Instant now)
            throws CatalogException {
        LogStreams.checkNotOfTrails(stream);
        groups.ensureStream(tx, name, stream, now);
        List<Message> messages = List.of(message);
        Counted counted = counted(name, messages);
        long number = StoredGroup.of(tx, name).next();
        keep(
                tx,
                name,
                new Kept(
                        stream,
                        messages,
                        OptionalLong.empty(),
                        counted,
                        counted.packed(stream, number, now)),
                now);
    }

    /// What is kept of messages.
    ///
    /// @param number of the first, where numbers were taken before
    private record Kept(
            String stream,
            List<Message> messages,
            OptionalLong number,
            Counted counted,
            List<Subscribers.Parcel> parcels) {}

    /// Takes numbers for messages that are told to others by their ids before they are kept.
    ///
    /// @return the first
    private long reserve(LogGroupName name, int count) throws CatalogException {
        return catalog.<Long, RuntimeException>write(tx -> {
            StoredGroup stored = StoredGroup.of(tx, name);
            stored.with(count, 0).write(tx, name);
            return stored.next();
        });
    }

    /// What is taken of a batch, and what is not.
    private record Taken(List<Message> messages, Left left) {
        static Taken of(List<Message> all, LogGroup group, Instant now) {
            int from = places(all, now.minus(OLD_MAX));
            int kept =
                    group.retentionDays().isEmpty()
                            ? 0
                            : places(all, now.minus(Duration.ofDays(group.retentionDays().get())));
            int to = places(all, now.plus(NEW_MAX).plusMillis(1));
            return new Taken(
                    all.subList(Math.min(to, Math.max(from, kept)), to),
                    new Left(
                            to < all.size() ? Optional.of(to) : Optional.empty(),
                            from > 0 ? Optional.of(from) : Optional.empty(),
                            kept > from ? Optional.of(kept) : Optional.empty()));
        }
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

    private void keep(Transaction tx, LogGroupName name, Kept kept, Instant now)
            throws CatalogException {
        List<Message> messages = kept.messages();
        long bytes = messages.stream().mapToLong(message -> bytes(message.text())).sum();
        StoredGroup stored = StoredGroup.of(tx, name);
        if (stored.bytes() + bytes > GROUP_BYTES_MAX) {
            throw new Failure(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "The log group has %d bytes of messages, and may have %d. Give it a retention, or delete streams"
                            .formatted(stored.bytes(), GROUP_BYTES_MAX));
        }
        long number = kept.number().orElse(stored.next());
        for (Message message : messages) {
            tx.create(
                    KIND,
                    key(name, message.time().toEpochMilli(), number++),
                    Fields.none()
                            .with(STREAM, kept.stream())
                            .with(INGESTED, Long.toString(now.toEpochMilli()))
                            .with(MESSAGE, message.text())
                            .json());
        }
        stored.with(kept.number().isPresent() ? 0 : messages.size(), bytes).write(tx, name);
        groups.streams()
                .wrote(
                        tx,
                        name,
                        kept.stream(),
                        new LogStream.Span(
                                messages.getFirst().time(),
                                messages.getLast().time(),
                                now.truncatedTo(ChronoUnit.MILLIS),
                                bytes));
        add(tx, kept.counted().counts(), now);
        if (kept.counted().haveDefaults()) {
            quiet.came(tx, name, Map.of(QuietMinutes.of(now), kept.counted().took()), now);
        }
        for (Subscribers.Parcel parcel : kept.parcels()) {
            subscribers.pass(tx, parcel, now);
        }
    }

    /// What filters said of messages.
    ///
    /// @param took the filters with a default value that took some of them
    /// @param passed by subscription filter, the places of those that it takes
    private record Counted(
            List<Message> messages,
            Counts counts,
            boolean haveDefaults,
            Set<String> took,
            Map<SubscriptionFilter, List<Integer>> passed) {
        boolean isPassed() {
            return !passed.isEmpty();
        }

        /// @param first the number of the first message
        List<Subscribers.Parcel> packed(String stream, long first, Instant now) {
            List<Subscribers.Parcel> parcels = new ArrayList<>();
            passed.forEach((filter, places) -> {
                List<LogEvent> events = new ArrayList<>();
                for (int place : places) {
                    Message message = messages.get(place);
                    events.add(
                            new LogEvent(
                                    stream,
                                    id(message.time().toEpochMilli(), first + place),
                                    message.time(),
                                    now,
                                    message.text()));
                }
                parcels.addAll(Subscribers.pack(filter, events));
            });
            return parcels;
        }
    }

    private Counted counted(LogGroupName name, List<Message> messages) throws CatalogException {
        GroupFilters filters = new GroupFilters(groups.filters().of(name));
        GroupSubscriptions subscriptions = new GroupSubscriptions(groups.subscriptions().of(name));
        Counts counts = new Counts();
        Set<String> took = new HashSet<>();
        Map<SubscriptionFilter, List<Integer>> passed = new LinkedHashMap<>();
        for (int i = 0; i < messages.size(); i++) {
            Message message = messages.get(i);
            byte[] text = message.text().getBytes(UTF_8);
            filters.count(text, message.time(), counts::addWithinBound, took::add);
            for (SubscriptionFilter filter : subscriptions.taking(text)) {
                passed.computeIfAbsent(filter, _ -> new ArrayList<>()).add(i);
            }
        }
        return new Counted(messages, counts, filters.haveDefaults(), took, passed);
    }

    /// As long as AWS's, and in order of time.
    static String id(long millis, long number) {
        return "%016d%040d".formatted(millis, number);
    }

    private void add(Transaction tx, Counts counts, Instant now) throws CatalogException {
        long left = counts.left();
        if (counts.size() > 0) {
            left += Counts.values(metrics.add(tx, counts.data(), now));
        }
        if (left > 0) {
            Optional<Document> before = tx.get(UNCOUNTED, UNCOUNTED_KEY);
            String json =
                    Fields.none().with(VALUES, Long.toString(uncounted(before) + left)).json();
            if (before.isEmpty()) {
                tx.create(UNCOUNTED, UNCOUNTED_KEY, json);
            } else {
                tx.replace(before.get(), json);
            }
        }
    }

    /// How many values filters found in messages of callers and no metric took: there are as many
    /// metrics as an account may have, or a batch made more than [Counts#MAX] different ones.
    public static long uncounted(Catalog catalog) throws CatalogException {
        return uncounted(catalog.get(UNCOUNTED, UNCOUNTED_KEY));
    }

    private static long uncounted(Optional<Document> document) throws CatalogException {
        return document.isEmpty() ? 0 : Long.parseLong(Fields.of(document.get()).text(VALUES));
    }

    static String prefix(LogGroupName name) {
        return name.key() + ':';
    }

    /// Behind all keys of a group's messages: what comes after a colon.
    static String behind(LogGroupName name) {
        return name.key() + ';';
    }

    static String key(LogGroupName name, long millis, long number) {
        return prefix(name) + "%016d/%016d".formatted(millis, number);
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
