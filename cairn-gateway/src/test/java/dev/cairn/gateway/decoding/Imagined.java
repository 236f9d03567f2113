package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.protocol.Codec;
import dev.cairn.aws.protocol.Codecs;
import dev.cairn.aws.protocol.Protocol;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The call that must have caused a real record.
///
/// @param service the signing name
/// @param unknown members of the record that the service's model does not have: nobody could have
///   sent them, as far as the model knows
/// @param modelled whether a model says how it was sent; if none does, it is taken for JSON with
///   the record's own names
record Imagined(ObservedCall call, String service, List<String> unknown, boolean modelled) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Codecs CODECS = new Codecs();

    /// Models whose endpoint and signing name are not the event source's.
    private static final Map<String, String> MODELS =
            Map.of(
                    "amazonmq", "mq",
                    "rdsdata", "rds-data",
                    "applicationsignals", "application-signals");

    /// The call of a record.
    static Imagined of(JsonNode record, ServiceCatalog services) {
        String source = record.path("eventSource").asText().replace(".amazonaws.com", "");
        String region = record.path("awsRegion").asText("us-east-1");
        if (source.equals("s3") && !record.path("eventName").asText().contains("Internal")) {
            Wire.Sent sent = S3Wire.send(record, region);
            return new Imagined(call(record, sent, s3Answer(record)), "s3", List.of(), true);
        }
        String name =
                record.path("eventName")
                        .asText()
                        .replaceFirst("(20[0-9]{6}|20[0-9]{2}_[0-9]{2}_[0-9]{2})(v2)?$", "");
        String wanted = MODELS.getOrDefault(source, source);
        Imagined best = null;
        for (var entry : services.entries()) {
            var metadata = entry.metadata();
            if (!metadata.endpointPrefix().equals(wanted)
                    && !metadata.signingName().equals(wanted)
                    && !entry.name().equals(wanted)) {
                continue;
            }
            if (metadata.signingName().equals("rds") && !entry.name().equals("rds")) {
                continue;
            }
            ServiceModel model = services.model(entry);
            Optional<Operation> operation = model.operation(name);
            if (operation.isPresent()) {
                var one = modelled(record, model, operation.get(), region);
                if (best == null || one.unknown().size() < best.unknown().size()) {
                    best = one;
                }
            }
        }
        return best != null ? best : unmodelled(record, source, name, region);
    }

    private static Imagined modelled(
            JsonNode record, ServiceModel model, Operation operation, String region) {
        String signing = model.metadata().signingName();
        var unknown = new ArrayList<String>();
        JsonNode parameters = record.path("requestParameters");
        Wire.Sent sent;
        if (model.metadata().protocols().contains("ec2")) {
            sent =
                    new Wire.Sent(
                            new Request(
                                    "POST",
                                    "/",
                                    "",
                                    Headers.of(
                                            "Authorization",
                                            Wire.authorization(region, "ec2"),
                                            "Content-Type",
                                            "application/x-www-form-urlencoded")),
                            Ec2Wire.request(operation.name(), parameters)
                                    .getBytes(StandardCharsets.UTF_8));
            return new Imagined(
                    call(record, sent, ec2Answer(record, operation)), signing, unknown, true);
        }
        var input = new Unstyled();
        ObjectNode document =
                parameters.isObject() && operation.input().isPresent()
                        ? input.document(parameters, operation.input().get())
                        : JSON.createObjectNode();
        input.unknown().forEach(path -> unknown.add("requestParameters." + path));
        sent =
                new Wire(model, operation, signing + "." + region + ".amazonaws.com", region)
                        .send(document);
        return new Imagined(
                call(record, sent, answer(record, model, operation, sent.request(), unknown)),
                signing,
                unknown,
                true);
    }

    private static Imagined unmodelled(JsonNode record, String source, String name, String region) {
        JsonNode parameters = record.path("requestParameters");
        var sent =
                new Wire.Sent(
                        new Request(
                                "POST",
                                "/",
                                "",
                                Headers.of(
                                        "Authorization",
                                        Wire.authorization(region, source),
                                        "Content-Type",
                                        "application/x-amz-json-1.1",
                                        "X-Amz-Target",
                                        "Some." + name)),
                        (parameters.isObject() ? parameters : JSON.createObjectNode())
                                .toString()
                                .getBytes(StandardCharsets.UTF_8));
        JsonNode elements = record.path("responseElements");
        Answer answer =
                record.has("errorCode")
                        ? jsonError(record)
                        : given(
                                record,
                                200,
                                elements.isObject() ? elements.toString() : "{}",
                                "application/x-amz-json-1.1");
        return new Imagined(call(record, sent, answer), source, List.of(), false);
    }

    private static ObservedCall call(JsonNode record, Wire.Sent sent, Answer answer) {
        JsonNode cipher = record.path("additionalEventData").path("CipherSuite");
        return new ObservedCall(
                sent.request(),
                Kept.whole(sent.body()),
                answer,
                cipher.isTextual() ? cipher.textValue() : null);
    }

    private static Answer answer(
            JsonNode record,
            ServiceModel model,
            Operation operation,
            Request request,
            List<String> unknown) {
        if (record.has("errorCode")) {
            return error(record, model);
        }
        JsonNode elements = record.path("responseElements");
        Optional<Shape.Structure> shape = operation.output();
        ObjectNode document = JSON.createObjectNode();
        if (elements.isObject() && shape.isPresent()) {
            var output = new Unstyled();
            document = output.document(elements, shape.get());
            if (document.isEmpty() && shape.get().members().size() == 1) {
                // What the only member holds, shown without it.
                var only = shape.get().members().values().iterator().next();
                if (only.shape() instanceof Shape.Structure inner) {
                    output = new Unstyled();
                    document = JSON.createObjectNode();
                    document.set(only.name(), output.document(elements, inner));
                }
            }
            output.unknown().forEach(path -> unknown.add("responseElements." + path));
        } else if (elements.isObject()) {
            elements.fieldNames().forEachRemaining(path -> unknown.add("responseElements." + path));
        }
        if (model.metadata().signingName().equals("kms")
                && shape.map(output -> output.members().containsKey("KeyId")).orElse(false)
                && record.path("resources").path(0).has("ARN")) {
            document.put("KeyId", record.path("resources").path(0).path("ARN").asText());
        }
        Codec codec =
                CODECS.choose(model, request) instanceof Codecs.Choice.Spoken(Codec spoken)
                        ? spoken
                        : CODECS.of(Protocol.REST_JSON).orElseThrow();
        var response =
                codec.write(model, operation, document, record.path("requestID").asText("none"));
        return new Answer.Given(
                response.status(), response.headers(), Kept.whole(response.body()), true);
    }

    /// The error as the service's protocol has it: the query protocols say a shorter code.
    private static Answer error(JsonNode record, ServiceModel model) {
        String protocol = model.metadata().protocols().iterator().next();
        if (protocol.equals("json") || protocol.startsWith("rest-json")) {
            return jsonError(record);
        }
        String code = record.path("errorCode").asText();
        String wire =
                model.error(code)
                        .flatMap(Shape.Structure::error)
                        .flatMap(Shape.ErrorTrait::code)
                        .orElse(code);
        return xmlError(record, wire.equals("ValidationException") ? "ValidationError" : wire);
    }

    private static Answer jsonError(JsonNode record) {
        String code = record.path("errorCode").asText();
        ObjectNode error = JsonNodeFactory.instance.objectNode();
        error.put("__type", code.equals("AccessDenied") ? "AccessDeniedException" : code);
        // Some services say it in the elements only.
        JsonNode message =
                record.has("errorMessage")
                        ? record.path("errorMessage")
                        : record.path("responseElements").path("message");
        if (message.isTextual()) {
            error.set("message", message);
        }
        return given(record, 400, error.toString(), "application/x-amz-json-1.1");
    }

    private static Answer xmlError(JsonNode record, String code) {
        return given(
                record,
                400,
                "<ErrorResponse><Error><Type>Sender</Type><Code>"
                        + code
                        + "</Code>"
                        + message(record)
                        + "</Error></ErrorResponse>",
                "text/xml");
    }

    private static String message(JsonNode record) {
        return record.has("errorMessage")
                ? "<Message>"
                        + record.path("errorMessage")
                                .asText()
                                .replace("&", "&amp;")
                                .replace("<", "&lt;")
                        + "</Message>"
                : "";
    }

    private static Answer ec2Answer(JsonNode record, Operation operation) {
        if (record.has("errorCode")) {
            return given(
                    record,
                    400,
                    "<Response><Errors><Error><Code>"
                            + record.path("errorCode").asText().replaceFirst("^Client\\.", "")
                            + "</Code>"
                            + message(record)
                            + "</Error></Errors></Response>",
                    "text/xml");
        }
        JsonNode elements = record.path("responseElements");
        return given(
                record,
                200,
                elements.isObject() ? Ec2Wire.answer(operation.name(), elements) : "<Response/>",
                "text/xml");
    }

    private static Answer s3Answer(JsonNode record) {
        var headers = new ArrayList<String>();
        JsonNode additional = record.path("additionalEventData");
        if (additional.has("x-amz-id-2")) {
            headers.add("x-amz-id-2");
            headers.add(additional.path("x-amz-id-2").asText());
        }
        if (record.has("requestID")) {
            headers.add("x-amz-request-id");
            headers.add(record.path("requestID").asText());
        }
        record.path("responseElements")
                .properties()
                .forEach(field -> {
                    headers.add(field.getKey());
                    headers.add(field.getValue().asText());
                });
        String body =
                record.has("errorCode")
                        ? "<Error><Code>"
                                + record.path("errorCode").asText()
                                + "</Code>"
                                + message(record)
                                + "</Error>"
                        : "";
        return new Answer.Given(
                record.has("errorCode") ? 404 : 200,
                Headers.of(headers.toArray(String[]::new)),
                Kept.whole(body.getBytes(StandardCharsets.UTF_8)),
                true);
    }

    private static Answer given(JsonNode record, int status, String body, String type) {
        var headers =
                record.has("requestID")
                        ? Headers.of(
                                "Content-Type",
                                type,
                                "x-amzn-RequestId",
                                record.path("requestID").asText())
                        : Headers.of("Content-Type", type);
        return new Answer.Given(
                status, headers, Kept.whole(body.getBytes(StandardCharsets.UTF_8)), true);
    }
}
