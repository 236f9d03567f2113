package dev.cairn.recorder.servlet;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Which requests are recorded, and as what. The first that fits counts.
///
/// ```java
/// new Routes()
///     .add("POST", "/orders", Route.named("CreateOrder").withBody().redact("card"))
///     .add("GET", "/orders/{orderId}", Route.named("GetOrder"))
///     .add("*", "/admin/**", Route.named("Administer"))
/// ```
public final class Routes {
    private static final Pattern VARIABLE =
            Pattern.compile("\\{([A-Za-z][A-Za-z0-9_]*)}|\\*\\*|\\*");

    private final List<Entry> entries = new ArrayList<>();

    /// A route that a request takes.
    ///
    /// @param variables what stands in its path for the pattern's names
    public record Match(Route route, Map<String, String> variables) {}

    private record Entry(String method, Pattern path, List<String> names, Route route) {}

    /// @param method such as `POST`, or `*` for any
    /// @param path of the request inside the application; `{name}` and `*` stand for one segment or
    ///   a part of it, `**` for any number
    public Routes add(String method, String path, Route route) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("expected a path that begins with /, got " + path);
        }
        var names = new ArrayList<String>();
        var regex = new StringBuilder();
        var at = 0;
        var matcher = VARIABLE.matcher(path);
        while (matcher.find()) {
            regex.append(Pattern.quote(path.substring(at, matcher.start())));
            if (matcher.group(1) != null) {
                names.add(matcher.group(1));
                regex.append("([^/]+)");
            } else {
                regex.append(matcher.group().equals("**") ? ".*" : "[^/]*");
            }
            at = matcher.end();
        }
        regex.append(Pattern.quote(path.substring(at)));
        entries.add(
                new Entry(
                        method.toUpperCase(Locale.ROOT),
                        Pattern.compile(regex.toString(), Pattern.DOTALL),
                        List.copyOf(names),
                        route));
        return this;
    }

    /// @param path decoded
    Optional<Match> match(String method, String path) {
        for (var entry : entries) {
            if (entry.method().equals("*") || entry.method().equals(method)) {
                var matcher = entry.path().matcher(path);
                if (matcher.matches()) {
                    Map<String, String> variables = new LinkedHashMap<>();
                    for (var i = 0; i < entry.names().size(); i++) {
                        variables.put(entry.names().get(i), matcher.group(i + 1));
                    }
                    return Optional.of(new Match(entry.route(), variables));
                }
            }
        }
        return Optional.empty();
    }
}
