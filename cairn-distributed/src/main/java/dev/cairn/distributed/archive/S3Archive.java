package dev.cairn.distributed.archive;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ArchiveException.Kind;
import dev.cairn.distributed.archive.S3Destination.PutForm;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/// An archive on any S3: AWS's own, or one that speaks like it.
///
/// Put-if-absent is S3's conditional write (`If-None-Match: *`). Where [PutForm#conditional] is off
/// the key is asked for before the put, one put of a key at a time: that holds among the writers of
/// this process only.
///
/// The store decides by the rights of the one set of credentials that Cairn has. Whether a trail
/// may write is asked of the bucket's policy besides, unless it is told not to: see
/// [BucketPolicies].
///
/// What may be tried again was tried again when an exception comes out of here, within three
/// minutes for a call. A put that was tried twice and had arrived the first time says TAKEN, as the
/// port allows: who needs to know compares.
public final class S3Archive implements Archive {
    private static final int LOCKS = 64;

    private final S3Client s3;
    private final S3Buckets buckets;
    private final PutForm form;
    private final boolean checksums;
    private final BucketPolicies policies;
    private final boolean policiesCount;
    private final Lock[] locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toArray(Lock[]::new);

    private S3Archive(S3Destination destination, boolean policiesCount, InstantSource clock) {
        this.s3 = S3Clients.of(destination);
        this.buckets = new S3Buckets(s3);
        this.form = destination.put();
        this.checksums = destination.checksums();
        this.policies = new BucketPolicies(s3, clock);
        this.policiesCount = policiesCount;
    }

    /// Opens what is at a destination; nothing is sent yet.
    ///
    /// @param policiesCount whether a bucket's policy must let CloudTrail in for the trail
    public static S3Archive open(
            S3Destination destination, boolean policiesCount, InstantSource clock) {
        return new S3Archive(destination, policiesCount, clock);
    }

    @Override
    public Put putIfAbsent(Writer as, String bucket, String key, byte[] content, Description type)
            throws ArchiveException {
        PutObjectRequest.Builder request = request(as, bucket, key, content, type);
        return putIfAbsent(
                as,
                bucket,
                key,
                () -> put(form.conditional() ? request.ifNoneMatch("*") : request, content));
    }

    /// What puts an object, where the key is free as far as is known.
    private interface Putting<X extends Exception> {
        Put put() throws X;
    }

    private <X extends Exception> Put putIfAbsent(
            Writer as, String bucket, String key, Putting<X> putting) throws ArchiveException, X {
        if (policiesCount) {
            Optional<String> missing = policies.missing(bucket, as, key, key);
            if (missing.isPresent()) {
                throw new ArchiveException(Kind.DENIED, "AccessDenied", missing.get());
            }
        }
        try {
            if (form.conditional()) {
                return putting.put();
            }
            Lock lock = locks[Math.floorMod(31 * bucket.hashCode() + key.hashCode(), LOCKS)];
            lock.lock();
            try {
                return isThere(bucket, key) ? Put.TAKEN : putting.put();
            } finally {
                lock.unlock();
            }
        } catch (SdkException e) {
            throw S3Failures.of(e);
        } catch (S3Clients.NoCredentialsException e) {
            throw S3Failures.of(e);
        }
    }

    /// What is larger than a part goes in parts, each held in memory for as long as it is put.
    @Override
    public Put putIfAbsent(
            Writer as,
            String bucket,
            String key,
            long length,
            InputStream content,
            Description type)
            throws ArchiveException, IOException {
        int part = partBytes(length);
        if (length <= part) {
            return putIfAbsent(as, bucket, key, read(content, (int) length), type);
        }
        return this.<IOException>putIfAbsent(
                as, bucket, key, () -> putInParts(as, bucket, key, length, part, content, type));
    }

    /// As many bytes as it takes to need no more parts than S3 takes.
    private static int partBytes(long length) {
        return Math.max(
                PartUpload.PART_BYTES,
                Math.toIntExact(Math.ceilDiv(length, (long) PartUpload.PARTS_MAX)));
    }

    private static byte[] read(InputStream content, int length) throws IOException {
        byte[] bytes = content.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException(
                    "expected %d bytes more of the content".formatted(length - bytes.length));
        }
        return bytes;
    }

    private Put putInParts(
            Writer as,
            String bucket,
            String key,
            long length,
            int part,
            InputStream content,
            Description type)
            throws IOException {
        // Asked before all of it is sent; the condition decides all the same.
        if (form.conditional() && isThere(bucket, key)) {
            return Put.TAKEN;
        }
        PartUpload upload = PartUpload.begin(s3, inParts(as, bucket, key, type).build(), checksums);
        boolean done = false;
        try {
            for (long at = 0; at < length; at += part) {
                upload.put(read(content, (int) Math.min(part, length - at)));
            }
            upload.complete(form.conditional());
            done = true;
            return Put.STORED;
        } catch (AwsServiceException refused) {
            if (refused.statusCode() == 412) {
                return Put.TAKEN;
            }
            throw refused;
        } finally {
            if (!done) {
                upload.giveUp();
            }
        }
    }

    private CreateMultipartUploadRequest.Builder inParts(
            Writer as, String bucket, String key, Description type) {
        CreateMultipartUploadRequest.Builder request =
                beginning(as, bucket, key)
                        .contentType(type.contentType())
                        .metadata(type.metadata());
        return type.contentEncoding().isEmpty()
                ? request
                : request.contentEncoding(type.contentEncoding());
    }

    private Put put(PutObjectRequest.Builder request, byte[] content) {
        try {
            s3.putObject(request.build(), RequestBody.fromBytes(content));
            return Put.STORED;
        } catch (AwsServiceException refused) {
            if (refused.statusCode() == 412) {
                return Put.TAKEN;
            }
            throw refused;
        }
    }

    private boolean isThere(String bucket, String key) {
        try {
            s3.headObject(request -> request.bucket(bucket).key(key));
            return true;
        } catch (AwsServiceException refused) {
            // Without a body there is no code: it may be the bucket that is missing, as the put
            // will tell.
            if (refused.statusCode() == 404) {
                return false;
            }
            throw refused;
        }
    }

    private PutObjectRequest.Builder request(
            Writer as, String bucket, String key, byte[] content, Description type) {
        PutObjectRequest.Builder request =
                PutObjectRequest.builder()
                        .bucket(bucket)
                        .key(key)
                        .contentType(type.contentType())
                        .metadata(type.metadata());
        if (!type.contentEncoding().isEmpty()) {
            request.contentEncoding(type.contentEncoding());
        }
        if (!checksums) {
            request.contentMD5(md5(content));
        }
        String encryption = encryption(as);
        if (!encryption.isEmpty()) {
            request.serverSideEncryption(encryption);
        }
        String kmsKey = kmsKey(as);
        if (!kmsKey.isEmpty()) {
            request.ssekmsKeyId(kmsKey);
        }
        if (!form.acl().isEmpty()) {
            request.acl(form.acl());
        }
        return request;
    }

    /// A trail's own key goes before what all trails have.
    private String kmsKey(Writer as) {
        return as.kmsKey() == null ? form.kmsKey() : as.kmsKey();
    }

    private String encryption(Writer as) {
        return as.kmsKey() == null ? form.encryption() : "aws:kms";
    }

    /// What `Content-MD5` says of a body.
    static String md5(byte[] content) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    /// A bucket's policy as it is now; empty when it has none.
    ///
    /// @throws ArchiveException DENIED when it may not be read
    public Optional<String> policy(String bucket) throws ArchiveException {
        return Optional.ofNullable(policies.read(bucket));
    }

    @Override
    public Optional<Content> get(String bucket, String key) throws ArchiveException {
        return buckets.get(bucket, key);
    }

    @Override
    public Page list(String bucket, String prefix, String after, int max) throws ArchiveException {
        return buckets.list(bucket, prefix, after, max);
    }

    /// Asks the policy, and tries Cairn's own rights by an upload in parts that is given up at
    /// once: it needs the same rights as a put, and leaves no object.
    @Override
    public Optional<String> missingRight(Writer as, String bucket, String keyPrefix)
            throws ArchiveException {
        try {
            Optional<String> missing =
                    policiesCount
                            ? policies.missingNow(bucket, as, keyPrefix, keyPrefix + "*")
                            : Optional.empty();
            if (missing.isEmpty()) {
                tryRights(as, bucket, keyPrefix);
            }
            return missing;
        } catch (ArchiveException e) {
            if (e.kind() == Kind.DENIED) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    private void tryRights(Writer as, String bucket, String keyPrefix) throws ArchiveException {
        String key = keyPrefix + "cairn-tries-its-rights";
        String upload;
        try {
            upload = s3.createMultipartUpload(beginning(as, bucket, key).build()).uploadId();
        } catch (SdkException e) {
            ArchiveException failure = S3Failures.of(e);
            if (failure.kind() != Kind.DENIED) {
                throw failure;
            }
            throw new ArchiveException(
                    Kind.DENIED,
                    failure.code(),
                    "The credentials that Cairn has for S3 may not do s3:PutObject on arn:aws:s3:::%s/%s*%s: %s"
                            .formatted(
                                    bucket,
                                    keyPrefix,
                                    form.acl().isEmpty() ? "" : " and s3:PutObjectAcl",
                                    failure.getMessage()),
                    e);
        } catch (S3Clients.NoCredentialsException e) {
            throw S3Failures.of(e);
        }
        try {
            s3.abortMultipartUpload(request -> request.bucket(bucket).key(key).uploadId(upload));
        } catch (SdkException _) {
            // It takes no room, and what counts is known.
        }
    }

    /// Of an upload in parts.
    private CreateMultipartUploadRequest.Builder beginning(Writer as, String bucket, String key) {
        CreateMultipartUploadRequest.Builder request =
                CreateMultipartUploadRequest.builder().bucket(bucket).key(key);
        String encryption = encryption(as);
        if (!encryption.isEmpty()) {
            request.serverSideEncryption(encryption);
        }
        String kmsKey = kmsKey(as);
        if (!kmsKey.isEmpty()) {
            request.ssekmsKeyId(kmsKey);
        }
        if (!form.acl().isEmpty()) {
            request.acl(form.acl());
        }
        return request;
    }

    @Override
    public void close() {
        buckets.close();
    }
}
