package dev.cairn.lake.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A question put to a worker in this process, and all it said.
///
/// @param code its exit code
record Asked(int code, List<JsonNode> said) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// A question with bounds that suffice.
    static ObjectNode question(String sql, Path scratch, Path... logs) {
        var question =
                JSON.createObjectNode()
                        .put("sql", sql)
                        .put("cacheBytesMax", 1L << 30)
                        .put("scratch", scratch.toString())
                        .put("memoryBytes", 256L << 20)
                        .put("spillBytes", 1L << 30)
                        .put("threads", 2)
                        .put("milliseconds", 120_000);
        var paths = question.putArray("logs");
        for (var log : logs) {
            paths.add(log.toString());
        }
        return question;
    }

    static Asked of(ObjectNode question) throws IOException, InterruptedException {
        // Over stores the second line says that it may begin.
        return of(List.of(question.toString(), "go"));
    }

    /// @param lines what the worker is told, all at once
    static Asked of(List<String> lines) throws IOException, InterruptedException {
        var line = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        var out = new ByteArrayOutputStream();
        var code = Worker.serve(new ByteArrayInputStream(line), out, () -> {});
        var said = new ArrayList<JsonNode>();
        for (var words : out.toString(StandardCharsets.UTF_8).lines().toList()) {
            said.add(JSON.readTree(words));
        }
        return new Asked(code, said);
    }

    static Asked of(String sql, Path logs) throws IOException, InterruptedException {
        return of(question(sql, Files.createTempDirectory("cairn-asked"), logs));
    }

    List<JsonNode> rows() {
        return said.stream().filter(JsonNode::isArray).toList();
    }

    /// The first thing said under a name.
    JsonNode word(String name) {
        return said.stream()
                .filter(node -> node.has(name))
                .findFirst()
                .map(node -> node.path(name))
                .orElseThrow(() -> new AssertionError("expected '" + name + "', got " + said));
    }
}
