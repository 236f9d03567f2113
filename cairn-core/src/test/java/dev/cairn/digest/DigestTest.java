package dev.cairn.digest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DigestTest {
    private static final Instant NINE = Instant.parse("2026-11-20T09:00:00Z");
    private static final Digest.SealedFile FILE =
            new Digest.SealedFile(
                    "logs",
                    "AWSLogs/1/a.json.gz",
                    "aa11",
                    NINE.plusSeconds(5).plusMillis(900),
                    NINE.plusSeconds(1));
    private static final Digest.SealedFile OLDER =
            new Digest.SealedFile(
                    "logs", "AWSLogs/1/b.json.gz", "bb22", NINE, NINE.minusSeconds(9));

    private static Digest digest(
            Digest.@Nullable Previous previous, List<Digest.SealedFile> files) {
        return new Digest(
                "123456789012",
                NINE,
                NINE.plusSeconds(3600),
                "logs",
                "AWSLogs/d.json.gz",
                "0f",
                previous,
                files);
    }

    @Test
    void a_digest_names_its_files_and_its_predecessor_in_the_form_of_aws() {
        var previous = new Digest.Previous("old", "AWSLogs/c.json.gz", "cc33", "dd44");

        assertThat(new String(digest(previous, List.of(FILE, OLDER)).json(), UTF_8))
                .isEqualTo(
                        """
                        {"awsAccountId":"123456789012","digestStartTime":"2026-11-20T09:00:00Z",\
                        "digestEndTime":"2026-11-20T10:00:00Z","digestS3Bucket":"logs",\
                        "digestS3Object":"AWSLogs/d.json.gz","digestPublicKeyFingerprint":"0f",\
                        "digestSignatureAlgorithm":"SHA256withRSA",\
                        "newestEventTime":"2026-11-20T09:00:05Z",\
                        "oldestEventTime":"2026-11-20T08:59:51Z",\
                        "previousDigestS3Bucket":"old","previousDigestS3Object":"AWSLogs/c.json.gz",\
                        "previousDigestHashValue":"cc33","previousDigestHashAlgorithm":"SHA-256",\
                        "previousDigestSignature":"dd44","logFiles":[\
                        {"s3Bucket":"logs","s3Object":"AWSLogs/1/a.json.gz","hashValue":"aa11",\
                        "hashAlgorithm":"SHA-256","newestEventTime":"2026-11-20T09:00:05Z",\
                        "oldestEventTime":"2026-11-20T09:00:01Z"},\
                        {"s3Bucket":"logs","s3Object":"AWSLogs/1/b.json.gz","hashValue":"bb22",\
                        "hashAlgorithm":"SHA-256","newestEventTime":"2026-11-20T09:00:00Z",\
                        "oldestEventTime":"2026-11-20T08:59:51Z"}]}\
                        """);
    }

    @Test
    void the_first_digest_of_a_chain_has_nulls_for_its_predecessor_and_an_idle_one_no_files() {
        assertThat(new String(digest(null, List.of()).json(), UTF_8))
                .contains(
                        """
                        "newestEventTime":null,"oldestEventTime":null,\
                        "previousDigestS3Bucket":null,"previousDigestS3Object":null,\
                        "previousDigestHashValue":null,"previousDigestHashAlgorithm":null,\
                        "previousDigestSignature":null,"logFiles":[]}\
                        """);
    }

    @Test
    void what_is_signed_ends_with_the_signature_before_or_the_word_null() {
        var previous = new Digest.Previous("old", "AWSLogs/c.json.gz", "cc33", "dd44");

        assertThat(digest(previous, List.of()).textToSign("ee55"))
                .isEqualTo("2026-11-20T10:00:00Z\nlogs/AWSLogs/d.json.gz\nee55\ndd44");
        assertThat(digest(null, List.of()).textToSign("ee55")).endsWith("\nee55\nnull");
    }
}
