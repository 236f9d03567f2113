package dev.cairn.server.operation;

import dev.cairn.access.Action;
import dev.cairn.access.Policy;
import dev.cairn.access.Target;
import dev.cairn.catalog.CatalogException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// An operation that is built, and what is asked before it runs.
///
/// @param action the right that it needs
/// @param target what it would be done to, told by its input
/// @param dataPlane whether its calls are data events, recorded only while a selector wants them
/// @param operation what it does
/// @param policy the target's own policy
/// @param several where one right is not all that a call needs, or its conditions ask for more than
///   every request tells: what counts instead of action, target and policy; else null
public record BuiltOperation(
        Action action,
        Function<Invocation, Target> target,
        Function<Invocation, Boolean> dataPlane,
        Operation operation,
        PolicyOf policy,
        @Nullable Rights several) {

    /// Finds the policy of what a call is about; [Policy#NONE] where it has none.
    @FunctionalInterface
    public interface PolicyOf {
        Policy find(Invocation call) throws CatalogException;
    }

    /// Finds all rights that a call needs. What is asked for is not checked against the model yet,
    /// and may not be there: then the operation is to say so, to whoever would have the right.
    @FunctionalInterface
    public interface Rights {
        List<Right> find(Invocation call) throws CatalogException;
    }

    /// An operation whose one right says all.
    public BuiltOperation(
            Action action,
            Function<Invocation, Target> target,
            Function<Invocation, Boolean> dataPlane,
            Operation operation,
            PolicyOf policy) {
        this(action, target, dataPlane, operation, policy, null);
    }

    /// An operation on what has no policy of its own.
    public BuiltOperation(
            Action action,
            Function<Invocation, Target> target,
            Function<Invocation, Boolean> dataPlane,
            Operation operation) {
        this(action, target, dataPlane, operation, _ -> Policy.NONE);
    }

    /// An operation on the caller's own account.
    static BuiltOperation own(Action action, Operation operation) {
        return new BuiltOperation(
                action, call -> Target.account(call.caller().account()), _ -> false, operation);
    }

    /// An operation on the account that a member of the input names; the caller's own when absent.
    static BuiltOperation onAccount(Action action, String member, Operation operation) {
        return new BuiltOperation(
                action,
                call -> Target.account(call.text(member, call.caller().account())),
                _ -> false,
                operation);
    }

    /// A management operation that needs several rights.
    ///
    /// @param action the foremost of them
    static BuiltOperation needing(Action action, Operation operation, Rights rights) {
        return new BuiltOperation(
                action,
                call -> Target.account(call.caller().account()),
                _ -> false,
                operation,
                _ -> Policy.NONE,
                rights);
    }

    BuiltOperation withDataPlane(Function<Invocation, Boolean> when) {
        return new BuiltOperation(action, target, when, operation, policy, several);
    }

    /// What a call needs before it runs: all of it.
    public List<Right> rights(Invocation call) throws CatalogException {
        return several != null
                ? several.find(call)
                : List.of(new Right(action, target.apply(call), policy.find(call), Map.of()));
    }

    /// Whether it changes nothing, as `readOnly` in its records says.
    public boolean readOnly() {
        return switch (operation) {
            case Operation.Read _, Operation.Download _, Operation.Many _ -> true;
            case Operation.Change _, Operation.Message _, Operation.Upload _ -> false;
        };
    }
}
