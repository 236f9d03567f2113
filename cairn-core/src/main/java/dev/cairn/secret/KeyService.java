package dev.cairn.secret;

/// The port for a key that somebody else keeps, and never gives away: it wraps the master key, so
/// that the data folder alone opens nothing.
///
/// Every call asks the service, over a network; it ends within a minute, whatever becomes of that.
/// Any thread may call.
public interface KeyService extends AutoCloseable {

    /// The key's name, as `keys.master` says it: printable ASCII without spaces, no secret.
    String name();

    /// Wraps a key.
    ///
    /// @return printable ASCII without spaces; only [#unwrap] of the same key opens it
    String wrap(byte[] key) throws KeyServiceException;

    /// Opens what [#wrap] gave.
    byte[] unwrap(String wrapped) throws KeyServiceException;

    @Override
    void close();
}
