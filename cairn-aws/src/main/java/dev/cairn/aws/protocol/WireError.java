package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.sigv4.Refusal;
import dev.cairn.aws.sigv4.Verdict;
import java.util.Optional;

/// An error on its way out.
///
/// @param code the error shape's name (`TrailNotFoundException`), or a common error's name in the
///   protocol used; a codec turns a shape's name into the short code where its protocol has one
/// @param message for people
/// @param status the HTTP status; empty means the one the protocol and the model give
/// @param sender whether the caller is to blame
/// @param members of the error shape, besides the message
public record WireError(
        String code, String message, Optional<Integer> status, boolean sender, ObjectNode members) {

    /// The caller's mistake, with the status that protocol and model give.
    public static WireError of(String code, String message) {
        return new WireError(
                code, message, Optional.empty(), true, JsonNodeFactory.instance.objectNode());
    }

    /// The caller's mistake, with a status of its own.
    public static WireError of(String code, int status, String message) {
        return new WireError(
                code,
                message,
                Optional.of(status),
                status < 500,
                JsonNodeFactory.instance.objectNode());
    }

    /// A mistake of every protocol, under the protocol's own name for it.
    public static WireError of(CommonError error, Protocol protocol, String message) {
        return of(error.code(protocol), error.status(protocol), message);
    }

    /// A signature that was not accepted.
    public static WireError of(Verdict.Refused refused, Protocol protocol) {
        return of(
                refused.refusal().code(protocol.dialect()),
                refused.refusal().status(protocol.dialect()),
                refused.message(protocol.dialect()));
    }

    /// A request that was refused before a signature could be looked at.
    public static WireError of(Refusal refusal, Protocol protocol, String detail) {
        return of(new Verdict.Refused(refusal, Optional.of(detail)), protocol);
    }
}
