package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Percent;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.shape.Shape.TimestampFormat;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A client's side of AWS's protocols, written for the judge alone: a document as the request that
/// an SDK would send.
record Wire(ServiceModel model, Operation operation, String host, String region) {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final Pattern LABEL = Pattern.compile("\\{([^}+]+)\\+?}");

    /// A request and its body.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Sent(Request request, byte[] body) {}

    static String authorization(String region, String service) {
        return "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/"
                + region
                + "/"
                + service
                + "/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";
    }

    private static Member member(Shape.Structure shape, String name) {
        return shape.member(name).orElseThrow();
    }

    Sent send(ObjectNode input) {
        String protocol =
                model.metadata().protocols().stream()
                        .filter(name -> !name.contains("cbor"))
                        .findFirst()
                        .orElse("json");
        return switch (protocol) {
            case "json" -> json(input);
            // EC2's forms are made by Ec2Wire; without parameters they are as all others.
            case "query", "ec2" -> query(input);
            case "rest-json", "rest-xml" -> rest(input, protocol.equals("rest-xml"));
            default -> throw new IllegalArgumentException("no client for " + protocol);
        };
    }

    private Headers headers(String... more) {
        var fields = new ArrayList<String>(List.of(more));
        fields.add("Host");
        fields.add(host);
        fields.add("Authorization");
        fields.add(authorization(region, model.metadata().signingName()));
        return Headers.of(fields.toArray(String[]::new));
    }

    private Sent json(ObjectNode input) {
        String target = model.metadata().targetPrefix().orElse("") + "." + operation.name();
        String type = "application/x-amz-json-" + model.metadata().jsonVersion().orElse("1.1");
        byte[] body =
                bytes(operation.input().isPresent() ? wire(input, operation.input().get()) : input);
        return new Sent(
                new Request("POST", "/", "", headers("Content-Type", type, "X-Amz-Target", target)),
                body);
    }

    private Sent query(ObjectNode input) {
        var form = new StringBuilder();
        add(form, "Action", operation.name());
        add(form, "Version", model.metadata().apiVersion());
        operation.input().ifPresent(shape -> flatten(form, "", input, shape));
        return new Sent(
                new Request(
                        "POST",
                        "/",
                        "",
                        headers(
                                "Content-Type",
                                "application/x-www-form-urlencoded; charset=utf-8")),
                form.toString().getBytes(StandardCharsets.UTF_8));
    }

    static void add(StringBuilder form, String name, String value) {
        form.append(form.isEmpty() ? "" : "&")
                .append(encode(name))
                .append('=')
                .append(encode(value));
    }

    private static String encode(String text) {
        return Percent.encode(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void flatten(
            StringBuilder form, String prefix, JsonNode value, Shape.Structure shape) {
        for (var field : value.properties()) {
            Member member = member(shape, field.getKey());
            flatten(form, prefix + member.queryWireName(), field.getValue(), member);
        }
    }

    private static void flatten(StringBuilder form, String name, JsonNode value, Member member) {
        switch (member.shape()) {
            case Shape.Structure structure -> flatten(form, name + ".", value, structure);
            case Shape.Listing listing -> {
                boolean flat = member.flattened() || listing.flattened();
                String items =
                        flat
                                ? listing.item()
                                        .locationName()
                                        .map(own -> replaceLast(name, own))
                                        .orElse(name)
                                : name + "." + listing.item().wireName();
                int i = 0;
                for (JsonNode item : value) {
                    flatten(form, items + "." + ++i, item, listing.item());
                }
            }
            case Shape.Mapping mapping -> {
                String entries = member.flattened() || mapping.flattened() ? name : name + ".entry";
                int i = 0;
                for (var entry : value.properties()) {
                    add(form, entries + "." + ++i + "." + mapping.key().wireName(), entry.getKey());
                    flatten(
                            form,
                            entries + "." + i + "." + mapping.value().wireName(),
                            entry.getValue(),
                            mapping.value());
                }
            }
            default -> add(form, name, text(value, member, TimestampFormat.ISO8601));
        }
    }

    private static String replaceLast(String name, String last) {
        return name.substring(0, name.lastIndexOf('.') + 1) + last;
    }

    private Sent rest(ObjectNode input, boolean xml) {
        Shape.Structure shape = operation.input().orElse(null);
        ObjectNode inBody = NODES.objectNode();
        var query = new StringBuilder();
        var headers = new ArrayList<String>();
        String uri = operation.requestUri();
        int mark = uri.indexOf('?');
        String path = mark < 0 ? uri : uri.substring(0, mark);
        if (mark >= 0) {
            query.append(uri, mark + 1, uri.length());
        }
        byte[] body = new byte[0];
        if (shape != null) {
            for (var field : input.properties()) {
                Member member = member(shape, field.getKey());
                JsonNode value = field.getValue();
                switch (member.location()) {
                    case URI ->
                            path =
                                    path.replaceAll(
                                            "\\{" + Pattern.quote(member.wireName()) + "\\+?}",
                                            Matcher.quoteReplacement(
                                                    encode(
                                                            text(
                                                                    value,
                                                                    member,
                                                                    TimestampFormat.ISO8601))));
                    case QUERY -> {
                        if (value.isArray()) {
                            value.forEach(item -> add(query, member.wireName(), item.asText()));
                        } else {
                            add(
                                    query,
                                    member.wireName(),
                                    text(value, member, TimestampFormat.ISO8601));
                        }
                    }
                    case HEADER -> {
                        headers.add(member.wireName());
                        headers.add(text(value, member, TimestampFormat.RFC822));
                    }
                    default -> inBody.set(field.getKey(), value);
                }
            }
            boolean payload = shape.payload().isPresent();
            if (!inBody.isEmpty()) {
                if (xml) {
                    var text = new StringBuilder();
                    if (payload) {
                        Member member = member(shape, shape.payload().get());
                        xml(text, member.wireName(), inBody.path(member.name()), member);
                    } else {
                        text.append("<Request>");
                        xmlMembers(text, inBody, shape);
                        text.append("</Request>");
                    }
                    body = text.toString().getBytes(StandardCharsets.UTF_8);
                } else if (payload) {
                    Member member = member(shape, shape.payload().get());
                    JsonNode value = inBody.path(member.name());
                    body =
                            value.isBinary() || value.isTextual()
                                    ? value.asText().getBytes(StandardCharsets.UTF_8)
                                    : bytes(wire(value, member.shape()));
                } else {
                    body = bytes(wire(inBody, shape));
                }
            }
        }
        // What the record does not say, the path must: any value does.
        path = LABEL.matcher(path).replaceAll("unsaid");
        headers.add("Content-Type");
        headers.add(xml ? "application/xml" : "application/json");
        return new Sent(
                new Request(
                        operation.method(),
                        path,
                        query.toString(),
                        headers(headers.toArray(String[]::new))),
                body);
    }

    private static void xmlMembers(StringBuilder into, JsonNode value, Shape.Structure shape) {
        for (var field : value.properties()) {
            Member member = member(shape, field.getKey());
            xml(into, member.wireName(), field.getValue(), member);
        }
    }

    private static void xml(StringBuilder into, String name, JsonNode value, Member member) {
        if (member.shape() instanceof Shape.Listing listing
                && (member.flattened() || listing.flattened())) {
            value.forEach(item -> xml(into, name, item, listing.item()));
            return;
        }
        into.append('<').append(name).append('>');
        switch (member.shape()) {
            case Shape.Structure structure -> xmlMembers(into, value, structure);
            case Shape.Listing listing ->
                    value.forEach(
                            item -> xml(into, listing.item().wireName(), item, listing.item()));
            default ->
                    into.append(
                            text(value, member, TimestampFormat.ISO8601)
                                    .replace("&", "&amp;")
                                    .replace("<", "&lt;"));
        }
        into.append("</").append(name).append('>');
    }

    /// The document as JSON has it on the wire.
    static JsonNode wire(JsonNode value, Shape shape) {
        return switch (shape) {
            case Shape.Structure structure -> {
                ObjectNode object = NODES.objectNode();
                for (var field : value.properties()) {
                    Member member = member(structure, field.getKey());
                    object.set(
                            member.wireName(),
                            member.shape() instanceof Shape.Timestamp
                                            && member.timestampFormat(TimestampFormat.UNIX)
                                                    != TimestampFormat.UNIX
                                    ? NODES.textNode(
                                            text(field.getValue(), member, TimestampFormat.UNIX))
                                    : wire(field.getValue(), member.shape()));
                }
                yield object;
            }
            case Shape.Listing listing -> {
                var array = NODES.arrayNode();
                value.forEach(item -> array.add(wire(item, listing.item().shape())));
                yield array;
            }
            case Shape.Mapping mapping -> {
                ObjectNode object = NODES.objectNode();
                value.properties()
                        .forEach(entry ->
                                object.set(
                                        entry.getKey(),
                                        wire(entry.getValue(), mapping.value().shape())));
                yield object;
            }
            default -> value;
        };
    }

    private static String text(JsonNode value, Member member, TimestampFormat usual) {
        if (member.shape() instanceof Shape.Timestamp) {
            var seconds = value.decimalValue();
            return switch (member.timestampFormat(usual)) {
                case UNIX -> seconds.toPlainString();
                case ISO8601 ->
                        Instant.ofEpochSecond(
                                        seconds.longValue(),
                                        seconds.remainder(BigDecimal.ONE)
                                                .movePointRight(9)
                                                .longValue())
                                .toString();
                case RFC822 ->
                        DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                Instant.ofEpochSecond(seconds.longValue())
                                        .atOffset(ZoneOffset.UTC));
            };
        }
        if (value.isBinary()) {
            return Base64.getEncoder().encodeToString(new byte[] {1});
        }
        return value.asText();
    }

    private static byte[] bytes(JsonNode json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
