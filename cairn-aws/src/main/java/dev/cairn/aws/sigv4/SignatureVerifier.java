package dev.cairn.aws.sigv4;

import dev.cairn.aws.sigv4.Signature.Signed;
import dev.cairn.aws.sigv4.Verdict.Refused;
import dev.cairn.aws.sigv4.Verdict.Verified;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Recomputes a signature and compares. Safe for use by many threads; keeps a bounded number of
/// derived keys.
public final class SignatureVerifier {

    /// How far the signer's clock may be from ours, either way.
    public static final Duration SKEW_MAX = Duration.ofMinutes(15);

    private final SigningKeys keys;

    /// @param signingKeysMax how many derived keys to keep; the one least recently used goes first
    public SignatureVerifier(int signingKeysMax) {
        keys = new SigningKeys(signingKeysMax);
    }

    /// Checks everything that the head of the request says, for any payload but [Payload.Whole].
    public Verdict verify(Signed signed, String secretKey, Instant now) {
        if (signed.payload() instanceof Payload.Whole) {
            throw new IllegalArgumentException(
                    "expected the hash of the body: this signature covers it directly");
        }
        return check(signed, secretKey, now, null);
    }

    /// Checks the head and the body.
    ///
    /// @param bodySha256 SHA-256 of the body as it came, 64 lower-case hex digits; of no effect on
    ///   unsigned or chunked payloads
    public Verdict verify(Signed signed, String secretKey, Instant now, String bodySha256) {
        return check(signed, secretKey, now, bodySha256);
    }

    private Verdict check(
            Signed signed, String secretKey, Instant now, @Nullable String bodySha256) {
        Optional<Refused> untimely =
                signed.presigned() ? expired(signed, now) : skewed(signed, now);
        if (untimely.isPresent()) {
            return untimely.get();
        }
        for (String name : signed.signedHeaders()) {
            if (!signed.request().headers().has(name)) {
                return new Refused(Refusal.MISMATCH);
            }
        }
        byte[] key = keys.key(secretKey, signed.scope());
        String expected =
                signature(
                        key,
                        signed.scope(),
                        signed.signedAt(),
                        Canonical.request(
                                signed.request(),
                                signed.scope().isS3(),
                                signed.signedHeaders(),
                                signed.payload().canonical(bodySha256 == null ? "" : bodySha256)));
        if (!same(expected, signed.value())) {
            return new Refused(Refusal.MISMATCH);
        }
        if (bodySha256 != null
                && signed.payload() instanceof Payload.Declared(String declared)
                && !same(declared, bodySha256)) {
            return new Refused(Refusal.PAYLOAD);
        }
        return new Verified(signed, key);
    }

    private static Optional<Refused> skewed(Signed signed, Instant now) {
        String stamp = AmzDate.format(signed.signedAt());
        Instant earliest = now.minus(SKEW_MAX);
        if (signed.signedAt().isBefore(earliest)) {
            return Optional.of(
                    new Refused(
                            Refusal.SKEWED,
                            "Signature expired: "
                                    + stamp
                                    + " is now earlier than "
                                    + AmzDate.format(earliest)
                                    + " ("
                                    + AmzDate.format(now)
                                    + " - 15 min.)"));
        }
        return notYet(signed, now);
    }

    private static Optional<Refused> expired(Signed signed, Instant now) {
        Instant end = signed.signedAt().plus(signed.validFor().orElse(Duration.ZERO));
        if (now.isAfter(end)) {
            return Optional.of(new Refused(Refusal.EXPIRED));
        }
        return notYet(signed, now);
    }

    private static Optional<Refused> notYet(Signed signed, Instant now) {
        Instant latest = now.plus(SKEW_MAX);
        if (!signed.signedAt().isAfter(latest)) {
            return Optional.empty();
        }
        return Optional.of(
                new Refused(
                        Refusal.SKEWED,
                        "Signature not yet current: "
                                + AmzDate.format(signed.signedAt())
                                + " is still later than "
                                + AmzDate.format(latest)
                                + " ("
                                + AmzDate.format(now)
                                + " + 15 min.)"));
    }

    static String signature(byte[] key, Scope scope, Instant signedAt, String canonicalRequest) {
        String toSign =
                SignatureReader.ALGORITHM
                        + "\n"
                        + AmzDate.format(signedAt)
                        + "\n"
                        + scope.path()
                        + "\n"
                        + SigningKeys.sha256Hex(canonicalRequest);
        return HexFormat.of().formatHex(SigningKeys.hmac(key, toSign));
    }

    /// Compares without telling by its time how much is equal.
    static boolean same(String expected, String actual) {
        return MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.UTF_8), actual.getBytes(StandardCharsets.UTF_8));
    }
}
