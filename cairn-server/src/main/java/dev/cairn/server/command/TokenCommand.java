package dev.cairn.server.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "token",
        description = "Makes, lists and revokes bearer tokens for clients that cannot sign.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn token create --for intake --account 222222222222",
            "  cairn token create --for gateway > gateway.token",
            "  curl -H \"Authorization: Bearer $TOKEN\" --data-binary @events.json http://127.0.0.1:4580/intake/v1/events",
            "  cairn token revoke 0123456789abcdef"
        })
final class TokenCommand {

    @Command(
            name = "create",
            description = "Makes a token. It is shown this once.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  TOKEN=$(cairn token create --for intake --account 222222222222)",
                "  cairn token create --for metrics --json"
            })
    int create(
            @Mixin ServerChoice target,
            @Option(
                            names = "--for",
                            paramLabel = "PURPOSE",
                            required = true,
                            description =
                                    "intake: record events of the account. metrics: read /metrics. gateway: what a gateway in a process of its own does, in the account.")
                    String purpose,
            @Option(
                            names = "--account",
                            paramLabel = "ID",
                            description = "The account (default: the caller's).")
                    @Nullable String account,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        var body = new ObjectMapper().createObjectNode();
        AccountCommand.put(body, "accountId", account);
        body.put("purpose", purpose);
        try (var connection = target.connect()) {
            var answer =
                    connection.call(
                            "POST", "/cairn/v1/tokens", Map.of(), AccountCommand.bytes(body));
            if (json) {
                Console.json(answer);
            } else {
                Console.out().println(answer.path("secret").asText());
                Console.err().println("the token is shown this once");
            }
            return 0;
        }
    }

    @Command(
            name = "list",
            description = "Lists the tokens of an account, without their secrets.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn token list", "  cairn token list --account 222222222222 --json"})
    int list(
            @Mixin ServerChoice target,
            @Option(
                            names = "--account",
                            paramLabel = "ID",
                            description = "The account (default: the caller's).")
                    @Nullable String account,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        var table = new Table("TOKEN", "ACCOUNT", "FOR", "CREATED");
        return AccountCommand.list(
                target,
                "/cairn/v1/tokens",
                AccountCommand.within(account),
                "tokens",
                json,
                table,
                token ->
                        table.row(
                                token.path("tokenId").asText(),
                                token.path("accountId").asText(),
                                token.path("purpose").asText(),
                                AccountCommand.time(token.path("createTime"))));
    }

    @Command(
            name = "revoke",
            description = "Ends a token at once and for ever.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn token revoke CTOKEXAMPLEEXAMPLE00",
                "  cairn token revoke CTOKEXAMPLEEXAMPLE00 --account 222222222222"
            })
    int revoke(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "TOKEN", description = "The token's id.") String token,
            @Option(
                            names = "--account",
                            paramLabel = "ID",
                            description = "The account (default: the caller's).")
                    @Nullable String account)
            throws Exception {
        return AccountCommand.revoke(target, "/cairn/v1/tokens/", token, account);
    }
}
