package dev.cairn.access;

import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import dev.cairn.account.Token;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decides on every request.
///
/// The rules, first one first:
///
/// 1. The anonymous may do nothing.
/// 2. A token may do what it is for, in its own account: record events, read metrics, or do what a
///    gateway does.
/// 3. What reaches beyond the caller's own account is for the root of the default account.
/// 4. Within its account, root may do everything, and a user what the key allows.
///
/// Where the target has a policy of its own ([Policy]), a denial there wins over all of this;
/// within an account it may allow what the key does not; across accounts both must allow. Some
/// policies decide alone ([Policy#deciding]): what they are silent about is refused.
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
                : new Decision.Denied(
                        denial(
                                caller,
                                action,
                                target,
                                caller.account().equals(target.account())
                                        ? "identity-based"
                                        : "resource-based"));
    }

    /// The same for a target that has a policy of its own.
    ///
    /// @param keys condition keys of the request besides those of every request, by lower-case name
    public Decision decide(
            Caller caller,
            Action action,
            Target target,
            Context context,
            Policy policy,
            Map<String, List<String>> keys) {
        var all = new HashMap<>(keys);
        all.putAll(keys(caller, context));
        String resource = target.arn() == null ? "" : target.arn();
        Policy.Verdict verdict =
                policy.judge(new Policy.Request(principal(caller), action.name(), resource, all));
        Decision own = decide(caller, action, target, context);
        boolean sameAccount = caller.account().equals(target.account());
        return switch (verdict) {
            case DENIED ->
                    new Decision.Denied(
                            "User: %s is not authorized to perform: %s on resource: \"%s\" with an explicit deny in a resource-based policy"
                                    .formatted(name(caller), action.name(), resource));
            case ALLOWED, DELEGATED -> {
                boolean known =
                        caller.type() == Caller.Type.ROOT || caller.type() == Caller.Type.USER;
                boolean named = verdict == Policy.Verdict.ALLOWED && (sameAccount || !known);
                boolean keyAllows =
                        known && !sameAccount && includes(caller.allow(), action.needs());
                yield (named && caller.type() != Caller.Type.TOKEN) || keyAllows
                        ? new Decision.Allowed()
                        : own;
            }
            case SILENT ->
                    policy.decides()
                            ? new Decision.Denied(denial(caller, action, target, "resource-based"))
                            : own;
        };
    }

    private static Policy.Principal principal(Caller caller) {
        return switch (caller.type()) {
            case ROOT, USER -> new Policy.Principal.Known(caller.account(), caller.arn());
            case TOKEN, ANONYMOUS -> new Policy.Principal.Anonymous();
        };
    }

    /// The condition keys of every request
    /// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
    private static Map<String, List<String>> keys(Caller caller, Context context) {
        var keys = new HashMap<String, List<String>>();
        keys.put("aws:currenttime", List.of(context.time().toString()));
        keys.put("aws:epochtime", List.of(Long.toString(context.time().getEpochSecond())));
        keys.put("aws:securetransport", List.of(Boolean.toString(context.secureTransport())));
        keys.put("aws:requestedregion", List.of(context.region()));
        if (context.sourceIpAddress() != null) {
            keys.put("aws:sourceip", List.of(context.sourceIpAddress()));
        }
        switch (caller.type()) {
            case ROOT, USER -> {
                keys.put("aws:principalaccount", List.of(caller.account()));
                keys.put("aws:principalarn", List.of(caller.arn()));
                keys.put(
                        "aws:principaltype",
                        List.of(caller.type() == Caller.Type.ROOT ? "Account" : "User"));
                keys.put("aws:userid", List.of(caller.principalId()));
                if (caller.userName() != null) {
                    keys.put("aws:username", List.of(caller.userName()));
                }
            }
            case TOKEN, ANONYMOUS -> keys.put("aws:principaltype", List.of("Anonymous"));
        }
        return keys;
    }

    private static String name(Caller caller) {
        return caller.type() == Caller.Type.ANONYMOUS ? "anonymous" : caller.arn();
    }

    private static boolean includes(@Nullable Allow allow, Allow needed) {
        return allow != null && allow.includes(needed);
    }

    private static boolean isFor(Token.@Nullable Purpose purpose, Action action) {
        return switch (purpose) {
            case INTAKE -> action.equals(Action.RECORD_EVENTS);
            case METRICS -> action.equals(Action.READ_METRICS);
            case GATEWAY ->
                    action.equals(Action.RECORD_EVENTS) || action.equals(Action.IDENTIFY_CALLERS);
            case null -> false;
        };
    }

    /// AWS's words
    /// (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html): within
    /// an account it is the identity's policy that is missing, across accounts the resource's.
    private static String denial(Caller caller, Action action, Target target, String policy) {
        String who = name(caller);
        String what = target.arn() == null ? "" : " on resource: " + target.arn();
        return "User: %s is not authorized to perform: %s%s because no %s policy allows the %s action"
                .formatted(who, action.name(), what, policy, action.name());
    }
}
