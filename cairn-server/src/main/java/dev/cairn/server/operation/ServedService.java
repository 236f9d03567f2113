package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.style.RecordStyle;
import dev.cairn.failure.ErrorCode;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A service that Cairn speaks: its model, and those of its operations that are built.
///
/// @param signingName the service in credential scopes
/// @param eventSource the service in records
/// @param model every operation that is routed and checked
/// @param built what is behind it, by operation name
public record ServedService(
        String signingName,
        String eventSource,
        ServiceModel model,
        Map<String, BuiltOperation> built) {

    /// Neither plaintext nor ciphertext is shown, nor that there was one.
    private static final RecordStyle KEYS_STYLE =
            new RecordStyle(
                    RecordStyle.Names.LOWER_CAMEL,
                    RecordStyle.Dates.TEXT,
                    RecordStyle.Secrets.OMITTED,
                    false);

    public Optional<BuiltOperation> operation(String name) {
        return Optional.ofNullable(built.get(name));
    }

    /// The name in records of what is no operation that is known.
    public static final String UNKNOWN_OPERATION = "UnknownOperation";

    /// The operation that an unsigned request seems to ask for, in the words of its sender where
    /// they are words of the model.
    public String likelyOperation(Request head) {
        var asked = head.headers().first("x-amz-target").orElse("");
        var name = asked.substring(asked.lastIndexOf('.') + 1);
        return model.operation(name).isPresent() ? name : UNKNOWN_OPERATION;
    }

    /// How its records show documents.
    public RecordStyle style() {
        return keys() ? KEYS_STYLE : RecordStyle.USUAL;
    }

    /// The version in its records; empty where they have none.
    public String recordedVersion() {
        // CloudWatch Logs writes its version without hyphens.
        return keys()
                ? ""
                : signingName.equals("logs")
                        ? model.metadata().apiVersion().replace("-", "")
                        : model.metadata().apiVersion();
    }

    /// The type of what its records say was touched; empty where they do not say.
    public Optional<String> touchedType() {
        return keys() ? Optional.of("AWS::KMS::Key") : Optional.empty();
    }

    /// The ARN of what a call has made, told by its answer as records show it.
    public Optional<String> madeArn(@Nullable JsonNode shown) {
        return keys() && shown != null
                ? Optional.ofNullable(shown.at("/keyMetadata/arn").textValue())
                : Optional.empty();
    }

    /// The status that a failure is answered with: KMS says 400 where others have more to say.
    public int status(ErrorCode code) {
        return keys() && code.category() == ErrorCode.Category.CALLER ? 400 : code.status();
    }

    private boolean keys() {
        return signingName.equals("kms");
    }

    /// The service's own word for a call that is denied.
    public ErrorCode denial() {
        return switch (signingName) {
            case "sns" -> ErrorCode.AUTHORIZATION_ERROR;
            case "cloudtrail-data" -> ErrorCode.CHANNEL_INSUFFICIENT_PERMISSION;
            default -> ErrorCode.ACCESS_DENIED;
        };
    }
}
