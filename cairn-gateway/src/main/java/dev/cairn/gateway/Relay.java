package dev.cairn.gateway;

import dev.cairn.aws.http.Headers;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Supplier;

/// What goes back to the client.
///
/// @param status the HTTP status
/// @param headers every field, in order
/// @param trailers what goes behind a body in chunks; asked when it is written
/// @param body writes what follows the head; must be called once. When it throws, the connection is
///   to be cut, so that the client sees that the answer is not whole
public record Relay(int status, Headers headers, Supplier<Headers> trailers, Body body) {

    /// Writes a body.
    @FunctionalInterface
    public interface Body {
        void write(OutputStream out) throws IOException;
    }
}
