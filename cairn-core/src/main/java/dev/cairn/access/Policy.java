package dev.cairn.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A resource's own policy, in IAM's language
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html).
///
/// What it cannot judge it refuses to be made of: an operator, element or variable that is not
/// known is a [PolicyException], so that no condition is ever passed over. Immutable.
public final class Policy {
    /// The policy that says nothing.
    public static final Policy NONE = new Policy(List.of(), false);

    /// The policy that lets nobody in.
    public static final Policy CLOSED = new Policy(List.of(), true);

    private final List<Statement> statements;
    private final boolean decides;
    private final boolean everyone;

    Policy(List<Statement> statements, boolean decides) {
        this.statements = List.copyOf(statements);
        this.decides = decides;
        this.everyone = this.statements.stream().anyMatch(Statement::isForEveryone);
    }

    /// Reads a policy document.
    ///
    /// @param json of at most 20 KB, as S3 has it; the caller sees to that
    /// @throws PolicyException when it is not a policy that can be judged
    public static Policy of(String json) throws PolicyException {
        return new Policy(new PolicyReader().read(json), false);
    }

    /// Reads the policy document of a resource that nobody has a right to but by it, as KMS has it
    /// for keys (https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html): on what
    /// it is silent about, it is a refusal, to the resource's own account too.
    ///
    /// @param json of at most 32 KB; the caller sees to that
    /// @throws PolicyException when it is not a policy that can be judged
    public static Policy deciding(String json) throws PolicyException {
        return new Policy(new PolicyReader().read(json), true);
    }

    /// Whether there is no right without it.
    boolean decides() {
        return decides;
    }

    /// What a policy says of a request.
    public enum Verdict {
        /// A statement denies it, whatever others allow.
        DENIED,
        /// A statement allows it to this principal, or to everyone.
        ALLOWED,
        /// A statement allows it to the principal's account, which decides on its own for whom.
        DELEGATED,
        /// Nothing is said.
        SILENT
    }

    /// Who asks, as policies name them.
    public sealed interface Principal {
        /// A root or user.
        record Known(String account, String arn) implements Principal {}

        /// A service acting for an account, such as `cloudtrail.amazonaws.com`.
        record Service(String name) implements Principal {}

        /// Nobody known.
        record Anonymous() implements Principal {}
    }

    /// A request to be judged.
    ///
    /// @param action such as `s3:PutObject`
    /// @param resource the ARN of the one thing meant
    /// @param keys values of condition keys, by lower-case name; a key that is absent has no value
    public record Request(
            Principal principal, String action, String resource, Map<String, List<String>> keys) {}

    /// Judges a request: a denial wins over everything.
    public Verdict judge(Request request) {
        Verdict verdict = Verdict.SILENT;
        for (Statement statement : statements) {
            Match match = statement.match(request);
            if (match == Match.NONE) {
                continue;
            }
            if (!statement.allow) {
                return Verdict.DENIED;
            }
            if (match == Match.NAMED) {
                verdict = Verdict.ALLOWED;
            } else if (verdict == Verdict.SILENT) {
                verdict = Verdict.DELEGATED;
            }
        }
        return verdict;
    }

    /// The ARNs that statements are about; a bucket's policy may only be about that bucket.
    public List<String> resources() {
        var all = new ArrayList<String>();
        statements.forEach(statement -> all.addAll(statement.resources));
        return all;
    }

    /// Whether a statement is about all resources but some.
    public boolean isOnOthers() {
        return statements.stream().anyMatch(statement -> statement.notResource);
    }

    /// What statements are about beyond some actions, as one of them writes it.
    ///
    /// @param names such as `cloudtrail:StartQuery`; their case does not count
    public Optional<String> actionBeyond(Set<String> names) {
        for (Statement statement : statements) {
            if (statement.notAction) {
                return Optional.of("NotAction");
            }
            for (String action : statement.actions) {
                if (names.stream().noneMatch(action::equalsIgnoreCase)) {
                    return Optional.of(action);
                }
            }
        }
        return Optional.empty();
    }

    /// What it says of all resources at once whose ARNs begin so: what denies one of them denies
    /// all, and what allows all of them by one pattern allows them. Every resource that is judged
    /// by it is one of these.
    public Policy onAll(String prefix) {
        var all = new ArrayList<Statement>();
        for (Statement statement : statements) {
            if (statement.allow ? statement.isOnAll(prefix) : statement.isOnSome(prefix)) {
                all.add(statement.onEverything());
            }
        }
        return new Policy(all, decides);
    }

    /// Whether it lets everyone do something, as S3 judges which policies are public
    /// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html):
    /// a statement allows it to all principals, and no condition narrows them to those of fixed
    /// names, accounts or addresses.
    public boolean allowsEveryone() {
        return everyone;
    }

    private enum Match {
        NONE,
        ACCOUNT,
        NAMED
    }

    /// Principals by kind.
    ///
    /// @param accounts `*`, account ids and ARNs
    record Principals(Set<String> accounts, Set<String> services) {

        private Match match(Principal principal) {
            if (accounts.contains("*")) {
                return Match.NAMED;
            }
            return switch (principal) {
                case Principal.Anonymous() -> Match.NONE;
                case Principal.Service(String name) ->
                        services.contains(name) ? Match.NAMED : Match.NONE;
                case Principal.Known(String account, String arn) -> {
                    String root = "arn:aws:iam::" + account + ":root";
                    if (accounts.contains(arn) && !arn.equals(root)) {
                        yield Match.NAMED;
                    }
                    yield accounts.contains(account) || accounts.contains(root)
                            ? Match.ACCOUNT
                            : Match.NONE;
                }
            };
        }
    }

    /// One statement.
    record Statement(
            boolean allow,
            Principals principals,
            boolean notPrincipal,
            List<String> actions,
            boolean notAction,
            List<String> resources,
            boolean notResource,
            List<PolicyCondition> conditions) {

        private boolean isForEveryone() {
            return allow
                    && !notPrincipal
                    && principals.accounts().contains("*")
                    && conditions.stream().noneMatch(PolicyCondition::narrows);
        }

        private boolean isOnAll(String prefix) {
            return notResource
                    ? resources.stream().noneMatch(p -> Wildcards.matchSome(p, prefix))
                    : resources.stream().anyMatch(p -> Wildcards.matchAll(p, prefix));
        }

        private boolean isOnSome(String prefix) {
            return notResource
                    ? resources.stream().noneMatch(p -> Wildcards.matchAll(p, prefix))
                    : resources.stream().anyMatch(p -> Wildcards.matchSome(p, prefix));
        }

        private Statement onEverything() {
            return new Statement(
                    allow,
                    principals,
                    notPrincipal,
                    actions,
                    notAction,
                    List.of("*"),
                    false,
                    conditions);
        }

        private Match match(Request request) {
            Match principal = principals.match(request.principal());
            if (notPrincipal) {
                principal = principal == Match.NONE ? Match.NAMED : Match.NONE;
            }
            // Action names have no case; ARNs have.
            boolean action =
                    actions.stream()
                            .anyMatch(pattern ->
                                    Wildcards.match(
                                            pattern.toLowerCase(Locale.ROOT),
                                            request.action().toLowerCase(Locale.ROOT)));
            boolean resource =
                    resources.stream()
                            .anyMatch(pattern -> Wildcards.match(pattern, request.resource()));
            return action != notAction
                            && resource != notResource
                            && conditions.stream().allMatch(c -> c.holds(request.keys()))
                    ? principal
                    : Match.NONE;
        }
    }
}
