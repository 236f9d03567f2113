package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Percent;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Tags of buckets and objects: kept as a query, as `x-amz-tagging` sends them.
final class Tags {
    static final int BUCKET_MAX = 50;
    static final int OBJECT_MAX = 10;

    private Tags() {}

    /// From a `TagSet` to the form they are kept in.
    static String of(JsonNode tagSet, int max) {
        var tags = new LinkedHashMap<String, String>();
        for (JsonNode tag : tagSet) {
            put(tags, tag.path("Key").asText(), tag.path("Value").asText());
        }
        return text(tags, max);
    }

    /// From a header to the form they are kept in.
    static String ofHeader(String header, int max) {
        return text(read(header), max);
    }

    private static void put(Map<String, String> tags, String key, String value) {
        if (key.isEmpty()
                || key.length() > 128
                || value.length() > 256
                || tags.put(key, value) != null) {
            throw new S3Failure(S3Code.INVALID_TAG);
        }
    }

    private static String text(Map<String, String> tags, int max) {
        if (tags.size() > max) {
            throw new S3Failure(
                    S3Code.INVALID_TAG,
                    "expected at most %d tags, got %d".formatted(max, tags.size()));
        }
        var text = new StringBuilder();
        tags.forEach((key, value) ->
                text.append(text.isEmpty() ? "" : "&")
                        .append(encoded(key))
                        .append('=')
                        .append(encoded(value)));
        return text.toString();
    }

    private static String encoded(String text) {
        return Percent.encode(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String text) {
        return new String(Percent.decodeQuery(text), StandardCharsets.UTF_8);
    }

    static Map<String, String> read(String text) {
        var tags = new LinkedHashMap<String, String>();
        for (String part : text.split("&", -1)) {
            if (!part.isEmpty()) {
                int equals = part.indexOf('=');
                put(
                        tags,
                        decoded(equals < 0 ? part : part.substring(0, equals)),
                        equals < 0 ? "" : decoded(part.substring(equals + 1)));
            }
        }
        return tags;
    }

    /// As an answer.
    static ObjectNode answer(String text) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        var set = answer.putArray("TagSet");
        read(text).forEach((key, value) -> set.addObject().put("Key", key).put("Value", value));
        return answer;
    }
}
