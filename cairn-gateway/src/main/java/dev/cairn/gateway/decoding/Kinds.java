package dev.cairn.gateway.decoding;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Whether an operation reads or writes, and whether it is a management or a data event: by the
/// first word of its name, set right by a reviewed table (`kinds.txt`) where names do not tell.
/// What is in doubt writes.
final class Kinds {

    private static final String TABLE = "kinds.txt";

    /// First words of operations that change nothing.
    private static final Set<String> READS =
            Set.of(
                    "Analyze",
                    "Calculate",
                    "Check",
                    "Classify",
                    "Compare",
                    "Contains",
                    "Count",
                    "Describe",
                    "Detect",
                    "Discover",
                    "Estimate",
                    "Filter",
                    "Get",
                    "Head",
                    "List",
                    "Lookup",
                    "Predict",
                    "Preview",
                    "Query",
                    "Read",
                    "Recognize",
                    "Scan",
                    "Search",
                    "Select",
                    "Simulate",
                    "Suggest",
                    "Validate",
                    "Verify",
                    "View");

    /// The same, of operations that do one thing to many.
    private static final Set<String> MANY = Set.of("Batch", "Transact");

    private final Map<String, Set<String>> read = new HashMap<>();
    private final Map<String, Set<String>> write = new HashMap<>();
    private final Map<String, Set<String>> data = new HashMap<>();

    Kinds() {
        try (InputStream in = Kinds.class.getResourceAsStream(TABLE)) {
            if (in == null) {
                throw new IllegalStateException("expected the resource " + TABLE);
            }
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(this::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(String line) {
        String[] words = line.split(" ", -1);
        Map<String, Set<String>> table =
                switch (words[0]) {
                    case "read" -> read;
                    case "write" -> write;
                    case "data" -> data;
                    default ->
                            throw new IllegalStateException(
                                    "expected read, write or data, got the line: " + line);
                };
        if (words.length < 3) {
            throw new IllegalStateException("expected a service and operations, got: " + line);
        }
        Set<String> operations = table.computeIfAbsent(words[1], _ -> new HashSet<>());
        for (int i = 2; i < words.length; i++) {
            if (!operations.add(words[i])) {
                throw new IllegalStateException("expected each once, got twice: " + words[i]);
            }
        }
    }

    /// @param service the first label of the event source
    /// @param operation its name in the API
    boolean readOnly(String service, String operation) {
        if (has(write, service, operation)) {
            return false;
        }
        return has(read, service, operation) || soundsLikeReading(operation);
    }

    /// The same of both.
    boolean management(String service, String operation) {
        return !has(data, service, operation);
    }

    private static boolean has(Map<String, Set<String>> table, String service, String operation) {
        Set<String> operations = table.get(service);
        return operations != null && operations.contains(operation);
    }

    private static boolean soundsLikeReading(String operation) {
        String first = word(operation, 0);
        return READS.contains(MANY.contains(first) ? word(operation, first.length()) : first);
    }

    private static String word(String name, int start) {
        int end = start + 1;
        while (end < name.length() && !Character.isUpperCase(name.charAt(end))) {
            end++;
        }
        return start >= name.length() ? "" : name.substring(start, end);
    }

    /// Every service and operation that the table names, for its own tests.
    Map<String, Set<String>> named() {
        var all = new HashMap<String, Set<String>>();
        for (var table : List.of(read, write, data)) {
            table.forEach((service, operations) ->
                    all.computeIfAbsent(service, _ -> new HashSet<>()).addAll(operations));
        }
        return all;
    }
}
