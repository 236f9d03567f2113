package dev.cairn.proof;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

/// Judges signatures under trusted keys.
final class Signatures {
    /// A digest is signed a little after its window, and redelivered later still; AWS's own client
    /// asks for the keys of two more hours.
    private static final Duration LATE = Duration.ofHours(2);

    private final TrustedKeys keys;

    Signatures(TrustedKeys keys) {
        this.keys = keys;
    }

    /// What is wrong with a signature of a digest; empty when it holds.
    Optional<Finding> judge(Link link, String signature) {
        TrustedKeys.Key key = keys.find(link.document().fingerprint()).orElse(null);
        if (key == null) {
            return Optional.of(
                    new Finding(
                            Kind.UNTRUSTED,
                            link.bucket(),
                            link.key(),
                            "is signed with the key of fingerprint %s, which is not among the trusted ones"
                                    .formatted(link.document().fingerprint())));
        }
        if (!holds(key, link.signedText(), signature)) {
            return Optional.of(
                    new Finding(
                            Kind.CHANGED,
                            link.bucket(),
                            link.key(),
                            "its signature does not hold: the digest or its signature was changed, or someone else signed it"));
        }
        Instant end = link.document().end();
        boolean early = key.from().isPresent() && end.plus(LATE).isBefore(key.from().get());
        boolean late = key.to().isPresent() && end.minus(LATE).isAfter(key.to().get());
        if (!link.name().backfill() && (early || late)) {
            return Optional.of(
                    new Finding(
                            Kind.UNTRUSTED,
                            link.bucket(),
                            link.key(),
                            "is signed with a trusted key, but for a time at which that key was not valid"));
        }
        return Optional.empty();
    }

    private static boolean holds(TrustedKeys.Key key, String text, String hex) {
        try {
            Signature verifier = Signature.getInstance("SHA256withRSA");
            verifier.initVerify(key.key());
            verifier.update(text.getBytes(UTF_8));
            return verifier.verify(HexFormat.of().parseHex(hex));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Not a signature of this key's form at all.
            return false;
        }
    }
}
