package dev.cairn.distributed.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.archive.Archive;
import dev.cairn.archive.Archive.Description;
import dev.cairn.archive.Archive.Put;
import dev.cairn.archive.Archive.Writer;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ArchiveException.Kind;
import dev.cairn.distributed.archive.S3Destination.PutForm;
import dev.cairn.distributed.archive.ScriptedS3.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What an S3 that refuses or fails is taken to mean, and what it is sent.
class S3FailuresTest {
    private static final Writer TRAIL =
            new Writer("123456789012", "arn:aws:cloudtrail:us-east-1:123456789012:trail/main");
    private static final Description GZIP =
            new Description("application/json", "gzip", Map.of("signature", "0a"));
    private static final byte[] CONTENT = "content".getBytes(UTF_8);
    private static final Answer OK = Answer.of(200, "");

    private static Archive open(ScriptedS3 s3, PutForm form, boolean checksums) {
        return S3Archive.open(
                s3.destination(form, checksums), false, InstantSource.fixed(Instant.EPOCH));
    }

    private static ArchiveException failureOfPut(ScriptedS3 s3) {
        try (Archive archive = open(s3, PutForm.AWS, true)) {
            return catchThrowableOfType(
                    ArchiveException.class,
                    () -> archive.putIfAbsent(TRAIL, "logs", "k", CONTENT, GZIP));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "404, NoSuchBucket, NO_SUCH_BUCKET, 1",
        "403, AccessDenied, DENIED, 1",
        "403, InvalidAccessKeyId, DENIED, 1",
        "400, ExpiredToken, DENIED, 1",
        "400, InvalidRequest, UNAVAILABLE, 1",
        "501, NotImplemented, UNAVAILABLE, 1",
        "500, InternalError, TIMEOUT, 4",
        "502, BadGateway, TIMEOUT, 4",
        "409, ConditionalRequestConflict, UNAVAILABLE, 4",
    })
    void a_refusal_keeps_its_code_and_what_may_pass_is_tried_again(
            int status, String code, Kind kind, int tries) throws Exception {
        try (var s3 = ScriptedS3.answering(Answer.of(status, code))) {
            var failure = failureOfPut(s3);
            assertThat(failure.kind()).isEqualTo(kind);
            assertThat(failure.code()).isEqualTo(code);
            assertThat(s3.asked()).hasSize(tries);
        }
    }

    @Test
    void a_throttle_that_ends_does_not_show() throws Exception {
        try (var s3 = ScriptedS3.answering(Answer.of(503, "SlowDown"), OK);
                Archive archive = open(s3, PutForm.AWS, true)) {
            assertThat(archive.putIfAbsent(TRAIL, "logs", "k", CONTENT, GZIP))
                    .isEqualTo(Put.STORED);
        }
    }

    @Test
    void a_put_whose_answer_is_lost_is_tried_again_and_finds_its_key_taken() throws Exception {
        try (var s3 = ScriptedS3.answering(Answer.of(0, ""), Answer.of(412, "PreconditionFailed"));
                Archive archive = open(s3, PutForm.AWS, true)) {
            assertThat(archive.putIfAbsent(TRAIL, "logs", "k", CONTENT, GZIP)).isEqualTo(Put.TAKEN);
            assertThat(s3.asked()).hasSize(2);
        }
    }

    @Test
    void a_put_that_is_never_answered_may_have_been_done() throws Exception {
        try (var s3 = ScriptedS3.answering(Answer.of(0, ""))) {
            assertThat(failureOfPut(s3).kind()).isEqualTo(Kind.TIMEOUT);
        }
    }

    @Test
    void a_store_that_is_not_there_has_done_nothing() throws Exception {
        int nobody;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        var destination =
                S3Destination.of(
                        Optional.of(URI.create("http://127.0.0.1:" + nobody)), "us-east-1");
        var keyed =
                new S3Destination(
                        destination.endpoint(),
                        destination.region(),
                        destination.pathStyle(),
                        Optional.of(
                                new S3Destination.Keys("AKIA", new dev.cairn.secret.Secret("s"))),
                        destination.checksums(),
                        destination.put());
        try (S3Buckets buckets = S3Buckets.open(keyed)) {
            var failure =
                    catchThrowableOfType(ArchiveException.class, () -> buckets.get("logs", "k"));
            assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
            assertThat(failure.code()).isEqualTo("NoConnection");
        }
    }

    /// A region that has no host, so that nobody is bothered.
    @Test
    void who_wants_AWS_is_not_led_elsewhere_by_the_environment() throws Exception {
        try (var s3 = ScriptedS3.answering(OK)) {
            var elsewhere = s3.destination(PutForm.AWS, true);
            System.setProperty("aws.endpointUrlS3", elsewhere.endpoint().orElseThrow().toString());
            var aws =
                    new S3Destination(
                            Optional.empty(),
                            "nowhere-1",
                            false,
                            elsewhere.keys(),
                            true,
                            PutForm.AWS);
            try (S3Buckets buckets = S3Buckets.open(aws)) {
                var failure =
                        catchThrowableOfType(
                                ArchiveException.class, () -> buckets.get("logs", "k"));
                assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
                assertThat(s3.asked()).isEmpty();
            } finally {
                System.clearProperty("aws.endpointUrlS3");
            }
        }
    }

    @Test
    void an_object_that_breaks_off_ends_with_an_exception() throws Exception {
        try (var s3 = ScriptedS3.answering(new Answer(200, "half", 8));
                Archive archive = open(s3, PutForm.AWS, true);
                var content = archive.get("logs", "k").orElseThrow()) {
            assertThatThrownBy(() -> content.bytes().readAllBytes())
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_put_says_what_is_set_and_carries_a_checksum_either_way() throws Exception {
        var form = new PutForm(true, "aws:kms", "key/1", "bucket-owner-full-control");
        try (var s3 = ScriptedS3.answering(OK)) {
            try (Archive archive = open(s3, form, false)) {
                archive.putIfAbsent(TRAIL, "logs", "a b", CONTENT, GZIP);
            }
            var asked = s3.asked().getFirst();
            assertThat(asked.method()).isEqualTo("PUT");
            assertThat(asked.path()).isEqualTo("/logs/a%20b");
            assertThat(asked.headers())
                    .containsEntry("if-none-match", "*")
                    .containsEntry("x-amz-acl", "bucket-owner-full-control")
                    .containsEntry("x-amz-server-side-encryption", "aws:kms")
                    .containsEntry("x-amz-server-side-encryption-aws-kms-key-id", "key/1")
                    .containsEntry("x-amz-meta-signature", "0a")
                    .containsEntry("content-type", "application/json")
                    .containsEntry("content-encoding", "gzip")
                    // `printf content | openssl md5 -binary | base64`
                    .containsEntry("content-md5", "mgNkuembtIDdJeHwKEyFVQ==")
                    .containsEntry("content-length", "7")
                    .doesNotContainKey("x-amz-sdk-checksum-algorithm");
            assertThat(asked.headers().get("authorization")).contains("/eu-central-1/s3/");
        }
        try (var s3 = ScriptedS3.answering(OK);
                Archive archive = open(s3, new PutForm(true, "", "", ""), true)) {
            archive.putIfAbsent(TRAIL, "logs", "k", CONTENT, GZIP);
            assertThat(s3.asked().getFirst().headers())
                    .containsEntry("x-amz-sdk-checksum-algorithm", "CRC32")
                    .doesNotContainKeys("content-md5", "x-amz-acl", "x-amz-server-side-encryption");
        }
    }

    @Test
    void a_store_without_conditions_is_asked_for_the_key_first() throws Exception {
        var form = new PutForm(false, "", "", "");
        try (var s3 = ScriptedS3.answering(Answer.of(404, ""), OK);
                Archive archive = open(s3, form, true)) {
            assertThat(archive.putIfAbsent(TRAIL, "logs", "k", CONTENT, GZIP))
                    .isEqualTo(Put.STORED);
            assertThat(archive.putIfAbsent(TRAIL, "logs", "k", CONTENT, GZIP)).isEqualTo(Put.TAKEN);
            assertThat(s3.asked())
                    .extracting(ScriptedS3.Asked::method)
                    .containsExactly("HEAD", "PUT", "HEAD");
            assertThat(s3.asked())
                    .allSatisfy(asked ->
                            assertThat(asked.headers()).doesNotContainKey("if-none-match"));
        }
    }

    @Test
    void a_policy_that_may_not_be_read_is_named_with_the_ways_out() throws Exception {
        for (var refusal :
                new Answer[] {Answer.of(403, "AccessDenied"), Answer.of(501, "NotImplemented")}) {
            try (var s3 = ScriptedS3.answering(refusal);
                    Archive archive =
                            S3Archive.open(
                                    s3.destination(PutForm.AWS, true),
                                    true,
                                    InstantSource.fixed(Instant.EPOCH))) {
                assertThat(archive.missingRight(TRAIL, "logs", "AWSLogs/"))
                        .hasValueSatisfying(words ->
                                assertThat(words)
                                        .contains("s3:GetBucketPolicy")
                                        .contains("trail.bucket-policy-check=own-account"));
            }
        }
    }

    @Test
    void no_secret_shows() throws Exception {
        try (var s3 = ScriptedS3.answering(Answer.of(403, "SignatureDoesNotMatch"))) {
            assertThat(s3.destination(PutForm.AWS, true).toString())
                    .contains("AKIASCRIPTED")
                    .doesNotContain("never shown");
            for (Throwable at = failureOfPut(s3); at != null; at = at.getCause()) {
                assertThat(at.toString()).doesNotContain("never shown");
            }
        }
    }
}
