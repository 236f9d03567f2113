package dev.cairn.connection;

import dev.cairn.secret.Secret;

/// What a connection adds to each request.
///
/// @param hidden whether its value is shown to nobody (`IsValueSecret`)
public record HttpParameter(Part part, String key, Secret value, boolean hidden) {
    /// Where it goes.
    public enum Part {
        HEADER,
        QUERY,
        BODY
    }
}
