package dev.cairn.testkit.proof;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/// A key pair as CloudTrail has one for each region, made anew for a test.
public final class DigestKeys {
    /// A SubjectPublicKeyInfo of RSA-2048 is this header and then PKCS#1.
    private static final int SPKI_HEADER_BYTES = 24;

    private final KeyPair pair;
    private final byte[] pkcs1;

    public DigestKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            pair = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
        byte[] spki = pair.getPublic().getEncoded();
        pkcs1 = Arrays.copyOfRange(spki, SPKI_HEADER_BYTES, spki.length);
    }

    /// Hex of the MD5 of the public key in PKCS#1.
    public String fingerprint() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(pkcs1));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    /// Hex of a SHA256withRSA signature.
    public String sign(String text) {
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(pair.getPrivate());
            signature.update(text.getBytes(UTF_8));
            return HexFormat.of().formatHex(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA256withRSA", e);
        }
    }

    /// The answer of ListPublicKeys, as the AWS CLI prints it.
    public String listing() {
        return """
        {"PublicKeyList": [{
            "Value": "%s",
            "ValidityStartTime": 1420070400.0,
            "ValidityEndTime": "2100-01-01T00:00:00+00:00",
            "Fingerprint": "%s"}]}
        """
                .formatted(Base64.getEncoder().encodeToString(pkcs1), fingerprint());
    }
}
