package dev.cairn.testkit.event;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A few events that belong together and are to be found again among all others.
///
/// @param title one sentence
/// @param account whose they are
/// @param region where they happen
/// @param steps in order of time
public record Story(String title, String account, String region, List<Step> steps) {
    public Story {
        steps = List.copyOf(steps);
    }

    /// One call of a story.
    ///
    /// @param after how long after the story's beginning
    /// @param user an IAM user with a long-lived access key
    /// @param sourceIp where the user calls from
    /// @param userAgent what the user calls with
    /// @param call a call of `calls.txt`, such as `ec2/TerminateInstances`
    /// @param slots values for the call's slots, such as `instance`
    /// @param errorCode empty when the call succeeds
    public record Step(
            Duration after,
            String user,
            String sourceIp,
            String userAgent,
            String call,
            Map<String, String> slots,
            String errorCode) {
        public Step {
            slots = Map.copyOf(slots);
        }
    }

    private static final String OFFICE = "203.0.113.17";
    private static final String STRANGER = "198.51.100.66";
    private static final String CLI =
            "aws-cli/2.27.50 md/awscrt#0.26.1 ua/2.1 os/macos#24.5.0 md/arch#arm64"
                    + " lang/python#3.13.4 md/pyimpl#CPython";
    private static final String SCRIPT =
            "Boto3/1.34.11 md/Botocore#1.34.11 ua/2.0 os/linux#6.6.9-amd64 md/arch#x86_64"
                    + " lang/python#3.11.7 md/pyimpl#CPython";

    /// A user looks at an instance, stops it and terminates it.
    public static Story termination(String account, String region, String user, String instance) {
        Map<String, String> on = Map.of("instance", instance);
        return new Story(
                user + " terminates " + instance,
                account,
                region,
                List.of(
                        step(0, user, OFFICE, CLI, "ec2/DescribeInstanceStatus", on, ""),
                        step(40, user, OFFICE, CLI, "ec2/StopInstances", on, ""),
                        step(
                                95,
                                user,
                                OFFICE,
                                CLI,
                                "ec2/TerminateInstances",
                                on,
                                "Client.OperationNotPermitted"),
                        step(130, user, OFFICE, CLI, "ec2/ModifyInstanceAttribute", on, ""),
                        step(150, user, OFFICE, CLI, "ec2/TerminateInstances", on, "")));
    }

    /// A user's access key is used by a stranger: a look around, a secret read, a back door made,
    /// the trail stopped, machines started; and in the end a colleague turns the key off.
    public static Story accessKeyTheft(
            String account, String region, String victim, String colleague) {
        Map<String, String> none = Map.of();
        Map<String, String> door = Map.of("user", "support-backup");
        Map<String, String> secret = Map.of("app", "billing");
        Map<String, String> machine = Map.of("instancetype", "p4d.24xlarge", "app", "x");
        return new Story(
                "the access key of " + victim + " is stolen, used and turned off",
                account,
                region,
                List.of(
                        stolen(0, victim, "sts/GetCallerIdentity", none, ""),
                        stolen(9, victim, "iam/ListUsers", none, "AccessDenied"),
                        stolen(
                                12,
                                victim,
                                "iam/ListAttachedUserPolicies",
                                Map.of("user", victim),
                                ""),
                        stolen(
                                15,
                                victim,
                                "iam/GetAccountAuthorizationDetails",
                                none,
                                "AccessDenied"),
                        stolen(31, victim, "ec2/DescribeInstances", none, ""),
                        stolen(33, victim, "s3/ListBuckets", none, ""),
                        stolen(48, victim, "secretsmanager/ListSecrets", none, ""),
                        stolen(61, victim, "secretsmanager/GetSecretValue", secret, ""),
                        stolen(64, victim, "ssm/GetParametersByPath", secret, ""),
                        stolen(120, victim, "iam/CreateUser", door, ""),
                        stolen(124, victim, "iam/CreateAccessKey", door, ""),
                        stolen(131, victim, "iam/AttachUserPolicy", door, ""),
                        stolen(
                                170,
                                victim,
                                "cloudtrail/StopLogging",
                                none,
                                "AccessDeniedException"),
                        stolen(
                                200,
                                victim,
                                "ec2/RunInstances",
                                machine,
                                "Client.InstanceLimitExceeded"),
                        stolen(214, victim, "ec2/RunInstances", machine, ""),
                        stolen(460, victim, "ec2/ModifySnapshotAttribute", none, ""),
                        step(
                                2_700,
                                colleague,
                                OFFICE,
                                CLI,
                                "iam/UpdateAccessKey",
                                Map.of("user", victim),
                                ""),
                        step(2_760, colleague, OFFICE, CLI, "iam/DeleteUser", door, ""),
                        stolen(2_900, victim, "s3/ListBuckets", none, "InvalidAccessKeyId")));
    }

    private static Step stolen(
            long seconds, String victim, String call, Map<String, String> slots, String errorCode) {
        return step(seconds, victim, STRANGER, SCRIPT, call, slots, errorCode);
    }

    private static Step step(
            long seconds,
            String user,
            String sourceIp,
            String userAgent,
            String call,
            Map<String, String> slots,
            String errorCode) {
        return new Step(
                Duration.ofSeconds(seconds), user, sourceIp, userAgent, call, slots, errorCode);
    }
}
