package dev.cairn.server.http;

import dev.cairn.aws.http.Headers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/// What is sent back.
///
/// @param status HTTP status
/// @param headers in order; `Content-Length` is added for a body known whole
/// @param body what follows
public record Reply(int status, Map<String, String> headers, Body body) {

    /// A body, whole or written as it is made.
    public sealed interface Body {}

    /// @param bytes the whole body
    @SuppressWarnings("ArrayRecordComponent") // Written once, never compared.
    public record Whole(byte[] bytes) implements Body {}

    /// @param writer called once, on the request's thread, when the headers are ready to go
    public record Streamed(Writer writer) implements Body {}

    /// What another server answered, as it is: fields may repeat, and stand in place of what is
    /// otherwise added.
    ///
    /// @param headers every field, that of the body's length included, where it is known
    /// @param trailers asked when the body is written, where `headers` has a `Trailer`
    /// @param writer as for [Streamed]
    public record Relayed(Headers headers, Supplier<Headers> trailers, Writer writer)
            implements Body {}

    /// Writes a body; an exception cuts the connection, so that the client sees that it is not
    /// whole.
    @FunctionalInterface
    public interface Writer {
        void write(OutputStream out) throws IOException;
    }

    public static Reply of(int status, String contentType, byte[] body) {
        return new Reply(status, Map.of("Content-Type", contentType), new Whole(body));
    }

    public static Reply of(int status, String contentType, String body) {
        return of(status, contentType, body.getBytes(StandardCharsets.UTF_8));
    }

    public static Reply streamed(int status, String contentType, Writer writer) {
        return new Reply(status, Map.of("Content-Type", contentType), new Streamed(writer));
    }

    /// The same reply with one more header.
    public Reply with(String name, String value) {
        var more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Reply(status, more, body);
    }
}
