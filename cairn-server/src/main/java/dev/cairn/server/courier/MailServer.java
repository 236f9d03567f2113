package dev.cairn.server.courier;

import dev.cairn.secret.Secret;

/// The mail server that mails are given to (settings `mail.…`).
///
/// @param host empty when there is none
/// @param from the sender's address
/// @param user empty when it asks for none
/// @param security how the connection is kept secret
public record MailServer(
        String host, int port, String from, String user, Secret password, Security security) {

    /// What protects the connection.
    public enum Security {
        /// Nothing.
        NONE,
        /// TLS, begun within the connection (RFC 3207); never without it.
        STARTTLS,
        /// TLS from the first byte.
        TLS
    }
}
