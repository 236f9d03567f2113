package dev.cairn.digest;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The hashes that digests are made of, as lower-case hex.
public final class Hashes {
    private Hashes() {}

    /// A running SHA-256, for what is too large to hold.
    public static MessageDigest sha256() {
        return algorithm("SHA-256");
    }

    public static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    /// What a fingerprint is made with; proves nothing, only names a key.
    static String md5(byte[] bytes) {
        return HexFormat.of().formatHex(algorithm("MD5").digest(bytes));
    }

    private static MessageDigest algorithm(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + name, e);
        }
    }
}
