package dev.cairn.connection;

import dev.cairn.secret.Secret;
import java.util.List;

/// How a connection shows who it is.
public sealed interface Authorization {
    /// EventBridge's words for the kinds.
    enum Kind {
        API_KEY,
        BASIC,
        OAUTH_CLIENT_CREDENTIALS
    }

    /// A header with a key in it.
    record ApiKey(String header, Secret value) implements Authorization {}

    /// A user name and a password, as RFC 7617 has them.
    record Basic(String user, Secret password) implements Authorization {}

    /// A token that a server gives for a client's id and secret (RFC 6749, section 4.4).
    ///
    /// @param endpoint where tokens are to be had, by https
    /// @param method `POST`, `PUT` or `GET`
    /// @param parameters more of the request for a token
    record OAuth(
            String clientId,
            Secret clientSecret,
            String endpoint,
            String method,
            List<HttpParameter> parameters)
            implements Authorization {
        public OAuth {
            parameters = List.copyOf(parameters);
        }
    }

    default Kind kind() {
        return switch (this) {
            case ApiKey _ -> Kind.API_KEY;
            case Basic _ -> Kind.BASIC;
            case OAuth _ -> Kind.OAUTH_CLIENT_CREDENTIALS;
        };
    }
}
