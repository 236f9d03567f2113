package dev.cairn.server.courier;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Addresses with values in them, each encoded as what it stands in wants it.
final class Urls {
    private Urls() {}

    /// A value as a part of a path or query: it ends neither.
    static String encoded(String value) {
        return URLEncoder.encode(value, UTF_8).replace("+", "%20");
    }

    /// `application/x-www-form-urlencoded`.
    static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> encoded(field.getKey()) + '=' + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    /// The same address with more in its query, which takes the place of what it has of the same
    /// names.
    static URI withQuery(URI url, Map<String, String> more) {
        if (more.isEmpty()) {
            return url;
        }
        var names = new TreeSet<String>();
        more.keySet().forEach(name -> names.add(encoded(name)));
        var own =
                url.getRawQuery() == null
                        ? ""
                        : Arrays.stream(url.getRawQuery().split("&", -1))
                                .filter(field -> !names.contains(field.split("=", 2)[0]))
                                .map(field -> field + '&')
                                .collect(Collectors.joining());
        var text = url.toString();
        var end = text.indexOf('?');
        return URI.create((end < 0 ? text : text.substring(0, end)) + '?' + own + form(more));
    }
}
