package dev.cairn.server.operation;

import dev.cairn.access.Action;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/// CloudWatch Logs: which of its operations are built, and what each needs: `read` to look,
/// `operate` for the rest.
final class LogService {
    /// How long a page with regular expressions waits for others.
    private static final Duration TURN_MAX = Duration.ofSeconds(3);

    private LogService() {}

    static ServedService of(ServiceModel model, Operations.LogParts parts) {
        var groups = parts.groups();
        // Regular expressions take seconds of a processor, and whoever may read may ask.
        var asking = new Semaphore(1);
        var events = new LogEventOperations(parts, asking, TURN_MAX);
        var themselves = new LogGroupOperations(groups);
        var filters = new MetricFilterOperations(groups, asking);
        var subscriptions = new SubscriptionFilterOperations(groups, parts.subscribers());
        var queries =
                new LogQueryOperations(groups, parts.events(), parts.queries(), parts.secrets());
        var built = new HashMap<String, BuiltOperation>();
        Map.<String, Operation.Read>of(
                        "DescribeLogGroups", themselves::describe,
                        "ListTagsLogGroup", themselves::tagsOfGroup,
                        "ListTagsForResource", themselves::tags,
                        "DescribeLogStreams", events::describe,
                        "DescribeSubscriptionFilters", subscriptions::describe,
                        "DescribeMetricFilters", filters::describe,
                        "TestMetricFilter", filters::test)
                .forEach((name, operation) ->
                        built.put(name, BuiltOperation.own(Action.read("logs", name), operation)));
        // Who reads messages would make more of them where a trail feeds the group.
        Map.<String, Operation.Read>of(
                        "GetLogEvents", events::get,
                        "FilterLogEvents", events::filter)
                .forEach((name, operation) ->
                        built.put(
                                name,
                                BuiltOperation.own(Action.read("logs", name), operation)
                                        .withDataPlane(_ -> true)));
        built.put(
                "PutLogEvents",
                BuiltOperation.own(
                                Action.operate("logs", "PutLogEvents"),
                                (Operation.Message) events::put)
                        .withDataPlane(_ -> true));
        Map.<String, Operation.Read>of(
                        "GetQueryResults", queries::results,
                        "DescribeQueries", queries::describe)
                .forEach((name, operation) ->
                        built.put(name, BuiltOperation.own(Action.read("logs", name), operation)));
        // Who may read may ask.
        Map.<String, Operation.Message>of(
                        "StartQuery", queries::start,
                        "StopQuery", queries::stop)
                .forEach((name, operation) ->
                        built.put(name, BuiltOperation.own(Action.read("logs", name), operation)));
        Map.<String, Operation.Change>of(
                        "CreateLogStream", events::create,
                        "DeleteLogStream", events::delete,
                        "PutSubscriptionFilter", subscriptions.put(),
                        "DeleteSubscriptionFilter", subscriptions::delete)
                .forEach((name, operation) ->
                        built.put(
                                name, BuiltOperation.own(Action.operate("logs", name), operation)));
        Map.<String, Operation.Change>of(
                        "CreateLogGroup", themselves::create,
                        "DeleteLogGroup", themselves::delete,
                        "PutRetentionPolicy", themselves::putRetention,
                        "DeleteRetentionPolicy", themselves::deleteRetention,
                        "TagLogGroup", themselves::tagGroup,
                        "UntagLogGroup", themselves::untagGroup,
                        "TagResource", themselves::tag,
                        "UntagResource", themselves::untag,
                        "PutMetricFilter", filters::put,
                        "DeleteMetricFilter", filters::delete)
                .forEach((name, operation) ->
                        built.put(
                                name, BuiltOperation.own(Action.operate("logs", name), operation)));
        return new ServedService("logs", "logs.amazonaws.com", model, Map.copyOf(built));
    }

    /// A member that is not built yet, with the value it has when nobody asks for more.
    ///
    /// @param value of a list, as JSON writes it
    /// @throws Failure UNSUPPORTED_OPERATION
    static void only(Invocation call, String member, String value) {
        var given = call.input().path(member);
        var asked = given.isContainerNode() ? given.toString() : call.text(member, value);
        if (!asked.equals(value)) {
            throw new Failure(
                    ErrorCode.UNSUPPORTED_OPERATION,
                    "%s %s is not built. docs/gaps.md says what is missing and why"
                            .formatted(member, asked));
        }
    }
}
