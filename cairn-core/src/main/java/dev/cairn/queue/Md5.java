package dev.cairn.queue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/// The sums that clients compare to see that a message arrived as it was sent. They protect against
/// accidents, not against anyone.
public final class Md5 {
    private Md5() {}

    /// Of a body.
    public static String of(String text) {
        return hex(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Of attributes
    /// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation).
    ///
    /// @return empty for no attributes
    public static String of(Map<String, MessageAttribute> attributes) {
        if (attributes.isEmpty()) {
            return "";
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new TreeMap<>(attributes)
                .forEach((name, attribute) -> {
                    counted(bytes, name.getBytes(StandardCharsets.UTF_8));
                    counted(bytes, attribute.type().getBytes(StandardCharsets.UTF_8));
                    bytes.write(attribute.binary() ? 2 : 1);
                    counted(bytes, attribute.bytes());
                });
        return hex(bytes.toByteArray());
    }

    private static void counted(ByteArrayOutputStream bytes, byte[] value) {
        bytes.writeBytes(ByteBuffer.allocate(4).putInt(value.length).array());
        bytes.writeBytes(value);
    }

    private static String hex(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }
}
