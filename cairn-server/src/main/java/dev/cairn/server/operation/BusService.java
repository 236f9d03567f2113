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
        var targets = new TargetOperations(parts.buses(), parts.reach());
        var connections =
                new ConnectionOperations(parts.connections(), parts.reach(), parts.secrets());
        var destinations =
                new ApiDestinationOperations(
                        parts.destinations(), parts.connections(), parts.reach(), parts.secrets());
        var built = new HashMap<String, BuiltOperation>();
        Map.<String, Operation.Read>ofEntries(
                        Map.entry("DescribeEventBus", buses::describe),
                        Map.entry("ListEventBuses", buses::list),
                        Map.entry("ListTagsForResource", buses::tags),
                        Map.entry("DescribeRule", rules::describe),
                        Map.entry("ListRules", rules::list),
                        Map.entry("ListRuleNamesByTarget", targets::rules),
                        Map.entry("ListTargetsByRule", targets::list),
                        Map.entry("TestEventPattern", rules::test),
                        Map.entry("DescribeConnection", connections::describe),
                        Map.entry("ListConnections", connections::list),
                        Map.entry("DescribeApiDestination", destinations::describe),
                        Map.entry("ListApiDestinations", destinations::list))
                .forEach((name, operation) ->
                        built.put(
                                name, BuiltOperation.own(Action.read("events", name), operation)));
        Map.<String, Operation.Change>ofEntries(
                        Map.entry("CreateEventBus", buses::create),
                        Map.entry("DeleteEventBus", buses::delete),
                        Map.entry("TagResource", buses::tag),
                        Map.entry("UntagResource", buses::untag),
                        Map.entry("PutRule", rules::put),
                        Map.entry("DeleteRule", rules::delete),
                        Map.entry("EnableRule", rules::enable),
                        Map.entry("DisableRule", rules::disable),
                        Map.entry("PutTargets", targets::put),
                        Map.entry("RemoveTargets", targets::remove),
                        Map.entry("CreateConnection", connections.create()),
                        Map.entry("UpdateConnection", connections.update()),
                        Map.entry("DeauthorizeConnection", connections::deauthorize),
                        Map.entry("DeleteConnection", connections::delete),
                        Map.entry("CreateApiDestination", destinations.create()),
                        Map.entry("UpdateApiDestination", destinations.update()),
                        Map.entry("DeleteApiDestination", destinations::delete))
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
