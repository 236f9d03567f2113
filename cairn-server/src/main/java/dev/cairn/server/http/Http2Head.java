package dev.cairn.server.http;

import dev.cairn.aws.http.Request;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The head of a request as it came over HTTP/2, whose fields hold what no line of HTTP/1.1 could,
/// and which frames a body by itself. Of HTTP/1.1 Jetty judges all of this.
///
/// @param request method, path, query and fields, but those that HTTP/2 has of its own
/// @param authority whom it is for, in HTTP/2's own field; null where only `host` says
record Http2Head(Request request, @Nullable String authority) {
    /// What speaks of one connection has no place in HTTP/2 (RFC 9113, 8.2.2).
    private static final Set<String> OF_ONE_CONNECTION =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

    /// Why it is not taken: it could be read in two ways. Empty when it is.
    Optional<String> flaw() {
        return request.flaw().or(this::ofOneConnection).or(this::twoHosts);
    }

    private Optional<String> ofOneConnection() {
        return request.headers().names().stream()
                .filter(OF_ONE_CONNECTION::contains)
                .findFirst()
                .map(name -> "expected no %s over HTTP/2".formatted(name));
    }

    /// A client may say `host` beside HTTP/2's own field only if it is the same (RFC 9113, 8.3.1).
    private Optional<String> twoHosts() {
        return authority == null
                        || request.headers().all("host").stream()
                                .allMatch(authority::equalsIgnoreCase)
                ? Optional.empty()
                : Optional.of("expected one host, got two");
    }
}
