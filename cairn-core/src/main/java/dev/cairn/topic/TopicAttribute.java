package dev.cairn.topic;

import dev.cairn.access.Policy;
import dev.cairn.access.PolicyException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.nio.charset.StandardCharsets;

/// What may be set of a topic. SNS's other attributes are refused by name: none is passed over.
public enum TopicAttribute {
    POLICY("Policy"),
    DISPLAY_NAME("DisplayName"),
    SIGNATURE_VERSION("SignatureVersion"),
    TRACING_CONFIG("TracingConfig");

    private static final int POLICY_BYTES_MAX = 30 << 10;
    private static final int DISPLAY_NAME_CHARS_MAX = 100;

    private final String wireName;

    TopicAttribute(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }

    /// @throws Failure INVALID_PARAMETER when SNS has no such attribute, or Cairn has not
    public static TopicAttribute of(String name) {
        for (TopicAttribute attribute : values()) {
            if (attribute.wireName.equals(name)) {
                return attribute;
            }
        }
        throw switch (name) {
            case "FifoTopic",
                    "ContentBasedDeduplication",
                    "FifoThroughputScope",
                    "ArchivePolicy",
                    "KmsMasterKeyId",
                    "DeliveryPolicy",
                    "HTTPSuccessFeedbackRoleArn",
                    "HTTPFailureFeedbackRoleArn",
                    "HTTPSuccessFeedbackSampleRate",
                    "SQSSuccessFeedbackRoleArn",
                    "SQSFailureFeedbackRoleArn",
                    "SQSSuccessFeedbackSampleRate" ->
                    invalid(
                            "Attributes Reason: Cairn does not do what %s asks for; docs/gaps.md says what is missing and why"
                                    .formatted(name));
            default -> invalid("AttributeName");
        };
    }

    /// @throws Failure INVALID_PARAMETER when the attribute may not have that value
    void check(String value, TopicArn topic) {
        switch (this) {
            case POLICY -> checkPolicy(value, topic);
            case DISPLAY_NAME -> {
                if (value.length() > DISPLAY_NAME_CHARS_MAX) {
                    throw invalid("DisplayName: at most 100 characters");
                }
            }
            case SIGNATURE_VERSION -> {
                if (!value.equals("1") && !value.equals("2")) {
                    throw invalid("SignatureVersion: expected 1 or 2, got " + value);
                }
            }
            case TRACING_CONFIG -> {
                if (!value.equals("PassThrough")) {
                    throw invalid("TracingConfig: Cairn traces nothing, expected PassThrough");
                }
            }
        }
    }

    private static void checkPolicy(String value, TopicArn topic) {
        if (value.getBytes(StandardCharsets.UTF_8).length > POLICY_BYTES_MAX) {
            throw invalid("Policy Reason: Policy is too long");
        }
        try {
            for (String resource : Policy.of(value).resources()) {
                if (!resource.equals(topic.toString()) && !resource.equals("*")) {
                    throw invalid(
                            "Policy statement resource: expected %s, got %s"
                                    .formatted(topic, resource));
                }
            }
        } catch (PolicyException e) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Invalid parameter: Policy Error: " + e.getMessage(),
                    e);
        }
    }

    private static Failure invalid(String what) {
        return new Failure(ErrorCode.INVALID_PARAMETER, "Invalid parameter: " + what);
    }
}
