package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.StringJoiner;
import java.util.stream.Stream;

/// How found events look in a terminal.
final class Events {
    private Events() {}

    /// @param more headings behind the usual ones
    static Table table(String... more) {
        return new Table(
                Stream.concat(
                                Stream.of(
                                        "TIME",
                                        "ACCOUNT",
                                        "REGION",
                                        "WHO",
                                        "FROM",
                                        "EVENT",
                                        "RESOURCES",
                                        "RESULT"),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    /// @param more cells behind the usual ones
    static void add(Table table, JsonNode event, String... more) {
        table.row(
                Stream.concat(
                                Stream.of(
                                        time(event),
                                        event.path("account").asText(),
                                        event.path("region").asText(),
                                        who(event),
                                        event.path("sourceIpAddress").asText("-"),
                                        event.path("eventName").asText(),
                                        resources(event),
                                        result(event)),
                                Stream.of(more))
                        .toArray());
    }

    /// One event on one line, for `tail`.
    static String line(JsonNode event) {
        return Table.printable(time(event))
                + "  "
                + Table.printable(event.path("account").asText())
                + "  "
                + Table.printable(event.path("region").asText())
                + "  "
                + Table.printable(who(event))
                + "  "
                + Table.printable(event.path("eventName").asText())
                + "  "
                + Table.printable(resources(event))
                + "  "
                + Table.printable(result(event));
    }

    private static String time(JsonNode event) {
        return Instant.ofEpochSecond(event.path("eventTime").asLong()).toString();
    }

    private static String who(JsonNode event) {
        var user = event.path("username").asText("");
        return user.isEmpty() ? event.path("principalArn").asText("-") : user;
    }

    private static String resources(JsonNode event) {
        var names = new StringJoiner(" ");
        names.setEmptyValue("-");
        for (var resource : event.path("resources")) {
            names.add(resource.path("name").asText());
        }
        return names.toString();
    }

    private static String result(JsonNode event) {
        return event.path("errorCode").asText("ok");
    }
}
