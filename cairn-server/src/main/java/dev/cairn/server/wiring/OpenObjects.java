package dev.cairn.server.wiring;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import dev.cairn.archive.ObjectStore;
import dev.cairn.embedded.archive.DiskArchive;
import java.util.Map;
import java.util.Optional;

/// The built-in buckets as somebody without a right to any KMS key reads them: what is encrypted
/// under one is DENIED.
record OpenObjects(DiskArchive archive) implements Buckets {

    @Override
    public Optional<Archive.Content> get(String bucket, String key) throws ArchiveException {
        return archive.read(bucket, key).map(OpenObjects::content);
    }

    private static Archive.Content content(ObjectStore.Reading reading) {
        var object = reading.object();
        return new Archive.Content(
                object.length(),
                object.stored(),
                new Archive.Description(
                        object.header("content-type"), object.header("content-encoding"), Map.of()),
                reading.bytes(0, object.length()));
    }

    @Override
    public Archive.Page list(String bucket, String prefix, String after, int max)
            throws ArchiveException {
        return archive.list(bucket, prefix, after, max);
    }
}
