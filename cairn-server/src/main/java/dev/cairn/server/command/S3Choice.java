package dev.cairn.server.command;

import dev.cairn.archive.Buckets;
import dev.cairn.distributed.archive.S3Buckets;
import dev.cairn.distributed.archive.S3Destination;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which S3 a command reads buckets of: `--s3-endpoint`, with the keys that the environment gives
/// to every AWS client; else Cairn's own.
final class S3Choice {
    private static final String AWS = "aws";

    @Option(
            names = "--s3-endpoint",
            paramLabel = "URL",
            description =
                    "The S3 that has the bucket: its URL, or 'aws' for AWS's own; keys from AWS_ACCESS_KEY_ID and so on (default: Cairn's own buckets).")
    private @Nullable String endpoint;

    /// Whether it is another S3 than Cairn's own.
    boolean isElsewhere() {
        return endpoint != null;
    }

    /// Where the buckets are, as people name it.
    String named(ServerChoice server) throws CommandException {
        return endpoint == null ? server.endpoint().toString() : endpoint;
    }

    /// What is done with buckets while they are open.
    @FunctionalInterface
    interface Reading<T> {
        T read(Buckets buckets) throws Exception;
    }

    /// Opens the buckets for as long as they are read.
    <T> T read(ServerChoice server, Reading<T> reading) throws Exception {
        if (endpoint == null) {
            try (var connection = server.connect()) {
                return reading.read(new OwnBuckets(connection));
            }
        }
        var place =
                endpoint.equals(AWS)
                        ? Optional.<URI>empty()
                        : Optional.of(ServerChoice.url("--s3-endpoint", endpoint));
        try (var buckets = S3Buckets.open(S3Destination.of(place, server.region()))) {
            return reading.read(buckets);
        }
    }
}
