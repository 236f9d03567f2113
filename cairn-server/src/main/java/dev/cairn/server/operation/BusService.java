package dev.cairn.server.operation;

import dev.cairn.access.Action;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.util.HashMap;
import java.util.Map;

/// EventBridge: which of its operations are built, and what each needs: `read` to look, `operate`
/// for the rest.
final class BusService {
    private BusService() {}

    static ServedService of(ServiceModel model, Operations.BusParts parts) {
        var buses = new BusOperations(parts.buses());
        var rules = new RuleOperations(parts.buses());
        var targets = new TargetOperations(parts.buses());
        var built = new HashMap<String, BuiltOperation>();
        Map.<String, Operation.Read>of(
                        "DescribeEventBus", buses::describe,
                        "ListEventBuses", buses::list,
                        "ListTagsForResource", buses::tags,
                        "DescribeRule", rules::describe,
                        "ListRules", rules::list,
                        "ListRuleNamesByTarget", targets::rules,
                        "ListTargetsByRule", targets::list,
                        "TestEventPattern", rules::test)
                .forEach((name, operation) ->
                        built.put(
                                name, BuiltOperation.own(Action.read("events", name), operation)));
        Map.<String, Operation.Change>of(
                        "CreateEventBus", buses::create,
                        "DeleteEventBus", buses::delete,
                        "TagResource", buses::tag,
                        "UntagResource", buses::untag,
                        "PutRule", rules::put,
                        "DeleteRule", rules::delete,
                        "EnableRule", rules::enable,
                        "DisableRule", rules::disable,
                        "PutTargets", targets::put,
                        "RemoveTargets", targets::remove)
                .forEach((name, operation) ->
                        built.put(
                                name,
                                BuiltOperation.own(Action.operate("events", name), operation)));
        built.put(
                "PutEvents",
                BuiltOperation.own(
                                Action.operate("events", "PutEvents"),
                                (Operation.Message) new PutEvents(parts))
                        .withDataPlane(_ -> true));
        return new ServedService("events", "events.amazonaws.com", model, Map.copyOf(built));
    }

    /// EventBridge's words for a member that is not as it must be.
    static Failure invalid(String words) {
        return new Failure(ErrorCode.VALIDATION, words);
    }

    static Failure notBuilt(String what) {
        return new Failure(
                ErrorCode.UNSUPPORTED_OPERATION,
                what + " is not built. docs/gaps.md says what is missing and why");
    }
}
