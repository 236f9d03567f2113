package dev.cairn.server.operation;

import dev.cairn.archive.ArchiveException;
import dev.cairn.catalog.CatalogException;
import java.util.Optional;

/// Asks for the policy of a bucket, as it was written.
@FunctionalInterface
public interface BucketPolicies {
    /// Empty when it has none.
    ///
    /// @throws ArchiveException when it cannot be known
    Optional<String> policy(String bucket) throws CatalogException, ArchiveException;
}
