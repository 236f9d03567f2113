package dev.cairn.server.http;

import dev.cairn.aws.http.Headers;

/// A body that may have fields behind its end, as those in chunks may.
public interface Trailed {
    /// Those fields; none before the body was read to its end.
    Headers trailers();
}
