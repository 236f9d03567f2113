package dev.cairn.server.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.gateway.link.Credential;
import dev.cairn.secret.Secret;
import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.wiring.GatewayProcess;
import dev.cairn.server.wiring.Logs;
import dev.cairn.server.wiring.StartException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
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
            "Runs a recording gateway before another server, until SIGTERM or Ctrl-C.",
            "Every call that comes in there is passed on, and is an event before its client has the whole answer.",
            "It records to the Cairn that --endpoint names, or that runs on the data folder. Where neither is there, it runs Cairn as well: short for `cairn serve` with the settings gateway.listen and gateway.upstream."
        },
        subcommands = GatewayCommand.Directory.class,
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn gateway --listen 127.0.0.1:9000 --upstream http://127.0.0.1:7480",
            "  AWS_ENDPOINT_URL=http://127.0.0.1:9000 aws s3 cp report.pdf s3://finance/",
            "  cairn search 'eventName:PutObject AND requestParameters.bucketName:finance'",
            "  cairn gateway principals import users.csv",
            "",
            "To a Cairn on another machine, taking calls while that is away:",
            "  cairn token create --for gateway > gateway.token          # there",
            "  cairn gateway --listen 0.0.0.0:9000 --upstream http://127.0.0.1:7480 --mode spool \\",
            "      --endpoint https://cairn.example.org:4580 --token-file gateway.token --journal /var/lib/cairn-gateway",
            "",
            "Over TLS, and looked into:",
            "  cairn gateway --listen https://0.0.0.0:9443 --upstream https://s3.example.org --set tls.certificate=cert.pem --set tls.key=key.pem",
            "  cairn gateway --listen 127.0.0.1:9000 --upstream http://127.0.0.1:7480 --port 4581",
            "  curl http://127.0.0.1:4581/health"
        })
final class GatewayCommand implements Callable<Integer> {
    private static final Path JOURNAL = Path.of("cairn-gateway");
    private static final String TOKEN_VARIABLE = "CAIRN_TOKEN";

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

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description =
                    "strict: a client has its answer when its event is recorded, and no call is passed on while none can be. spool: when its event is on this machine's disk (default: strict).")
    private @Nullable String mode;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description =
                    "The Cairn to record to, such as http://127.0.0.1:4580 (default: the one running on the data folder).")
    private @Nullable String endpoint;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "Holds a token made with 'cairn token create --for gateway' (default: the variable CAIRN_TOKEN; without it AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, where --endpoint is given; else the data folder's keys).")
    private @Nullable Path tokenFile;

    @Option(
            names = "--journal",
            paramLabel = "DIR",
            description =
                    "This process's own folder, for calls in hand and events that wait, made when absent; one for each process (default: ./cairn-gateway).")
    private @Nullable Path journal;

    @Override
    public Integer call() throws Exception {
        // Not marked as required: its subcommands go without.
        if (listen == null || upstream == null) {
            throw new CommandException(
                    "expected --listen and --upstream, such as --listen 127.0.0.1:9000 --upstream http://127.0.0.1:7480",
                    CommandException.USAGE);
        }
        Map<String, String> own = new LinkedHashMap<>();
        own.put("gateway.listen", listen);
        own.put("gateway.upstream", upstream);
        if (mode != null) {
            own.put("gateway.mode", mode);
        }
        var choice = new ServerChoice(endpoint, options.data());
        if (endpoint != null) {
            return serve(ServerChoice.url("--endpoint", endpoint), choice, own);
        }
        var running = choice.running();
        if (running.isPresent()) {
            return serve(running.get(), choice, own);
        }
        if (tokenFile != null || journal != null) {
            throw new CommandException(
                    "no server is running on %s; start one with 'cairn serve', or name one with --endpoint"
                            .formatted(choice.data()),
                    CommandException.USAGE);
        }
        return ServeCommand.serve(options.configuration(own));
    }

    /// A gateway that records to a Cairn in another process.
    private int serve(URI cairn, ServerChoice choice, Map<String, String> own) throws Exception {
        // Next to a Cairn on the same machine, which has the usual port.
        var configuration =
                options.configuration(
                        journal == null ? JOURNAL : journal, Map.of("http.port", "0"), own);
        Logs.configure(configuration.logJson(), configuration.logLevel());
        var home =
                new GatewayProcess.Home(
                        cairn, credential(choice), ServerChoice.trust(cairn, choice.data()));
        var stop = StopSignal.listen();
        try (var gateway = start(configuration, home)) {
            stop.serving();
            Console.out().println(ServeCommand.ready(gateway.addresses()));
            stop.await();
        } finally {
            stop.closed();
        }
        return 0;
    }

    private static GatewayProcess start(Configuration configuration, GatewayProcess.Home home)
            throws CommandException {
        try {
            return GatewayProcess.start(configuration, home);
        } catch (StartException failure) {
            throw new CommandException(String.valueOf(failure.getMessage()), failure);
        }
    }

    private Credential credential(ServerChoice choice) throws CommandException {
        var token = token();
        if (!token.isEmpty()) {
            return new Credential.Token(new Secret(token));
        }
        // The variables are for the server behind the gateway as likely as for the Cairn here.
        var keys = endpoint == null ? ServerChoice.owner(choice.data()) : choice.credentials();
        return new Credential.Key(
                keys.accessKeyId(),
                new Secret(keys.secretAccessKey()),
                keys.sessionToken().map(Secret::new));
    }

    private String token() throws CommandException {
        if (tokenFile == null) {
            return ServerChoice.variable(TOKEN_VARIABLE).strip();
        }
        try {
            var token = Files.readString(tokenFile).strip();
            if (!token.isEmpty()) {
                return token;
            }
        } catch (IOException failure) {
            throw new CommandException(
                    "cannot read the token in %s: %s".formatted(tokenFile, failure), failure);
        }
        throw new CommandException(
                "expected a token in %s, found none".formatted(tokenFile), CommandException.USAGE);
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
