package dev.cairn.server.operation;

import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.history.Query;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/// A page token: the last event of a page, and a digest of the question it belongs to.
///
/// It keeps no state on the server, so it outlives restarts and rebuilds. It grants nothing: a
/// caller's rights are applied to each page anew. Used with another question it is refused, as AWS
/// refuses it.
///
/// The text comes before the digest, so that a token never begins with `-`: command lines, AWS's
/// own among them, take such a word for an option.
final class PageToken {
    private static final String SEPARATOR = "\n";
    private static final int DIGEST_BYTES = 12;

    private PageToken() {}

    /// @param question everything that must be the same on the next page
    static String write(Query.Cursor cursor, String question) {
        var text =
                String.join(
                        SEPARATOR,
                        Long.toString(cursor.time().toEpochMilli()),
                        cursor.place().account(),
                        cursor.place().region(),
                        cursor.id());
        var body = text.getBytes(StandardCharsets.UTF_8);
        var digest = digest(question, body);
        var token = Arrays.copyOf(body, body.length + DIGEST_BYTES);
        System.arraycopy(digest, 0, token, body.length, DIGEST_BYTES);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    /// @throws Failure InvalidNextToken when it is not a token of ours for this question
    static Query.Cursor read(String token, String question) {
        try {
            var bytes = Base64.getUrlDecoder().decode(token);
            if (bytes.length > DIGEST_BYTES) {
                var body = Arrays.copyOf(bytes, bytes.length - DIGEST_BYTES);
                var digest = Arrays.copyOfRange(bytes, body.length, bytes.length);
                if (MessageDigest.isEqual(digest, digest(question, body))) {
                    var parts = new String(body, StandardCharsets.UTF_8).split(SEPARATOR, 4);
                    if (parts.length == 4) {
                        return new Query.Cursor(
                                Instant.ofEpochMilli(Long.parseLong(parts[0])),
                                parts[3],
                                new Place(parts[1], parts[2]));
                    }
                }
            }
        } catch (IllegalArgumentException _) {
            // Not base64, or made up by someone who knows the digest: not a token of ours.
        }
        throw new Failure(ErrorCode.INVALID_NEXT_TOKEN);
    }

    private static byte[] digest(String question, byte[] body) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            sha.update(question.getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            return Arrays.copyOf(sha.digest(body), DIGEST_BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
