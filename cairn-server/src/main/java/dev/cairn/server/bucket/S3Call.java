package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Context;
import dev.cairn.account.Caller;
import dev.cairn.archive.Bucket;
import dev.cairn.server.http.Exchange;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// One call of the S3 front, by a caller who is known, or by anyone.
///
/// @param region that was signed for
/// @param input the request's members but a streamed body
/// @param body the bytes of an object or part; empty for other operations
public record S3Call(
        Caller caller,
        String region,
        ObjectNode input,
        Exchange exchange,
        Context context,
        Body body) {

    /// A body as it comes.
    ///
    /// @param length announced, without framing; -1 when not announced
    /// @param sha256 that its bytes must have; null when none was signed
    public record Body(Source source, long length, @Nullable String sha256) {
        /// A body that is not there.
        public static final Body NONE = new Body(InputStream::nullInputStream, 0, null);
    }

    /// Where a body comes from; asked once.
    @FunctionalInterface
    public interface Source {
        InputStream open() throws IOException;
    }

    /// A text member; empty when it is absent.
    String text(String member) {
        return input.path(member).asText("");
    }

    boolean has(String member) {
        return input.hasNonNull(member);
    }

    int number(String member, int fallback) {
        return input.path(member).asInt(fallback);
    }

    String bucket() {
        return text("Bucket");
    }

    String key() {
        return text("Key");
    }

    /// The first value of a header; empty when there is none.
    String header(String name) {
        return exchange.header(name).orElse("");
    }

    /// The canonical user id that stands for an account: S3's are 64 hex digits.
    static String ownerId(String account) {
        return "%064d".formatted(0).substring(account.length()) + account;
    }

    static String ownerId(Bucket bucket) {
        return ownerId(bucket.owner());
    }
}
