package dev.cairn.aws.protocol;

import dev.cairn.aws.http.Percent;
import java.util.ArrayList;
import java.util.List;

/// Decoded parameters of a query or a form, in order.
record Form(List<Parameter> parameters) {

    /// More than any service asks for; a bound on what a caller can make us build.
    static final int PARAMETERS_MAX = 100_000;

    record Parameter(String name, String value) {}

    static Form parse(String encoded) throws Malformed {
        var parameters = new ArrayList<Parameter>();
        for (String part : encoded.split("&", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            if (parameters.size() == PARAMETERS_MAX) {
                throw new Malformed("A request may have at most " + PARAMETERS_MAX + " parameters");
            }
            int equals = part.indexOf('=');
            parameters.add(
                    new Parameter(
                            text(equals < 0 ? part : part.substring(0, equals)),
                            equals < 0 ? "" : text(part.substring(equals + 1))));
        }
        return new Form(List.copyOf(parameters));
    }

    private static String text(String encoded) throws Malformed {
        return plain(encoded) ? encoded : JsonReader.utf8(Percent.decodeQuery(encoded));
    }

    /// Whether a text stands for itself, as most do.
    private static boolean plain(String encoded) {
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c == '%' || c == '+' || c >= 0x80) {
                return false;
            }
        }
        return true;
    }

    List<String> all(String name) {
        return parameters.stream()
                .filter(parameter -> parameter.name().equals(name))
                .map(Parameter::value)
                .toList();
    }

    boolean has(String name) {
        return parameters.stream().anyMatch(parameter -> parameter.name().equals(name));
    }
}
