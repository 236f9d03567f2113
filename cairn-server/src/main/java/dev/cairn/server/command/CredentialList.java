package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.server.operation.CsvLine;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;

/// A list of access keys, written as they come.
abstract class CredentialList {
    /// The columns of CSV, by the names they have in the server's answer.
    private static final List<Column> COLUMNS =
            List.of(
                    new Column("access_key_id", "accessKeyId"),
                    new Column("account", "account"),
                    new Column("user", "user"),
                    new Column("arn", "arn"),
                    new Column("known_to", "knownTo"),
                    new Column("status", "status"),
                    new Column("allow", "allow"),
                    new Column("created", "created"),
                    new Column("last_used", "lastUsed"),
                    new Column("last_used_region", "lastUsedRegion"),
                    new Column("last_used_service", "lastUsedService"),
                    new Column("last_used_event", "lastUsedEvent"),
                    new Column("last_used_from", "lastUsedFrom"));

    private record Column(String name, String member) {}

    static CredentialList of(String format) throws CommandException {
        return switch (format) {
            case "table" -> new Plain();
            case "csv" -> new Separated();
            case "ndjson" -> new Lines();
            default ->
                    throw new CommandException(
                            "--format: expected table, csv or ndjson, got '" + format + "'",
                            CommandException.USAGE);
        };
    }

    void begin(Writer out) throws IOException {}

    abstract void add(Writer out, JsonNode key) throws IOException;

    void end(Writer out) throws IOException {}

    private static final class Plain extends CredentialList {
        private final Table table =
                new Table("ACCESS KEY", "ACCOUNT", "USER", "STATUS", "LAST USED", "IN", "FOR");

        @Override
        void add(Writer out, JsonNode key) {
            table.row(
                    key.path("accessKeyId").asText(),
                    key.path("account").asText(),
                    key.path("user").asText("-"),
                    key.path("status").asText(),
                    key.path("lastUsed").asText("-"),
                    key.path("lastUsedRegion").asText("-"),
                    key.path("lastUsedService").asText("-"));
        }

        @Override
        void end(Writer out) {
            table.print(new PrintWriter(out));
        }
    }

    private static final class Separated extends CredentialList {
        @Override
        void begin(Writer out) throws IOException {
            out.write(CsvLine.of(COLUMNS.stream().map(Column::name).toList()));
        }

        @Override
        void add(Writer out, JsonNode key) throws IOException {
            out.write(
                    CsvLine.of(
                            COLUMNS.stream()
                                    .map(column -> key.path(column.member()).asText(""))
                                    .toList()));
        }
    }

    private static final class Lines extends CredentialList {
        @Override
        void add(Writer out, JsonNode key) throws IOException {
            out.write(key + "\n");
        }
    }
}
