package dev.cairn.embedded.ledger;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// What duplicates are told by: 128 bits of the name (account, region, id) and 64 of the JSON's
/// bytes.
///
/// Both are the first bytes of a SHA-256, so that nobody can make two names or two contents collide
/// at will. By chance, two of 10^12 names collide with a probability of 10^-15, and a changed
/// content passes for the first one with 5×10^-20.
///
/// @param high the first eight bytes of the name's hash
/// @param low the next eight
/// @param content the first eight bytes of SHA-256(0 ‖ json), the leaf hash of RFC 6962
record Fingerprint(long high, long low, long content) {
    static final int BYTES = 24;

    /// Makes fingerprints; for one thread.
    static final class Maker {
        private final MessageDigest sha;

        Maker() {
            try {
                sha = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }

        /// @param head as [Body#head] makes it
        Fingerprint of(byte[] head, byte[] json) {
            sha.update(head, Body.NAME, head.length - Body.NAME);
            ByteBuffer name = ByteBuffer.wrap(sha.digest());
            sha.update((byte) 0);
            sha.update(json);
            return of(name, ByteBuffer.wrap(sha.digest()));
        }

        /// Of a whole body that has no fault.
        Fingerprint of(ByteBuffer bytes, int at) {
            int nameEnd = Body.nameEnd(bytes, at);
            sha.update(bytes.slice(at + Body.NAME, nameEnd - at - Body.NAME));
            ByteBuffer name = ByteBuffer.wrap(sha.digest());
            int json = Body.jsonStart(bytes, at);
            sha.update((byte) 0);
            sha.update(bytes.slice(json, at + Body.length(bytes, at) - json));
            return of(name, ByteBuffer.wrap(sha.digest()));
        }

        private static Fingerprint of(ByteBuffer name, ByteBuffer content) {
            return new Fingerprint(name.getLong(0), name.getLong(8), content.getLong(0));
        }
    }
}
