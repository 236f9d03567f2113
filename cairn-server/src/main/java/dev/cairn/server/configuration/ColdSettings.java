package dev.cairn.server.configuration;

import dev.cairn.distributed.archive.S3Destination;
import java.nio.file.Path;

/// Where the colder place is that objects of built-in buckets move to.
public sealed interface ColdSettings {
    /// A folder, such as that of a mounted disk.
    record Folder(Path path) implements ColdSettings {}

    /// A bucket of an S3, reached as the settings `archive.s3.…` say.
    ///
    /// @param prefix below which it is; empty for all of the bucket
    record Elsewhere(S3Destination destination, String bucket, String prefix)
            implements ColdSettings {}
}
