package dev.cairn.embedded.archive;

import dev.cairn.archive.ArchiveException;
import dev.cairn.catalog.CatalogException;
import dev.cairn.disk.DiskException;

/// What a failure of index or disk means to the archive's callers.
final class Failed {
    private Failed() {}

    static ArchiveException failed(CatalogException e) {
        return switch (e.kind()) {
            case CORRUPT ->
                    new ArchiveException(
                            ArchiveException.Kind.CORRUPT, "InternalError", words(e), e);
            case CONFLICT, UNAVAILABLE ->
                    new ArchiveException(
                            ArchiveException.Kind.TIMEOUT, "ServiceUnavailable", words(e), e);
        };
    }

    static ArchiveException failed(DiskException e) {
        return e.kind() == DiskException.Kind.NOT_FOUND
                ? new ArchiveException(ArchiveException.Kind.CORRUPT, "InternalError", words(e), e)
                : new ArchiveException(
                        ArchiveException.Kind.UNAVAILABLE, "ServiceUnavailable", words(e), e);
    }

    private static String words(Exception e) {
        return String.valueOf(e.getMessage());
    }
}
