package dev.cairn.server.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "search",
        description = "Finds recorded events by any of their fields, newest first.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn search 'eventName:ConsoleLogin AND responseElements.ConsoleLogin:Failure' --since 24h",
            "  cairn search 'errorCode:AccessDenied AND userIdentity.arn:*bob*' --since 5y --csv > denied.csv",
            "  cairn search 'requestParameters.bucketName:finance -eventName:Get*' --account 123837392027",
            "  cairn search '\"web console\" sourceIPAddress:203.0.113.*' --ndjson | jq .userAgent",
            "",
            "The language is described in docs/search.md."
        })
final class SearchCommand implements Callable<Integer> {
    private static final int SHOWN = 50;

    @Mixin private ServerChoice target = new ServerChoice();
    @Mixin private Period period = new Period();
    @Mixin private Where where = new Where();

    @Parameters(
            arity = "0..1",
            paramLabel = "QUERY",
            description = "What to look for; everything when left out.")
    private String query = "";

    @Option(
            names = "--limit",
            paramLabel = "N",
            description =
                    "Show at most so many (default: 50; with --csv, --json or --ndjson: all).")
    private int limit;

    @ArgGroup private @Nullable Format format;

    /// The forms of a download: the whole answer, as it comes.
    private static final class Format {
        @Option(names = "--csv", description = "Comma-separated values, one event a line.")
        private boolean csv;

        @Option(names = "--json", description = "One JSON object with all records.")
        private boolean json;

        @Option(names = "--ndjson", description = "The records as recorded, one a line.")
        private boolean ndjson;

        private String name() {
            return csv ? "csv" : json ? "json" : ndjson ? "ndjson" : "";
        }
    }

    @Override
    public Integer call() throws Exception {
        var question = new LinkedHashMap<String, List<String>>();
        question.put("query", List.of(query));
        period.addTo(question);
        where.addTo(question);
        try (var connection = target.connect()) {
            if (format != null) {
                question.put("format", List.of(format.name()));
                if (limit > 0) {
                    question.put("limit", List.of(Integer.toString(limit)));
                }
                var response = connection.stream("/cairn/v1/download", question);
                try (var answer = response.body()) {
                    answer.transferTo(System.out);
                    System.out.flush();
                } catch (IOException failure) {
                    throw new CommandException(
                            "the download broke off: " + failure.getMessage(), failure);
                }
                response.headers()
                        .firstValue("x-cairn-behind-since")
                        .ifPresent(since -> tellBehind(Instant.parse(since)));
                return 0;
            }
            return show(connection, "/cairn/v1/events", question, limit > 0 ? limit : SHOWN, false);
        }
    }

    /// Pages through an answer and prints it as a table, or as JSON.
    static int show(
            Connection connection,
            String path,
            Map<String, List<String>> question,
            int limit,
            boolean json)
            throws CommandException, InterruptedException {
        var table = Events.table();
        var all = new ObjectMapper().createArrayNode();
        var shown = 0;
        var cut = "";
        @Nullable Instant behindSince = null;
        while (true) {
            question.put("limit", List.of(Integer.toString(Math.min(limit - shown, 1000))));
            var page = connection.get(path, question);
            for (var event : page.path("events")) {
                Events.add(table, event);
                all.add(event);
                shown++;
            }
            cut = page.path("cut").asText(cut);
            if (behindSince == null && page.has("behindSince")) {
                behindSince = Instant.ofEpochSecond(page.path("behindSince").asLong());
            }
            var next = page.path("nextToken").asText("");
            if (next.isEmpty() || shown >= limit) {
                finish(table, all, shown, !next.isEmpty(), cut, behindSince, json);
                return 0;
            }
            question.put("nextToken", List.of(next));
        }
    }

    static void tellBehind(Instant since) {
        Console.err()
                .println(
                        "history is behind: some of what was recorded since "
                                + since.truncatedTo(ChronoUnit.SECONDS)
                                + " is not found yet (cairn status tells how much)");
    }

    private static void finish(
            Table table,
            com.fasterxml.jackson.databind.node.ArrayNode all,
            int shown,
            boolean more,
            String cut,
            @Nullable Instant behindSince,
            boolean json) {
        if (json) {
            ObjectNode answer = new ObjectMapper().createObjectNode();
            answer.set("events", all);
            answer.put("more", more);
            if (behindSince != null) {
                answer.put("behindSince", behindSince.toString());
            }
            Console.json(answer);
        } else if (shown == 0) {
            Console.err().println("no events found");
        } else {
            table.print(Console.out());
            if (more) {
                Console.err().println("the newest " + shown + " are shown; --limit shows more");
            }
        }
        if (!cut.isEmpty()) {
            Console.err().println("the answer may not be whole: " + cut);
        }
        if (behindSince != null) {
            tellBehind(behindSince);
        }
    }
}
