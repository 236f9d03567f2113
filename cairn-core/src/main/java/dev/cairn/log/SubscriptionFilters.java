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

/// The subscription filters of log groups. Documents: `log-subscription` under
/// `ACCOUNT/REGION/GROUP:NAME`; no group's name has a colon. Any thread may call any method.
public final class SubscriptionFilters {
    /// How many a group may have.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
    public static final int OF_GROUP_MAX = 2;

    private static final String KIND = "log-subscription";
    private static final String PATTERN = "pattern";
    private static final String DESTINATION = "destination";
    private static final String ROLE = "role";
    private static final String DISTRIBUTION = "distribution";
    private static final String PUT = "put";

    private final Catalog catalog;

    SubscriptionFilters(Catalog catalog) {
        this.catalog = catalog;
    }

    /// The filters of a group in order of name: at most [#OF_GROUP_MAX].
    public List<SubscriptionFilter> of(LogGroupName group) throws CatalogException {
        return read(catalog.list(KIND, prefix(group), "", OF_GROUP_MAX));
    }

    /// As [#of(LogGroupName)], as a transaction sees them.
    List<SubscriptionFilter> of(Transaction tx, LogGroupName group) throws CatalogException {
        return read(tx.list(KIND, prefix(group), "", OF_GROUP_MAX));
    }

    /// Puts a filter in its group, in the place of one of the same name.
    ///
    /// @throws Failure INVALID_PARAMETER, LIMIT_EXCEEDED
    void put(Transaction tx, SubscriptionFilter filter) throws CatalogException {
        checkSteps(tx, filter);
        String key = prefix(filter.group()) + filter.name();
        String json =
                Fields.none()
                        .with(PATTERN, filter.pattern())
                        .with(DESTINATION, filter.destination())
                        .with(ROLE, filter.role())
                        .with(DISTRIBUTION, filter.distribution())
                        .with(PUT, filter.put().truncatedTo(ChronoUnit.MILLIS).toString())
                        .json();
        Optional<Document> there = tx.get(KIND, key);
        if (there.isPresent()) {
            tx.replace(there.get(), json);
        } else if (of(tx, filter.group()).size() < OF_GROUP_MAX) {
            tx.create(KIND, key, json);
        } else {
            throw new Failure(ErrorCode.LIMIT_EXCEEDED, "Resource limit exceeded.");
        }
    }

    private void checkSteps(Transaction tx, SubscriptionFilter filter) throws CatalogException {
        int steps = MetricFilter.read(filter.pattern()).steps();
        for (SubscriptionFilter other : of(tx, filter.group())) {
            if (!other.name().equals(filter.name())) {
                steps += MetricFilter.read(other.pattern()).steps();
            }
        }
        if (steps > MetricFilters.STEPS_MAX) {
            throw new Failure(
                    ErrorCode.LIMIT_EXCEEDED,
                    "Resource limit exceeded: the patterns of a log group's subscription filters take at most %d steps for each character, got %d"
                            .formatted(MetricFilters.STEPS_MAX, steps));
        }
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    void delete(Transaction tx, LogGroupName group, String name) throws CatalogException {
        tx.delete(
                tx.get(KIND, prefix(group) + name)
                        .orElseThrow(() ->
                                new Failure(
                                        ErrorCode.RESOURCE_NOT_FOUND,
                                        "The specified subscription filter does not exist.")));
    }

    /// Deletes all filters of a group.
    void deleteOf(Transaction tx, LogGroupName group) throws CatalogException {
        for (Document document : tx.list(KIND, prefix(group), "", OF_GROUP_MAX)) {
            tx.delete(document);
        }
    }

    private static String prefix(LogGroupName group) {
        return group.key() + ':';
    }

    private static List<SubscriptionFilter> read(List<Document> documents) throws CatalogException {
        List<SubscriptionFilter> filters = new ArrayList<>();
        for (Document document : documents) {
            int colon = document.key().indexOf(':');
            Fields fields = Fields.of(document);
            filters.add(
                    new SubscriptionFilter(
                            LogGroupName.ofKey(document.key().substring(0, colon)),
                            document.key().substring(colon + 1),
                            fields.text(PATTERN),
                            fields.text(DESTINATION),
                            fields.text(ROLE),
                            fields.text(DISTRIBUTION),
                            Instant.parse(fields.text(PUT))));
        }
        return filters;
    }
}
