package dev.cairn.account;

import dev.cairn.secret.Secret;
import java.time.Instant;

/// A bearer token as a list shows it: a producer or a scraper that cannot sign sends it as
/// `Authorization: Bearer …`.
///
/// @param id public; the bearer text starts with it
/// @param account the one account it is good for
public record Token(String id, String account, Purpose purpose, Instant created) {

    /// The one thing a token is good for.
    public enum Purpose {
        /// Recording events into its account.
        INTAKE,
        /// Reading `/metrics`.
        METRICS,
        /// What a gateway in a process of its own does: recording events into its account, and
        /// asking whose an access key is.
        GATEWAY
    }

    /// A token just made.
    ///
    /// @param bearer the text to send; only its hash is kept, so this is the one time it is seen
    public record Made(Token token, Secret bearer) {}
}
