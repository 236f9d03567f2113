package dev.cairn.digest;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;

/// A public key as ListPublicKeys gives it.
///
/// @param pkcs1 the PKCS#1 `RSAPublicKey` in DER; not the SubjectPublicKeyInfo that Java calls
///   "encoded"
/// @param from when it may first have signed
/// @param until when its validity ends; it signs nothing in its last days
@SuppressWarnings("ArrayRecordComponent") // The array's identity is never relied on.
public record PublishedKey(byte[] pkcs1, Instant from, Instant until) {

    /// What digests name the key by: the lower-case hex MD5 of [#pkcs1].
    public String fingerprint() {
        return Hashes.md5(pkcs1);
    }

    /// Whether it may have signed within a time, both ends included.
    public boolean validWithin(Instant start, Instant end) {
        return !from.isAfter(end) && !until.isBefore(start);
    }

    /// The DER of RFC 8017, A.1.1: a sequence of modulus and exponent.
    public static byte[] pkcs1(RSAPublicKey key) {
        byte[] modulus = integer(key.getModulus());
        byte[] exponent = integer(key.getPublicExponent());
        return element(
                0x30,
                ByteBuffer.allocate(modulus.length + exponent.length)
                        .put(modulus)
                        .put(exponent)
                        .array());
    }

    private static byte[] integer(BigInteger number) {
        return element(0x02, number.toByteArray());
    }

    private static byte[] element(int tag, byte[] content) {
        int length = content.length;
        byte[] size;
        if (length < 0x80) {
            size = new byte[] {(byte) length};
        } else if (length < 0x100) {
            size = new byte[] {(byte) 0x81, (byte) length};
        } else if (length < 0x10000) {
            size = new byte[] {(byte) 0x82, (byte) (length >> 8), (byte) length};
        } else {
            throw new IllegalArgumentException("expected a key below 64 KB, got " + length);
        }
        return ByteBuffer.allocate(1 + size.length + length)
                .put((byte) tag)
                .put(size)
                .put(content)
                .array();
    }
}
