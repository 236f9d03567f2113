package dev.cairn.server.http;

import dev.cairn.aws.http.Request;
import java.io.InputStream;
import java.util.Optional;
import java.util.regex.Pattern;
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

    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:\\[\\]-]{1,255}");

    /// The first value of a header.
    public Optional<String> header(String name) {
        return head.headers().first(name);
    }

    /// How the sender reached Cairn, such as `http://127.0.0.1:4580`: what addresses that Cairn
    /// gives out begin with. The host is the sender's word, and only ever told to the sender.
    public String endpoint() {
        String host = header("host").filter(h -> HOST.matcher(h).matches()).orElse("localhost");
        return (tls == null ? "http://" : "https://") + host;
    }

    /// The encryption of the connection, in a record's words.
    ///
    /// @param version such as `TLSv1.3`
    /// @param cipherSuite such as `TLS_AES_128_GCM_SHA256` or `ECDHE-RSA-AES128-GCM-SHA256`
    public record Tls(String version, String cipherSuite) {

        /// @param cipherSuite by its registered name, as the JDK has it; of versions before 1.3
        ///   AWS's records have OpenSSL's names
        static Tls of(String version, String cipherSuite) {
            return new Tls(
                    version, cipherSuite.contains("_WITH_") ? byOpenSsl(cipherSuite) : cipherSuite);
        }

        private static String byOpenSsl(String registered) {
            var parts = registered.replaceFirst("^TLS_", "").split("_WITH_", 2);
            var exchange = parts[0].equals("RSA") ? "" : parts[0] + "_";
            var cipher =
                    parts[1].replaceFirst("AES_", "AES")
                            .replaceFirst("_CBC_", "_")
                            .replaceFirst("_POLY1305_SHA256$", "_POLY1305");
            return (exchange + cipher).replace('_', '-');
        }
    }
}
