package dev.cairn.server.operation;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/// The address of a server outside, as EventBridge's operations name it.
final class HttpsEndpoint {
    private HttpsEndpoint() {}

    /// Looks the host's name up, which takes its time.
    ///
    /// @param member that has it
    /// @param text may have `*` in its path
    /// @throws dev.cairn.failure.Failure VALIDATION when it is not by https, names a user or a
    ///   fragment, or may not be called
    static void check(String member, String text, Reach reach) {
        var url = url(text);
        if (url == null
                || !"https".equals(url.getScheme())
                || url.getHost() == null
                || url.getRawUserInfo() != null
                || url.getRawFragment() != null
                || url.getRawAuthority().contains("*")
                || (url.getRawQuery() != null && url.getRawQuery().contains("*"))) {
            throw BusService.invalid(
                    "Parameter %s is not valid. Reason: expected such as https://hooks.example.org/audit/*, without a user and a fragment, got %s"
                            .formatted(member, text));
        }
        var refusal = reach.refusal(url.getHost());
        if (refusal.isPresent()) {
            throw BusService.invalid(
                    "Parameter %s is not valid. Reason: %s".formatted(member, refusal.get()));
        }
    }

    private static @Nullable URI url(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException _) {
            return null;
        }
    }
}
