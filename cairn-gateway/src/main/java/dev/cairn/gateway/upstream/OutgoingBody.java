package dev.cairn.gateway.upstream;

import dev.cairn.aws.http.Headers;
import java.io.InputStream;
import java.util.function.Supplier;

/// What follows a call's head on its way to the upstream.
public sealed interface OutgoingBody {

    /// Nothing.
    record None() implements OutgoingBody {}

    /// All of it is here already: it goes out with the head.
    @SuppressWarnings("ArrayRecordComponent") // Written once, never compared.
    record Whole(byte[] bytes) implements OutgoingBody {}

    /// It is still arriving.
    ///
    /// @param in read by another thread than the one that waits for the answer; its failures end
    ///   the call
    /// @param length in bytes; -1 when it goes in chunks
    /// @param trailers asked when `in` has ended, for bodies in chunks
    /// @param afterContinue whether the upstream is asked first, by `Expect: 100-continue`
    record Arriving(InputStream in, long length, Supplier<Headers> trailers, boolean afterContinue)
            implements OutgoingBody {}
}
