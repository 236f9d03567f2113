package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// Has the server count a trail's records again from its bucket, and shows how far it is.
final class TrailRecount {
    private static final ObjectMapper JSON = new ObjectMapper();

    private TrailRecount() {}

    /// @return the last line of the answer: what was found
    static JsonNode of(Connection connection, String arn)
            throws CommandException, InterruptedException {
        try (var bar = Progress.files("recount " + TrailCalls.Arn.of(arn).shown());
                var lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        connection.stream(
                                                        "/cairn/v1/recount",
                                                        Map.of("trail", List.of(arn)))
                                                .body(),
                                        StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var json = JSON.readTree(line);
                if (json.path("done").asBoolean()) {
                    return json;
                }
                bar.at(json.path("files").asLong(), json.path("ofFiles").asLong());
            }
            throw new CommandException("the recount of " + arn + " broke off");
        } catch (IOException failure) {
            throw new CommandException(
                    "the recount of %s broke off: %s".formatted(arn, failure.getMessage()),
                    failure);
        }
    }
}
