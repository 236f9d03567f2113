package dev.cairn.gateway.principal;

import dev.cairn.aws.http.Percent;
import dev.cairn.aws.http.Request;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The access key that a request names, read leniently: a signature that is wrong in every other
/// way still says whose it wants to be.
public final class ClaimedKey {
    private static final int KEY_CHARS_MAX = 128;
    private static final String CREDENTIAL = "Credential=";

    private ClaimedKey() {}

    /// @return empty for an anonymous request; an empty text where a key stands that cannot be one
    public static Optional<String> of(Request request) {
        var authorization = request.headers().first("authorization").orElse("");
        if (authorization.startsWith("AWS4-")) {
            var at = authorization.indexOf(CREDENTIAL);
            return at < 0
                    ? Optional.empty()
                    : ofCredential(
                            upTo(authorization, at + CREDENTIAL.length(), ", \t"),
                            authorization.startsWith("AWS4-ECDSA"));
        }
        if (authorization.startsWith("AWS ")) {
            return usable(upTo(authorization, "AWS ".length(), ":"));
        }
        for (var part : request.rawQuery().split("&", -1)) {
            if (part.startsWith("X-Amz-Credential=")) {
                return ofCredential(
                        value(part), request.rawQuery().contains("X-Amz-Algorithm=AWS4-ECDSA"));
            }
            if (part.startsWith("AWSAccessKeyId=")) {
                return usable(value(part));
            }
        }
        return Optional.empty();
    }

    /// Signature Version 4: `key/date/region/service/aws4_request`; asymmetric ones have no region.
    private static Optional<String> ofCredential(String credential, boolean asymmetric) {
        var end = credential.length();
        for (var part = asymmetric ? 3 : 4; part > 0 && end > 0; part--) {
            end = credential.lastIndexOf('/', end - 1);
        }
        return usable(end > 0 ? credential.substring(0, end) : credential);
    }

    private static Optional<String> usable(String key) {
        return Optional.of(
                key.length() > KEY_CHARS_MAX || !key.codePoints().allMatch(ClaimedKey::isVisible)
                        ? ""
                        : key);
    }

    private static boolean isVisible(int c) {
        return c > ' ' && c < 0x7f;
    }

    private static String upTo(String text, int start, String ends) {
        var end = start;
        while (end < text.length() && ends.indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return text.substring(start, end);
    }

    private static String value(String part) {
        return new String(
                Percent.decodeQuery(part.substring(part.indexOf('=') + 1)), StandardCharsets.UTF_8);
    }
}
