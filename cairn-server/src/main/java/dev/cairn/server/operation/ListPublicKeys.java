package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.CatalogException;
import dev.cairn.digest.RegionKeys;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Base64;

/// CloudTrail's ListPublicKeys: the keys whose private halves may have signed digests within a
/// time, in the region that is called; those of now when no time is given. All on one page:
/// `NextToken` is reserved.
///
/// Source: AWS CloudTrail API Reference, ListPublicKeys.
final class ListPublicKeys implements Operation.Read {
    private final RegionKeys keys;

    ListPublicKeys(RegionKeys keys) {
        this.keys = keys;
    }

    @Override
    public ObjectNode run(Invocation call) throws CatalogException {
        var from = time(call.input().path("StartTime"), call.now());
        var to = time(call.input().path("EndTime"), call.now());
        if (from.isAfter(to)) {
            throw new Failure(
                    ErrorCode.INVALID_TIME_RANGE,
                    "expected StartTime to be at or before EndTime, got %s after %s"
                            .formatted(from, to));
        }
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("PublicKeyList");
        for (var key : keys.published(call.region(), from, to)) {
            list.addObject()
                    .put("Value", Base64.getEncoder().encodeToString(key.pkcs1()))
                    .put("ValidityStartTime", key.from().getEpochSecond())
                    .put("ValidityEndTime", key.until().getEpochSecond())
                    .put("Fingerprint", key.fingerprint());
        }
        return output;
    }

    private static Instant time(JsonNode seconds, Instant fallback) {
        if (!seconds.isNumber()) {
            return fallback;
        }
        var bound = BigDecimal.valueOf(Instant.MAX.getEpochSecond());
        return Instant.ofEpochSecond(
                seconds.decimalValue().min(bound).max(bound.negate()).longValue());
    }
}
