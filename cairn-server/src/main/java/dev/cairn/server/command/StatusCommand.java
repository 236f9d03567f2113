package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "status",
        description =
                "Shows the completeness ledger: for every reader, recorded = delivered + filtered + set aside + pending.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn status",
            "  cairn status --verify     # reads every segment and the files of every trail, and counts again",
            "",
            "Exits 0 only when every sum comes out even, nothing is damaged and no reader fails."
        })
final class StatusCommand implements Callable<Integer> {
    @Mixin private ServerChoice target = new ServerChoice();

    @Option(
            names = "--verify",
            description =
                    "Recount from the segments and the outputs themselves: what trails delivered, from the files in their buckets that a digest names or will name.")
    private boolean verify;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        JsonNode status;
        var recounts = new LinkedHashMap<String, JsonNode>();
        try (var connection = target.connect()) {
            var query = new LinkedHashMap<String, List<String>>();
            if (verify) {
                query.put("verify", List.of("true"));
            }
            status = connection.get("/cairn/v1/status", query);
            if (verify) {
                for (var reader : status.path("readers")) {
                    var name = reader.path("name").asText();
                    // What is in event data stores was counted from their tables.
                    if (name.contains(":trail/")) {
                        recounts.put(name, TrailRecount.of(connection, name));
                    }
                }
            }
        }
        var even = recounts.values().stream().allMatch(one -> one.path("even").asBoolean());
        var healthy = status.path("healthy").asBoolean() && even;
        if (json) {
            var answer = ((ObjectNode) status).put("healthy", healthy);
            if (verify) {
                var array = answer.putArray("recounts");
                recounts.forEach((name, one) ->
                        array.addObject().put("name", name).setAll((ObjectNode) one));
            }
            Console.json(answer);
        } else {
            print(status);
            print(recounts);
        }
        return healthy ? 0 : CommandException.FAILED;
    }

    private static void print(Map<String, JsonNode> recounts) {
        if (recounts.isEmpty()) {
            return;
        }
        var out = Console.out();
        out.println();
        var table =
                new Table("TRAIL", "FILES", "COUNTED AGAIN", "DELIVERED", "WITHOUT DIGEST", "SUM");
        recounts.forEach((name, one) ->
                table.row(
                        shown(name),
                        one.path("files").asLong(),
                        one.path("records").asLong(),
                        one.path("expected").asLong() + one.path("unnamed").asLong(),
                        one.path("unnamed").asLong(),
                        one.path("even").asBoolean() ? "even" : "NOT EVEN"));
        table.print(out);
        for (var one : recounts.values()) {
            for (var finding : one.path("findings")) {
                out.println(
                        "%-10s s3://%s/%s %s"
                                .formatted(
                                        finding.path("kind").asText(),
                                        finding.path("bucket").asText(),
                                        finding.path("key").asText(),
                                        finding.path("message").asText()));
            }
            var more = one.path("found").asLong() - one.path("findings").size();
            if (more > 0) {
                out.println("and %,d findings more".formatted(more));
            }
        }
    }

    /// The reader of a trail or an event data store has its ARN as name.
    private static String shown(String reader) {
        return reader.startsWith("arn:") ? TrailCalls.Arn.of(reader).shown() : reader;
    }

    private static void spool(PrintWriter out, JsonNode spool) {
        if (spool.isMissingNode()) {
            return;
        }
        var pending = spool.path("pending").asLong();
        out.println(
                "spool    %,d events of the gateway wait for the ledger%s%s"
                        .formatted(
                                pending,
                                pending == 0
                                        ? ""
                                        : ", %,d KB, the oldest of %s"
                                                .formatted(
                                                        (spool.path("pendingBytes").asLong() + 1023)
                                                                >> 10,
                                                        AccountCommand.time(
                                                                spool.path("oldestPendingTime"))),
                                spool.path("failing").asBoolean()
                                        ? "; FAILING: " + spool.path("lastFailure").asText()
                                        : ""));
    }

    private static void print(JsonNode status) {
        var out = Console.out();
        var ledger = status.path("ledger");
        long held = 0;
        for (var partition : ledger.path("partitions")) {
            held += partition.path("end").asLong() - partition.path("first").asLong();
        }
        out.println(
                "ledger   %,d events held, %,d MB on disk%s"
                        .formatted(
                                held,
                                ledger.path("bytes").asLong() >> 20,
                                ledger.path("pushback").asText("").isEmpty()
                                        ? ""
                                        : "; PUSHING BACK: " + ledger.path("pushback").asText()));
        out.println(
                "repeats  recognised for events recorded since "
                        + AccountCommand.time(ledger.path("duplicatesSince")));
        var unrecorded = status.path("ownEventsUnrecorded").asLong();
        if (unrecorded > 0) {
            out.println("own      %,d own events wait to be summed up".formatted(unrecorded));
        }
        spool(out, status.path("spool"));
        out.println();
        var table =
                new Table(
                        "READER",
                        "RECORDED",
                        "DELIVERED",
                        "FILTERED",
                        "SET ASIDE",
                        "PENDING",
                        "SUM",
                        "LAG",
                        "LAST FAILURE");
        for (var reader : status.path("readers")) {
            table.row(
                    shown(reader.path("name").asText()),
                    reader.path("recorded").asLong(),
                    reader.path("delivered").asLong(),
                    reader.path("filtered").asLong(),
                    reader.path("setAside").asLong(),
                    reader.path("pending").asLong(),
                    reader.path("balanced").asBoolean() ? "even" : "NOT EVEN",
                    reader.path("lagSeconds").asLong() + " s",
                    (reader.path("failing").asBoolean() ? "FAILING: " : "")
                            + reader.path("lastFailure").asText("-"));
        }
        table.print(out);
        for (var lost : ledger.path("damaged")) {
            out.println(
                    "DAMAGED  %s, %d events: %s"
                            .formatted(
                                    lost.path("position").asText(),
                                    lost.path("count").asLong(),
                                    lost.path("reason").asText()));
        }
        for (var item : status.path("setAside")) {
            out.println(
                    "set aside  %s, %d events of %s: %s"
                            .formatted(
                                    item.path("position").asText(),
                                    item.path("count").asLong(),
                                    shown(item.path("reader").asText()),
                                    item.path("reason").asText()));
        }
        if (status.path("verified").asBoolean()) {
            out.println("recounted from the segments and the outputs");
        }
    }
}
