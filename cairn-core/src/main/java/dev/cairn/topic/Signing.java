package dev.cairn.topic;

import dev.cairn.catalog.CatalogException;
import java.time.Instant;

/// Signs messages, so that a receiver can tell them from others'.
public interface Signing {

    /// Sees to it that there is a key. To be called outside a transaction before anything is signed
    /// within one: the first call makes the key, which takes its time, and keeps it.
    void prepare(Instant now) throws CatalogException;

    /// Base64 of a text's signature: `SHA1withRSA` for version 1, `SHA256withRSA` for version 2.
    ///
    /// @throws IllegalStateException when nothing was prepared
    String sign(String signatureVersion, String text);

    /// The path under which the certificate is published, such as `/certificates/….pem`.
    ///
    /// @throws IllegalStateException when nothing was prepared
    String certificatePath();
}
