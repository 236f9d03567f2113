package dev.cairn.gateway.decoding;

import dev.cairn.aws.http.Headers;

/// What an upstream answered.
public sealed interface Answer {

    /// An answer with at least a head.
    ///
    /// @param status the HTTP status code
    /// @param whole whether its body ended as its head had promised
    record Given(int status, Headers headers, Kept body, boolean whole) implements Answer {}

    /// No answer.
    record None(Why why) implements Answer {}

    /// Why there is none.
    enum Why {
        /// None came in time.
        TIMEOUT,
        /// The connection was closed before one came.
        RESET,
        /// There was no connection to be had.
        REFUSED,
        /// The gateway itself turned the call away, before the upstream saw it.
        TURNED_AWAY
    }
}
