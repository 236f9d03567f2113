package dev.cairn.conformance;

import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A current version of the stock AWS CLI, where there is one on the path: it honours
/// `AWS_ENDPOINT_URL`, sends checksums by default and speaks SQS's JSON; Debian's does not.
///
/// @param program the executable
record CurrentCli(Path program) {
    private static final String CURRENT =
            "aws-cli/(1\\.(3[2-9]|[4-9]\\d)|2\\.(1[3-9]|[2-9]\\d))\\..*";

    /// @param home a folder that it may write to
    static Optional<CurrentCli> find(Path home) throws Exception {
        for (var folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
            var program = Path.of(folder, "aws");
            if (Files.isExecutable(program)) {
                var version = Command.run(home, Map.of(), List.of(program.toString(), "--version"));
                if ((version.out() + version.err())
                        .strip()
                        .lines()
                        .anyMatch(line -> line.matches(CURRENT))) {
                    return Optional.of(new CurrentCli(program));
                }
            }
        }
        return Optional.empty();
    }

    /// Has it judge a trail's last day in a region.
    Command validateLogs(LiveServer server, String trailArn, String region) throws Exception {
        return validateLogs(server, server.endpoint(), trailArn, region);
    }

    /// The same, of a bucket that another S3 holds, under the same keys.
    Command validateLogs(LiveServer server, URI s3, String trailArn, String region)
            throws Exception {
        return run(
                server,
                Map.of("AWS_ENDPOINT_URL_S3", s3.toString()),
                "cloudtrail",
                "validate-logs",
                "--trail-arn",
                trailArn,
                "--start-time",
                Instant.now().minus(Duration.ofDays(1)).toString(),
                "--region",
                region);
    }

    /// Any command, as root, told of the server by the environment alone.
    Command run(LiveServer server, String... words) throws Exception {
        return run(server, Map.of(), words);
    }

    private Command run(LiveServer server, Map<String, String> more, String... words)
            throws Exception {
        var environment = new HashMap<>(server.environment(LiveServer.ROOT));
        environment.put("AWS_EC2_METADATA_DISABLED", "true");
        environment.put("AWS_PAGER", "");
        environment.putAll(more);
        var all = new ArrayList<>(List.of(program.toString()));
        all.addAll(List.of(words));
        return Command.run(server.home(), environment, all);
    }
}
