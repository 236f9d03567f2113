package dev.cairn.aws.http;

import java.nio.charset.StandardCharsets;

/// A whole answer.
///
/// The array is handed over, not copied: who made the response no longer writes to it.
///
/// @param status the HTTP status code
/// @param headers every field but those of framing (`Content-Length`, `Date`), which the front door
///   adds
/// @param body the entity, empty when there is none
@SuppressWarnings(
        "ArrayRecordComponent") // equality of responses is never asked; a copy of each answer would
// be paid on every call
public record Response(int status, Headers headers, byte[] body) {

    /// The body as UTF-8 text, for tests and logs.
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
