package dev.cairn.server.operation;

import dev.cairn.access.Action;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Violations;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.util.HashMap;
import java.util.Map;

/// CloudWatch: which of its operations are built, and what each needs: `read` to look, `operate`
/// for the rest.
final class MetricService {
    private MetricService() {}

    static ServedService of(ServiceModel model, Operations.MetricParts parts) {
        var metrics = new MetricOperations(parts.catalog(), parts.metrics());
        var images = new MetricImages(parts.metrics());
        var built = new HashMap<String, BuiltOperation>();
        // Calls on values are data events:
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/logging_cw_api_calls.html
        Map.<String, Operation.Read>of(
                        "GetMetricData", metrics::data,
                        "GetMetricStatistics", metrics::statistics,
                        "GetMetricWidgetImage", images::widget,
                        "ListMetrics", metrics::list)
                .forEach((name, operation) ->
                        built.put(
                                name,
                                BuiltOperation.own(Action.read("cloudwatch", name), operation)
                                        .withDataPlane(_ -> true)));
        built.put(
                "PutMetricData",
                BuiltOperation.own(
                                Action.operate("cloudwatch", "PutMetricData"),
                                (Operation.Message) metrics::put)
                        .withDataPlane(_ -> true));
        var alarms = new AlarmOperations(parts.alarms(), parts.history());
        Map.<String, Operation.Read>of(
                        "DescribeAlarms", alarms::describe,
                        "DescribeAlarmsForMetric", alarms::ofMetric,
                        "DescribeAlarmHistory", alarms::history,
                        "ListTagsForResource", alarms::tags)
                .forEach((name, operation) ->
                        built.put(
                                name,
                                BuiltOperation.own(Action.read("cloudwatch", name), operation)));
        Map.<String, Operation.Change>of(
                        "PutMetricAlarm", alarms::put,
                        "PutCompositeAlarm", alarms::putComposite,
                        "DeleteAlarms", alarms::delete,
                        "SetAlarmState", alarms.setState(),
                        "EnableAlarmActions", alarms::enable,
                        "DisableAlarmActions", alarms::disable,
                        "TagResource", alarms::tag,
                        "UntagResource", alarms::untag)
                .forEach((name, operation) ->
                        built.put(
                                name,
                                BuiltOperation.own(Action.operate("cloudwatch", name), operation)));
        return new ServedService(
                "monitoring", "monitoring.amazonaws.com", model, Map.copyOf(built));
    }

    /// CloudWatch's own words for an input that its model does not allow.
    static Failure refine(Violations violations) {
        var first = violations.found().getFirst();
        if (first.constraint().equals("Member must not be null")) {
            return new Failure(
                    ErrorCode.MISSING_REQUIRED_PARAMETER,
                    "The parameter %s is required.".formatted(first.path()));
        }
        return new Failure(ErrorCode.INVALID_PARAMETER_VALUE, violations.message());
    }
}
