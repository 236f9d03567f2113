package dev.cairn.testkit.event;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A kind of API call, with the form of what is asked and answered: a line of `calls.txt`.
///
/// @param service such as `ec2`
/// @param name such as `RunInstances`
/// @param apiVersion null for services that do not tell theirs
/// @param answer null when nothing is answered, as by reading calls
record Call(
        String service,
        String name,
        @Nullable String apiVersion,
        boolean readOnly,
        boolean data,
        @Nullable Template request,
        @Nullable Template answer,
        @Nullable Template resources) {

    /// Every call of `calls.txt`, by `service/name`.
    static final Map<String, Call> ALL = load();

    static Call named(String name) {
        Call call = ALL.get(name);
        if (call == null) {
            throw new IllegalArgumentException("expected a call of calls.txt, got " + name);
        }
        return call;
    }

    /// Whether AWS records it in us-east-1 whatever region it was made from.
    boolean global() {
        return switch (service) {
            case "iam", "cloudfront", "route53", "organizations" -> true;
            default -> false;
        };
    }

    private static Map<String, Call> load() {
        Map<String, Call> calls = new LinkedHashMap<>();
        String service = "";
        String version = "";
        for (String line : lines("calls.txt")) {
            if (line.startsWith("[")) {
                int close = line.indexOf(']');
                service = line.substring(1, close);
                version = line.substring(close + 1).strip();
                continue;
            }
            Call call = parse(service, version, line);
            if (calls.put(service + "/" + call.name, call) != null) {
                throw new IllegalStateException("calls.txt has " + call.name + " twice");
            }
        }
        return Map.copyOf(calls);
    }

    private static Call parse(String service, String version, String line) {
        String[] cells = line.split(" *\\| ?", -1);
        String kind = cells[1].strip();
        return new Call(
                service,
                cells[0].strip(),
                // Only some services put apiVersion into their records.
                switch (service) {
                    case "lambda", "dynamodb", "ecs", "elasticloadbalancing" -> version;
                    default -> null;
                },
                kind.equals("read") || kind.equals("data"),
                kind.startsWith("data"),
                cell(cells, 2),
                cell(cells, 3),
                cell(cells, 4));
    }

    private static @Nullable Template cell(String[] cells, int index) {
        return index >= cells.length || cells[index].isBlank()
                ? null
                : Template.of(cells[index].strip());
    }

    /// The lines of a resource of this package that say something.
    static List<String> lines(String resource) {
        try (InputStream in = Call.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("expected the resource " + resource);
            }
            List<String> lines = new ArrayList<>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(lines::add);
            return lines;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
