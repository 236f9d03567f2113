package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "tail",
        description = "Shows events as they are recorded, until Ctrl-C.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn tail",
            "  cairn tail 'errorCode:*' --account 123837392027",
            "  cairn tail --json | jq -r .eventName"
        })
final class TailCommand implements Callable<Integer> {
    @Mixin private ServerChoice target = new ServerChoice();
    @Mixin private Where where = new Where();

    @Parameters(arity = "0..1", paramLabel = "QUERY", description = "Only events that match.")
    private String query = "";

    @Option(names = "--json", description = "Print the records as recorded, one a line.")
    private boolean json;

    @Option(names = "--count", paramLabel = "N", description = "End after so many events.")
    private int count;

    @Override
    public Integer call() throws Exception {
        var question = new LinkedHashMap<String, List<String>>();
        question.put("query", List.of(query));
        question.put("wait", List.of("20"));
        where.addTo(question);
        var out = Console.out();
        var shown = 0;
        try (var connection = target.connect()) {
            while (true) {
                var page = connection.get("/cairn/v1/tail", question);
                for (JsonNode event : page.path("events")) {
                    out.println(json ? event.path("record").asText() : Events.line(event));
                    if (++shown == count) {
                        return 0;
                    }
                }
                question.put("after", List.of(page.path("after").asText()));
            }
        }
    }
}
