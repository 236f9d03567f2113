package dev.cairn.server.http;

import dev.cairn.aws.http.Request;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One request, as it came over the wire.
///
/// @param head method, path, query and headers, untouched: signatures cover them
/// @param body what follows the headers, must arrive in time, is read at most once
/// @param contentLength bytes announced; -1 when not announced
/// @param remoteAddress the peer's IP address
/// @param tls null on a plain connection
public record Exchange(
        Request head,
        InputStream body,
        long contentLength,
        String remoteAddress,
        @Nullable Tls tls) {

    /// The first value of a header.
    public Optional<String> header(String name) {
        return head.headers().first(name);
    }

    /// The encryption of the connection, in a record's words.
    ///
    /// @param version such as `TLSv1.3`
    /// @param cipherSuite such as `TLS_AES_128_GCM_SHA256`
    public record Tls(String version, String cipherSuite) {}
}
