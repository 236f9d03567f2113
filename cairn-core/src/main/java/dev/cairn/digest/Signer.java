package dev.cairn.digest;

/// Signs digests with one key. The same text gives the same signature (PKCS#1 v1.5 takes no
/// chance), so that a digest that is written again is the same digest.
public interface Signer {

    /// The key's name in digests.
    String fingerprint();

    /// Lower-case hex of the `SHA256withRSA` signature of the text's UTF-8.
    String sign(String text);
}
