package dev.cairn.topic;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;

/// Writes a certificate that a key has signed for itself: X.509 version 1 in DER (RFC 5280), for
/// receivers that take a public key from a certificate. The JDK reads certificates, and makes none;
/// why there is no library for it: decision 0018.
final class SelfSigned {
    /// `sha256WithRSAEncryption` (1.2.840.113549.1.1.11) without parameters.
    private static final byte[] ALGORITHM =
            sequence(
                    element(
                            0x06,
                            new byte[] {
                                0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 0x0b
                            }),
                    element(0x05, new byte[0]));

    /// `commonName` (2.5.4.3).
    private static final byte[] COMMON_NAME = element(0x06, new byte[] {0x55, 4, 3});

    /// For years from 1950 to 2049; from 2050 on the other form must be used (RFC 5280, 4.1.2.5).
    private static final DateTimeFormatter UTC_TIME = inUtc("uuMMddHHmmss'Z'");

    private static final DateTimeFormatter GENERALIZED_TIME = inUtc("uuuuMMddHHmmss'Z'");
    private static final Instant GENERALIZED_FROM = Instant.parse("2050-01-01T00:00:00Z");

    private SelfSigned() {}

    private static DateTimeFormatter inUtc(String pattern) {
        return DateTimeFormatter.ofPattern(pattern).withZone(ZoneOffset.UTC);
    }

    /// @param name of issuer and subject, in ASCII
    static String pem(KeyPair pair, String name, BigInteger serial, Instant from, Instant until)
            throws GeneralSecurityException {
        byte[] both =
                sequence(
                        element(
                                0x31,
                                sequence(COMMON_NAME, element(0x0c, name.getBytes(US_ASCII)))));
        byte[] content =
                sequence(
                        element(0x02, serial.toByteArray()),
                        ALGORITHM,
                        both,
                        sequence(time(from), time(until)),
                        both,
                        pair.getPublic().getEncoded());
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(pair.getPrivate());
        signature.update(content);
        byte[] bits = join(new byte[] {0}, signature.sign());
        byte[] whole = sequence(content, ALGORITHM, element(0x03, bits));
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(whole)
                + "\n-----END CERTIFICATE-----\n";
    }

    private static byte[] time(Instant time) {
        return time.isBefore(GENERALIZED_FROM)
                ? element(0x17, UTC_TIME.format(time).getBytes(US_ASCII))
                : element(0x18, GENERALIZED_TIME.format(time).getBytes(US_ASCII));
    }

    private static byte[] sequence(byte[]... parts) {
        return element(0x30, join(parts));
    }

    private static byte[] element(int tag, byte[] content) {
        if (content.length < 0x80) {
            return join(new byte[] {(byte) tag, (byte) content.length}, content);
        }
        byte[] length = BigInteger.valueOf(content.length).toByteArray();
        if (length[0] == 0) { // Its sign.
            length = Arrays.copyOfRange(length, 1, length.length);
        }
        return join(new byte[] {(byte) tag, (byte) (0x80 | length.length)}, length, content);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            whole.writeBytes(part);
        }
        return whole.toByteArray();
    }
}
