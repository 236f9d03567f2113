package dev.cairn.queue;

import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// One reception of one message. It grants nothing: who uses it must have the right to, each time.
///
/// @param store where the message was received
/// @param receives which reception it was
record Receipt(String store, String id, int receives) {

    /// What the receiver gets: of Cairn's own form, as AWS's is of its.
    String handle() {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                        (store + "/" + id + "/" + receives).getBytes(StandardCharsets.UTF_8));
    }

    /// Reads a handle that a queue gave, before a purge perhaps.
    ///
    /// @throws Failure RECEIPT_HANDLE_IS_INVALID when it is none of this queue
    static Receipt of(String handle, Queue queue) {
        try {
            String[] parts =
                    new String(Base64.getUrlDecoder().decode(handle), StandardCharsets.UTF_8)
                            .split("/", -1);
            if (parts.length == 3
                    && parts[0].startsWith(queue.id() + ".")
                    && parts[1].matches("\\d{15}-[0-9a-f-]{36}")) {
                return new Receipt(parts[0], parts[1], Integer.parseInt(parts[2]));
            }
        } catch (IllegalArgumentException _) {
            // Not base64, or no number: none of ours.
        }
        throw new Failure(
                ErrorCode.RECEIPT_HANDLE_IS_INVALID,
                "The input receipt handle \"%s\" is not a valid receipt handle."
                        .formatted(handle.length() > 1024 ? handle.substring(0, 1024) : handle));
    }
}
