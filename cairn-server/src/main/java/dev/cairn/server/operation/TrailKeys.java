package dev.cairn.server.operation;

import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.Failure;
import dev.cairn.trail.Trail;
import java.util.Optional;

/// The KMS keys that trails may encrypt under.
public interface TrailKeys {

    /// The key that a call means, as the trail is to keep it.
    ///
    /// @param text a key's id or ARN, an alias's name or ARN
    /// @param account whose keys are meant by bare ids and names
    /// @param region where they are
    /// @return the key's ARN
    /// @throws Failure INVALID_KMS_KEY_ID, KMS_KEY_NOT_FOUND
    String arn(String text, String account, String region) throws CatalogException;

    /// What keeps a trail from encrypting under its key.
    ///
    /// @param trail one with a key
    /// @return as CreateTrail is to fail; empty when nothing does
    Optional<Failure> refusal(Trail trail) throws CatalogException;
}
