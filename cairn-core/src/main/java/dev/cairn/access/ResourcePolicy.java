package dev.cairn.access;

import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The policy that CloudTrail keeps beside a channel, an event data store or a dashboard
/// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/security_iam_resource-based-policy-examples.html).
///
/// It is about that one resource, and about actions that ask it: a denial of any other would be
/// passed over, and so is refused to be written down.
public final class ResourcePolicy {
    /// The longest, in characters.
    public static final int CHARS_MAX = 8192;

    private ResourcePolicy() {}

    /// Checks a policy before it is kept.
    ///
    /// @param arn the resource's
    /// @param actions those that ask it, such as `cloudtrail:StartQuery`
    /// @throws Failure RESOURCE_POLICY_NOT_VALID when it is none, or about something else
    public static void check(String json, String arn, Set<String> actions) {
        if (json.length() > CHARS_MAX) {
            throw notValid(
                    "expected at most %d characters, got %d".formatted(CHARS_MAX, json.length()));
        }
        try {
            Policy policy = Policy.of(json);
            if (policy.isOnOthers()) {
                throw notValid("expected statements on %s, got NotResource".formatted(arn));
            }
            for (String resource : policy.resources()) {
                if (!Wildcards.match(resource, arn)) {
                    throw notValid(
                            "expected statements on %s, got one on %s".formatted(arn, resource));
                }
            }
            Optional<String> beyond = policy.actionBeyond(actions);
            if (beyond.isPresent()) {
                throw notValid(
                        "expected statements on %s, got one on %s"
                                .formatted(
                                        String.join(", ", actions.stream().sorted().toList()),
                                        beyond.get()));
            }
        } catch (PolicyException refused) {
            throw notValid(refused.message());
        }
    }

    /// What a policy that was kept says; [Policy#NONE] where there is none.
    ///
    /// @param arn the resource's
    public static Policy of(@Nullable String json, String arn) throws CatalogException {
        try {
            return json == null ? Policy.NONE : Policy.of(json);
        } catch (PolicyException damaged) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT, "expected a policy of " + arn, damaged);
        }
    }

    private static Failure notValid(String message) {
        return new Failure(ErrorCode.RESOURCE_POLICY_NOT_VALID, message);
    }
}
