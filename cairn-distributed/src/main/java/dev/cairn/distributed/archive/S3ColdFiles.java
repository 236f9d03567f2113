package dev.cairn.distributed.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ColdFiles;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.OpenFile;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/// The colder place as a bucket of any S3: objects below `<prefix>/objects/`, and the mark in
/// `<prefix>/place`, so that a copy of such a bucket in a folder is a place, too, and back.
///
/// A file is put whole, or in parts ([PartUpload]) when it is larger than one of them; either way
/// it is there when the S3 has acknowledged all of it, and not before. It is read in pieces of
/// [#PIECE_BYTES], each by a call of its own, so that nothing is held open while somebody reads
/// slowly. What may be tried again was tried again when an exception comes out of here.
///
/// The client is made when it is first needed: most servers start without.
public final class S3ColdFiles implements ColdFiles {
    private static final int PIECE_BYTES = 4 << 20;
    private static final String MARK = "place";

    /// Uploads that were begun under one name: one, unless somebody plays.
    private static final int UPLOADS_MAX = 1000;

    private final S3Destination destination;
    private final String bucket;
    private final String prefix;
    private @Nullable S3Client client;
    private volatile String marked = "";

    /// @param prefix below which the keys are; empty for all of the bucket
    public S3ColdFiles(S3Destination destination, String bucket, String prefix) {
        this.destination = destination;
        this.bucket = bucket;
        this.prefix = prefix.isEmpty() ? "" : prefix + "/";
    }

    private synchronized S3Client s3() {
        S3Client s3 = client;
        if (s3 == null) {
            s3 = S3Clients.of(destination);
            client = s3;
        }
        return s3;
    }

    private String key(String name) {
        return prefix + ROOT + "/" + name;
    }

    /// What is asked of the S3.
    private interface Call<T> {
        T run(S3Client s3);
    }

    private <T> T ask(String act, String key, Call<T> call) throws DiskException {
        try {
            return call.run(s3());
        } catch (SdkException e) {
            boolean gone =
                    e instanceof AwsServiceException it && S3Failures.isCode(it, "NoSuchKey");
            if (gone) {
                // Or all of it is gone: the mark tells.
                marked = "";
            }
            throw failed(
                    gone ? DiskException.Kind.NOT_FOUND : DiskException.Kind.FAILED,
                    act,
                    key,
                    S3Failures.of(e));
        } catch (S3Clients.NoCredentialsException e) {
            throw failed(DiskException.Kind.FAILED, act, key, S3Failures.of(e));
        }
    }

    private DiskException failed(
            DiskException.Kind kind, String act, String key, ArchiveException failure) {
        return new DiskException(
                kind,
                "could not %s s3://%s/%s: %s (%s)"
                        .formatted(act, bucket, key, failure.getMessage(), failure.code()),
                failure);
    }

    // Writing.

    @Override
    public Draft create(String name) {
        return new Upload(key(name));
    }

    private void put(String key, byte[] content) throws DiskException {
        PutObjectRequest.Builder request = PutObjectRequest.builder().bucket(bucket).key(key);
        S3Destination.PutForm form = destination.put();
        if (!destination.checksums()) {
            request.contentMD5(S3Archive.md5(content));
        }
        if (!form.encryption().isEmpty()) {
            request.serverSideEncryption(form.encryption());
        }
        if (!form.kmsKey().isEmpty()) {
            request.ssekmsKeyId(form.kmsKey());
        }
        if (!form.acl().isEmpty()) {
            request.acl(form.acl());
        }
        var _ =
                ask(
                        "put",
                        key,
                        s3 -> s3.putObject(request.build(), RequestBody.fromBytes(content)));
    }

    private CreateMultipartUploadRequest begin(String key) {
        CreateMultipartUploadRequest.Builder request =
                CreateMultipartUploadRequest.builder().bucket(bucket).key(key);
        S3Destination.PutForm form = destination.put();
        if (!form.encryption().isEmpty()) {
            request.serverSideEncryption(form.encryption());
        }
        if (!form.kmsKey().isEmpty()) {
            request.ssekmsKeyId(form.kmsKey());
        }
        if (!form.acl().isEmpty()) {
            request.acl(form.acl());
        }
        return request.build();
    }

    private final class Upload implements Draft {
        private final String key;
        private byte[] buffer = new byte[1 << 16];
        private int filled;
        private @Nullable PartUpload parts;

        Upload(String key) {
            this.key = key;
        }

        @Override
        public void append(ByteBuffer bytes) throws DiskException {
            while (bytes.hasRemaining()) {
                if (filled == PartUpload.PART_BYTES) {
                    var _ = part();
                }
                int some = Math.min(PartUpload.PART_BYTES - filled, bytes.remaining());
                if (buffer.length < filled + some) {
                    int doubled = Math.min(PartUpload.PART_BYTES, 2 * buffer.length);
                    buffer = Arrays.copyOf(buffer, Math.max(doubled, filled + some));
                }
                bytes.get(buffer, filled, some);
                filled += some;
            }
        }

        private PartUpload part() throws DiskException {
            PartUpload begun = parts;
            if (begun == null) {
                begun =
                        ask(
                                "begin",
                                key,
                                s3 -> PartUpload.begin(s3, begin(key), destination.checksums()));
                parts = begun;
            }
            if (begun.parts() == PartUpload.PARTS_MAX) {
                throw new DiskException(
                        DiskException.Kind.FAILED,
                        "expected at most %d bytes for s3://%s/%s, got more"
                                .formatted(
                                        (long) PartUpload.PARTS_MAX * PartUpload.PART_BYTES,
                                        bucket,
                                        key));
            }
            PartUpload upload = begun;
            byte[] content = content();
            return ask(
                    "put",
                    key,
                    _ -> {
                        upload.put(content);
                        filled = 0;
                        return upload;
                    });
        }

        private byte[] content() {
            return Arrays.copyOf(buffer, filled);
        }

        @Override
        public void finish() throws DiskException {
            if (parts == null) {
                put(key, content());
                return;
            }
            PartUpload upload = part();
            var _ =
                    ask(
                            "complete",
                            key,
                            _ -> {
                                upload.complete(false);
                                return true;
                            });
        }

        /// Parts of an upload that was not finished stay until the name is deleted.
        @Override
        public void close() {
            buffer = new byte[0];
        }
    }

    // Reading.

    @Override
    public OpenFile open(String name) throws DiskException {
        return new Pieces(key(name));
    }

    /// Holds one piece at a time.
    private final class Pieces implements OpenFile {
        private final String key;
        private final long size;
        private long start;
        private byte[] piece;

        Pieces(String key) throws DiskException {
            this.key = key;
            ResponseBytes<GetObjectResponse> first = bytes(0, PIECE_BYTES);
            piece = first.asByteArrayUnsafe();
            size = total(first.response());
        }

        private ResponseBytes<GetObjectResponse> bytes(long from, int length) throws DiskException {
            String range = "bytes=%d-%d".formatted(from, from + length - 1);
            return ask(
                    "read",
                    key,
                    s3 ->
                            s3.getObjectAsBytes(
                                    request -> request.bucket(bucket).key(key).range(range)));
        }

        /// @throws DiskException when the S3 took no notice of the range: then it is none to rely
        ///   on
        private long total(GetObjectResponse told) throws DiskException {
            String range = String.valueOf(told.contentRange());
            if (!range.matches("bytes 0-\\d{1,18}/\\d{1,18}")) {
                throw new DiskException(
                        DiskException.Kind.FAILED,
                        "expected a range of s3://%s/%s, got Content-Range %s"
                                .formatted(bucket, key, range));
            }
            return Long.parseLong(range.substring(range.indexOf('/') + 1));
        }

        @Override
        public synchronized int read(ByteBuffer into, long at) throws DiskException {
            int total = 0;
            while (into.hasRemaining() && at + total < size) {
                long from = at + total;
                if (from < start || from >= start + piece.length) {
                    load(from);
                }
                int within = (int) (from - start);
                int some = Math.min(into.remaining(), piece.length - within);
                into.put(piece, within, some);
                total += some;
            }
            return total;
        }

        private void load(long from) throws DiskException {
            int length = (int) Math.min(PIECE_BYTES, size - from);
            byte[] got = bytes(from, length).asByteArrayUnsafe();
            if (got.length != length) {
                throw new DiskException(
                        DiskException.Kind.FAILED,
                        "expected %d bytes of s3://%s/%s, got %d"
                                .formatted(length, bucket, key, got.length));
            }
            piece = got;
            start = from;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public void close() {
            // Nothing is held open.
        }
    }

    // Deleting.

    @Override
    public void delete(String name) throws DiskException {
        String key = key(name);
        var _ = ask("delete", key, s3 -> s3.deleteObject(it -> it.bucket(bucket).key(key)));
        var begun =
                ask(
                        "look for parts of",
                        key,
                        s3 ->
                                s3.listMultipartUploads(it ->
                                        it.bucket(bucket).prefix(key).maxUploads(UPLOADS_MAX)));
        for (MultipartUpload upload : begun.uploads()) {
            var _ =
                    ask(
                            "delete parts of",
                            key,
                            s3 ->
                                    s3.abortMultipartUpload(it ->
                                            it.bucket(bucket)
                                                    .key(upload.key())
                                                    .uploadId(upload.uploadId())));
        }
    }

    // Which place it is.

    /// Asked of the S3 until there is one, and again when a file was not found.
    @Override
    public String mark() throws DiskException {
        String known = marked;
        if (!known.isEmpty()) {
            return known;
        }
        String key = prefix + MARK;
        try {
            known =
                    ask(
                                    "read",
                                    key,
                                    s3 ->
                                            s3.getObjectAsBytes(it ->
                                                    it.bucket(bucket).key(key).range("bytes=0-99")))
                            .asUtf8String()
                            .strip();
        } catch (DiskException e) {
            if (e.kind() != DiskException.Kind.NOT_FOUND) {
                throw e;
            }
        }
        marked = known;
        return known;
    }

    @Override
    public void mark(String text) throws DiskException {
        put(prefix + MARK, (text + "\n").getBytes(UTF_8));
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
        }
    }
}
