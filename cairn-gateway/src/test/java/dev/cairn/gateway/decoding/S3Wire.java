package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Percent;
import dev.cairn.aws.http.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Map;

/// A request to S3 made from its record.
final class S3Wire {

    private static final Map<String, String> METHODS =
            Map.of("Get", "GET", "List", "GET", "Head", "HEAD", "Delete", "DELETE");

    private S3Wire() {}

    static Wire.Sent send(JsonNode record, String region) {
        String name = record.path("eventName").asText();
        JsonNode parameters = record.path("requestParameters");
        String host = parameters.path("Host").asText("s3.amazonaws.com");
        String bucket = parameters.path("bucketName").asText();
        String key = parameters.path("key").asText();
        var headers = new ArrayList<String>();
        if (parameters.has("Host")) {
            headers.add("Host");
            headers.add(host);
        }
        String path =
                (bucket.isEmpty() || host.startsWith(bucket + ".") ? "" : "/" + bucket)
                        + "/"
                        + Percent.encode(key.getBytes(StandardCharsets.UTF_8)).replace("%2F", "/");
        var query = new StringBuilder();
        byte[] body = new byte[0];
        for (var field : parameters.properties()) {
            String member = field.getKey();
            JsonNode value = field.getValue();
            if (member.equals("bucketPolicy")) {
                body = value.toString().getBytes(StandardCharsets.UTF_8);
            } else if (value.isObject()) {
                var xml = new StringBuilder();
                xml(xml, member, value);
                body = xml.toString().getBytes(StandardCharsets.UTF_8);
            } else if (member.startsWith("x-amz-")) {
                headers.add(member);
                headers.add(value.asText());
            } else if (!member.equals("bucketName")
                    && !member.equalsIgnoreCase("Host")
                    && !member.equals("key")) {
                Wire.add(query, member, value.isArray() ? value.path(0).asText() : value.asText());
            }
        }
        JsonNode additional = record.path("additionalEventData");
        if (!additional.isObject() || additional.has("SignatureVersion")) {
            headers.add("Authorization");
            headers.add(Wire.authorization(region, "s3"));
        }
        if (host.contains("s3-control")) {
            headers.add("x-amz-account-id");
            headers.add("123456789012");
            path = control(name, parameters);
        }
        String method =
                METHODS.entrySet().stream()
                        .filter(entry -> name.startsWith(entry.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse("PUT");
        return new Wire.Sent(
                new Request(
                        method, path, query.toString(), Headers.of(headers.toArray(String[]::new))),
                body);
    }

    private static String control(String name, JsonNode parameters) {
        return switch (name) {
            case "GetAccountPublicAccessBlock" -> "/v20180820/configuration/publicAccessBlock";
            case "ListAccessPoints" -> "/v20180820/accesspoint";
            case "GetStorageLensConfiguration" ->
                    "/v20180820/storagelens/default-account-dashboard";
            default -> throw new IllegalArgumentException("no path for " + name + parameters);
        };
    }

    private static void xml(StringBuilder xml, String name, JsonNode value) {
        if (value.isArray()) {
            value.forEach(item -> xml(xml, name, item));
            return;
        }
        xml.append('<').append(name);
        for (var field : value.properties()) {
            if (attribute(field.getKey())) {
                xml.append(' ')
                        .append(field.getKey())
                        .append("=\"")
                        .append(field.getValue().asText())
                        .append('"');
            }
        }
        xml.append('>');
        if (value.isObject()) {
            for (var field : value.properties()) {
                if (!attribute(field.getKey())) {
                    xml(xml, field.getKey(), field.getValue());
                }
            }
        } else {
            xml.append(value.asText().replace("&", "&amp;").replace("<", "&lt;"));
        }
        xml.append("</").append(name).append('>');
    }

    private static boolean attribute(String name) {
        return name.equals("xmlns") || name.contains(":");
    }
}
