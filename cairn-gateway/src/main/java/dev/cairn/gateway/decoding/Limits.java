package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// CloudTrail's limits on a record's fields: a document over its limit is left out whole, a text is
/// cut, so that no call goes unrecorded for its record's size.
public final class Limits {

    static final int DOCUMENT_BYTES_MAX = 100 << 10;
    static final int ADDITIONAL_BYTES_MAX = 28 << 10;
    static final int TEXT_BYTES_MAX = 1 << 10;

    private Limits() {}

    /// `requestParameters` or `responseElements`: null when empty or over 100 KB.
    public static @Nullable JsonNode document(@Nullable JsonNode document) {
        return within(document, DOCUMENT_BYTES_MAX);
    }

    /// `additionalEventData`: null when empty or over 28 KB.
    static @Nullable JsonNode additional(@Nullable ObjectNode document) {
        return within(document, ADDITIONAL_BYTES_MAX);
    }

    private static @Nullable JsonNode within(@Nullable JsonNode document, int bytesMax) {
        if (document == null || document.isNull() || document.isEmpty()) {
            return null;
        }
        return least(document, bytesMax) <= bytesMax
                        && (most(document) <= bytesMax
                                || document.toString().getBytes(StandardCharsets.UTF_8).length
                                        <= bytesMax)
                ? document
                : null;
    }

    /// No more than its bytes are; stops when that is over the limit.
    private static long least(JsonNode node, int bytesMax) {
        long sum = 2;
        if (node.isTextual()) {
            return node.textValue().length();
        }
        if (node.isObject()) {
            for (var field : node.properties()) {
                sum += field.getKey().length() + least(field.getValue(), bytesMax);
                if (sum > bytesMax) {
                    break;
                }
            }
        } else {
            for (JsonNode item : node) {
                sum += least(item, bytesMax);
                if (sum > bytesMax) {
                    break;
                }
            }
        }
        return sum;
    }

    /// No less than its bytes are: six for each character, that is `\` and `u` and four digits.
    private static long most(JsonNode node) {
        if (node.isTextual()) {
            return 6L * node.textValue().length() + 3;
        }
        if (node.isObject()) {
            long sum = 3;
            for (var field : node.properties()) {
                sum += 6L * field.getKey().length() + 4 + most(field.getValue());
            }
            return sum;
        }
        if (node.isArray()) {
            long sum = 3;
            for (JsonNode item : node) {
                sum += most(item);
            }
            return sum;
        }
        return node.asText().length() + 3L;
    }

    /// A text of at most 1 KB of UTF-8, cut between two characters.
    public static @Nullable String text(@Nullable String text) {
        if (text == null || text.length() <= TEXT_BYTES_MAX / 3) {
            return text;
        }
        int bytes = 0;
        int end = 0;
        while (end < text.length()) {
            int c = text.codePointAt(end);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            if (bytes > TEXT_BYTES_MAX) {
                return text.substring(0, end);
            }
            end += Character.charCount(c);
        }
        return text;
    }
}
