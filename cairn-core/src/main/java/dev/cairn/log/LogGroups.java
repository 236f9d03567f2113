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
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The log groups of all accounts. Documents: `log-group` under `ACCOUNT/REGION/NAME`. Any thread
/// may call any method.
///
/// Source: Amazon CloudWatch Logs API Reference.
public final class LogGroups {
    /// The most tags of a group.
    public static final int TAGS_MAX = 50;

    private static final Set<Integer> RETENTION_DAYS =
            Set.of(
                    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192,
                    2557, 2922, 3288, 3653);

    private static final String KIND = "log-group";
    private static final String CHANGES = "log-groups";
    private static final String CHANGES_KEY = "counters";
    private static final String GENERATION = "generation";
    private static final String CREATED = "created";
    private static final String RETENTION = "retention-days";
    private static final String TAG = "tag.";

    private final Catalog catalog;
    private final MetricFilters filters;
    private final SubscriptionFilters subscriptions;
    private final LogStreams streams;

    public LogGroups(Catalog catalog) {
        this.catalog = catalog;
        this.filters = new MetricFilters(catalog);
        this.subscriptions = new SubscriptionFilters(catalog);
        this.streams = new LogStreams(catalog);
    }

    /// Rises with each group and filter that is made, put or deleted.
    public long generation() throws CatalogException {
        return generation(catalog.get(CHANGES, CHANGES_KEY));
    }

    private static long generation(Optional<Document> document) throws CatalogException {
        return document.isEmpty() ? 0 : Long.parseLong(Fields.of(document.get()).text(GENERATION));
    }

    /// @return the generation that the change makes
    private static long countChange(Transaction tx) throws CatalogException {
        Optional<Document> document = tx.get(CHANGES, CHANGES_KEY);
        long generation = generation(document) + 1;
        String json = Fields.none().with(GENERATION, Long.toString(generation)).json();
        if (document.isEmpty()) {
            tx.create(CHANGES, CHANGES_KEY, json);
        } else {
            tx.replace(document.get(), json);
        }
        return generation;
    }

    /// The streams of these groups.
    public LogStreams streams() {
        return streams;
    }

    /// The filters of these groups, to look at.
    public MetricFilters filters() {
        return filters;
    }

    /// The subscription filters of these groups, to look at.
    public SubscriptionFilters subscriptions() {
        return subscriptions;
    }

    public Optional<LogGroup> find(LogGroupName name) throws CatalogException {
        return read(catalog.get(KIND, name.key()));
    }

    /// As [#find(LogGroupName)], as a transaction sees it.
    Optional<LogGroup> find(Transaction tx, LogGroupName name) throws CatalogException {
        return read(tx.get(KIND, name.key()));
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    public LogGroup expect(LogGroupName name) throws CatalogException {
        return find(name).orElseThrow(LogGroups::missing);
    }

    /// As [#expect(LogGroupName)], as a transaction sees it.
    LogGroup expect(Transaction tx, LogGroupName name) throws CatalogException {
        return read(document(tx, name));
    }

    /// Makes a stream in its group.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND, RESOURCE_ALREADY_EXISTS, INVALID_PARAMETER when only
    ///   trails may write into one of that name
    public void createStream(Transaction tx, LogGroupName group, String name, Instant now)
            throws CatalogException {
        document(tx, group);
        streams.create(tx, group, name, now);
    }

    /// Makes a stream in its group when it is not there.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND
    public void ensureStream(Transaction tx, LogGroupName group, String name, Instant now)
            throws CatalogException {
        document(tx, group);
        if (!streams.has(tx, group, name)) {
            streams.create(tx, group, name, now);
        }
    }

    /// Deletes a stream; what was stored of it is not shown any more.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND
    public void deleteStream(Transaction tx, LogGroupName group, String name)
            throws CatalogException {
        document(tx, group);
        streams.delete(tx, group, name);
        StoredGroup.streamDeleted(tx, group);
    }

    /// An account's groups of a region in order of name.
    ///
    /// @param prefix that their names begin with; empty for all
    /// @param after the last name of the page before; empty for the first page
    public List<LogGroup> list(
            String account, String region, String prefix, String after, int limit)
            throws CatalogException {
        String place = LogGroupName.place(account, region);
        List<LogGroup> groups = new ArrayList<>();
        for (Document document :
                catalog.list(KIND, place + prefix, after.isEmpty() ? "" : place + after, limit)) {
            groups.add(read(document));
        }
        return groups;
    }

    /// @throws Failure RESOURCE_ALREADY_EXISTS, INVALID_PARAMETER
    public void create(Transaction tx, LogGroupName name, Map<String, String> tags, Instant now)
            throws CatalogException {
        if (tx.get(KIND, name.key()).isPresent()) {
            throw new Failure(
                    ErrorCode.RESOURCE_ALREADY_EXISTS, "The specified log group already exists");
        }
        LogGroup group =
                new LogGroup(
                        name,
                        now.truncatedTo(ChronoUnit.MILLIS),
                        Optional.empty(),
                        checked(tags),
                        countChange(tx));
        tx.create(KIND, name.key(), fields(group).json());
    }

    /// Deletes a group with its filters and streams.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND
    public void delete(Transaction tx, LogGroupName name) throws CatalogException {
        Document document = document(tx, name);
        filters.deleteOf(tx, name);
        for (SubscriptionFilter filter : subscriptions.of(tx, name)) {
            Subscribers.forget(tx, name, filter.name());
        }
        subscriptions.deleteOf(tx, name);
        streams.deleteOf(tx, name);
        StoredGroup.deleted(tx, name);
        QuietMinutes.forget(tx, name);
        tx.delete(document);
        countChange(tx);
    }

    /// @param days empty for ever
    /// @throws Failure RESOURCE_NOT_FOUND, INVALID_PARAMETER when AWS has no such retention
    public void setRetention(Transaction tx, LogGroupName name, Optional<Integer> days)
            throws CatalogException {
        if (days.isPresent() && !RETENTION_DAYS.contains(days.get())) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: %s"
                            .formatted(days.get(), RETENTION_DAYS.stream().sorted().toList()));
        }
        Document document = document(tx, name);
        tx.replace(document, fields(read(document).withRetention(days)).json());
    }

    /// @throws Failure RESOURCE_NOT_FOUND, INVALID_PARAMETER, TOO_MANY_TAGS
    public void tag(Transaction tx, LogGroupName name, Map<String, String> tags)
            throws CatalogException {
        Document document = document(tx, name);
        LogGroup group = read(document);
        Map<String, String> all = new LinkedHashMap<>(group.tags());
        all.putAll(tags);
        tx.replace(document, fields(group.withTags(checked(all))).json());
    }

    /// Keys that the group does not have are passed over.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND
    public void untag(Transaction tx, LogGroupName name, Collection<String> keys)
            throws CatalogException {
        Document document = document(tx, name);
        LogGroup group = read(document);
        Map<String, String> rest = new LinkedHashMap<>(group.tags());
        keys.forEach(rest::remove);
        tx.replace(document, fields(group.withTags(rest)).json());
    }

    /// Puts a filter in its group, in the place of one of the same name.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND, INVALID_PARAMETER, LIMIT_EXCEEDED
    public void put(Transaction tx, MetricFilter filter) throws CatalogException {
        Document document = document(tx, filter.group());
        filters.put(tx, filter);
        filtersChanged(tx, document);
    }

    /// Deletes a filter.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND
    public void deleteFilter(Transaction tx, LogGroupName group, String name)
            throws CatalogException {
        Document document = document(tx, group);
        filters.delete(tx, group, name);
        filtersChanged(tx, document);
    }

    private static void filtersChanged(Transaction tx, Document document) throws CatalogException {
        tx.replace(document, fields(read(document).withGeneration(countChange(tx))).json());
    }

    /// Puts a subscription filter in its group, in the place of one of the same name, when its
    /// destination takes messages.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND, INVALID_PARAMETER, LIMIT_EXCEEDED
    public void put(Transaction tx, SubscriptionFilter filter, Subscribers subscribers, Instant now)
            throws CatalogException {
        Document document = document(tx, filter.group());
        subscriptions.put(tx, filter);
        Subscribers.forget(tx, filter.group(), filter.name());
        subscribers.test(tx, filter, now);
        filtersChanged(tx, document);
    }

    /// Deletes a subscription filter.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND
    public void deleteSubscription(Transaction tx, LogGroupName group, String name)
            throws CatalogException {
        Document document = document(tx, group);
        subscriptions.delete(tx, group, name);
        Subscribers.forget(tx, group, name);
        filtersChanged(tx, document);
    }

    private static Map<String, String> checked(Map<String, String> tags) {
        if (tags.size() > TAGS_MAX) {
            throw new Failure(ErrorCode.TOO_MANY_TAGS);
        }
        for (String key : tags.keySet()) {
            if (key.startsWith("aws:")) {
                throw new Failure(
                        ErrorCode.INVALID_PARAMETER,
                        "Tag keys that begin with aws: are reserved, got " + key);
            }
        }
        return tags;
    }

    /// AWS's words for a group that is not there.
    static Failure missing() {
        return new Failure(ErrorCode.RESOURCE_NOT_FOUND, "The specified log group does not exist.");
    }

    private static Document document(Transaction tx, LogGroupName name) throws CatalogException {
        return tx.get(KIND, name.key()).orElseThrow(LogGroups::missing);
    }

    private static Fields fields(LogGroup group) {
        Fields fields =
                Fields.none()
                        .with(CREATED, group.created().toString())
                        .with(GENERATION, Long.toString(group.generation()));
        if (group.retentionDays().isPresent()) {
            fields = fields.with(RETENTION, Integer.toString(group.retentionDays().get()));
        }
        for (Map.Entry<String, String> tag : group.tags().entrySet()) {
            fields = fields.with(TAG + tag.getKey(), tag.getValue());
        }
        return fields;
    }

    private static Optional<LogGroup> read(Optional<Document> document) throws CatalogException {
        return document.isEmpty() ? Optional.empty() : Optional.of(read(document.get()));
    }

    private static LogGroup read(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        Map<String, String> tags = new LinkedHashMap<>();
        for (String field : fields.names()) {
            if (field.startsWith(TAG)) {
                tags.put(field.substring(TAG.length()), fields.text(field));
            }
        }
        return new LogGroup(
                LogGroupName.ofKey(document.key()),
                Instant.parse(fields.text(CREATED)),
                fields.find(RETENTION).map(Integer::valueOf),
                tags,
                // Groups of an earlier version have none.
                fields.find(GENERATION).map(Long::valueOf).orElse(0L));
    }
}
