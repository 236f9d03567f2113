package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a call itself says of its CloudTrail record; every field within CloudTrail's limits.
///
/// @param name service and operation, read or write, management or data
/// @param region of the signature; null where the call does not say
/// @param apiVersion of the service; null where its records have none
/// @param requestParameters an object, or null
/// @param responseElements an object, or null: always null for calls that only read, but those that
///   hand out credentials
/// @param errorCode null when the call succeeded
/// @param errorMessage null when there was none
/// @param requestId as the upstream gave it; null when it gave none
/// @param resources what the call touched; empty where AWS's records do not say
/// @param additionalEventData an object, or null
public record DecodedCall(
        Named name,
        @Nullable String region,
        @Nullable String apiVersion,
        @Nullable JsonNode requestParameters,
        @Nullable JsonNode responseElements,
        @Nullable String errorCode,
        @Nullable String errorMessage,
        @Nullable String requestId,
        List<Resource> resources,
        @Nullable JsonNode additionalEventData) {

    public DecodedCall {
        resources = List.copyOf(resources);
    }

    /// Whether the call only asked, went well, and was handed no credentials.
    public boolean isPlainRead() {
        return name.readOnly() && errorCode == null && responseElements == null;
    }

    /// Something a call touched.
    ///
    /// @param type such as `AWS::S3::Object`; null where AWS's records have none
    /// @param arn its ARN; with `prefix`, what the ARNs of all that was touched begin with
    /// @param prefix whether the record says `ARNPrefix`
    /// @param accountId whose it is; null where records leave it out
    public record Resource(
            @Nullable String type, String arn, boolean prefix, @Nullable String accountId) {}
}
