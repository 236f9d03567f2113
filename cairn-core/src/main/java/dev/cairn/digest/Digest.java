package dev.cairn.digest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A digest as it is written: the files delivered in `[start, end)` for one trail, account and
/// region, and its predecessor.
///
/// @param account whose events the files hold
/// @param start the end of its predecessor's window, where it has one
/// @param end whole seconds, like all times in a digest
/// @param bucket where the digest itself goes
/// @param object the digest's own key
/// @param fingerprint of the key that signs it
/// @param previous null for the first digest since logging, or validation, was turned on
/// @param files in order of delivery; none when the window was idle
public record Digest(
        String account,
        Instant start,
        Instant end,
        String bucket,
        String object,
        String fingerprint,
        @Nullable Previous previous,
        List<SealedFile> files) {
    private static final JsonFactory JSON = new JsonFactory();

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    /// `digestSignatureAlgorithm`, and the metadata `signature-algorithm`.
    public static final String SIGNATURE_ALGORITHM = "SHA256withRSA";

    private static final String HASH_ALGORITHM = "SHA-256";

    public Digest {
        files = List.copyOf(files);
    }

    /// The digest before this one in its chain.
    ///
    /// @param hash lower-case hex SHA-256 of its uncompressed bytes
    /// @param signature lower-case hex
    public record Previous(String bucket, String object, String hash, String signature) {}

    /// A log file that a digest names.
    ///
    /// @param hash lower-case hex SHA-256 of its uncompressed bytes
    /// @param newest the latest `eventTime` in it
    /// @param oldest the earliest
    public record SealedFile(
            String bucket, String object, String hash, Instant newest, Instant oldest) {}

    /// A time as digests spell it: `2026-11-20T09:15:00Z`.
    public static String time(Instant time) {
        return TIME.format(time);
    }

    /// The file's content, UTF-8 JSON, with AWS's members in AWS's order. The same digest gives the
    /// same bytes.
    public byte[] json() {
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("awsAccountId", account);
            json.writeStringField("digestStartTime", time(start));
            json.writeStringField("digestEndTime", time(end));
            json.writeStringField("digestS3Bucket", bucket);
            json.writeStringField("digestS3Object", object);
            json.writeStringField("digestPublicKeyFingerprint", fingerprint);
            json.writeStringField("digestSignatureAlgorithm", SIGNATURE_ALGORITHM);
            text(json, "newestEventTime", newest());
            text(json, "oldestEventTime", oldest());
            text(json, "previousDigestS3Bucket", previous == null ? null : previous.bucket());
            text(json, "previousDigestS3Object", previous == null ? null : previous.object());
            text(json, "previousDigestHashValue", previous == null ? null : previous.hash());
            text(json, "previousDigestHashAlgorithm", previous == null ? null : HASH_ALGORITHM);
            text(json, "previousDigestSignature", previous == null ? null : previous.signature());
            json.writeArrayFieldStart("logFiles");
            for (SealedFile file : files) {
                json.writeStartObject();
                json.writeStringField("s3Bucket", file.bucket());
                json.writeStringField("s3Object", file.object());
                json.writeStringField("hashValue", file.hash());
                json.writeStringField("hashAlgorithm", HASH_ALGORITHM);
                json.writeStringField("newestEventTime", time(file.newest()));
                json.writeStringField("oldestEventTime", time(file.oldest()));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a ByteArrayOutputStream does no I/O", e);
        }
        return bytes.toByteArray();
    }

    /// What is signed, ASCII without an end of line: end, own address, own hash, and the
    /// predecessor's signature or the word `null`.
    ///
    /// @param hash of [#json]
    public String textToSign(String hash) {
        return textToSign(
                time(end), bucket, object, hash, previous == null ? null : previous.signature());
    }

    /// As above, for a digest read back: every part as it stands in the JSON.
    ///
    /// @param previousSignature null for the first of a chain
    public static String textToSign(
            String endTime,
            String bucket,
            String object,
            String hash,
            @Nullable String previousSignature) {
        return endTime
                + '\n'
                + bucket
                + '/'
                + object
                + '\n'
                + hash
                + '\n'
                + (previousSignature == null ? "null" : previousSignature);
    }

    private @Nullable String newest() {
        return files.stream()
                .map(SealedFile::newest)
                .max(Comparator.naturalOrder())
                .map(Digest::time)
                .orElse(null);
    }

    private @Nullable String oldest() {
        return files.stream()
                .map(SealedFile::oldest)
                .min(Comparator.naturalOrder())
                .map(Digest::time)
                .orElse(null);
    }

    private static void text(JsonGenerator json, String name, @Nullable String text)
            throws IOException {
        if (text == null) {
            json.writeNullField(name);
        } else {
            json.writeStringField(name, text);
        }
    }
}
