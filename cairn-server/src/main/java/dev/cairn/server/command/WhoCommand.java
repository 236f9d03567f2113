package dev.cairn.server.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "who",
        description = "Tells who touched a resource, when, from where and with what result.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn who i-0abc1234def567890",
            "  cairn who arn:aws:iam::123837392027:role/admin --since 1y",
            "  cairn who finance-reports --json"
        })
final class WhoCommand implements Callable<Integer> {
    @Mixin private ServerChoice target = new ServerChoice();
    @Mixin private Period period = new Period();
    @Mixin private Where where = new Where();

    @Parameters(paramLabel = "RESOURCE", description = "A name, an id or an ARN.")
    private String resource = "";

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "Show at most so many (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        var question = new LinkedHashMap<String, List<String>>();
        period.addTo(question);
        where.addTo(question);
        try (var connection = target.connect()) {
            return SearchCommand.show(
                    connection,
                    "/cairn/v1/who/" + Connection.encode(resource),
                    question,
                    Math.max(1, limit),
                    json);
        }
    }
}
