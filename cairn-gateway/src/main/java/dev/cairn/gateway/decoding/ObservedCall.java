package dev.cairn.gateway.decoding;

import dev.cairn.aws.http.Request;
import org.jspecify.annotations.Nullable;

/// A call as it passed by.
///
/// @param request the head, undecoded
/// @param requestBody as sent, with any aws-chunked framing still in it
/// @param answer what the upstream said, if anything
/// @param cipherSuite of the connection the call came in on; null when it came in the clear
public record ObservedCall(
        Request request, Kept requestBody, Answer answer, @Nullable String cipherSuite) {}
