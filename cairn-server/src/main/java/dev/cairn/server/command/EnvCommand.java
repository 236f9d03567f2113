package dev.cairn.server.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "env",
        description = "Prints the shell variables that make AWS clients talk to Cairn.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  eval \"$(cairn env)\"",
            "  eval \"$(cairn env --account 123837392027 --region eu-central-1)\"",
            "",
            "They hold an account's root key: keep them out of logs and shell history."
        })
final class EnvCommand implements Callable<Integer> {
    @Mixin private ServerChoice target = new ServerChoice();

    @Option(
            names = "--account",
            paramLabel = "ID",
            description = "The account to act in (default: the default account).")
    private @Nullable String account;

    @Option(
            names = "--region",
            paramLabel = "NAME",
            description = "The region to act in (default: us-east-1).")
    private @Nullable String region;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        try (var connection = target.connectAsOwner()) {
            var answer =
                    connection.call(
                            "POST",
                            "/cairn/v1/accounts/"
                                    + Connection.encode(account == null ? "default" : account)
                                    + "/root-credentials",
                            Map.of(),
                            new byte[0]);
            var variables = new ObjectMapper().createObjectNode();
            variables.put("AWS_ENDPOINT_URL", connection.endpoint().toString());
            variables.put("AWS_ACCESS_KEY_ID", answer.path("accessKeyId").asText());
            variables.put("AWS_SECRET_ACCESS_KEY", answer.path("secretAccessKey").asText());
            variables.put("AWS_REGION", region == null ? answer.path("region").asText() : region);
            variables.put("AWS_DEFAULT_REGION", variables.path("AWS_REGION").asText());
            if (json) {
                Console.json(variables);
                return 0;
            }
            var out = Console.out();
            variables
                    .properties()
                    .forEach(v ->
                            out.println(
                                    "export " + v.getKey() + "=" + quoted(v.getValue().asText())));
            out.println("unset AWS_SESSION_TOKEN AWS_PROFILE");
            return 0;
        }
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
