package dev.cairn.server.operation;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import java.util.Optional;

/// Asks whether a trail may write to a bucket; see [Archive#missingRight].
@FunctionalInterface
public interface TrailBuckets {
    Optional<String> missingRight(Archive.Writer as, String bucket, String keyPrefix)
            throws ArchiveException;
}
