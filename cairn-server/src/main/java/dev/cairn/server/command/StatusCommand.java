package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
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
            "  cairn status --verify     # reads every segment and counts again",
            "",
            "Exits 0 only when every sum comes out even, nothing is damaged and no reader fails."
        })
final class StatusCommand implements Callable<Integer> {
    @Mixin private ServerChoice target = new ServerChoice();

    @Option(
            names = "--verify",
            description = "Recount from the segments and the outputs themselves.")
    private boolean verify;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        JsonNode status;
        try (var connection = target.connect()) {
            var query = new LinkedHashMap<String, List<String>>();
            if (verify) {
                query.put("verify", List.of("true"));
            }
            status = connection.get("/cairn/v1/status", query);
        }
        if (json) {
            Console.json(status);
        } else {
            print(status);
        }
        return status.path("healthy").asBoolean() ? 0 : CommandException.FAILED;
    }

    /// A trail's reader has its ARN as name.
    private static String shown(String reader) {
        return reader.startsWith("arn:") ? TrailCalls.Arn.of(reader).shown() : reader;
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
