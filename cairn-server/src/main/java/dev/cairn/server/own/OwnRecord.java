package dev.cairn.server.own;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.style.RecordStyle;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.server.http.Exchange;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A call to Cairn, as a CloudTrail record of version 1.11.
///
/// Names, nesting and dates follow CloudTrail's own records of its own calls: members in lower
/// camel case, dates as Java prints them (`Nov 21, 2026, 8:43:17 PM`), `responseElements` null for
/// calls that only read. What the model marks as sensitive is hidden. Fields over CloudTrail's
/// limits are left out whole (facts, section 2.4), so that no call is refused for its record's
/// size.
///
/// @param caller whose account it is recorded in
/// @param asked what the caller wanted
/// @param exchange the request
/// @param requestId as it was sent to the caller
/// @param outcome what became of it
public record OwnRecord(
        String eventId,
        Instant time,
        Caller caller,
        String region,
        Asked asked,
        Exchange exchange,
        String requestId,
        Outcome outcome)
        implements OwnEvent {

    @Override
    public Entry entry() {
        return new Entry(new Place(caller.account(), region), eventId, Origin.OWN, json());
    }

    /// What a caller asked for.
    ///
    /// @param eventSource the service, such as `cloudtrail.amazonaws.com`
    /// @param eventName the operation
    /// @param apiVersion of the service; empty where its records have none
    /// @param readOnly whether the operation changes nothing
    /// @param data whether it is a data event, not a management event
    /// @param parameters the input, or null
    /// @param resources what it touched; empty where the record does not say
    public record Asked(
            String eventSource,
            String eventName,
            String apiVersion,
            boolean readOnly,
            boolean data,
            @Nullable JsonNode parameters,
            List<Touched> resources) {
        public Asked {
            resources = List.copyOf(resources);
        }

        /// A management event that names no resources.
        public static Asked management(
                String eventSource,
                String eventName,
                String apiVersion,
                boolean readOnly,
                @Nullable JsonNode parameters) {
            return new Asked(
                    eventSource, eventName, apiVersion, readOnly, false, parameters, List.of());
        }
    }

    /// What a call touched.
    ///
    /// @param prefix whether the ARN is what those of all that was touched begin with
    /// @param accountId whose it is; null where records leave it out
    public record Touched(String type, String arn, boolean prefix, @Nullable String accountId) {
        /// One thing, by its whole ARN.
        public Touched(String type, String arn, @Nullable String accountId) {
            this(type, arn, false, accountId);
        }
    }

    /// What became of a call.
    ///
    /// @param response the output of a call that changed something, or null
    /// @param errorCode as the caller was told; null when the call succeeded
    /// @param errorMessage the same
    public record Outcome(
            @Nullable JsonNode response,
            @Nullable String errorCode,
            @Nullable String errorMessage) {
        /// It succeeded, and has nothing to show for it.
        public static final Outcome SUCCESS = succeeded(null);

        /// @param response null for what only reads
        public static Outcome succeeded(@Nullable JsonNode response) {
            return new Outcome(response, null, null);
        }

        public static Outcome failed(String errorCode, String errorMessage) {
            return new Outcome(null, errorCode, errorMessage);
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DOCUMENT_BYTES_MAX = 100 << 10;
    private static final int TEXT_CHARS_MAX = 1024;

    /// The record's bytes.
    public byte[] json() {
        var record = JSON.createObjectNode();
        record.put("eventVersion", "1.11");
        record.set("userIdentity", identity(caller));
        record.put("eventTime", time.truncatedTo(ChronoUnit.SECONDS).toString());
        record.put("eventSource", asked.eventSource());
        record.put("eventName", asked.eventName());
        record.put("awsRegion", region);
        record.put("sourceIPAddress", exchange.remoteAddress());
        exchange.header("user-agent").ifPresent(agent -> record.put("userAgent", cut(agent)));
        if (outcome.errorCode() != null) {
            record.put("errorCode", outcome.errorCode());
        }
        if (outcome.errorMessage() != null) {
            record.put("errorMessage", cut(outcome.errorMessage()));
        }
        record.set("requestParameters", withinLimit(asked.parameters()));
        record.set("responseElements", withinLimit(outcome.response()));
        record.put("requestID", requestId);
        record.put("eventID", eventId);
        record.put("readOnly", asked.readOnly());
        record.put("eventType", "AwsApiCall");
        if (!asked.apiVersion().isEmpty()) {
            record.put("apiVersion", asked.apiVersion());
        }
        if (!asked.resources().isEmpty()) {
            var list = record.putArray("resources");
            for (var touched : asked.resources()) {
                var one = list.addObject().put("type", touched.type());
                one.put(touched.prefix() ? "ARNPrefix" : "ARN", touched.arn());
                if (touched.accountId() != null) {
                    one.put("accountId", touched.accountId());
                }
            }
        }
        record.put("managementEvent", !asked.data());
        record.put("recipientAccountId", caller.account());
        record.put("eventCategory", asked.data() ? "Data" : "Management");
        tls().ifPresent(tls -> record.set("tlsDetails", tls));
        try {
            return JSON.writeValueAsBytes(record);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree can always be written", impossible);
        }
    }

    static ObjectNode identity(Caller caller) {
        var identity = JSON.createObjectNode();
        switch (caller.type()) {
            case ROOT -> {
                identity.put("type", "Root");
                identity.put("principalId", caller.account());
                identity.put("arn", caller.arn());
                identity.put("accountId", caller.account());
            }
            case USER -> {
                identity.put("type", "IAMUser");
                identity.put("principalId", caller.principalId());
                identity.put("arn", caller.arn());
                identity.put("accountId", caller.account());
                identity.put("userName", caller.userName());
            }
            case TOKEN, ANONYMOUS -> {
                identity.put("type", "Unknown");
                identity.put("principalId", caller.principalId());
                identity.put("accountId", caller.account());
            }
        }
        if (caller.accessKeyId() != null) {
            identity.put("accessKeyId", cut(caller.accessKeyId()));
        }
        return identity;
    }

    private Optional<ObjectNode> tls() {
        if (exchange.tls() == null) {
            return Optional.empty();
        }
        var details = JSON.createObjectNode();
        details.put("tlsVersion", exchange.tls().version());
        details.put("cipherSuite", exchange.tls().cipherSuite());
        exchange.header("host")
                .ifPresent(host -> details.put("clientProvidedHostHeader", cut(host)));
        return Optional.of(details);
    }

    private static JsonNode withinLimit(@Nullable JsonNode document) {
        if (document == null || document.isNull() || document.isEmpty()) {
            return JsonNodeFactory.instance.nullNode();
        }
        return document.toString().length() <= DOCUMENT_BYTES_MAX
                ? document
                : JsonNodeFactory.instance.nullNode();
    }

    private static String cut(String text) {
        return text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX);
    }

    /// A document in CloudTrail's style: member names in lower camel case, dates as text, sensitive
    /// values hidden, bodies left out.
    ///
    /// @param document as the wire layer gave or takes it
    /// @param shape what the model says of it
    public static @Nullable JsonNode inStyle(
            @Nullable JsonNode document, Optional<Shape.Structure> shape) {
        return inStyle(document, shape, RecordStyle.USUAL);
    }

    /// A document in a service's style.
    ///
    /// @param document as the wire layer gave or takes it
    /// @param shape what the model says of it
    public static @Nullable JsonNode inStyle(
            @Nullable JsonNode document, Optional<Shape.Structure> shape, RecordStyle style) {
        if (document == null || shape.isEmpty()) {
            return null;
        }
        return style.show(document, shape.get());
    }
}
