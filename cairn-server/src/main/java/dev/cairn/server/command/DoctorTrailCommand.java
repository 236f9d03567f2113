package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "trail",
        description = "Tells what is wrong with a trail's deliveries, and what mends it.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn doctor trail main",
            "  cairn doctor trail main --policy > policy.json     # the bucket policy that lets it in",
            "",
            "Exits 0 when nothing keeps the trail from delivering, else 1."
        })
final class DoctorTrailCommand implements Callable<Integer> {
    @Mixin private ServerChoice target = new ServerChoice();

    @Parameters(paramLabel = "NAME", description = "A trail's name, or its ARN.")
    private String name = "";

    @Option(
            names = "--policy",
            description =
                    "Print only the bucket's policy with what it lacks, ready for put-bucket-policy.")
    private boolean policy;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /// What the server finds about a trail.
    static JsonNode diagnosis(Connection connection, String arn)
            throws CommandException, InterruptedException {
        var query = new LinkedHashMap<String, List<String>>();
        query.put("name", List.of(arn));
        return connection.get("/cairn/v1/trail-diagnosis", query);
    }

    @Override
    public Integer call() throws Exception {
        JsonNode diagnosis;
        try (var connection = target.connect()) {
            var trail = new TrailCalls(connection).find(target.region(), name);
            diagnosis = diagnosis(connection, trail.text());
        }
        if (policy) {
            return policy(diagnosis);
        }
        if (json) {
            Console.json(diagnosis);
        } else {
            print(diagnosis);
        }
        for (var finding : diagnosis.path("findings")) {
            if (finding.path("verdict").asText().equals("fail")) {
                return CommandException.FAILED;
            }
        }
        return 0;
    }

    private static int policy(JsonNode diagnosis) throws Exception {
        if (!diagnosis.has("policy")) {
            throw new CommandException(
                    "no policy to put: the bucket lets the trail in, or it is something else that is wrong; ask without --policy");
        }
        Console.json(new ObjectMapper().readTree(diagnosis.path("policy").asText()));
        return 0;
    }

    private static void print(JsonNode diagnosis) {
        for (var finding : diagnosis.path("findings")) {
            Console.out()
                    .println(
                            "%-5s %-12s %s"
                                    .formatted(
                                            finding.path("verdict").asText(),
                                            finding.path("subject").asText(),
                                            Table.clean(finding.path("message").asText())));
            if (finding.has("remedy")) {
                Console.out()
                        .println(
                                "%18s %s"
                                        .formatted(
                                                "->",
                                                Table.clean(finding.path("remedy").asText())));
            }
        }
    }
}
