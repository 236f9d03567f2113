package dev.cairn.secret;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Seals secrets under the master key, so that a copy of the catalog alone tells none of them.
///
/// AES-256-GCM with a fresh 96-bit nonce each time, and with what the secret belongs to as
/// associated data: a sealed secret moved to another document does not open there. Random nonces
/// are safe for 2^32 seals under one master key (NIST SP 800-38D, 8.3). Any thread may use it.
public final class Vault {
    /// A master key's length.
    public static final int MASTER_KEY_BYTES = 32;

    private static final String FORMAT = "v1.";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec masterKey;
    private final Secrets secrets;

    /// @param masterKey exactly [#MASTER_KEY_BYTES] bytes; copied
    /// @param secrets where nonces come from
    public Vault(byte[] masterKey, Secrets secrets) {
        if (masterKey.length != MASTER_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "expected a master key of %d bytes, got %d"
                            .formatted(MASTER_KEY_BYTES, masterKey.length));
        }
        this.masterKey = new SecretKeySpec(masterKey, "AES");
        this.secrets = secrets;
    }

    /// Seals a secret for a place.
    ///
    /// @param kind of what the secret belongs to, such as `key`
    /// @param id of what it belongs to, such as an access key id
    /// @return printable ASCII, about 4/3 of the secret and 45 characters
    public String seal(String kind, String id, Secret secret) {
        byte[] nonce = secrets.bytes(NONCE_BYTES);
        try {
            byte[] sealed =
                    cipher(Cipher.ENCRYPT_MODE, nonce, kind, id)
                            .doFinal(secret.reveal().getBytes(UTF_8));
            byte[] all = new byte[NONCE_BYTES + sealed.length];
            System.arraycopy(nonce, 0, all, 0, NONCE_BYTES);
            System.arraycopy(sealed, 0, all, NONCE_BYTES, sealed.length);
            return FORMAT + Base64.getUrlEncoder().withoutPadding().encodeToString(all);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES/GCM/NoPadding", e);
        }
    }

    /// Opens what was sealed for that place.
    ///
    /// @throws GeneralSecurityException when it was sealed under another master key, for another
    ///   place, in an unknown format, or is damaged
    public Secret open(String kind, String id, String sealed) throws GeneralSecurityException {
        if (!sealed.startsWith(FORMAT)) {
            throw new GeneralSecurityException("expected a sealed secret that starts with v1.");
        }
        byte[] all;
        try {
            all = Base64.getUrlDecoder().decode(sealed.substring(FORMAT.length()));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("expected base64url in a sealed secret", e);
        }
        if (all.length < NONCE_BYTES) {
            throw new GeneralSecurityException("expected a nonce in a sealed secret");
        }
        byte[] text =
                cipher(Cipher.DECRYPT_MODE, all, kind, id)
                        .doFinal(all, NONCE_BYTES, all.length - NONCE_BYTES);
        return new Secret(new String(text, UTF_8));
    }

    private Cipher cipher(int mode, byte[] nonce, String kind, String id)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, masterKey, new GCMParameterSpec(TAG_BITS, nonce, 0, NONCE_BYTES));
        cipher.updateAAD((kind + '\0' + id).getBytes(UTF_8));
        return cipher;
    }
}
