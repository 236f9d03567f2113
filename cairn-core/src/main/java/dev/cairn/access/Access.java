package dev.cairn.access;

import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import dev.cairn.account.Token;
import org.jspecify.annotations.Nullable;

/// Decides on every request.
///
/// The rules, first one first:
///
/// 1. The anonymous may do nothing.
/// 2. A token may do what it is for, in its own account: record events, or read metrics.
/// 3. What reaches beyond the caller's own account is for the root of the default account.
/// 4. Within its account, root may do everything, and a user what the key allows.
///
/// A pure function of its arguments: no state, any thread.
///
/// @param defaultAccount whose root administers all accounts (setting `account.id`)
public record Access(String defaultAccount) {

    /// @param context unused by today's rules; conditions will need it
    public Decision decide(Caller caller, Action action, Target target, Context context) {
        boolean own =
                caller.account().equals(target.account()) && action.reach() == Action.Reach.ACCOUNT;
        boolean allowed =
                switch (caller.type()) {
                    case ANONYMOUS -> false;
                    case TOKEN -> own && isFor(caller.purpose(), action);
                    case USER -> own && includes(caller.allow(), action.needs());
                    case ROOT -> own || caller.account().equals(defaultAccount);
                };
        return allowed
                ? new Decision.Allowed()
                : new Decision.Denied(denial(caller, action, target));
    }

    private static boolean includes(@Nullable Allow allow, Allow needed) {
        return allow != null && allow.includes(needed);
    }

    private static boolean isFor(Token.@Nullable Purpose purpose, Action action) {
        return switch (purpose) {
            case INTAKE -> action.equals(Action.RECORD_EVENTS);
            case METRICS -> action.equals(Action.READ_METRICS);
            case null -> false;
        };
    }

    /// AWS's words
    /// (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html): within
    /// an account it is the identity's policy that is missing, across accounts the resource's.
    private static String denial(Caller caller, Action action, Target target) {
        String who = caller.type() == Caller.Type.ANONYMOUS ? "anonymous" : caller.arn();
        String what = target.arn() == null ? "" : " on resource: " + target.arn();
        String policy =
                caller.account().equals(target.account()) ? "identity-based" : "resource-based";
        return "User: %s is not authorized to perform: %s%s because no %s policy allows the %s action"
                .formatted(who, action.name(), what, policy, action.name());
    }
}
