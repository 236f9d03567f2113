package dev.cairn.recorder;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// By what Cairn knows who sends.
sealed interface Credential {

    /// The headers that prove it.
    Map<String, String> headers(URI address, byte[] body, Instant now);

    /// A bearer token, made with `cairn token create --for intake`.
    record Token(String token) implements Credential {
        @Override
        public Map<String, String> headers(URI address, byte[] body, Instant now) {
            return Map.of("Authorization", "Bearer " + token);
        }

        @Override
        public String toString() {
            return "Token";
        }
    }

    /// An access key, with which each request is signed ([AWS Signature Version
    /// 4](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html)).
    ///
    /// @param region that is signed for
    record Key(String accessKeyId, String secretKey, String region) implements Credential {
        private static final String SERVICE = "cloudtrail";
        private static final DateTimeFormatter TIME =
                DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT)
                        .withZone(ZoneOffset.UTC);

        @Override
        public Map<String, String> headers(URI address, byte[] body, Instant now) {
            var time = TIME.format(now);
            var hash = sha256(body);
            var canonical =
                    """
                    POST
                    %s

                    host:%s
                    x-amz-content-sha256:%s
                    x-amz-date:%s

                    host;x-amz-content-sha256;x-amz-date
                    %s\
                    """
                            .formatted(address.getRawPath(), host(address), hash, time, hash);
            var scope = time.substring(0, 8) + "/" + region + "/" + SERVICE + "/aws4_request";
            var toSign =
                    "AWS4-HMAC-SHA256\n"
                            + time
                            + "\n"
                            + scope
                            + "\n"
                            + sha256(canonical.getBytes(UTF_8));
            var key = ("AWS4" + secretKey).getBytes(UTF_8);
            for (var part : scope.split("/", -1)) {
                key = hmac(key, part);
            }
            var headers = new LinkedHashMap<String, String>();
            headers.put("x-amz-content-sha256", hash);
            headers.put("x-amz-date", time);
            headers.put(
                    "Authorization",
                    "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=%s"
                            .formatted(
                                    accessKeyId,
                                    scope,
                                    HexFormat.of().formatHex(hmac(key, toSign))));
            return headers;
        }

        /// As the JDK's client sends it: a port only where it is not the scheme's.
        private static String host(URI address) {
            var usual = address.getScheme().equals("https") ? 443 : 80;
            return address.getPort() == -1 || address.getPort() == usual
                    ? address.getHost()
                    : address.getHost() + ":" + address.getPort();
        }

        private static String sha256(byte[] bytes) {
            try {
                return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException("every JDK has SHA-256", impossible);
            }
        }

        private static byte[] hmac(byte[] key, String text) {
            try {
                var mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(key, "HmacSHA256"));
                return mac.doFinal(text.getBytes(UTF_8));
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException("every JDK has HmacSHA256", impossible);
            }
        }

        @Override
        public String toString() {
            return "Key[" + accessKeyId + "]";
        }
    }
}
