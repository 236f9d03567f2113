package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What an event must say of a call: who, what, when, from where, with what result.
///
/// @param source the event source of all calls
/// @param who the caller, in the directory as IAM user `mary` of the account
/// @param account of the caller
/// @param begun before the first call, in whole seconds
record FiveParts(String source, LiveServer.Credentials who, String account, Instant begun) {

    /// CloudTrail knows one name for both versions of a list.
    private static final Map<String, String> EVENT_NAMES = Map.of("ListObjectsV2", "ListObjects");

    /// How operations that only look begin; CloudTrail takes a key that is handed out for a look.
    private static final List<String> READS =
            List.of(
                    "Get",
                    "Head",
                    "List",
                    "Describe",
                    "Query",
                    "Scan",
                    "BatchGet",
                    "TransactGet",
                    "AssumeRole");

    /// Reads whose answers stand in their records, for they hand out keys.
    private static final Set<String> HANDING_OUT =
            Set.of("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity");

    /// Members of one value that are secrets, and no others.
    private static final Set<String> SECRET =
            Set.of(
                    "MessageBody",
                    "Password",
                    "NewPassword",
                    "OldPassword",
                    "SAMLAssertion",
                    "SecretString",
                    "Token",
                    "TokenCode",
                    "WebIdentityToken");

    /// What CloudTrail calls an operation of the SDK's.
    static String eventName(CallLog.Made made) {
        return EVENT_NAMES.getOrDefault(made.operation(), made.operation());
    }

    /// What CloudTrail calls an error: the name of its shape, whatever stands on the wire.
    static String errorCode(String onTheWire) {
        return onTheWire.equals("AWS.SimpleQueueService.NonExistentQueue")
                ? "QueueDoesNotExist"
                : onTheWire.substring(onTheWire.indexOf('#') + 1);
    }

    /// Holds an event against the driver's log.
    void check(CallLog.Made made, JsonNode event) {
        checkAsked(made, event);
        checkParameters(made, event);
        checkResult(made, event);
    }

    /// With which parameters: each that is of one value stands there as it was asked. S3's are
    /// called otherwise, and what S3 keeps is not theirs.
    private void checkParameters(CallLog.Made made, JsonNode event) {
        if (source.equals("s3.amazonaws.com")) {
            return;
        }
        var shown = event.path("requestParameters");
        for (var field : made.request().sdkFields()) {
            // Not by the field itself, which would make up a value where there is none.
            var value =
                    made.request().getValueForField(field.memberName(), Object.class).orElse("");
            if ((value instanceof String text && !text.isEmpty())
                    || value instanceof Number
                    || value instanceof Boolean) {
                var name = field.memberName();
                assertThat(
                                shown.path(
                                                name.substring(0, 1).toLowerCase(Locale.ROOT)
                                                        + name.substring(1))
                                        .asText("nothing"))
                        .as(() -> name + " of " + made)
                        .isIn(
                                value.toString(),
                                SECRET.contains(name)
                                        ? "HIDDEN_DUE_TO_SECURITY_REASONS"
                                        : value.toString());
            }
        }
    }

    /// The same of a call that had no answer: all but its result.
    void checkAsked(CallLog.Made made, JsonNode event) {
        // Who.
        var identity = event.path("userIdentity");
        assertThat(identity.path("arn").asText())
                .isEqualTo("arn:aws:iam::%s:user/mary".formatted(account));
        assertThat(identity.path("accessKeyId").asText()).isEqualTo(who.accessKeyId());
        assertThat(event.path("recipientAccountId").asText()).isEqualTo(account);
        // What.
        assertThat(event.path("eventSource").asText()).isEqualTo(source);
        assertThat(event.path("eventName").asText()).isEqualTo(eventName(made));
        assertThat(event.path("readOnly").asBoolean())
                .as(made::operation)
                .isEqualTo(READS.stream().anyMatch(made.operation()::startsWith));
        // When.
        assertThat(Instant.parse(event.path("eventTime").asText())).isBetween(begun, Instant.now());
        assertThat(event.path("awsRegion").asText()).isEqualTo("us-east-1");
        // From where.
        assertThat(event.path("sourceIPAddress").asText()).isEqualTo("127.0.0.1");
        assertThat(event.path("userAgent").asText()).contains("aws-sdk-java");
    }

    /// With what result.
    private static void checkResult(CallLog.Made made, JsonNode event) {
        var answer = made.answered();
        var errorCode = event.path("errorCode");
        assertThat(errorCode.isMissingNode()).as(made::toString).isEqualTo(answer.status() < 400);
        if (event.path("readOnly").asBoolean() && !HANDING_OUT.contains(made.operation())) {
            assertThat(event.path("responseElements").isNull()).as(made::toString).isTrue();
        }
        // A HEAD's answer has no room for a code.
        if (!answer.errorCode().isEmpty() && !made.operation().startsWith("Head")) {
            assertThat(errorCode.asText())
                    .as(made::toString)
                    .isEqualTo(errorCode(answer.errorCode()));
        }
        if (!answer.requestId().isEmpty()) {
            // What the gateway itself answers has the event's id.
            assertThat(answer.requestId())
                    .as(made::toString)
                    .isIn(event.path("requestID").asText(), event.path("eventID").asText());
        }
    }
}
