package dev.cairn.gateway.recording;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.event.EventReader;
import dev.cairn.event.Named;
import dev.cairn.event.Parsed;
import dev.cairn.event.Place;
import dev.cairn.gateway.decoding.DecodedCall;
import dev.cairn.gateway.decoding.Limits;
import dev.cairn.gateway.principal.Identity;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A call that passed the gateway, as a CloudTrail record of version 1.11.
///
/// What it makes is always an event that the strict intake would take, so that every trail can
/// deliver it. A call that would make none (a region that is no name, say) is recorded with what
/// can be said of it; nothing a caller or an upstream sends can keep its call from being recorded.
///
/// @param eventId a fresh one
/// @param time when the request came
/// @param who whose call it is
/// @param sourceAddress the client's address; null where nobody says
/// @param userAgent as sent; null for none
/// @param tls of the client's connection; null when it is plain
/// @param decoded what the call itself says
/// @param fault what went wrong on the way, which counts before what the upstream said; null for
///   nothing
/// @param passage what the gateway itself saw; goes with `additionalEventData`
/// @param fallbackRegion where the call names none
public record CallEvent(
        String eventId,
        Instant time,
        Identity who,
        @Nullable String sourceAddress,
        @Nullable String userAgent,
        @Nullable Tls tls,
        DecodedCall decoded,
        @Nullable Fault fault,
        ObjectNode passage,
        String fallbackRegion) {

    /// The encryption of the client's connection.
    ///
    /// @param version such as `TLSv1.3`
    /// @param cipherSuite such as `TLS_AES_128_GCM_SHA256`
    /// @param host as the client named it; null where it did not
    public record Tls(String version, String cipherSuite, @Nullable String host) {}

    /// What went wrong: a code and its sentence.
    public record Fault(String code, String message) {}

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final EventReader STRICT = EventReader.strict(EventReader.EVENT_BYTES_DEFAULT);

    /// The event for the ledger.
    public Entry entry() {
        var json = json(false);
        var named = STRICT.name(json, time);
        if (named instanceof Parsed.Refused) {
            json = json(true);
            named = STRICT.name(json, time);
        }
        return switch (named) {
            case Named.Name(var place, _) -> entry(place, json);
            case Parsed.Refused(var code, var message) ->
                    throw new IllegalStateException(
                            "expected an event that can be delivered, got %s: %s"
                                    .formatted(code, message));
        };
    }

    /// The event with all that is known of it; empty when it would be none that can be delivered.
    public Optional<Entry> whole() {
        var json = json(false);
        return STRICT.name(json, time) instanceof Named.Name(var place, _)
                ? Optional.of(entry(place, json))
                : Optional.empty();
    }

    private Entry entry(Place place, byte[] json) {
        return new Entry(place, eventId, Origin.INTAKE, json);
    }

    /// @param least without anything that a sender could have made undeliverable
    private byte[] json(boolean least) {
        var name = decoded.name();
        var record = JSON.createObjectNode();
        record.put("eventVersion", "1.11");
        record.set("userIdentity", who.json());
        record.put("eventTime", time.truncatedTo(ChronoUnit.SECONDS).toString());
        record.put("eventSource", name.eventSource());
        record.put("eventName", name.eventName());
        record.put(
                "awsRegion", least || decoded.region() == null ? fallbackRegion : decoded.region());
        if (sourceAddress != null) {
            record.put("sourceIPAddress", Limits.text(sourceAddress));
        }
        if (userAgent != null && !least) {
            record.put("userAgent", Limits.text(userAgent));
        }
        error(record, least);
        record.set("requestParameters", least ? null : decoded.requestParameters());
        record.set("responseElements", least ? null : decoded.responseElements());
        var additional = JSON.createObjectNode();
        if (!least && decoded.additionalEventData() instanceof ObjectNode said) {
            additional.setAll(said);
        }
        additional.setAll(passage);
        if (least) {
            additional.put("cairnOmitted", "what the call said cannot stand in a log file");
        }
        if (!additional.isEmpty()) {
            record.set("additionalEventData", additional);
        }
        if (decoded.requestId() != null && !least) {
            record.put("requestID", Limits.text(decoded.requestId()));
        }
        record.put("eventID", eventId);
        record.put("readOnly", name.readOnly());
        if (!least) {
            resources(record);
        }
        record.put("eventType", "AwsApiCall");
        if (decoded.apiVersion() != null) {
            record.put("apiVersion", decoded.apiVersion());
        }
        record.put("managementEvent", name.managementEvent());
        record.put("recipientAccountId", who.account());
        record.put("eventCategory", name.eventCategory());
        if (tls != null) {
            var details = record.putObject("tlsDetails");
            details.put("tlsVersion", tls.version());
            details.put("cipherSuite", tls.cipherSuite());
            if (tls.host() != null && !least) {
                details.put("clientProvidedHostHeader", Limits.text(tls.host()));
            }
        }
        return bytes(record);
    }

    private void error(ObjectNode record, boolean least) {
        if (fault != null) {
            record.put("errorCode", fault.code());
            record.put("errorMessage", Limits.text(fault.message()));
            return;
        }
        if (decoded.errorCode() != null) {
            record.put("errorCode", least ? "Unknown" : decoded.errorCode());
        }
        if (decoded.errorMessage() != null && !least) {
            record.put("errorMessage", Limits.text(decoded.errorMessage()));
        }
    }

    private void resources(ObjectNode record) {
        if (decoded.resources().isEmpty()) {
            return;
        }
        var list = record.putArray("resources");
        for (var touched : decoded.resources()) {
            var one = list.addObject();
            if (touched.accountId() != null) {
                one.put("accountId", touched.accountId());
            }
            if (touched.type() != null) {
                one.put("type", touched.type());
            }
            one.put(touched.prefix() ? "ARNPrefix" : "ARN", touched.arn());
        }
    }

    private static byte[] bytes(JsonNode record) {
        try {
            return JSON.writeValueAsBytes(record);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree can always be written", impossible);
        }
    }
}
