package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Percent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Parameters of a query or a form, decoded, in order. Whatever is not valid UTF-8 is replaced:
/// they are shown, never acted on.
record Parameters(List<Parameter> all) {

    /// More than any service asks for.
    private static final int PARAMETERS_MAX = 100_000;

    record Parameter(String name, String value) {}

    static Parameters of(String encoded) {
        var all = new ArrayList<Parameter>();
        int start = 0;
        while (start < encoded.length() && all.size() < PARAMETERS_MAX) {
            int end = encoded.indexOf('&', start);
            end = end < 0 ? encoded.length() : end;
            if (end > start) {
                int equals = encoded.indexOf('=', start);
                equals = equals < 0 || equals > end ? end : equals;
                all.add(
                        new Parameter(
                                text(encoded.substring(start, equals)),
                                equals == end ? "" : text(encoded.substring(equals + 1, end))));
            }
            start = end + 1;
        }
        return new Parameters(List.copyOf(all));
    }

    private static String text(String encoded) {
        return encoded.indexOf('%') < 0 && encoded.indexOf('+') < 0
                ? encoded
                : new String(Percent.decodeQuery(encoded), StandardCharsets.UTF_8);
    }

    Optional<String> first(String name) {
        for (Parameter parameter : all) {
            if (parameter.name.equals(name)) {
                return Optional.of(parameter.value);
            }
        }
        return Optional.empty();
    }

    List<String> names() {
        return all.stream().map(Parameter::name).toList();
    }

    /// Adds a text to an object; a name that comes again makes an array.
    static void put(ObjectNode object, String name, String value) {
        JsonNode there = object.get(name);
        if (there == null) {
            object.put(name, value);
        } else if (there instanceof ArrayNode array) {
            array.add(value);
        } else {
            object.set(name, JsonNodeFactory.instance.arrayNode().add(there).add(value));
        }
    }
}
