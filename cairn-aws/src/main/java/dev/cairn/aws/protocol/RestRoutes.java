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

/// Finds an operation by method, path and constant query parameters; of several that fit, the one
/// with the most constants.
final class RestRoutes {

    private final List<Route> routes;

    RestRoutes(ServiceModel model) {
        routes = model.operations().stream().map(Route::of).sorted(Route::compare).toList();
    }

    /// An operation and its labels, still percent-encoded.
    record Match(Operation operation, Map<String, String> labels, Form constants) {}

    Optional<Match> find(String method, String rawPath, Form query) {
        List<String> path = segments(rawPath);
        for (Route route : routes) {
            if (route.operation.method().equals(method)) {
                Optional<Match> match = route.match(path, query);
                if (match.isPresent()) {
                    return match;
                }
            }
        }
        return Optional.empty();
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

        Optional<Match> match(List<String> path, Form query) {
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
                        if (!text.equals(decoded(path.get(at++)))) {
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

        private static String decoded(String segment) {
            return new String(Percent.decodePath(segment), StandardCharsets.UTF_8);
        }
    }
}
