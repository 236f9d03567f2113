package dev.cairn.kms;

import java.time.Instant;

/// One piece of a key's material, without the secret.
///
/// @param number from 1; the highest is what encrypts
/// @param how why it was made
/// @param since when it was made
public record Material(int number, How how, Instant since) {

    /// Why material is made.
    public enum How {
        /// With the key.
        CREATED,
        /// By automatic rotation.
        AUTOMATIC,
        /// By rotation on demand.
        ON_DEMAND
    }
}
