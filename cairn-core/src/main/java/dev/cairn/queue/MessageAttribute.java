package dev.cairn.queue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// A typed value beside a message's body.
///
/// @param type `String`, `Number` or `Binary`, perhaps with a dot and a label of the sender's
/// @param value the text; base64 of the bytes when binary
public record MessageAttribute(String type, String value) {

    /// Whether the value is bytes.
    public boolean binary() {
        return type.equals("Binary") || type.startsWith("Binary.");
    }

    /// The value itself: what is counted and hashed.
    public byte[] bytes() {
        return binary()
                ? Base64.getDecoder().decode(value)
                : value.getBytes(StandardCharsets.UTF_8);
    }
}
