package dev.cairn.kms;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/// What a key has encrypted: which key and which of its material, and the rest in a form that only
/// they open. Clients take it for a blob.
///
/// On the wire, big-endian: format (1 byte, now 1), account (8, as a number), key id (16), material
/// (4), salt (16), nonce (12), then the sealed text with its tag of 16 bytes. All before the salt
/// is the *head*, and is bound to the text.
///
/// @param account whose key it was
/// @param keyId the key's id
/// @param material which of the key's material, from 1
/// @param salt what the one-time key was made with
/// @param nonce of AES-GCM
/// @param sealed the encrypted text and its tag
@SuppressWarnings("ArrayRecordComponent") // Made and read once; never compared.
public record Ciphertext(
        String account, String keyId, int material, byte[] salt, byte[] nonce, byte[] sealed) {
    static final int SALT_BYTES = 16;
    static final int NONCE_BYTES = 12;
    static final int TAG_BYTES = 16;

    private static final byte FORMAT = 1;
    private static final int HEAD_BYTES = 1 + 8 + 16 + 4;
    private static final long ACCOUNT_MAX = 999_999_999_999L;

    /// Reads a blob; empty when it is none of ours.
    public static Optional<Ciphertext> of(byte[] blob) {
        if (blob.length < HEAD_BYTES + SALT_BYTES + NONCE_BYTES + TAG_BYTES || blob[0] != FORMAT) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(blob, 1, blob.length - 1);
        long account = bytes.getLong();
        UUID keyId = new UUID(bytes.getLong(), bytes.getLong());
        int material = bytes.getInt();
        if (account < 0 || account > ACCOUNT_MAX || material < 1) {
            return Optional.empty();
        }
        byte[] salt = new byte[SALT_BYTES];
        byte[] nonce = new byte[NONCE_BYTES];
        bytes.get(salt).get(nonce);
        return Optional.of(
                new Ciphertext(
                        "%012d".formatted(account),
                        keyId.toString(),
                        material,
                        salt,
                        nonce,
                        Arrays.copyOfRange(blob, bytes.position(), blob.length)));
    }

    /// The key in the region that is called: a blob does not name one, and opens nowhere else.
    public KeyArn key(String region) {
        return new KeyArn(region, account, keyId);
    }

    byte[] bytes() {
        return ByteBuffer.allocate(HEAD_BYTES + SALT_BYTES + NONCE_BYTES + sealed.length)
                .put(head())
                .put(salt)
                .put(nonce)
                .put(sealed)
                .array();
    }

    /// What is bound to the text besides the encryption context.
    byte[] head() {
        UUID id = UUID.fromString(keyId);
        return ByteBuffer.allocate(HEAD_BYTES)
                .put(FORMAT)
                .putLong(Long.parseLong(account))
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .putInt(material)
                .array();
    }

    @Override
    public String toString() {
        return "Ciphertext[%s/%s, material %d]".formatted(account, keyId, material);
    }
}
