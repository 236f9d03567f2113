package dev.cairn.server.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "dead-letters",
        description =
                "Lists messages of topics that their receivers did not take, and sends them again.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn dead-letters list",
            "  cairn dead-letters retry",
            "  cairn dead-letters retry --subscription arn:aws:sns:us-east-1:123456789012:audit:0c1d…"
        })
final class DeadLettersCommand {
    private static final String PATH = "/cairn/v1/dead-letters";

    @Command(
            name = "list",
            description = "Lists them, oldest first for each subscription.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn dead-letters list", "  cairn dead-letters list --json"})
    int list(
            @Mixin ServerChoice target,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        var table = new Table("SINCE", "MESSAGE", "ENDPOINT", "SUBSCRIPTION", "REASON");
        var listed =
                AccountCommand.list(
                        target,
                        PATH,
                        AccountCommand.within(null),
                        "deadLetters",
                        json,
                        table,
                        letter ->
                                table.row(
                                        letter.path("since").asText(),
                                        letter.path("messageId").asText(),
                                        letter.path("endpoint").asText(),
                                        letter.path("subscriptionArn").asText(),
                                        letter.path("reason").asText()));
        try (var connection = target.connect()) {
            var dropped =
                    connection.get(PATH, Map.of("limit", List.of("1"))).path("dropped").asLong();
            if (dropped > 0) {
                Console.err()
                        .println(
                                "%,d older ones were dropped: 1,000 of each subscription are kept"
                                        .formatted(dropped));
            }
        }
        return listed;
    }

    @Command(
            name = "retry",
            description = "Sends them once more, under the same message ids; up to 1,000.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn dead-letters retry", "  cairn dead-letters retry --json"})
    int retry(
            @Mixin ServerChoice target,
            @Option(
                            names = "--subscription",
                            paramLabel = "ARN",
                            description = "Those of one subscription (default: all).")
                    @Nullable String subscription,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        var query = new LinkedHashMap<String, List<String>>();
        if (subscription != null) {
            query.put("subscription", List.of(subscription));
        }
        try (var connection = target.connect()) {
            var answer =
                    connection.call("POST", "/cairn/v1/dead-letters/retry", query, new byte[0]);
            if (json) {
                Console.json(answer);
            } else {
                Console.err().println("sent again: " + answer.path("retried").asInt());
            }
            return 0;
        }
    }
}
