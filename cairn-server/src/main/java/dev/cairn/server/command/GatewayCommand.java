package dev.cairn.server.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "gateway",
        description = {
            "Runs Cairn with its recording gateway before another server, until SIGTERM or Ctrl-C.",
            "Every call that comes in there is passed on, and is an event before its client has the whole answer."
        },
        subcommands = GatewayCommand.Directory.class,
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn gateway --listen 127.0.0.1:9000 --upstream http://127.0.0.1:7480",
            "  cairn gateway --listen https://0.0.0.0:9443 --upstream https://s3.example.org --set tls.certificate=cert.pem --set tls.key=key.pem",
            "  AWS_ENDPOINT_URL=http://127.0.0.1:9000 aws s3 cp report.pdf s3://finance/",
            "  cairn search 'eventName:PutObject AND requestParameters.bucketName:finance'",
            "  cairn gateway principals import users.csv",
            "",
            "Short for `cairn serve` with the settings gateway.listen and gateway.upstream."
        })
final class GatewayCommand implements Callable<Integer> {
    @Mixin private ServeOptions options = new ServeOptions();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description =
                    "Where clients come in; port 0 picks one. With https:// before it they speak TLS.")
    private @Nullable String listen;

    @Option(
            names = "--upstream",
            paramLabel = "URL",
            description =
                    "The server that calls are passed on to, such as http://127.0.0.1:7480 or https://s3.example.org.")
    private @Nullable String upstream;

    @Override
    public Integer call() throws Exception {
        // Not marked as required: its subcommands go without.
        if (listen == null || upstream == null) {
            throw new CommandException(
                    "expected --listen and --upstream, such as --listen 127.0.0.1:9000 --upstream http://127.0.0.1:7480");
        }
        return ServeCommand.serve(
                options.configuration(
                        Map.of("gateway.listen", listen, "gateway.upstream", upstream)));
    }

    @Command(
            name = "principals",
            description = "The directory of access keys of the servers behind the gateway.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn gateway principals import users.csv",
                "  cairn gateway principals list",
                "  cairn gateway principals remove AKIAIOSFODNN7EXAMPLE"
            })
    static final class Directory {
        /// What one call may bring.
        private static final int BATCH = 500;

        @Command(
                name = "import",
                description =
                        "Enters principals from a file; an access key that is there already is replaced.",
                footerHeading = "%nExamples:%n",
                footer = {
                    "  cairn gateway principals import users.csv",
                    "",
                    "users.csv, columns in any order; type is Root, IAMUser, AssumedRole, FederatedUser or AWSService:",
                    "  accessKeyId,type,accountId,name,sessionName,principalId",
                    "  AKIAIOSFODNN7EXAMPLE,IAMUser,111122223333,mary,,",
                    "  ASIAIOSFODNN7EXAMPLE,AssumedRole,111122223333,deployer,ci-7,",
                    "",
                    "Or JSON: an array of objects with these members."
                })
        int importFile(
                @Mixin ServerChoice target,
                @Parameters(paramLabel = "FILE", description = "The file, CSV or JSON.") Path file)
                throws Exception {
            var principals = PrincipalFile.read(file);
            try (var connection = target.connect()) {
                for (var from = 0; from < principals.size(); from += BATCH) {
                    var body = new ObjectMapper().createObjectNode();
                    var batch = body.putArray("principals");
                    for (var i = from; i < Math.min(principals.size(), from + BATCH); i++) {
                        batch.add(principals.get(i));
                    }
                    connection.call(
                            "POST", "/cairn/v1/principals", Map.of(), AccountCommand.bytes(body));
                }
            }
            Console.out().println("%,d principals entered".formatted(principals.size()));
            return 0;
        }

        @Command(
                name = "list",
                description = "Lists the directory.",
                footerHeading = "%nExamples:%n",
                footer = {
                    "  cairn gateway principals list",
                    "  cairn gateway principals list --json"
                })
        int list(
                @Mixin ServerChoice target,
                @Option(names = "--json", description = "Print JSON.") boolean json)
                throws Exception {
            var table = new Table("KEY", "TYPE", "ACCOUNT", "NAME", "SESSION", "PRINCIPAL");
            return AccountCommand.list(
                    target,
                    "/cairn/v1/principals",
                    new LinkedHashMap<>(),
                    "principals",
                    json,
                    table,
                    principal ->
                            table.row(
                                    principal.path("accessKeyId").asText(),
                                    principal.path("type").asText(),
                                    principal.path("accountId").asText(),
                                    principal.path("name").asText(),
                                    principal.path("sessionName").asText("-"),
                                    principal.path("principalId").asText()));
        }

        @Command(
                name = "remove",
                description = "Takes an access key out of the directory.",
                footerHeading = "%nExamples:%n",
                footer = {"  cairn gateway principals remove AKIAIOSFODNN7EXAMPLE"})
        int remove(
                @Mixin ServerChoice target,
                @Parameters(paramLabel = "KEY", description = "The access key id.") String key)
                throws Exception {
            try (var connection = target.connect()) {
                connection.call(
                        "DELETE",
                        "/cairn/v1/principals/" + Connection.encode(key),
                        Map.of(),
                        new byte[0]);
                Console.err().println("removed " + key);
                return 0;
            }
        }
    }
}
