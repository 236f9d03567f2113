package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.log.LogGroups;
import dev.cairn.log.Subscribers;
import dev.cairn.log.SubscriptionFilter;
import dev.cairn.queue.QueueName;
import dev.cairn.topic.TopicArn;

/// CloudWatch Logs' operations on subscription filters.
///
/// Source: Amazon CloudWatch Logs API Reference.
final class SubscriptionFilterOperations {
    private static final String PREFIX = "filterNamePrefix";
    private static final String PATTERN = "filterPattern";
    private static final String DESTINATION = "destinationArn";
    private static final String ROLE = "roleArn";
    private static final String DISTRIBUTION = "distribution";
    private static final String BY_STREAM = "ByLogStream";
    private static final int PAGE = 50;

    private final LogGroups groups;
    private final Subscribers subscribers;

    SubscriptionFilterOperations(LogGroups groups, Subscribers subscribers) {
        this.groups = groups;
        this.subscribers = subscribers;
    }

    /// PutSubscriptionFilter, which sends a first message.
    Operation.Change put() {
        return new Operation.Change() {
            @Override
            public void prepare(Invocation call) throws CatalogException {
                subscribers.prepare(call.now());
            }

            @Override
            public ObjectNode run(Invocation call, Transaction tx) throws CatalogException {
                LogService.only(call, "applyOnTransformedLogs", "false");
                LogService.only(call, "fieldSelectionCriteria", "");
                LogService.only(call, "emitSystemFields", "[]");
                groups.put(
                        tx,
                        new SubscriptionFilter(
                                LogGroupOperations.group(call),
                                MetricFilterOperations.name(call),
                                call.text(PATTERN, ""),
                                destination(call),
                                call.text(ROLE, ""),
                                call.text(DISTRIBUTION, BY_STREAM),
                                call.now()),
                        subscribers,
                        call.now());
                return JsonNodeFactory.instance.objectNode();
            }
        };
    }

    private static String destination(Invocation call) {
        var arn = call.text(DESTINATION, "");
        var region =
                TopicArn.of(arn)
                        .map(TopicArn::region)
                        .or(() -> QueueName.ofArn(arn).map(QueueName::region));
        if (region.isEmpty()) {
            throw arn.matches("arn:aws:(kinesis|firehose|lambda|logs|es):.*")
                    ? new Failure(
                            ErrorCode.UNSUPPORTED_OPERATION,
                            "The destination %s is not built: messages go to queues and topics of Cairn's. docs/gaps.md says what is missing and why"
                                    .formatted(arn))
                    : new Failure(
                            ErrorCode.INVALID_PARAMETER,
                            "Expected the ARN of a queue or a topic as destinationArn, got " + arn);
        }
        if (!region.get().equals(call.region())) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected a destination in %s, got %s".formatted(call.region(), arn));
        }
        return arn;
    }

    ObjectNode delete(Invocation call, Transaction tx) throws CatalogException {
        groups.deleteSubscription(
                tx, LogGroupOperations.group(call), MetricFilterOperations.name(call));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode describe(Invocation call) throws CatalogException {
        var group = LogGroupOperations.group(call);
        groups.expect(group);
        var after = LogGroupOperations.after(call);
        var found =
                groups.subscriptions().of(group).stream()
                        .filter(filter -> filter.name().startsWith(call.text(PREFIX, "")))
                        .filter(filter -> filter.name().compareTo(after) > 0)
                        .toList();
        var limit = call.number("limit", PAGE);
        var output = JsonNodeFactory.instance.objectNode();
        var items = output.putArray("subscriptionFilters");
        found.stream().limit(limit).map(SubscriptionFilterOperations::shown).forEach(items::add);
        if (found.size() > limit) {
            output.put("nextToken", NameToken.of(found.get(limit - 1).name()));
        }
        return output;
    }

    private static JsonNode shown(SubscriptionFilter filter) {
        var shown =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("filterName", filter.name())
                        .put(LogGroupOperations.GROUP, filter.group().name())
                        .put(PATTERN, filter.pattern())
                        .put(DESTINATION, filter.destination());
        if (!filter.role().isEmpty()) {
            shown.put(ROLE, filter.role());
        }
        return shown.put(DISTRIBUTION, filter.distribution())
                .put("creationTime", filter.put().toEpochMilli());
    }
}
