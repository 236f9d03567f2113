package dev.cairn.gateway.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.cairn.event.Place;
import dev.cairn.event.RefusalCode;
import dev.cairn.gateway.decoding.DecodedCall;
import dev.cairn.gateway.decoding.Limits;
import dev.cairn.gateway.decoding.Named;
import dev.cairn.gateway.principal.Identity;
import dev.cairn.intake.RecordSplitter;
import dev.cairn.intake.Split;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Log records of OpenTelemetry, as OTLP's exporters post them: an `ExportLogsServiceRequest` in
/// protobuf or JSON. Each log record is an event; whoever does not want that filters in the
/// collector.
///
/// Who, what and whence come from attributes of the record, else of its resource, by the names of
/// OpenTelemetry's semantic conventions. The original that is kept has attributes as plain members.
public final class OtlpLogs implements Source {
    /// The name of the source, whatever the encoding.
    public static final String NAME = "otlp";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final long NANOS = 1_000_000_000L;

    private final Encoding encoding;

    /// How a request is written.
    public enum Encoding {
        PROTOBUF("application/x-protobuf"),
        JSON("application/json");

        private final String mediaType;

        Encoding(String mediaType) {
            this.mediaType = mediaType;
        }

        public String mediaType() {
            return mediaType;
        }

        /// By the header `Content-Type`; empty for one that OTLP does not have over HTTP.
        public static Optional<Encoding> of(String contentType) {
            var end = contentType.indexOf(';');
            var type =
                    contentType
                            .substring(0, end < 0 ? contentType.length() : end)
                            .strip()
                            .toLowerCase(Locale.ROOT);
            for (var encoding : values()) {
                if (encoding.mediaType.equals(type)) {
                    return Optional.of(encoding);
                }
            }
            return Optional.empty();
        }
    }

    public OtlpLogs(Encoding encoding) {
        this.encoding = encoding;
    }

    @Override
    public String name() {
        return NAME;
    }

    public Encoding encoding() {
        return encoding;
    }

    /// The answer to a request of which some records were taken: an `ExportLogsServiceResponse`.
    ///
    /// @param refused how many were not
    /// @param message why; empty when none was refused
    public byte[] answer(int refused, String message) {
        if (encoding == Encoding.JSON) {
            var answer = NODES.objectNode();
            if (refused > 0) {
                answer.putObject("partialSuccess")
                        .put("rejectedLogRecords", Integer.toString(refused))
                        .put("errorMessage", message);
            }
            return answer.toString().getBytes(UTF_8);
        }
        var answer = ExportLogsServiceResponse.newBuilder();
        if (refused > 0) {
            answer.getPartialSuccessBuilder()
                    .setRejectedLogRecords(refused)
                    .setErrorMessage(message);
        }
        return answer.build().toByteArray();
    }

    @Override
    public Originals originals(InputStream body, int originalBytesMax) {
        return new Records(
                encoding == Encoding.JSON
                        ? new FromJson(new RecordSplitter(body, originalBytesMax, "resourceLogs"))
                        : new FromProtobuf(body));
    }

    /// `ResourceLogs`, one after the other.
    private interface Groups {
        /// @return null at the end
        @Nullable Group next() throws IOException;
    }

    private sealed interface Group {
        record Logs(ObjectNode logs) implements Group {}

        record Refused(RefusalCode code, String message) implements Group {}
    }

    private static final class FromJson implements Groups {
        private final RecordSplitter splitter;

        FromJson(RecordSplitter splitter) {
            this.splitter = splitter;
        }

        @Override
        public @Nullable Group next() throws IOException {
            return switch (splitter.next()) {
                case Split.End _ -> null;
                case Split.Refused(_, RefusalCode code, String message) ->
                        new Group.Refused(code, message);
                case Split.Found(_, byte[] json) -> read(json);
            };
        }

        private static Group read(byte[] json) {
            try {
                return JSON.readTree(new String(json, UTF_8)) instanceof ObjectNode logs
                        ? new Group.Logs(logs)
                        : new Group.Refused(RefusalCode.INVALID_JSON, "expected a JSON object");
            } catch (JsonProcessingException broken) {
                return new Group.Refused(
                        RefusalCode.INVALID_JSON,
                        "expected a JSON object, got an error: " + broken.getOriginalMessage());
            }
        }
    }

    private static final class FromProtobuf implements Groups {
        private final InputStream body;
        private @Nullable OtlpProtobuf request;
        private boolean broken;

        FromProtobuf(InputStream body) {
            this.body = body;
        }

        @Override
        public @Nullable Group next() throws IOException {
            var reading = request;
            if (reading == null) {
                reading = new OtlpProtobuf(body.readAllBytes());
                request = reading;
            }
            if (broken) {
                return null;
            }
            try {
                var logs = reading.next();
                return logs == null ? null : new Group.Logs(logs);
            } catch (InvalidProtocolBufferException unreadable) {
                broken = true;
                return new Group.Refused(
                        RefusalCode.INCOMPLETE_BODY,
                        "expected a message of protobuf, got an error: " + unreadable.getMessage());
            }
        }
    }

    /// The log records of all groups, each with what is said of its group.
    private static final class Records implements Originals {
        private final Groups groups;
        private final Deque<ObjectNode> waiting = new ArrayDeque<>();
        private final Map<String, Integer> seen = new HashMap<>();
        private long index;

        Records(Groups groups) {
            this.groups = groups;
        }

        @Override
        public Split next() throws IOException {
            while (waiting.isEmpty()) {
                switch (groups.next()) {
                    case null -> {
                        return new Split.End(index);
                    }
                    case Group.Refused(var code, var message) -> {
                        return new Split.Refused(index++, code, message);
                    }
                    case Group.Logs(var logs) -> unfold(logs);
                }
            }
            var original = waiting.remove();
            // Log records have no ids: of two that say the same, the second is told by its number,
            // and a request that is sent again numbers them the same.
            var times = seen.merge(original.toString(), 1, Integer::sum);
            if (times > 1) {
                original.put("occurrence", times);
            }
            return new Split.Found(index++, original.toString().getBytes(UTF_8));
        }

        private void unfold(ObjectNode logs) {
            var resource = attributes(logs.path("resource").path("attributes"));
            for (var scoped : logs.path("scopeLogs")) {
                var scope = scoped.path("scope");
                for (var record : scoped.path("logRecords")) {
                    var original = NODES.objectNode();
                    original.set("resource", resource);
                    if (scope.path("name").isTextual()) {
                        original.put("scope", scope.path("name").textValue());
                    }
                    var plain = NODES.objectNode();
                    for (var field : record.properties()) {
                        plain.set(
                                field.getKey(),
                                switch (field.getKey()) {
                                    case "attributes" -> attributes(field.getValue());
                                    case "body" -> plain(field.getValue());
                                    default -> field.getValue();
                                });
                    }
                    original.set("record", plain);
                    waiting.add(original);
                }
            }
        }
    }

    private static ObjectNode attributes(JsonNode list) {
        var attributes = NODES.objectNode();
        for (var attribute : list) {
            attributes.set(attribute.path("key").asText(""), plain(attribute.path("value")));
        }
        return attributes;
    }

    /// An `AnyValue` as the JSON it stands for.
    private static JsonNode plain(JsonNode value) {
        var fields = value.properties().iterator();
        if (!fields.hasNext()) {
            return NODES.nullNode();
        }
        var field = fields.next();
        return switch (field.getKey()) {
            case "arrayValue" -> {
                var array = NODES.arrayNode();
                for (var item : field.getValue().path("values")) {
                    array.add(plain(item));
                }
                yield array;
            }
            case "kvlistValue" -> attributes(field.getValue().path("values"));
            case "intValue" -> integer(field.getValue());
            default -> field.getValue();
        };
    }

    private static JsonNode integer(JsonNode value) {
        try {
            return value.isTextual() ? NODES.numberNode(Long.parseLong(value.textValue())) : value;
        } catch (NumberFormatException _) {
            return value;
        }
    }

    @Override
    public Heard hear(ObjectNode original, Place place) {
        var record = original.path("record");
        var own = record.path("attributes");
        var request = text(own, "http.request.id", "request.id");
        var failed = text(own, "error.type", "exception.type");
        return new Heard.Call(
                time(record),
                who(own, place.account()),
                text(own, "client.address", "source.address", "network.peer.address"),
                text(own, "user_agent.original"),
                new DecodedCall(
                        name(original),
                        null,
                        null,
                        Limits.document(Shown.withoutSecrets(parameters(record))),
                        null,
                        failed,
                        failed == null ? null : text(own, "error.message", "exception.message"),
                        request == null ? text(record, "traceId") : request,
                        List.of(),
                        null),
                null);
    }

    private static Named name(ObjectNode original) {
        var record = original.path("record");
        var own = record.path("attributes");
        var said = text(record, "eventName");
        var event =
                said != null ? said : text(own, "event.name", "rpc.method", "code.function.name");
        var method = text(own, "http.request.method");
        var name =
                event != null
                        ? EventNames.of(event)
                        : method != null
                                ? EventNames.of(method.toLowerCase(Locale.ROOT), path(own))
                                : Named.UNKNOWN;
        var service = text(original.path("resource"), "service.name");
        return new Named(
                service == null ? "opentelemetry.io" : service,
                name,
                method == null
                        ? EventNames.reads(name)
                        : method.equals("GET") || method.equals("HEAD"),
                true);
    }

    /// The route names what is called; a path may be one of many.
    private static String path(JsonNode own) {
        var route = text(own, "http.route");
        return route == null ? "" : route;
    }

    private static ObjectNode parameters(JsonNode record) {
        var parameters = NODES.objectNode();
        if (record.path("attributes") instanceof ObjectNode attributes) {
            parameters.setAll(attributes);
        }
        var body = record.path("body");
        if (!body.isMissingNode() && !body.isNull()) {
            parameters.set("body", body);
        }
        return parameters;
    }

    private static Identity who(JsonNode own, String account) {
        var name = text(own, "user.name", "enduser.id", "user.email", "user.id");
        var id = text(own, "user.id", "enduser.id");
        var json =
                NODES.objectNode()
                        .put("type", "Unknown")
                        .put("principalId", id != null ? id : name == null ? "" : name)
                        .put("accountId", account);
        if (name != null) {
            json.put("userName", name);
        }
        return new Identity(account, json);
    }

    private static @Nullable Instant time(JsonNode record) {
        var at = nanos(record.path("timeUnixNano"));
        return at == null ? nanos(record.path("observedTimeUnixNano")) : at;
    }

    private static @Nullable Instant nanos(JsonNode value) {
        try {
            var nanos = Long.parseUnsignedLong(value.asText("0"));
            return nanos <= 0 ? null : Instant.ofEpochSecond(nanos / NANOS, nanos % NANOS);
        } catch (NumberFormatException _) {
            return null;
        }
    }

    /// The first of these members that is a text.
    private static @Nullable String text(JsonNode object, String... names) {
        for (var name : names) {
            var value = object.path(name);
            if (value.isValueNode() && !value.isNull() && !value.asText().isEmpty()) {
                return value.asText();
            }
        }
        return null;
    }
}
