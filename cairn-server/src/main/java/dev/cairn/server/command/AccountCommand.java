package dev.cairn.server.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "account",
        description = "Makes and lists accounts.",
        footerHeading = "%nExamples:%n",
        footer = {"  cairn account create 222222222222 --name prod", "  cairn account list --json"})
final class AccountCommand {

    @Command(
            name = "create",
            description = "Makes an account; its id is made up when none is given.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn account create 222222222222 --name prod",
                "  cairn account create --name sandbox --json"
            })
    int create(
            @Mixin ServerChoice target,
            @Parameters(arity = "0..1", paramLabel = "ID", description = "Twelve digits.")
                    @Nullable String id,
            @Option(names = "--name", description = "What people call it.") @Nullable String name,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        var body = new ObjectMapper().createObjectNode();
        put(body, "accountId", id);
        put(body, "name", name);
        try (var connection = target.connect()) {
            var account =
                    connection
                            .call("POST", "/cairn/v1/accounts", Map.of(), bytes(body))
                            .path("account");
            if (json) {
                Console.json(account);
            } else {
                var accountId = account.path("accountId").asText();
                Console.out().println(accountId);
                Console.err().println("next: eval \"$(cairn env --account " + accountId + ")\"");
            }
            return 0;
        }
    }

    @Command(
            name = "list",
            description = "Lists accounts.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn account list", "  cairn account list --json"})
    int list(
            @Mixin ServerChoice target,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        var table = new Table("ACCOUNT", "NAME", "ORIGIN", "CREATED");
        return list(
                target,
                "/cairn/v1/accounts",
                new LinkedHashMap<>(),
                "accounts",
                json,
                table,
                account ->
                        table.row(
                                account.path("accountId").asText(),
                                account.path("name").asText("-"),
                                account.path("origin").asText(),
                                time(account.path("createTime"))));
    }

    /// Pages through a list and prints it.
    static int list(
            ServerChoice target,
            String path,
            Map<String, List<String>> query,
            String member,
            boolean json,
            Table table,
            java.util.function.Consumer<JsonNode> row)
            throws CommandException, InterruptedException {
        var all = new ObjectMapper().createArrayNode();
        try (var connection = target.connect()) {
            while (true) {
                var page = connection.get(path, query);
                for (var item : page.path(member)) {
                    all.add(item);
                    row.accept(item);
                }
                var next = page.path("nextToken").asText("");
                if (next.isEmpty()) {
                    break;
                }
                query.put("nextToken", List.of(next));
            }
        }
        if (json) {
            Console.json(all);
        } else {
            table.print(Console.out());
        }
        return 0;
    }

    /// Ends a key or a token.
    static int revoke(ServerChoice target, String path, String id, @Nullable String account)
            throws CommandException, InterruptedException {
        try (var connection = target.connect()) {
            connection.call("DELETE", path + Connection.encode(id), within(account), new byte[0]);
            Console.err().println("revoked " + id);
            return 0;
        }
    }

    /// The query that names an account; the caller's when there is none.
    static Map<String, List<String>> within(@Nullable String account) {
        var query = new LinkedHashMap<String, List<String>>();
        if (account != null) {
            query.put("account", List.of(account));
        }
        return query;
    }

    static void put(ObjectNode body, String name, @Nullable String value) {
        if (value != null) {
            body.put(name, value);
        }
    }

    static byte[] bytes(JsonNode body) throws JsonProcessingException {
        return new ObjectMapper().writeValueAsBytes(body);
    }

    static String time(JsonNode seconds) {
        return Instant.ofEpochSecond(seconds.asLong()).toString();
    }
}
