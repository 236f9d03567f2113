package dev.cairn.gateway.upstream;

import dev.cairn.aws.http.Headers;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/// Header fields that speak of one connection, and so never pass the gateway (RFC 9110, 7.6.1).
public final class HopByHop {
    private static final Set<String> ALWAYS =
            Set.of(
                    "connection",
                    "keep-alive",
                    "proxy-connection",
                    "te",
                    "transfer-encoding",
                    "upgrade");

    /// What `Connection` names may not hide: a client could else have the upstream see another call
    /// than the one that is recorded.
    private static final Set<String> NEVER =
            Set.of(
                    "host",
                    "authorization",
                    "content-encoding",
                    "content-length",
                    "content-md5",
                    "content-type",
                    "expect",
                    "cookie",
                    "smithy-protocol");

    private HopByHop() {}

    /// The fields that go on, in their order.
    public static Headers without(Headers headers) {
        var named = new HashSet<>(ALWAYS);
        for (var value : headers.all("connection")) {
            for (var name : value.split(",", -1)) {
                var lower = name.strip().toLowerCase(Locale.ROOT);
                if (!NEVER.contains(lower) && !lower.startsWith("x-amz")) {
                    named.add(lower);
                }
            }
        }
        return new Headers(
                headers.fields().stream()
                        .filter(field -> !named.contains(field.name().toLowerCase(Locale.ROOT)))
                        .toList());
    }
}
