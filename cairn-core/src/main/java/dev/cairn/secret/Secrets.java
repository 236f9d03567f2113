package dev.cairn.secret;

import java.nio.ByteBuffer;
import java.util.UUID;

/// The port for chance that nobody may guess: keys, tokens, nonces. Never for anything that a
/// simulation must repeat; that takes a `RandomGenerator`.
@FunctionalInterface
public interface Secrets {

    /// Fresh unpredictable bytes, from any thread.
    ///
    /// @param count at least 1
    byte[] bytes(int count);

    /// Characters of an alphabet, each as likely as any other.
    ///
    /// @param alphabet a power of two of characters, at most 64, so that no byte favours one
    /// @param count at least 1
    default String letters(String alphabet, int count) {
        if (Integer.bitCount(alphabet.length()) != 1 || alphabet.length() > 64) {
            throw new IllegalArgumentException(
                    "expected 2, 4, 8, 16, 32 or 64 letters, got " + alphabet.length());
        }
        StringBuilder letters = new StringBuilder(count);
        for (byte b : bytes(count)) {
            letters.append(alphabet.charAt(b & (alphabet.length() - 1)));
        }
        return letters.toString();
    }

    /// A fresh random UUID (RFC 9562, version 4), in lower case.
    default String uuid() {
        ByteBuffer bytes = ByteBuffer.wrap(bytes(16));
        long high = (bytes.getLong() & 0xffff_ffff_ffff_0fffL) | 0x4000L;
        long low = (bytes.getLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }
}
