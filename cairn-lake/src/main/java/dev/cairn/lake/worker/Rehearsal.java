package dev.cairn.lake.worker;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.lake.table.Keeper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/// Does what the processes of the lake do, once, in one process: the launcher has the JVM record
/// what that loads (JEP 514), and they start from the record.
public final class Rehearsal {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STORE = "00000000-0000-4000-8000-000000000000";
    private static final String EVENT =
            "{\"eventVersion\":\"1.11\",\"userIdentity\":{\"type\":\"Root\"},\"eventTime\":\"%s\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"ListBuckets\",\"awsRegion\":\"us-east-1\",\"sourceIPAddress\":\"192.0.2.1\",\"requestParameters\":{\"a\":\"b\"},\"eventID\":\"%s\",\"readOnly\":true,\"recipientAccountId\":\"123456789012\"}";

    private final Path folder;

    private Rehearsal(Path folder) {
        this.folder = folder;
    }

    /// The process.
    ///
    /// @param arguments an empty folder
    public static void main(String[] arguments) throws IOException, InterruptedException {
        var rehearsal = new Rehearsal(Path.of(arguments[0]));
        var metadata = rehearsal.keep();
        rehearsal.ask(metadata);
    }

    /// Has a table made.
    ///
    /// @return where its metadata is
    private Path keep() throws IOException {
        var table = folder.resolve("table");
        var frames = new ByteArrayOutputStream();
        var out = new DataOutputStream(frames);
        var begin = JSON.createObjectNode();
        begin.putObject("begin")
                .put("memoryBytes", 256L << 20)
                .put("scratch", folder.resolve("kept").toString())
                .put("spillBytes", 256L << 20)
                .put("threads", 1)
                .put("lock", folder.resolve("lock").toString());
        frame(out, begin.toString());
        for (var number = 0; number < 2; number++) {
            var append = JSON.createObjectNode();
            var asked =
                    append.putObject("append")
                            .put("table", table.toString())
                            .put("filtered", 0)
                            .put("retentionDays", 3653)
                            .put("columns", "events")
                            .put("events", 1);
            asked.putArray("from").add(number);
            asked.putArray("to").add(number + 1);
            asked.putArray("aside");
            frame(out, append.toString());
            frame(out, EVENT.formatted(InstantSource.system().instant(), "e" + number));
        }
        var answers = new ByteArrayOutputStream();
        Keeper.serve(
                new ByteArrayInputStream(frames.toByteArray()),
                new PrintStream(answers, true, StandardCharsets.UTF_8),
                InstantSource.system());
        var last = answers.toString(StandardCharsets.UTF_8).lines().toList().getLast();
        return Path.of(JSON.readTree(last).path("standing").path("metadata").asText());
    }

    private static void frame(DataOutputStream out, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private void ask(Path metadata) throws IOException, InterruptedException {
        var sql =
                "SELECT eventName, userIdentity.type, requestParameters['a'], count(*) AS n FROM %s WHERE eventTime > '2026-01-01 00:00:00' GROUP BY 1, 2, 3 ORDER BY n DESC";
        var overStore = question(sql.formatted("\"" + STORE + "\""));
        overStore
                .putArray("stores")
                .addObject()
                .put("id", STORE)
                .put("columns", "events")
                .put("metadata", metadata.toString());
        serve(overStore);
        var log = folder.resolve("log.json");
        Files.writeString(
                log,
                "{\"Records\":[" + EVENT.formatted(InstantSource.system().instant(), "e") + "]}");
        var overLogs = question(sql.formatted("logs")).put("cacheBytesMax", 1 << 20);
        overLogs.putArray("logs").add(log.toString());
        serve(overLogs);
    }

    private ObjectNode question(String sql) throws IOException {
        return JSON.createObjectNode()
                .put("sql", sql)
                .put("scratch", Files.createTempDirectory(folder, "asked").toString())
                .put("memoryBytes", 256L << 20)
                .put("spillBytes", 256L << 20)
                .put("threads", 1)
                .put("milliseconds", 60_000);
    }

    private static void serve(ObjectNode question) throws IOException, InterruptedException {
        var line = (question + "\ngo\n").getBytes(StandardCharsets.UTF_8);
        var code =
                Worker.serve(
                        new ByteArrayInputStream(line), OutputStream.nullOutputStream(), () -> {});
        if (code != 0) {
            throw new IOException("expected an answer, got the code " + code);
        }
    }
}
