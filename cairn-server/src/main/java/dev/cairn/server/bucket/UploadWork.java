package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.Draft;
import dev.cairn.archive.ObjectStore.Part;
import dev.cairn.archive.ObjectStore.Reading;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Upload;
import dev.cairn.server.http.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Uploads in parts.
final class UploadWork {
    private static final long PART_BYTES_MIN = 5L << 20;
    private static final int PARTS_MAX = 10_000;
    private static final int PAGE = 1000;
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{1,18})-(\\d{1,18})");

    private final ObjectStore store;
    private final Encryption encryption;

    UploadWork(ObjectStore store, Encryption encryption) {
        this.store = store;
        this.encryption = encryption;
    }

    ObjectNode create(S3Call call, Bucket bucket) throws ArchiveException {
        Map<String, String> headers = ObjectWork.told(call);
        Lock lock = LockWork.asked(call, bucket, store);
        encryption.under(call, bucket).ifPresent(key -> headers.putAll(key.wrapped().headers()));
        Upload upload =
                store.startUpload(
                        call.bucket(),
                        call.key(),
                        S3Call.ownerId(call.caller().account()),
                        headers,
                        lock);
        ObjectNode answer =
                BucketWork.nothing()
                        .put("Bucket", call.bucket())
                        .put("Key", call.key())
                        .put("UploadId", upload.id());
        Encryption.tell(answer, upload.headers());
        return answer;
    }

    private Upload upload(S3Call call) throws ArchiveException {
        return store.upload(call.bucket(), call.key(), call.text("UploadId"))
                .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_UPLOAD));
    }

    private static int partNumber(S3Call call) {
        int number = call.number("PartNumber", 0);
        if (number < 1 || number > PARTS_MAX) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "Part number must be an integer between 1 and 10000, inclusive");
        }
        return number;
    }

    Reply part(S3Call call) throws ArchiveException, IOException {
        Upload upload = upload(call);
        int number = partNumber(call);
        try (Draft draft = store.draft(call.bucket(), encryption.of(call, upload))) {
            Intaken body = Intaken.into(draft, call);
            if (draft.commit(upload, number, body.md5(), body.checksums()).isEmpty()) {
                throw new S3Failure(S3Code.NO_SUCH_UPLOAD);
            }
            return ObjectWork.answered(body.md5(), body.checksums(), upload.headers());
        }
    }

    ObjectNode partCopy(S3Call call, ObjectWork.Source source)
            throws ArchiveException, IOException {
        Upload upload = upload(call);
        int number = partNumber(call);
        try (Reading reading = source.open(store, encryption.opener(call));
                Draft draft = store.draft(call.bucket(), encryption.of(call, upload))) {
            ColdWork.checkCopied(reading.object(), call.context().time());
            long from = 0;
            long length = reading.object().length();
            if (call.has("CopySourceRange")) {
                Matcher range = RANGE.matcher(call.text("CopySourceRange"));
                boolean within =
                        range.matches()
                                && Long.parseLong(range.group(1)) <= Long.parseLong(range.group(2))
                                && Long.parseLong(range.group(2)) < length;
                if (!within) {
                    throw new S3Failure(
                            S3Code.INVALID_ARGUMENT,
                            "Range specified is not valid for source object of size: " + length);
                }
                from = Long.parseLong(range.group(1));
                length = Long.parseLong(range.group(2)) - from + 1;
            }
            String md5 = ObjectWork.transfer(reading.bytes(from, length), draft);
            Part part =
                    draft.commit(upload, number, md5, Map.of())
                            .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_UPLOAD));
            ObjectNode answer = BucketWork.nothing();
            Encryption.tell(answer, upload.headers());
            if (!source.version().isEmpty()) {
                answer.put("CopySourceVersionId", source.version());
            }
            answer.putObject("CopyPartResult")
                    .put("ETag", '"' + md5 + '"')
                    .put("LastModified", part.stored().toEpochMilli() / 1000.0);
            return answer;
        }
    }

    ObjectNode complete(S3Call call, Bucket bucket) throws ArchiveException {
        Upload upload = upload(call);
        var there = new HashMap<Integer, Part>();
        List<Part> page = store.parts(upload, 0, PAGE);
        while (!page.isEmpty()) {
            page.forEach(part -> there.put(part.number(), part));
            page = store.parts(upload, page.getLast().number(), PAGE);
        }
        JsonNode wanted = call.input().path("MultipartUpload").path("Parts");
        if (wanted.isEmpty()) {
            throw new S3Failure(S3Code.MALFORMED_XML);
        }
        var parts = new ArrayList<Part>();
        var md5 = Checksum.messageDigest("MD5");
        for (JsonNode one : wanted) {
            int number = one.path("PartNumber").asInt();
            Part part = there.get(number);
            if (part == null
                    || !ObjectWork.unquoted(one.path("ETag").asText()).equals(part.etag())) {
                throw new S3Failure(S3Code.INVALID_PART);
            }
            if (!parts.isEmpty()) {
                if (parts.getLast().number() >= number) {
                    throw new S3Failure(S3Code.INVALID_PART_ORDER);
                }
                if (parts.getLast().length() < PART_BYTES_MIN) {
                    throw new S3Failure(S3Code.ENTITY_TOO_SMALL);
                }
            }
            parts.add(part);
            md5.update(HexFormat.of().parseHex(part.etag()));
        }
        String etag = HexFormat.of().formatHex(md5.digest()) + "-" + parts.size();
        Condition condition = ObjectWork.condition(call);
        Stored made =
                store.complete(upload, parts, etag, upload.headers(), condition)
                        .orElseThrow(() ->
                                new S3Failure(
                                        condition instanceof Condition.Always
                                                ? S3Code.NO_SUCH_UPLOAD
                                                : S3Code.PRECONDITION_FAILED));
        ObjectNode answer = BucketWork.nothing();
        VersionWork.tell(answer, bucket, made);
        Encryption.tell(answer, made.headers());
        return answer.put("Location", "/" + call.bucket() + "/" + Listing.encoded(call.key(), true))
                .put("Bucket", call.bucket())
                .put("Key", call.key())
                .put("ETag", '"' + etag + '"');
    }

    ObjectNode abort(S3Call call) throws ArchiveException {
        if (!store.abort(upload(call))) {
            throw new S3Failure(S3Code.NO_SUCH_UPLOAD);
        }
        return BucketWork.nothing();
    }

    ObjectNode parts(S3Call call, Bucket bucket) throws ArchiveException {
        Upload upload = upload(call);
        int max = Math.clamp(call.number("MaxParts", PAGE), 1, PAGE);
        int after = Math.max(0, call.number("PartNumberMarker", 0));
        List<Part> found = store.parts(upload, after, max);
        boolean more =
                found.size() == max && !store.parts(upload, found.getLast().number(), 1).isEmpty();
        ObjectNode answer =
                BucketWork.nothing()
                        .put("Bucket", call.bucket())
                        .put("Key", call.key())
                        .put("UploadId", upload.id())
                        .put("PartNumberMarker", after)
                        .put("MaxParts", max)
                        .put("IsTruncated", more)
                        .put("StorageClass", "STANDARD");
        if (!found.isEmpty()) {
            answer.put("NextPartNumberMarker", found.getLast().number());
        }
        var entries = answer.putArray("Parts");
        for (Part part : found) {
            entries.addObject()
                    .put("PartNumber", part.number())
                    .put("LastModified", part.stored().toEpochMilli() / 1000.0)
                    .put("ETag", '"' + part.etag() + '"')
                    .put("Size", part.length());
        }
        answer.putObject("Initiator").put("ID", upload.initiator());
        answer.putObject("Owner").put("ID", S3Call.ownerId(bucket));
        return answer;
    }

    ObjectNode list(S3Call call, Bucket bucket) throws ArchiveException {
        if (call.has("Delimiter")) {
            throw new S3Failure(
                    S3Code.NOT_IMPLEMENTED, "Cairn lists uploads without a delimiter only");
        }
        int max = Math.clamp(call.number("MaxUploads", PAGE), 1, PAGE);
        Upload after =
                call.has("KeyMarker") && call.has("UploadIdMarker")
                        ? new Upload(
                                call.bucket(),
                                call.text("KeyMarker"),
                                call.text("UploadIdMarker"),
                                call.context().time(),
                                "",
                                Map.of())
                        : null;
        List<Upload> found = store.uploads(call.bucket(), call.text("Prefix"), after, max);
        boolean more =
                found.size() == max
                        && !store.uploads(call.bucket(), call.text("Prefix"), found.getLast(), 1)
                                .isEmpty();
        boolean encoded = call.text("EncodingType").equals("url");
        ObjectNode answer =
                BucketWork.nothing()
                        .put("Bucket", call.bucket())
                        .put("KeyMarker", Listing.encoded(call.text("KeyMarker"), encoded))
                        .put("UploadIdMarker", call.text("UploadIdMarker"))
                        .put("Prefix", Listing.encoded(call.text("Prefix"), encoded))
                        .put("MaxUploads", max)
                        .put("IsTruncated", more);
        if (encoded) {
            answer.put("EncodingType", "url");
        }
        if (more) {
            answer.put("NextKeyMarker", Listing.encoded(found.getLast().key(), encoded));
            answer.put("NextUploadIdMarker", found.getLast().id());
        }
        var entries = answer.putArray("Uploads");
        for (Upload upload : found) {
            ObjectNode entry =
                    entries.addObject()
                            .put("UploadId", upload.id())
                            .put("Key", Listing.encoded(upload.key(), encoded))
                            .put("Initiated", upload.started().toEpochMilli() / 1000.0)
                            .put("StorageClass", "STANDARD");
            entry.putObject("Owner").put("ID", S3Call.ownerId(bucket));
            entry.putObject("Initiator").put("ID", upload.initiator());
        }
        return answer;
    }
}
