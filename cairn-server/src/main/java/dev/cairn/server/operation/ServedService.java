package dev.cairn.server.operation;

import dev.cairn.aws.http.Request;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.failure.ErrorCode;
import java.util.Map;
import java.util.Optional;

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

    /// The service's own word for a call that is denied.
    public ErrorCode denial() {
        return signingName.equals("sns") ? ErrorCode.AUTHORIZATION_ERROR : ErrorCode.ACCESS_DENIED;
    }
}
