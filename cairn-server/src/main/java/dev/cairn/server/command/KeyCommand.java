package dev.cairn.server.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.wiring.MasterKeyChange;
import dev.cairn.server.wiring.StartException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "key",
        description = "Makes, lists and revokes access keys; changes the master key.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn key create --account 222222222222 --user auditor --allow read",
            "  cairn key list --account 222222222222",
            "  cairn key revoke AKIAIOSFODNN7EXAMPLE"
        })
final class KeyCommand {

    @Command(
            name = "create",
            description = "Makes an access key for a user. Its secret is shown this once.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn key create --account 222222222222 --user auditor --allow read",
                "  eval \"$(cairn key create --user deployer --allow operate)\""
            })
    int create(
            @Mixin ServerChoice target,
            @Option(
                            names = "--account",
                            paramLabel = "ID",
                            description = "The user's account (default: the caller's).")
                    @Nullable String account,
            @Option(
                            names = "--user",
                            paramLabel = "NAME",
                            required = true,
                            description = "The user.")
                    String user,
            @Option(
                            names = "--allow",
                            paramLabel = "LEVEL",
                            required = true,
                            description =
                                    "read: look up and list. operate: also change trails and record events. all: also accounts, keys and tokens.")
                    String allow,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        var body = new ObjectMapper().createObjectNode();
        AccountCommand.put(body, "accountId", account);
        body.put("userName", user).put("allow", allow);
        try (var connection = target.connect()) {
            var answer =
                    connection.call("POST", "/cairn/v1/keys", Map.of(), AccountCommand.bytes(body));
            if (json) {
                Console.json(answer);
            } else {
                var out = Console.out();
                out.println(
                        "export AWS_ACCESS_KEY_ID="
                                + answer.path("key").path("accessKeyId").asText());
                out.println(
                        "export AWS_SECRET_ACCESS_KEY=" + answer.path("secretAccessKey").asText());
                Console.err().println("the secret is shown this once");
            }
            return 0;
        }
    }

    @Command(
            name = "list",
            description = "Lists the access keys of an account, without secrets.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn key list", "  cairn key list --account 222222222222 --json"})
    int list(
            @Mixin ServerChoice target,
            @Option(
                            names = "--account",
                            paramLabel = "ID",
                            description = "The account (default: the caller's).")
                    @Nullable String account,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        var table = new Table("KEY", "ACCOUNT", "USER", "ALLOW", "CREATED");
        return AccountCommand.list(
                target,
                "/cairn/v1/keys",
                AccountCommand.within(account),
                "keys",
                json,
                table,
                key ->
                        table.row(
                                key.path("accessKeyId").asText(),
                                key.path("accountId").asText(),
                                key.path("userName").asText("root"),
                                key.path("allow").asText(),
                                AccountCommand.time(key.path("createTime"))));
    }

    @Command(
            name = "revoke",
            description = "Ends an access key at once and for ever.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn key revoke AKIAIOSFODNN7EXAMPLE",
                "  cairn key revoke AKIAIOSFODNN7EXAMPLE --account 222222222222"
            })
    int revoke(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "KEY", description = "The access key id.") String key,
            @Option(
                            names = "--account",
                            paramLabel = "ID",
                            description = "The account (default: the caller's).")
                    @Nullable String account)
            throws Exception {
        return AccountCommand.revoke(target, "/cairn/v1/keys/", key, account);
    }

    @Command(
            name = "rotate-master",
            description =
                    "Seals every secret of a data folder under another master key. The server must be stopped.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn key rotate-master --data cairn-data",
                "  cairn key rotate-master --data /var/lib/cairn --to file:/run/secrets/cairn-master",
                "  cairn key rotate-master --to aws-kms://arn:aws:kms:us-east-1:123456789012:key/1234abcd-…",
                "",
                "Without --to, a new key is made in the data folder; so it is with a key service, which wraps it. Any other",
                "must be there already. Name where it is in the setting keys.master before the next start. Access keys stay as",
                "they are: whoever may have had the old master key and a copy of the catalog knows their secrets, so revoke",
                "those, too."
            })
    int rotateMaster(
            @Option(
                            names = "--data",
                            paramLabel = "DIR",
                            description = "The data folder (default: ./cairn-data).")
                    @Nullable Path data,
            @Option(
                            names = "--from",
                            paramLabel = "WHERE",
                            description =
                                    "Where the present key is, as keys.master says it (default: the folder's setting).")
                    @Nullable String from,
            @Option(
                            names = "--to",
                            paramLabel = "WHERE",
                            description =
                                    "Where the new key is: file:PATH, env:NAME, command:LINE, aws-kms://ARN or vault:URL (default: made in the data folder).")
                    @Nullable String to)
            throws Exception {
        var folder =
                Objects.requireNonNullElse(data, ServerChoice.DEFAULT_DATA)
                        .toAbsolutePath()
                        .normalize();
        var present =
                from == null
                        ? Configuration.of(folder, ServeOptions.withoutExpiry(folder)).keysMaster()
                        : from;
        try {
            var count = MasterKeyChange.run(folder, present, Objects.requireNonNullElse(to, ""));
            Console.out().println("%,d secrets sealed anew".formatted(count));
        } catch (StartException failure) {
            throw new CommandException(String.valueOf(failure.getMessage()), failure);
        }
        if (to != null) {
            Console.err().println("before the next start, set keys.master=" + to);
        }
        return 0;
    }
}
