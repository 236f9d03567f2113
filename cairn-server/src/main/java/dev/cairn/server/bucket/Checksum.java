package dev.cairn.server.bucket;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/// The checksums that S3's clients send with a body
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html).
final class Checksum {
    static final String HEADER = "x-amz-checksum-";

    private final String algorithm;
    private final Sum sum;

    private interface Sum {
        void update(byte[] bytes, int offset, int length);

        byte[] value();
    }

    private Checksum(String algorithm, Sum sum) {
        this.algorithm = algorithm;
        this.sum = sum;
    }

    /// The one of that name, such as `crc32`; empty when S3 has none such.
    static Optional<Checksum> named(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return switch (lower) {
            case "crc32" -> Optional.of(new Checksum(lower, crc(new CRC32())));
            case "crc32c" -> Optional.of(new Checksum(lower, crc(new CRC32C())));
            case "crc64nvme" -> Optional.of(new Checksum(lower, new Crc64()));
            case "sha1" -> Optional.of(new Checksum(lower, digest("SHA-1")));
            case "sha256" -> Optional.of(new Checksum(lower, digest("SHA-256")));
            default -> Optional.empty();
        };
    }

    /// The header that carries it.
    String header() {
        return HEADER + algorithm;
    }

    void update(byte[] bytes, int offset, int length) {
        sum.update(bytes, offset, length);
    }

    String base64() {
        return Base64.getEncoder().encodeToString(sum.value());
    }

    private static Sum crc(java.util.zip.Checksum crc) {
        return new Sum() {
            @Override
            public void update(byte[] bytes, int offset, int length) {
                crc.update(bytes, offset, length);
            }

            @Override
            public byte[] value() {
                return ByteBuffer.allocate(4).putInt((int) crc.getValue()).array();
            }
        };
    }

    private static Sum digest(String name) {
        MessageDigest digest = messageDigest(name);
        return new Sum() {
            @Override
            public void update(byte[] bytes, int offset, int length) {
                digest.update(bytes, offset, length);
            }

            @Override
            public byte[] value() {
                return digest.digest();
            }
        };
    }

    static MessageDigest messageDigest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + name, e);
        }
    }

    /// CRC-64/NVME: reflected, polynomial AD93D23594C93659, all ones in and out.
    private static final class Crc64 implements Sum {
        private static final long POLYNOMIAL = 0x9A6C9329AC4BC9B5L;
        private static final long[] TABLE = table();

        private long crc = -1;

        private static long[] table() {
            long[] table = new long[256];
            for (int i = 0; i < 256; i++) {
                long value = i;
                for (int bit = 0; bit < 8; bit++) {
                    value = (value & 1) == 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL;
                }
                table[i] = value;
            }
            return table;
        }

        @Override
        public void update(byte[] bytes, int offset, int length) {
            for (int i = offset; i < offset + length; i++) {
                crc = TABLE[(int) (crc ^ bytes[i]) & 0xFF] ^ (crc >>> 8);
            }
        }

        @Override
        public byte[] value() {
            return ByteBuffer.allocate(8).putLong(~crc).array();
        }
    }
}
