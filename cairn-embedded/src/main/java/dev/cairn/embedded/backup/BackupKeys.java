package dev.cairn.embedded.backup;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.embedded.backup.BackupException.Kind;
import dev.cairn.secret.Secrets;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// What a folder of backups is sealed with: keys made of the operator's key and the folder's salt.
///
/// | part | |
/// | --- | --- |
/// | name of a chunk | HMAC-SHA256 of its bytes: equal chunks have one name, which tells nothing of them |
/// | sealed file | `CrnBkp1\n` (8 bytes), nonce (12, random), AES-256-GCM of the bytes (+ 16) |
///
/// The key of a sealed file is HMAC-SHA256 of its name, which is bound to it besides: a file under
/// another's name does not open.
final class BackupKeys {
    static final int KEY_BYTES = 32;
    static final int SALT_BYTES = 16;
    private static final byte[] MAGIC = "CrnBkp1\n".getBytes(US_ASCII);
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;

    private final byte[] names;
    private final byte[] seals;
    private final String check;
    private final Secrets secrets;

    /// @param key exactly [#KEY_BYTES] bytes, the operator's
    /// @param salt of the folder
    /// @param secrets where nonces come from
    BackupKeys(byte[] key, byte[] salt, Secrets secrets) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException(
                    "expected a key of %d bytes, got %d".formatted(KEY_BYTES, key.length));
        }
        this.names = hmac(key, "cairn backup names\0", salt, salt.length);
        this.seals = hmac(key, "cairn backup seals\0", salt, salt.length);
        this.check = HexFormat.of().formatHex(hmac(key, "cairn backup check\0", salt, salt.length));
        this.secrets = secrets;
    }

    /// What tells whether a key is the one, and nothing of the key: 64 digits.
    String check() {
        return check;
    }

    /// The name of a chunk: 64 digits.
    String name(byte[] bytes, int length) {
        return HexFormat.of().formatHex(hmac(names, "", bytes, length));
    }

    byte[] seal(String name, byte[] bytes, int length) {
        byte[] nonce = secrets.bytes(NONCE_BYTES);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, name, nonce).doFinal(bytes, 0, length);
            return ByteBuffer.allocate(MAGIC.length + NONCE_BYTES + sealed.length)
                    .put(MAGIC)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES/GCM/NoPadding", e);
        }
    }

    /// @throws BackupException CORRUPT when it was not sealed under this name
    byte[] open(String name, byte[] sealed) throws BackupException {
        int start = MAGIC.length + NONCE_BYTES;
        try {
            if (sealed.length < start + TAG_BYTES
                    || !Arrays.equals(sealed, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
                throw new GeneralSecurityException("expected a sealed file of a backup");
            }
            byte[] nonce = Arrays.copyOfRange(sealed, MAGIC.length, start);
            return cipher(Cipher.DECRYPT_MODE, name, nonce)
                    .doFinal(sealed, start, sealed.length - start);
        } catch (GeneralSecurityException e) {
            throw new BackupException(
                    Kind.CORRUPT,
                    "the bytes of %s are not those that were written".formatted(name),
                    e);
        }
    }

    private Cipher cipher(int mode, String name, byte[] nonce) throws GeneralSecurityException {
        byte[] its = name.getBytes(US_ASCII);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                mode,
                new SecretKeySpec(hmac(seals, "", its, its.length), "AES"),
                new GCMParameterSpec(TAG_BYTES * 8, nonce));
        cipher.updateAAD(MAGIC);
        cipher.updateAAD(its);
        return cipher;
    }

    private static byte[] hmac(byte[] key, String purpose, byte[] of, int length) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update(purpose.getBytes(US_ASCII));
            mac.update(of, 0, length);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
