package dev.cairn.gateway;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.gateway.recording.CallEvent;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A call as a client sends it.
///
/// @param head untouched
/// @param body what follows, as it arrives; may be read by another thread than the one that answers
/// @param length bytes announced; -1 when they are not
/// @param trailers what came behind a body in chunks; asked when it has ended
/// @param address the peer's IP address
/// @param tls null on a plain connection
/// @param tooSlow whether a failure of `body` means that it did not keep coming
public record Arrival(
        Request head,
        InputStream body,
        long length,
        Supplier<Headers> trailers,
        String address,
        CallEvent.@Nullable Tls tls,
        Predicate<IOException> tooSlow) {

    boolean hasBody() {
        return length > 0 || head.headers().has("transfer-encoding");
    }

    boolean asksFirst() {
        return head.headers().all("expect").stream()
                .anyMatch(value -> value.equalsIgnoreCase("100-continue"));
    }
}
