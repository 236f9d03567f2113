package dev.cairn.server.own;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.event.Place;
import dev.cairn.kms.KeyArn;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A call of KMS that a service made for an object, as CloudTrail records it
/// (https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html): never
/// with a key in it, always with the encryption context.
///
/// @param name `Decrypt` or `GenerateDataKey`
/// @param by who made it, and for whom
/// @param key that was asked for
/// @param context the encryption context
/// @param errorCode KMS's; null when it succeeded
/// @param errorMessage the same
public record KeyCall(
        String eventId,
        String requestId,
        Instant time,
        String name,
        By by,
        KeyArn key,
        Map<String, String> context,
        @Nullable String errorCode,
        @Nullable String errorMessage)
        implements OwnEvent {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String INTERNAL = "AWS Internal";

    /// Who made a call.
    public sealed interface By {
        /// S3, for whoever read or put an object.
        record Reader(Caller caller) implements By {}

        /// A service, for a trail.
        ///
        /// @param service such as `cloudtrail.amazonaws.com`
        record Trail(String service, String account, String trailArn) implements By {}
    }

    @Override
    public Entry entry() {
        var account =
                switch (by) {
                    case By.Reader(var caller) ->
                            caller.account().isEmpty() ? key.account() : caller.account();
                    case By.Trail _ -> key.account();
                };
        return new Entry(new Place(account, key.region()), eventId, Origin.OWN, json(account));
    }

    private byte[] json(String account) {
        var record = JSON.createObjectNode();
        record.put("eventVersion", "1.11");
        var by = identity();
        record.set("userIdentity", by);
        record.put("eventTime", time.truncatedTo(ChronoUnit.SECONDS).toString());
        record.put("eventSource", "kms.amazonaws.com");
        record.put("eventName", name);
        record.put("awsRegion", key.region());
        record.put("sourceIPAddress", by.path("invokedBy").asText());
        record.put("userAgent", by.path("invokedBy").asText());
        if (errorCode != null) {
            record.put("errorCode", errorCode);
            record.put("errorMessage", errorMessage);
        }
        var parameters = record.putObject("requestParameters");
        parameters.put("keyId", key.toString());
        if (name.equals("GenerateDataKey")) {
            parameters.put("keySpec", "AES_256");
        } else {
            parameters.put("encryptionAlgorithm", "SYMMETRIC_DEFAULT");
        }
        var pairs = parameters.putObject("encryptionContext");
        new TreeMap<>(context).forEach(pairs::put);
        record.putNull("responseElements");
        record.put("requestID", requestId);
        record.put("eventID", eventId);
        record.put("readOnly", true);
        record.putArray("resources")
                .addObject()
                .put("accountId", key.account())
                .put("type", "AWS::KMS::Key")
                .put("ARN", key.toString());
        record.put("eventType", "AwsApiCall");
        record.put("managementEvent", true);
        record.put("recipientAccountId", account);
        record.put("eventCategory", "Management");
        try {
            return JSON.writeValueAsBytes(record);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree can always be written", impossible);
        }
    }

    private ObjectNode identity() {
        return switch (by) {
            case By.Reader(var caller) -> OwnRecord.identity(caller).put("invokedBy", INTERNAL);
            case By.Trail(var service, var account, var trailArn) -> {
                var identity =
                        JSON.createObjectNode().put("type", "AWSService").put("invokedBy", service);
                identity.putObject("inScopeOf")
                        .put("sourceArn", trailArn)
                        .put("sourceAccount", account);
                yield identity;
            }
        };
    }
}
