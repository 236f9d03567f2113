package dev.cairn.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// An AWS CLI, by the words behind `aws cloudwatch`.
interface CloudWatchCli {
    /// @return what it printed; an empty object for nothing
    JsonNode run(String... words) throws Exception;

    /// Debian's.
    static CloudWatchCli of(CliClient cli) {
        return words -> cli.call(command(words));
    }

    /// A current one.
    static CloudWatchCli of(CurrentCli cli, LiveServer server) {
        return words -> {
            var out = cli.run(server, command(words).toArray(String[]::new)).exited(0).out();
            return out.isBlank() ? Wire.JSON.createObjectNode() : Wire.JSON.readTree(out);
        };
    }

    private static List<String> command(String... words) {
        var all = new ArrayList<>(List.of("cloudwatch"));
        all.addAll(Arrays.asList(words));
        return all;
    }
}
