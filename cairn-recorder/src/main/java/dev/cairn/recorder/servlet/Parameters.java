package dev.cairn.recorder.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What queries and JSON bodies say, as request parameters.
final class Parameters {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int DEPTH_MAX = 40;

    private Parameters() {}

    /// Names and values of a query; of a name that comes again, all values.
    static Map<String, Object> query(@Nullable String rawQuery) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        if (rawQuery == null) {
            return parameters;
        }
        for (var part : rawQuery.split("&", -1)) {
            var equals = part.indexOf('=');
            var name = decoded(equals < 0 ? part : part.substring(0, equals));
            if (!name.isEmpty()) {
                add(parameters, name, equals < 0 ? "" : decoded(part.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static void add(Map<String, Object> parameters, String name, String value) {
        var before = parameters.get(name);
        if (before == null) {
            parameters.put(name, value);
        } else {
            List<Object> all =
                    new ArrayList<>(before instanceof List<?> list ? list : List.of(before));
            all.add(value);
            parameters.put(name, all);
        }
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, UTF_8);
        } catch (IllegalArgumentException broken) {
            return text;
        }
    }

    /// The fields of a form, the query's among them.
    static Map<String, Object> form(Map<String, String[]> fields) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        fields.forEach((name, values) ->
                parameters.put(name, values.length == 1 ? values[0] : List.of(values)));
        return parameters;
    }

    /// The members of a JSON object; those of any other value as `body`.
    ///
    /// @return nothing when it is not JSON
    static Map<String, @Nullable Object> json(byte[] body) {
        try (var json = JSON.createParser(body)) {
            if (json.nextToken() == null) {
                return Map.of();
            }
            var value = value(json, 0);
            if (value instanceof Map<?, ?> members) {
                Map<String, @Nullable Object> named = new LinkedHashMap<>();
                members.forEach((name, member) -> named.put(String.valueOf(name), member));
                return named;
            }
            Map<String, @Nullable Object> only = new LinkedHashMap<>();
            only.put("body", value);
            return only;
        } catch (IOException notJson) {
            return Map.of();
        }
    }

    private static @Nullable Object value(JsonParser json, int depth) throws IOException {
        if (depth > DEPTH_MAX) {
            throw new IOException("deeper than a record may be");
        }
        var token = json.currentToken();
        if (token == JsonToken.START_OBJECT) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var name = json.currentName();
                json.nextToken();
                members.put(name, value(json, depth + 1));
            }
            return members;
        }
        if (token == JsonToken.START_ARRAY) {
            List<@Nullable Object> items = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                items.add(value(json, depth + 1));
            }
            return items;
        }
        return switch (token) {
            case VALUE_NULL -> null;
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT -> json.getNumberValue();
            case VALUE_NUMBER_FLOAT -> json.getDecimalValue();
            default -> json.getText();
        };
    }
}
