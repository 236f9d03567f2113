package dev.cairn.embedded.archive;

import static dev.cairn.embedded.archive.Failed.failed;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.DataKey;
import dev.cairn.disk.DiskException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// Where files on their way into the archive begin, and what they need to get there.
record Drafts(BucketIndex index, ObjectFiles files, Guard guard, InstantSource clock) {

    /// Begins a file. The caller closes it.
    DiskDraft open(String bucket) throws ArchiveException {
        return open(bucket, null);
    }

    /// The same for what is encrypted under a key of its own.
    DiskDraft open(String bucket, @Nullable DataKey under) throws ArchiveException {
        try {
            return new DiskDraft(
                    this,
                    bucket,
                    under == null ? null : under.wrapped(),
                    files.create(under == null ? null : under.plaintext()));
        } catch (DiskException e) {
            throw failed(e);
        }
    }

    /// When what is stored now was stored.
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
