package dev.cairn.distributed.archive;

import dev.cairn.archive.Archive;
import dev.cairn.distributed.archive.S3Destination.Keys;
import dev.cairn.distributed.archive.S3Destination.PutForm;
import dev.cairn.secret.Secret;
import dev.cairn.testkit.archive.ArchiveContract;
import dev.cairn.testkit.archive.Radosgw;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;

/// What every archive does, done by Ceph's gateway.
abstract class RadosgwContract extends ArchiveContract {
    static final String ACCESS_KEY = "RADOSGWACCESSKEY0001";
    private static final String SECRET_KEY = "radosgwsecretkey00000000000000000000000001";
    private static @Nullable Radosgw radosgw;

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

    static Radosgw radosgw() {
        return Objects.requireNonNull(radosgw);
    }

    /// How to speak to the gateway, which knows no checksums beyond MD5.
    static S3Destination destination(PutForm form) {
        return new S3Destination(
                Optional.of(radosgw().endpoint()),
                Radosgw.REGION,
                true,
                Optional.of(new Keys(ACCESS_KEY, new Secret(SECRET_KEY))),
                false,
                form);
    }

    abstract PutForm form();

    @Override
    protected Archive newArchive() {
        try (S3Client s3 = S3Clients.of(destination(form()))) {
            emptied(s3);
        }
        return open(InstantSource.fixed(Instant.EPOCH));
    }

    /// The gateway takes no notice of `If-None-Match: *` in a bucket with versions: it puts one
    /// more. There the archive must look for itself.
    @Override
    protected Archive newArchiveWithVault() {
        try (S3Client s3 = S3Clients.of(destination(form()))) {
            try {
                s3.headBucket(bucket -> bucket.bucket(VAULT));
            } catch (NoSuchBucketException _) {
                s3.createBucket(bucket -> bucket.bucket(VAULT).objectLockEnabledForBucket(true));
                s3.putObjectLockConfiguration(lock ->
                        lock.bucket(VAULT)
                                .objectLockConfiguration(it ->
                                        it.objectLockEnabled(ObjectLockEnabled.ENABLED)
                                                .rule(rule ->
                                                        rule.defaultRetention(kept ->
                                                                kept.mode("COMPLIANCE").days(1)))));
                s3.putBucketPolicy(policy -> policy.bucket(VAULT).policy(VAULT_POLICY));
            }
        }
        return S3Archive.open(
                destination(new PutForm(false, "", "", PutForm.AWS.acl())),
                true,
                InstantSource.fixed(Instant.EPOCH));
    }

    @Override
    protected void deleteInVault(Archive archive, String key) {
        try (S3Client s3 = S3Clients.of(destination(form()))) {
            s3.deleteObject(object -> object.bucket(VAULT).key(key));
        }
    }

    Archive open(InstantSource clock) {
        return S3Archive.open(destination(form()), true, clock);
    }

    private static void emptied(S3Client s3) {
        try {
            s3.listObjectsV2Paginator(list -> list.bucket(BUCKET)).contents().stream()
                    .toList()
                    .forEach(object -> s3.deleteObject(it -> it.bucket(BUCKET).key(object.key())));
        } catch (NoSuchBucketException _) {
            s3.createBucket(bucket -> bucket.bucket(BUCKET));
        }
        s3.putBucketPolicy(policy -> policy.bucket(BUCKET).policy(LOGS_POLICY));
    }
}
