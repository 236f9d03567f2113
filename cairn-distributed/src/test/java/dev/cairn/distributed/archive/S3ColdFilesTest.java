package dev.cairn.distributed.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.archive.ColdFiles;
import dev.cairn.disk.DiskException;
import dev.cairn.distributed.archive.S3Destination.Keys;
import dev.cairn.distributed.archive.S3Destination.PutForm;
import dev.cairn.distributed.archive.ScriptedS3.Answer;
import dev.cairn.secret.Secret;
import dev.cairn.testkit.archive.ColdFilesContract;
import dev.cairn.testkit.archive.Radosgw;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;

/// The colder place as a bucket of a real S3: Ceph's gateway.
class S3ColdFilesTest extends ColdFilesContract {
    private static final String ACCESS_KEY = "RADOSGWACCESSKEY0001";
    private static final String SECRET_KEY = "radosgwsecretkey00000000000000000000000001";
    private static @Nullable Radosgw radosgw;
    private static int places;
    private String bucket = "";

    @BeforeAll
    static void startRadosgw() throws Exception {
        radosgw = Radosgw.assume(ACCESS_KEY, SECRET_KEY);
    }

    @AfterAll
    static void stopRadosgw() {
        if (radosgw != null) {
            radosgw.close();
        }
    }

    private static S3Destination destination(String secret, PutForm form) {
        return new S3Destination(
                Optional.of(Objects.requireNonNull(radosgw).endpoint()),
                Radosgw.REGION,
                true,
                Optional.of(new Keys(ACCESS_KEY, new Secret(secret))),
                false,
                form);
    }

    private static S3Client client() {
        return S3Clients.of(destination(SECRET_KEY, PutForm.AWS));
    }

    @Override
    protected ColdFiles newPlace() {
        bucket = "cold-" + ++places;
        try (S3Client s3 = client()) {
            s3.createBucket(it -> it.bucket(bucket));
        }
        return samePlace();
    }

    @Override
    protected ColdFiles samePlace() {
        return new S3ColdFiles(destination(SECRET_KEY, PutForm.AWS), bucket, "deep/down");
    }

    @Override
    protected void leftNothing() {
        try (S3Client s3 = client()) {
            assertThat(s3.listObjectsV2(it -> it.bucket(bucket)).contents()).isEmpty();
            assertThat(s3.listMultipartUploads(it -> it.bucket(bucket)).uploads()).isEmpty();
        }
    }

    private static void isAway(ThrowingCallable call, String... words) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        DiskException.class,
                        e -> {
                            assertThat(e.kind()).isEqualTo(DiskException.Kind.FAILED);
                            assertThat(e.getMessage()).contains(words);
                        });
    }

    @Test
    void keys_are_those_of_a_folder_that_is_a_place() throws Exception {
        try (var files = newPlace();
                S3Client s3 = client()) {
            files.mark("cairn cold 1 x");
            write(files, NAME, new byte[1]);
            assertThat(s3.listObjectsV2(it -> it.bucket(bucket)).contents())
                    .extracting(object -> object.key())
                    .containsExactly("deep/down/objects/" + NAME, "deep/down/place");
        }
        try (var whole = new S3ColdFiles(destination(SECRET_KEY, PutForm.AWS), bucket, "");
                S3Client s3 = client()) {
            whole.mark("cairn cold 1 y");
            assertThat(s3.getObjectAsBytes(it -> it.bucket(bucket).key("place")).asUtf8String())
                    .isEqualTo("cairn cold 1 y\n");
        }
    }

    @Test
    void files_whole_and_in_parts_are_encrypted_with_the_key_that_is_set() throws Exception {
        newPlace().close();
        var form = new PutForm(true, "aws:kms", Radosgw.KMS_KEY, "");
        try (var files = new S3ColdFiles(destination(SECRET_KEY, form), bucket, "");
                S3Client s3 = client()) {
            for (int length : new int[] {10, 17 << 20}) {
                String name = "00000001/a0/" + length;
                write(files, name, new byte[length]);
                var told = s3.headObject(it -> it.bucket(bucket).key("objects/" + name));
                assertThat(told.contentLength()).isEqualTo(length);
                assertThat(told.ssekmsKeyId()).isEqualTo(Radosgw.KMS_KEY);
            }
        }
    }

    @Test
    void a_bucket_that_is_gone_is_a_place_that_is_away() throws Exception {
        try (var files = newPlace()) {
            files.mark("cairn cold 1 x");
            try (S3Client s3 = client()) {
                s3.deleteObject(it -> it.bucket(bucket).key("deep/down/place"));
                s3.deleteBucket(it -> it.bucket(bucket));
            }
            isAway(() -> files.open(NAME).close(), "s3://" + bucket + "/deep/down", "NoSuchBucket");
            isAway(() -> write(files, NAME, new byte[1]), "NoSuchBucket");
            isAway(() -> files.delete(NAME), "NoSuchBucket");
            isAway(() -> samePlace().mark(), "NoSuchBucket");
        }
    }

    @Test
    void a_mark_that_was_read_is_asked_for_again_when_a_file_is_not_found() throws Exception {
        try (var files = newPlace();
                S3Client s3 = client()) {
            files.mark("cairn cold 1 x");
            assertThat(files.mark()).isEqualTo("cairn cold 1 x");
            s3.deleteObject(it -> it.bucket(bucket).key("deep/down/place"));
            assertThat(files.mark()).isEqualTo("cairn cold 1 x");
            assertThatThrownBy(() -> files.open(NAME).close()).isInstanceOf(DiskException.class);
            assertThat(files.mark()).isEmpty();
        }
    }

    @Test
    void keys_that_the_store_does_not_know_are_told_and_never_shown() throws Exception {
        newPlace().close();
        try (var files = new S3ColdFiles(destination("another secret", PutForm.AWS), bucket, "")) {
            assertThatThrownBy(files::mark)
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("could not read s3://" + bucket + "/place")
                    .hasMessageNotContaining("another secret");
        }
    }

    @Test
    void a_store_that_does_not_answer_is_away() throws Exception {
        URI nobody;
        try (var gone = ScriptedS3.answering(Answer.of(200, ""))) {
            nobody = gone.destination(PutForm.AWS, false).endpoint().orElseThrow();
        }
        var destination = S3Destination.of(Optional.of(nobody), Radosgw.REGION);
        var reachable =
                new S3Destination(
                        destination.endpoint(),
                        Radosgw.REGION,
                        true,
                        Optional.of(new Keys(ACCESS_KEY, new Secret(SECRET_KEY))),
                        false,
                        PutForm.AWS);
        try (var files = new S3ColdFiles(reachable, "cold", "")) {
            isAway(files::mark, "could not read s3://cold/place", "NoConnection");
        }
    }

    @Test
    void a_store_that_takes_no_notice_of_ranges_is_not_relied_on() throws Exception {
        try (var store = ScriptedS3.answering(new Answer(200, "all of it", 9));
                var files = new S3ColdFiles(store.destination(PutForm.AWS, false), "cold", "")) {
            isAway(() -> files.open(NAME).close(), "expected a range of s3://cold/objects/" + NAME);
        }
    }

    @Test
    void checksums_go_along_where_the_store_knows_them() throws Exception {
        try (var store = ScriptedS3.answering(Answer.of(200, ""));
                var files = new S3ColdFiles(store.destination(PutForm.AWS, true), "cold", "")) {
            try (var draft = files.create(NAME)) {
                draft.append(ByteBuffer.wrap(new byte[10]));
                draft.finish();
            }
            assertThat(store.asked()).hasSize(1);
            assertThat(store.asked().getFirst().headers())
                    .containsKey("x-amz-sdk-checksum-algorithm");
        }
    }
}
