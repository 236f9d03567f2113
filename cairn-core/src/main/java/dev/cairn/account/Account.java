package dev.cairn.account;

import java.time.Instant;

/// An account as it stands in the catalog.
///
/// @param id twelve digits when it was created here; any text when it came with imported events
/// @param name what people call it; the id when nobody gave it a name
public record Account(String id, String name, Origin origin, Instant created) {

    /// How an account came to be.
    public enum Origin {
        /// Made here, by a caller or at the first start.
        CREATED,
        /// Met in imported events.
        IMPORTED
    }
}
