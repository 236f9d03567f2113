package dev.cairn.server.operation;

import dev.cairn.access.Action;
import dev.cairn.access.Policy;
import dev.cairn.access.Target;
import dev.cairn.catalog.CatalogException;
import java.util.function.Function;

/// An operation that is built, and what is asked before it runs.
///
/// @param action the right that it needs
/// @param target what it would be done to, told by its input
/// @param dataPlane whether its calls are data events, recorded only while a selector wants them
/// @param operation what it does
/// @param policy the target's own policy
public record BuiltOperation(
        Action action,
        Function<Invocation, Target> target,
        Function<Invocation, Boolean> dataPlane,
        Operation operation,
        PolicyOf policy) {

    /// Finds the policy of what a call is about; [Policy#NONE] where it has none.
    @FunctionalInterface
    public interface PolicyOf {
        Policy find(Invocation call) throws CatalogException;
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

    BuiltOperation withDataPlane(Function<Invocation, Boolean> when) {
        return new BuiltOperation(action, target, when, operation, policy);
    }

    /// Whether it changes nothing, as `readOnly` in its records says.
    public boolean readOnly() {
        return switch (operation) {
            case Operation.Read _, Operation.Download _, Operation.Many _ -> true;
            case Operation.Change _, Operation.Message _, Operation.Upload _ -> false;
        };
    }
}
