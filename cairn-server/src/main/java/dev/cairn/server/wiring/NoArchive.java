package dev.cairn.server.wiring;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import java.util.Optional;

/// No bucket at all, and saying so.
final class NoArchive implements Archive {
    private static ArchiveException missing(String bucket) {
        return new ArchiveException(
                ArchiveException.Kind.NO_SUCH_BUCKET,
                "NoSuchBucket",
                "there is no archive for buckets yet, so no " + bucket);
    }

    @Override
    public Put putIfAbsent(Writer as, String bucket, String key, byte[] content, Description type)
            throws ArchiveException {
        throw missing(bucket);
    }

    @Override
    public Optional<String> missingRight(Writer as, String bucket, String keyPrefix)
            throws ArchiveException {
        throw missing(bucket);
    }

    @Override
    public Optional<Content> get(String bucket, String key) throws ArchiveException {
        throw missing(bucket);
    }

    @Override
    public Page list(String bucket, String prefix, String after, int max) throws ArchiveException {
        throw missing(bucket);
    }

    @Override
    public void close() {}
}
