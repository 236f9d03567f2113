package dev.cairn.queue;

import dev.cairn.access.Policy;
import dev.cairn.access.PolicyException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/// What may be set of a queue, and to what
/// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html).
public final class QueueAttributes {
    ///
    /// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
    static final int POLICY_BYTES_MAX = 8192;

    /// The largest message, and the largest batch.
    public static final int MESSAGE_BYTES_MAX = 1 << 20;

    /// What an attribute is that was not set.
    static final Map<String, String> DEFAULTS =
            Map.of(
                    "DelaySeconds", "0",
                    "MaximumMessageSize", Integer.toString(MESSAGE_BYTES_MAX),
                    "MessageRetentionPeriod", "345600",
                    "ReceiveMessageWaitTimeSeconds", "0",
                    "VisibilityTimeout", "30",
                    "SqsManagedSseEnabled", "false");

    private static final Set<String> FIFO =
            Set.of(
                    "FifoQueue",
                    "ContentBasedDeduplication",
                    "DeduplicationScope",
                    "FifoThroughputLimit");

    private QueueAttributes() {}

    /// Refuses what cannot be set. An empty text takes back an attribute that has no default.
    ///
    /// @throws Failure INVALID_ATTRIBUTE_NAME, INVALID_ATTRIBUTE_VALUE, QUEUE_UNSUPPORTED_OPERATION
    static void check(Map<String, String> attributes) {
        attributes.forEach(QueueAttributes::check);
    }

    private static void check(String name, String value) {
        switch (name) {
            case "DelaySeconds" -> number(name, value, 0, 900);
            case "MaximumMessageSize" -> number(name, value, 1024, MESSAGE_BYTES_MAX);
            case "MessageRetentionPeriod" -> number(name, value, 60, 1_209_600);
            case "ReceiveMessageWaitTimeSeconds" -> number(name, value, 0, 20);
            case "VisibilityTimeout" -> number(name, value, 0, 43_200);
            case "KmsDataKeyReusePeriodSeconds" -> number(name, value, 60, 86_400);
            case "Policy" -> policy(value);
            case "RedrivePolicy" -> {
                if (!value.isEmpty() && Redrive.of(value).isEmpty()) {
                    throw invalid(
                            name,
                            "expected {\"deadLetterTargetArn\":ARN,\"maxReceiveCount\":1 to 1000}");
                }
            }
            case "RedriveAllowPolicy" -> {
                if (!value.isEmpty() && RedriveAllowance.of(value).isEmpty()) {
                    throw invalid(
                            name,
                            "expected a redrivePermission of allowAll, denyAll, or byQueue with 1 to 10 sourceQueueArns");
                }
            }
            case "SqsManagedSseEnabled" -> {
                if (value.equals("true")) {
                    throw new Failure(
                            ErrorCode.QUEUE_UNSUPPORTED_OPERATION,
                            "Cairn does not encrypt messages itself; docs/gaps.md says more.");
                }
                if (!value.equals("false")) {
                    throw invalid(name, "expected true or false");
                }
            }
            case "KmsMasterKeyId" -> {
                if (!value.isEmpty()) {
                    throw new Failure(
                            ErrorCode.QUEUE_UNSUPPORTED_OPERATION,
                            "Cairn does not encrypt messages itself; docs/gaps.md says more.");
                }
            }
            default -> {
                if (FIFO.contains(name)) {
                    if (!value.equals("false")) {
                        throw fifo();
                    }
                    throw invalid(name, "only a FIFO queue has it");
                }
                throw new Failure(
                        ErrorCode.INVALID_ATTRIBUTE_NAME, "Unknown Attribute %s.".formatted(name));
            }
        }
    }

    /// The refusal of FIFO queues.
    static Failure fifo() {
        return new Failure(
                ErrorCode.QUEUE_UNSUPPORTED_OPERATION,
                "Cairn has standard queues only, no FIFO queues; docs/gaps.md says more.");
    }

    static Failure invalid(String name, String why) {
        return new Failure(
                ErrorCode.INVALID_ATTRIBUTE_VALUE,
                "Invalid value for the parameter %s: %s.".formatted(name, why));
    }

    private static void number(String name, String value, int min, int max) {
        if (!value.matches("\\d{1,9}")
                || Integer.parseInt(value) < min
                || Integer.parseInt(value) > max) {
            throw invalid(name, "expected a whole number from %d to %d".formatted(min, max));
        }
    }

    private static void policy(String value) {
        if (value.isEmpty()) {
            return;
        }
        if (value.getBytes(StandardCharsets.UTF_8).length > POLICY_BYTES_MAX) {
            throw invalid("Policy", "expected at most %d bytes".formatted(POLICY_BYTES_MAX));
        }
        try {
            Policy.of(value);
        } catch (PolicyException e) {
            throw invalid("Policy", e.message());
        }
    }
}
