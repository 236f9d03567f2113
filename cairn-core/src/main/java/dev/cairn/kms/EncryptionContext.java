package dev.cairn.kms;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/// What must be said again to decrypt: names and values that are bound to a ciphertext, and not
/// secret (https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html).
///
/// @param pairs by name; in no order
public record EncryptionContext(Map<String, String> pairs) {
    /// No context.
    public static final EncryptionContext NONE = new EncryptionContext(Map.of());

    /// The most that all names and values may be together, in UTF-8.
    public static final int BYTES_MAX = 8192;

    public EncryptionContext {
        pairs = Map.copyOf(pairs);
    }

    /// How long all names and values are together, in UTF-8.
    public int size() {
        return pairs.entrySet().stream()
                .mapToInt(pair ->
                        pair.getKey().getBytes(UTF_8).length
                                + pair.getValue().getBytes(UTF_8).length)
                .sum();
    }

    /// The same bytes for the same pairs, and for no others: each text with its length before it,
    /// in order of name.
    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            for (Map.Entry<String, String> pair : new TreeMap<>(pairs).entrySet()) {
                write(out, pair.getKey());
                write(out, pair.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an array does no I/O", e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
