package dev.cairn.server.courier;

import dev.cairn.secret.Secret;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// The mail server that mails are given to (settings `mail.…`).
///
/// @param host empty when there is none
/// @param from the sender's address
/// @param user empty when it asks for none
/// @param security how the connection is kept secret
/// @param tls whose certificates are believed; null: as the machine does
public record MailServer(
        String host,
        int port,
        String from,
        String user,
        Secret password,
        Security security,
        @Nullable SSLSocketFactory tls) {

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
