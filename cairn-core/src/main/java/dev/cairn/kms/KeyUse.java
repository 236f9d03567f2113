package dev.cairn.kms;

import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.secret.Secrets;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;

/// Encrypts and decrypts with keys.
///
/// Each text is encrypted with AES-256-GCM under a key of its own, made from the material and a
/// random salt by HKDF-SHA256 (RFC 5869, expand only: material is random already), so that no key
/// ever meets a nonce twice, however often it is used. What the blob says of itself and the
/// encryption context are associated data. Everything is the JDK's. Any thread may call any method;
/// each call looks at the catalog anew.
public final class KeyUse {
    /// The most that is encrypted at once.
    public static final int PLAINTEXT_BYTES_MAX = 4096;

    private static final byte[] PURPOSE = "cairn kms 1".getBytes(StandardCharsets.US_ASCII);
    private static final int KEY_BYTES = 32;

    private final Materials materials;
    private final Secrets secrets;

    public KeyUse(Materials materials, Secrets secrets) {
        this.materials = materials;
        this.secrets = secrets;
    }

    /// A fresh key for data, and the same encrypted.
    ///
    /// @param plaintext not to be kept
    /// @param blob to be kept with the data
    @SuppressWarnings("ArrayRecordComponent") // Handed over once; never compared.
    public record DataKey(byte[] plaintext, byte[] blob) {
        @Override
        public String toString() {
            return "DataKey[****]";
        }
    }

    /// @throws Failure DISABLED, KMS_INVALID_STATE
    public DataKey generate(KmsKey key, int bytes, EncryptionContext context)
            throws CatalogException {
        key.checkUsable();
        byte[] plaintext = secrets.bytes(bytes);
        return new DataKey(plaintext, encrypt(key, plaintext, context));
    }

    /// Encrypts with a key's present material.
    ///
    /// @param plaintext 1 to [#PLAINTEXT_BYTES_MAX] bytes
    /// @return a [Ciphertext]
    /// @throws Failure DISABLED, KMS_INVALID_STATE
    public byte[] encrypt(KmsKey key, byte[] plaintext, EncryptionContext context)
            throws CatalogException {
        key.checkUsable();
        byte[] salt = secrets.bytes(Ciphertext.SALT_BYTES);
        byte[] nonce = secrets.bytes(Ciphertext.NONCE_BYTES);
        Ciphertext unsealed =
                new Ciphertext(
                        key.arn().account(),
                        key.arn().id(),
                        key.material(),
                        salt,
                        nonce,
                        new byte[0]);
        try {
            byte[] sealed =
                    cipher(Cipher.ENCRYPT_MODE, material(key, key.material()), unsealed, context)
                            .doFinal(plaintext);
            return new Ciphertext(
                            unsealed.account(),
                            unsealed.keyId(),
                            unsealed.material(),
                            salt,
                            nonce,
                            sealed)
                    .bytes();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM and HKDF-SHA256", e);
        }
    }

    /// Decrypts with the material that encrypted, the present one or an older.
    ///
    /// @param key the one that the blob names
    /// @throws Failure DISABLED, KMS_INVALID_STATE; INVALID_CIPHERTEXT when it was not made by this
    ///   key and with this context
    public byte[] decrypt(KmsKey key, Ciphertext blob, EncryptionContext context)
            throws CatalogException {
        key.checkUsable();
        if (blob.material() > key.material()) {
            throw new Failure(ErrorCode.INVALID_CIPHERTEXT);
        }
        try {
            return cipher(Cipher.DECRYPT_MODE, material(key, blob.material()), blob, context)
                    .doFinal(blob.sealed());
        } catch (AEADBadTagException _) {
            throw new Failure(ErrorCode.INVALID_CIPHERTEXT);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM and HKDF-SHA256", e);
        }
    }

    private SecretKey material(KmsKey key, int number) throws CatalogException {
        // Only a deletion that came between takes it away.
        return materials.open(key.arn(), number).orElseThrow(() -> KmsKeys.missing(key.arn()));
    }

    private static Cipher cipher(
            int mode, SecretKey material, Ciphertext blob, EncryptionContext context)
            throws GeneralSecurityException {
        ByteArrayOutputStream info = new ByteArrayOutputStream();
        info.writeBytes(PURPOSE);
        info.writeBytes(blob.salt());
        SecretKey once =
                KDF.getInstance("HKDF-SHA256")
                        .deriveKey(
                                "AES",
                                HKDFParameterSpec.expandOnly(
                                        material, info.toByteArray(), KEY_BYTES));
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                mode, once, new GCMParameterSpec(Ciphertext.TAG_BYTES * Byte.SIZE, blob.nonce()));
        cipher.updateAAD(blob.head());
        cipher.updateAAD(context.bytes());
        return cipher;
    }
}
