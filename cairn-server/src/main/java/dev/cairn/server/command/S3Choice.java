package dev.cairn.server.command;

import dev.cairn.distributed.archive.S3Buckets;
import dev.cairn.distributed.archive.S3Destination;
import dev.cairn.secret.Secret;
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

    /// Opens the buckets; the caller closes them.
    S3Buckets open(ServerChoice server) throws CommandException {
        return S3Buckets.open(destination(server));
    }

    private S3Destination destination(ServerChoice server) throws CommandException {
        if (endpoint == null) {
            var own = S3Destination.of(Optional.of(server.endpoint()), server.region());
            var credentials = server.credentials();
            return new S3Destination(
                    own.endpoint(),
                    own.region(),
                    own.pathStyle(),
                    Optional.of(
                            new S3Destination.Keys(
                                    credentials.accessKeyId(),
                                    new Secret(credentials.secretAccessKey()))),
                    own.checksums(),
                    own.put());
        }
        return S3Destination.of(
                endpoint.equals(AWS)
                        ? Optional.empty()
                        : Optional.of(ServerChoice.url("--s3-endpoint", endpoint)),
                server.region());
    }
}
