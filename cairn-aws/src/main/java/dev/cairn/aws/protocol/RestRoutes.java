package dev.cairn.aws.protocol;

import dev.cairn.aws.http.Percent;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.ServiceModel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds an operation by method, path and constant query parameters; of several that fit, the one
/// with the most constants.
final class RestRoutes {

    /// All routes in the order in which they are tried, by method and the path's first segment.
    private final Map<String, Map<String, List<Route>>> routes = new HashMap<>();

    /// Those of a method whose first segment is a label: tried where no first segment fits.
    private final Map<String, List<Route>> open = new HashMap<>();

    RestRoutes(ServiceModel model) {
        List<Route> sorted =
                model.operations().stream().map(Route::of).sorted(Route::compare).toList();
        for (Route route : sorted) {
            String method = route.operation.method();
            open.computeIfAbsent(method, _ -> of(sorted, method).filter(Route::isOpen).toList());
            Map<String, List<Route>> byFirst = routes.computeIfAbsent(method, _ -> new HashMap<>());
            if (!route.isOpen()) {
                byFirst.computeIfAbsent(
                        route.first(),
                        first ->
                                of(sorted, method)
                                        .filter(other ->
                                                other.isOpen() || other.first().equals(first))
                                        .toList());
            }
        }
    }

    private static Stream<Route> of(List<Route> routes, String method) {
        return routes.stream().filter(route -> route.operation.method().equals(method));
    }

    /// An operation and its labels, still percent-encoded.
    record Match(Operation operation, Map<String, String> labels, Form constants) {}

    Optional<Match> find(String method, String rawPath, Form query) {
        List<String> path = segments(rawPath);
        List<String> decoded = path.stream().map(RestRoutes::decoded).toList();
        Map<String, List<Route>> byFirst = routes.getOrDefault(method, Map.of());
        List<Route> candidates =
                byFirst.getOrDefault(
                        decoded.isEmpty() ? "" : decoded.getFirst(),
                        open.getOrDefault(method, List.of()));
        for (Route route : candidates) {
            Optional<Match> match = route.match(path, decoded, query);
            if (match.isPresent()) {
                return match;
            }
        }
        return Optional.empty();
    }

    private static String decoded(String segment) {
        return segment.indexOf('%') < 0
                ? segment
                : new String(Percent.decodePath(segment), StandardCharsets.UTF_8);
    }

    static List<String> segments(String rawPath) {
        String path = rawPath.startsWith("/") ? rawPath.substring(1) : rawPath;
        return path.isEmpty() ? List.of() : Arrays.asList(path.split("/", -1));
    }

    /// One segment of a template.
    private sealed interface Part {
        int weight();

        record Literal(String text) implements Part {
            @Override
            public int weight() {
                return 0;
            }
        }

        record Label(String name) implements Part {
            @Override
            public int weight() {
                return 1;
            }
        }

        record Greedy(String name) implements Part {
            @Override
            public int weight() {
                return 2;
            }
        }
    }

    private record Route(Operation operation, List<Part> parts, Form constants) {

        static Route of(Operation operation) {
            String template = operation.requestUri();
            int mark = template.indexOf('?');
            var parts = new ArrayList<Part>();
            for (String segment : segments(mark < 0 ? template : template.substring(0, mark))) {
                if (segment.startsWith("{") && segment.endsWith("+}")) {
                    parts.add(new Part.Greedy(segment.substring(1, segment.length() - 2)));
                } else if (segment.startsWith("{") && segment.endsWith("}")) {
                    parts.add(new Part.Label(segment.substring(1, segment.length() - 1)));
                } else {
                    parts.add(new Part.Literal(segment));
                }
            }
            if (!parts.isEmpty() && parts.getLast().equals(new Part.Literal(""))) {
                parts.removeLast();
            }
            try {
                return new Route(
                        operation,
                        List.copyOf(parts),
                        Form.parse(mark < 0 ? "" : template.substring(mark + 1)));
            } catch (Malformed e) {
                throw new IllegalArgumentException(
                        "the model's path " + template + " can not be read", e);
            }
        }

        static int compare(Route a, Route b) {
            for (int i = 0; i < Math.min(a.parts.size(), b.parts.size()); i++) {
                int difference = Integer.compare(a.parts.get(i).weight(), b.parts.get(i).weight());
                if (difference != 0) {
                    return difference;
                }
            }
            int longer = Integer.compare(b.parts.size(), a.parts.size());
            return longer != 0
                    ? longer
                    : Integer.compare(
                            b.constants.parameters().size(), a.constants.parameters().size());
        }

        /// The first segment where it is fixed; empty for the root.
        String first() {
            return parts.isEmpty() ? "" : ((Part.Literal) parts.getFirst()).text();
        }

        /// Whether the first segment may be anything.
        boolean isOpen() {
            return !parts.isEmpty() && !(parts.getFirst() instanceof Part.Literal);
        }

        /// @param path undecoded segments
        /// @param decoded the same, decoded
        Optional<Match> match(List<String> path, List<String> decoded, Form query) {
            for (var constant : constants.parameters()) {
                boolean there =
                        constant.value().isEmpty()
                                ? query.has(constant.name())
                                : query.all(constant.name()).contains(constant.value());
                if (!there) {
                    return Optional.empty();
                }
            }
            var labels = new HashMap<String, String>();
            int at = 0;
            for (int i = 0; i < parts.size(); i++) {
                if (at >= path.size()) {
                    return Optional.empty();
                }
                switch (parts.get(i)) {
                    case Part.Literal(String text) -> {
                        if (!text.equals(decoded.get(at++))) {
                            return Optional.empty();
                        }
                    }
                    case Part.Label(String name) -> {
                        String segment = path.get(at++);
                        if (segment.isEmpty() || labels.put(name, segment) != null) {
                            return Optional.empty();
                        }
                    }
                    case Part.Greedy(String name) -> {
                        int end = path.size() - (parts.size() - i - 1);
                        if (end <= at) {
                            return Optional.empty();
                        }
                        String rest = String.join("/", path.subList(at, end));
                        if (rest.isEmpty()) {
                            return Optional.empty();
                        }
                        labels.put(name, rest);
                        at = end;
                    }
                }
            }
            boolean atEnd =
                    at == path.size() || (at == path.size() - 1 && path.getLast().isEmpty());
            return atEnd ? Optional.of(new Match(operation, labels, constants)) : Optional.empty();
        }
    }
}
