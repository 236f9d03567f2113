package dev.cairn.distributed.archive;

import dev.cairn.distributed.archive.S3Destination.PutForm;

/// On a real S3, as if it knew no conditional writes.
class S3ArchiveUnconditionalTest extends RadosgwContract {
    @Override
    PutForm form() {
        return new PutForm(false, "", "", "bucket-owner-full-control");
    }
}
