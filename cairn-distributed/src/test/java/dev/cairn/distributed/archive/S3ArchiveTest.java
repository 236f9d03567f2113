package dev.cairn.distributed.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.archive.Archive;
import dev.cairn.archive.Archive.Description;
import dev.cairn.archive.Archive.Put;
import dev.cairn.archive.ArchiveException;
import dev.cairn.distributed.archive.S3Destination.Keys;
import dev.cairn.distributed.archive.S3Destination.PutForm;
import dev.cairn.secret.Secret;
import dev.cairn.testkit.archive.Radosgw;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;

/// On a real S3, with conditional writes.
class S3ArchiveTest extends RadosgwContract {
    private static final Description PLAIN = new Description("text/plain", "", Map.of());
    private static final String CLOSED =
            """
            {"Version":"2012-10-17","Statement":[{"Effect":"Deny",
             "Principal":{"Service":"cloudtrail.amazonaws.com"},
             "Action":"s3:*","Resource":["arn:aws:s3:::logs","arn:aws:s3:::logs/*"]}]}\
            """;

    @Override
    PutForm form() {
        return PutForm.AWS;
    }

    @Test
    void a_policy_that_changed_counts_after_a_minute_and_at_once_for_who_asks_for_rights()
            throws Exception {
        var now = new AtomicReference<>(Instant.parse("2026-11-21T08:00:00Z"));
        newArchive().close();
        InstantSource clock = now::get;
        try (Archive archive = open(clock);
                S3Client s3 = S3Clients.of(destination(form()))) {
            archive.putIfAbsent(TRAIL, BUCKET, "k1", bytes("x"), PLAIN);
            s3.putBucketPolicy(policy -> policy.bucket(BUCKET).policy(CLOSED));
            now.set(now.get().plus(BucketPolicies.AGE_MAX).minusMillis(1));
            assertThat(archive.putIfAbsent(TRAIL, BUCKET, "k2", bytes("x"), PLAIN))
                    .isEqualTo(Put.STORED);
            now.set(now.get().plusMillis(1));
            fails(
                    ArchiveException.Kind.DENIED,
                    () -> archive.putIfAbsent(TRAIL, BUCKET, "k3", bytes("x"), PLAIN));
            s3.putBucketPolicy(policy -> policy.bucket(BUCKET).policy(LOGS_POLICY));
            assertThat(archive.missingRight(TRAIL, BUCKET, "AWSLogs/")).isEmpty();
            archive.putIfAbsent(TRAIL, BUCKET, "k3", bytes("x"), PLAIN);
        }
    }

    @Test
    void a_policy_is_given_as_it_is_written() throws Exception {
        newArchive().close();
        try (S3Archive archive =
                        S3Archive.open(
                                destination(form()), false, InstantSource.fixed(Instant.EPOCH));
                S3Client s3 = S3Clients.of(destination(form()))) {
            assertThat(archive.policy(BUCKET)).contains(LOGS_POLICY);
            s3.deleteBucketPolicy(policy -> policy.bucket(BUCKET));
            assertThat(archive.policy(BUCKET)).isEmpty();
            fails(ArchiveException.Kind.NO_SUCH_BUCKET, () -> archive.policy("nowhere"));
        }
    }

    @Test
    void without_policies_the_rights_of_the_store_decide() throws Exception {
        newArchive().close();
        try (Archive archive =
                S3Archive.open(destination(form()), false, InstantSource.fixed(Instant.EPOCH))) {
            assertThat(archive.missingRight(STRANGER, BUCKET, "AWSLogs/")).isEmpty();
            assertThat(archive.putIfAbsent(STRANGER, BUCKET, "k", bytes("x"), PLAIN))
                    .isEqualTo(Put.STORED);
        }
    }

    @Test
    void keys_that_the_store_does_not_know_are_denied() throws Exception {
        newArchive().close();
        var wrong =
                new S3Destination(
                        Optional.of(radosgw().endpoint()),
                        Radosgw.REGION,
                        true,
                        Optional.of(new Keys(ACCESS_KEY, new Secret("another secret"))),
                        false,
                        form());
        try (Archive archive = S3Archive.open(wrong, false, InstantSource.fixed(Instant.EPOCH))) {
            fails(ArchiveException.Kind.DENIED, () -> archive.get(BUCKET, "k"));
            fails(
                    ArchiveException.Kind.DENIED,
                    () -> archive.putIfAbsent(TRAIL, BUCKET, "k", bytes("x"), PLAIN));
            assertThat(archive.missingRight(TRAIL, BUCKET, "AWSLogs/"))
                    .hasValueSatisfying(words ->
                            assertThat(words)
                                    .contains("arn:aws:s3:::logs/AWSLogs/*")
                                    .doesNotContain("another secret"));
        }
    }

    @Test
    void a_right_that_was_tried_leaves_nothing_behind() throws Exception {
        try (Archive archive = newArchive();
                S3Client s3 = S3Clients.of(destination(form()))) {
            assertThat(archive.missingRight(TRAIL, BUCKET, "AWSLogs/")).isEmpty();
            assertThat(archive.list(BUCKET, "", "", 10).objects()).isEmpty();
            assertThat(s3.listMultipartUploads(uploads -> uploads.bucket(BUCKET)).uploads())
                    .isEmpty();
        }
    }

    @Test
    void objects_are_encrypted_with_the_key_that_is_set() throws Exception {
        newArchive().close();
        var form = new PutForm(true, "aws:kms", Radosgw.KMS_KEY, "");
        try (Archive archive =
                        S3Archive.open(
                                destination(form), true, InstantSource.fixed(Instant.EPOCH));
                S3Client s3 = S3Clients.of(destination(form))) {
            archive.putIfAbsent(TRAIL, BUCKET, "k", bytes("sealed"), PLAIN);
            var told = s3.headObject(head -> head.bucket(BUCKET).key("k"));
            assertThat(told.serverSideEncryptionAsString()).isEqualTo("aws:kms");
            assertThat(told.ssekmsKeyId()).isEqualTo(Radosgw.KMS_KEY);
            assertThat(text(archive, "k")).isEqualTo("sealed");
        }
    }
}
