package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Request;
import java.util.List;
import java.util.Map;

/// S3's calls about an account, which go to hosts of their own and are recorded like those about
/// buckets.
final class S3Control {

    /// Events that are not called as the API's operation is.
    private static final Map<String, String> NAMES =
            Map.of(
                    "GetPublicAccessBlock", "GetAccountPublicAccessBlock",
                    "PutPublicAccessBlock", "PutAccountPublicAccessBlock",
                    "DeletePublicAccessBlock", "DeleteAccountPublicAccessBlock");

    private S3Control() {}

    static String eventName(String operation) {
        return NAMES.getOrDefault(operation, operation);
    }

    static DecodedCall decode(Named name, ObservedCall call, CallScope scope) {
        Request request = call.request();
        ObjectNode parameters = JsonNodeFactory.instance.objectNode();
        request.headers().first("host").ifPresent(host -> parameters.put("Host", host));
        S3Reading.query(Parameters.of(request.rawQuery()), parameters);
        S3Reading.documentOf(call.requestBody(), parameters);
        Refused refused = Refused.of(call.answer(), request.method());
        return new DecodedCall(
                name,
                scope.region(),
                null,
                Limits.document(parameters),
                null,
                refused.code(),
                refused.message(),
                refused.requestId(),
                List.of(),
                Limits.additional(
                        S3Reading.additional(call, scope, request.headers(), !name.readOnly())));
    }
}
