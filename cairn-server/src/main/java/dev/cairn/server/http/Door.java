package dev.cairn.server.http;

/// Answers requests, each called on a thread that may block.
public interface Door {
    /// Answers a request. Never throws: what nobody foresaw is answered, too.
    Reply answer(Exchange exchange);

    /// Words for a request that never became an exchange: its head cannot be read or does not come
    /// whole, or there is no place for it.
    ///
    /// @param status the HTTP status, 400 to 599
    /// @param reason what is wrong with it, as far as known
    Reply refuse(int status, String reason);

    /// The same, where it is known who sent it.
    ///
    /// @param remoteAddress the peer's IP address
    default Reply refuse(int status, String reason, String remoteAddress) {
        return refuse(status, reason);
    }

    /// Words for a request that is whole and finds no place: too many are being worked on.
    ///
    /// @param remoteAddress the peer's IP address
    default Reply noPlace(String reason, String remoteAddress) {
        return refuse(503, reason, remoteAddress);
    }
}
