package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.Draft;
import dev.cairn.archive.ObjectStore.Reading;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.aws.http.Percent;
import dev.cairn.server.http.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What is done with objects.
final class ObjectWork {
    private static final String TAGGING = "x-amz-tagging";
    private static final String METADATA = "x-amz-meta-";
    private static final int METADATA_BYTES_MAX = 2 << 10;
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");
    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /// Members that are kept and told again, by header.
    private static final Map<String, String> TOLD =
            Map.of(
                    "CacheControl", "cache-control",
                    "ContentDisposition", "content-disposition",
                    "ContentEncoding", "content-encoding",
                    "ContentLanguage", "content-language",
                    "ContentType", "content-type",
                    "Expires", "expires");

    private final ObjectStore store;

    ObjectWork(ObjectStore store) {
        this.store = store;
    }

    // Putting.

    /// What a request says that its object should tell. Refuses what Cairn would have to ignore.
    static Map<String, String> told(S3Call call) {
        BucketWork.checkAcl(call);
        String encryption = call.text("ServerSideEncryption");
        if (!(encryption.isEmpty() || encryption.equals("AES256"))
                || call.has("SSECustomerAlgorithm")
                || call.has("SSEKMSKeyId")) {
            throw new S3Failure(
                    S3Code.NOT_IMPLEMENTED,
                    "Cairn encrypts every object with keys of its own (AES256) and no others");
        }
        if (call.has("ObjectLockMode") || call.text("ObjectLockLegalHoldStatus").equals("ON")) {
            throw new S3Failure(S3Code.NOT_IMPLEMENTED, "Cairn has no object lock yet");
        }
        if (call.has("WebsiteRedirectLocation")) {
            throw new S3Failure(S3Code.NOT_IMPLEMENTED, "Cairn serves no websites");
        }
        String storage = call.text("StorageClass");
        if (!storage.isEmpty() && !storage.equals("STANDARD")) {
            throw new S3Failure(S3Code.NOT_IMPLEMENTED, "Cairn has one storage class: STANDARD");
        }
        var headers = new HashMap<String, String>();
        TOLD.forEach((member, header) -> {
            if (call.has(member)) {
                headers.put(header, call.text(member));
            }
        });
        // The framing of this request is none of the object's.
        String encoding = headers.getOrDefault("content-encoding", "");
        String rest =
                String.join(
                        ",",
                        java.util.Arrays.stream(encoding.split(",", -1))
                                .map(String::strip)
                                .filter(one -> !one.isEmpty() && !one.equals("aws-chunked"))
                                .toList());
        headers.remove("content-encoding");
        if (!rest.isEmpty()) {
            headers.put("content-encoding", rest);
        }
        headers.putIfAbsent("content-type", "binary/octet-stream");
        int bytes = 0;
        for (var entry : call.input().path("Metadata").properties()) {
            String name = entry.getKey().toLowerCase(Locale.ROOT);
            bytes += name.length() + entry.getValue().asText().length();
            headers.put(METADATA + name, entry.getValue().asText());
        }
        if (bytes > METADATA_BYTES_MAX) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "Your metadata headers exceed the maximum allowed metadata size");
        }
        if (call.has("Tagging")) {
            headers.put(TAGGING, Tags.ofHeader(call.text("Tagging"), Tags.OBJECT_MAX));
        }
        return headers;
    }

    static Condition condition(S3Call call) {
        String none = call.text("IfNoneMatch");
        String match = call.text("IfMatch");
        if (!none.isEmpty()) {
            if (!none.equals("*") || !match.isEmpty()) {
                throw new S3Failure(
                        S3Code.NOT_IMPLEMENTED, "If-None-Match of a put: expected * alone");
            }
            return new Condition.IfAbsent();
        }
        return match.isEmpty() ? new Condition.Always() : new Condition.IfMatch(unquoted(match));
    }

    static String unquoted(String etag) {
        String text = etag.strip();
        return text.length() > 1 && text.startsWith("\"") && text.endsWith("\"")
                ? text.substring(1, text.length() - 1)
                : text;
    }

    Reply put(S3Call call) throws ArchiveException, IOException {
        Map<String, String> headers = told(call);
        Condition condition = condition(call);
        if (condition instanceof Condition.IfAbsent
                && store.find(call.bucket(), call.key()).isPresent()) {
            throw new S3Failure(S3Code.PRECONDITION_FAILED);
        }
        try (Draft draft = store.draft(call.bucket())) {
            Intaken body = Intaken.into(draft, call);
            headers.putAll(body.checksums());
            if (draft.commit(call.key(), body.md5(), headers, condition).isEmpty()) {
                throw new S3Failure(S3Code.PRECONDITION_FAILED);
            }
            return answered(body.md5(), body.checksums());
        }
    }

    static Reply answered(String etag, Map<String, String> checksums) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("ETag", '"' + etag + '"');
        headers.put("x-amz-server-side-encryption", "AES256");
        headers.putAll(checksums);
        return new Reply(200, headers, new Reply.Whole(new byte[0]));
    }

    // Copying.

    /// Where a copy comes from, as its header says.
    record Source(String bucket, String key) {
        static Source of(S3Call call) {
            String raw = call.text("CopySource");
            int question = raw.indexOf('?');
            String path =
                    new String(
                            Percent.decodePath(question < 0 ? raw : raw.substring(0, question)),
                            StandardCharsets.UTF_8);
            String rest = path.startsWith("/") ? path.substring(1) : path;
            int slash = rest.indexOf('/');
            if (slash <= 0 || slash == rest.length() - 1 || question >= 0) {
                throw new S3Failure(
                        S3Code.INVALID_ARGUMENT,
                        "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
            }
            return new Source(rest.substring(0, slash), rest.substring(slash + 1));
        }
    }

    ObjectNode copy(S3Call call, Source source) throws ArchiveException, IOException {
        Map<String, String> told = told(call);
        boolean replace = call.text("MetadataDirective").equals("REPLACE");
        try (Reading reading =
                store.read(source.bucket(), source.key())
                        .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_KEY))) {
            Stored from = reading.object();
            checkSource(call, from);
            boolean itself =
                    source.bucket().equals(call.bucket()) && source.key().equals(call.key());
            if (itself && !replace && !call.text("TaggingDirective").equals("REPLACE")) {
                throw new S3Failure(
                        S3Code.INVALID_REQUEST,
                        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.");
            }
            var headers = new HashMap<>(from.headers());
            if (replace) {
                headers.keySet()
                        .removeIf(
                                name -> !name.startsWith(Checksum.HEADER) && !name.equals(TAGGING));
                told.forEach((name, value) -> {
                    if (!name.equals(TAGGING)) {
                        headers.put(name, value);
                    }
                });
            }
            if (call.text("TaggingDirective").equals("REPLACE")) {
                headers.remove(TAGGING);
                if (told.containsKey(TAGGING)) {
                    headers.put(TAGGING, told.getOrDefault(TAGGING, ""));
                }
            }
            try (Draft draft = store.draft(call.bucket())) {
                String md5 = transfer(reading.bytes(0, from.length()), draft);
                Stored made =
                        draft.commit(call.key(), md5, headers, new Condition.Always())
                                .orElseThrow(() -> new S3Failure(S3Code.PRECONDITION_FAILED));
                ObjectNode answer = BucketWork.nothing().put("ServerSideEncryption", "AES256");
                answer.putObject("CopyObjectResult")
                        .put("ETag", '"' + md5 + '"')
                        .put("LastModified", made.stored().toEpochMilli() / 1000.0);
                return answer;
            }
        }
    }

    /// @return the MD5 of what went through
    static String transfer(InputStream bytes, Draft draft) throws IOException {
        var md5 = Checksum.messageDigest("MD5");
        byte[] buffer = new byte[1 << 16];
        try (bytes) {
            for (int read = bytes.read(buffer); read >= 0; read = bytes.read(buffer)) {
                md5.update(buffer, 0, read);
                draft.write(buffer, 0, read);
            }
        }
        return java.util.HexFormat.of().formatHex(md5.digest());
    }

    private static void checkSource(S3Call call, Stored from) {
        Instant stored = from.stored().truncatedTo(ChronoUnit.SECONDS);
        boolean match =
                !call.has("CopySourceIfMatch")
                        || matches(call.text("CopySourceIfMatch"), from.etag());
        boolean noneMatch =
                call.has("CopySourceIfNoneMatch")
                        && matches(call.text("CopySourceIfNoneMatch"), from.etag());
        boolean unmodified =
                !call.has("CopySourceIfUnmodifiedSince")
                        || call.has("CopySourceIfMatch")
                        || !stored.isAfter(instant(call, "CopySourceIfUnmodifiedSince"));
        boolean unchanged =
                call.has("CopySourceIfModifiedSince")
                        && !call.has("CopySourceIfNoneMatch")
                        && !stored.isAfter(instant(call, "CopySourceIfModifiedSince"));
        if (!match || noneMatch || !unmodified || unchanged) {
            throw new S3Failure(S3Code.PRECONDITION_FAILED);
        }
    }

    private static Instant instant(S3Call call, String member) {
        return Instant.ofEpochSecond(call.input().path(member).asLong());
    }

    static boolean matches(String wanted, String etag) {
        for (String one : wanted.split(",", -1)) {
            String plain = one.strip().startsWith("W/") ? one.strip().substring(2) : one;
            if (plain.strip().equals("*") || unquoted(plain).equals(etag)) {
                return true;
            }
        }
        return false;
    }

    // Getting.

    Reply get(S3Call call, boolean body) throws ArchiveException {
        if (!body) {
            Stored object =
                    store.find(call.bucket(), call.key())
                            .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_KEY));
            return told(call, object, Optional.empty());
        }
        Reading reading =
                store.read(call.bucket(), call.key())
                        .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_KEY));
        try {
            Reply reply = told(call, reading.object(), Optional.of(reading));
            if (reply.status() == 304) {
                reading.close();
            }
            return reply;
        } catch (RuntimeException failure) {
            reading.close();
            throw failure;
        }
    }

    private static Reply told(S3Call call, Stored object, Optional<Reading> reading) {
        if (call.has("VersionId") && !call.text("VersionId").equals("null")) {
            throw new S3Failure(S3Code.NO_SUCH_VERSION);
        }
        var headers = new LinkedHashMap<String, String>();
        headers.put("ETag", '"' + object.etag() + '"');
        headers.put("Last-Modified", HTTP_DATE.format(object.stored()));
        headers.put("Accept-Ranges", "bytes");
        if (notModified(call, object)) {
            return new Reply(304, headers, new Reply.Streamed(_ -> {}));
        }
        long from = 0;
        long length = object.length();
        int status = 200;
        Optional<long[]> range = range(call.text("Range"), object.length());
        if (range.isPresent()) {
            from = range.get()[0];
            length = range.get()[1] - from + 1;
            status = 206;
            headers.put(
                    "Content-Range",
                    "bytes %d-%d/%d".formatted(from, range.get()[1], object.length()));
        } else if (call.number("PartNumber", 1) != 1) {
            throw new S3Failure(S3Code.INVALID_RANGE);
        }
        describe(call, object, headers, status == 200);
        headers.put("Content-Length", Long.toString(length));
        long first = from;
        long count = length;
        return new Reply(
                status,
                headers,
                new Reply.Streamed(out -> {
                    if (reading.isPresent()) {
                        try (Reading open = reading.get();
                                InputStream bytes = open.bytes(first, count)) {
                            bytes.transferTo(out);
                        }
                    }
                }));
    }

    private static void describe(
            S3Call call, Stored object, Map<String, String> headers, boolean whole) {
        boolean checksums = whole && call.text("ChecksumMode").equalsIgnoreCase("ENABLED");
        object.headers()
                .forEach((name, value) -> {
                    boolean checksum = name.startsWith(Checksum.HEADER);
                    if (!name.equals(TAGGING) && (!checksum || checksums)) {
                        headers.put(name, value);
                    }
                });
        int tags = Tags.read(object.header(TAGGING)).size();
        if (tags > 0) {
            headers.put("x-amz-tagging-count", Integer.toString(tags));
        }
        headers.put("x-amz-server-side-encryption", "AES256");
        for (var told : TOLD.entrySet()) {
            String asked = call.text("Response" + told.getKey());
            if (!asked.isEmpty()) {
                if (call.caller().account().isEmpty()) {
                    throw new S3Failure(
                            S3Code.INVALID_REQUEST,
                            "Request specific response headers cannot be used for anonymous GET requests.");
                }
                headers.put(told.getValue(), asked);
            }
        }
    }

    private static boolean notModified(S3Call call, Stored object) {
        Instant stored = object.stored().truncatedTo(ChronoUnit.SECONDS);
        if (call.has("IfMatch") && !matches(call.text("IfMatch"), object.etag())) {
            throw new S3Failure(S3Code.PRECONDITION_FAILED);
        }
        if (!call.has("IfMatch")
                && call.has("IfUnmodifiedSince")
                && stored.isAfter(instant(call, "IfUnmodifiedSince"))) {
            throw new S3Failure(S3Code.PRECONDITION_FAILED);
        }
        if (call.has("IfNoneMatch")) {
            return matches(call.text("IfNoneMatch"), object.etag());
        }
        return call.has("IfModifiedSince") && !stored.isAfter(instant(call, "IfModifiedSince"));
    }

    /// First and last byte; empty for the whole, which is also what a range of another form gets.
    private static Optional<long[]> range(String header, long length) {
        Matcher range = RANGE.matcher(header.strip());
        if (!range.matches() || (range.group(1).isEmpty() && range.group(2).isEmpty())) {
            return Optional.empty();
        }
        long first;
        long last;
        if (range.group(1).isEmpty()) {
            long count = Long.parseLong(range.group(2));
            first = Math.max(0, length - count);
            last = count == 0 ? -1 : length - 1;
        } else {
            first = Long.parseLong(range.group(1));
            last =
                    range.group(2).isEmpty()
                            ? length - 1
                            : Math.min(Long.parseLong(range.group(2)), length - 1);
            if (!range.group(2).isEmpty() && Long.parseLong(range.group(2)) < first) {
                return Optional.empty();
            }
        }
        if (first >= length || last < first) {
            throw new S3Failure(S3Code.INVALID_RANGE);
        }
        return Optional.of(new long[] {first, last});
    }

    // Listing, deleting, tags.

    ObjectNode list(S3Call call, Bucket bucket) throws ArchiveException {
        int max = Listing.max(call.number("MaxKeys", 1000));
        Listing listing =
                Listing.of(
                        store,
                        call.bucket(),
                        call.text("Prefix"),
                        call.text("Delimiter"),
                        call.text("Marker"),
                        max);
        ObjectNode answer = BucketWork.nothing();
        listing.write(answer, call, max, S3Call.ownerId(bucket));
        boolean encoded = call.text("EncodingType").equals("url");
        answer.put("Marker", Listing.encoded(call.text("Marker"), encoded));
        if (listing.more() && call.has("Delimiter")) {
            answer.put("NextMarker", Listing.encoded(listing.last(), encoded));
        }
        return answer;
    }

    ObjectNode listV2(S3Call call, Bucket bucket) throws ArchiveException {
        int max = Listing.max(call.number("MaxKeys", 1000));
        String token = call.text("ContinuationToken");
        String after = token.isEmpty() ? call.text("StartAfter") : untokened(token);
        Listing listing =
                Listing.of(
                        store,
                        call.bucket(),
                        call.text("Prefix"),
                        call.text("Delimiter"),
                        after,
                        max);
        ObjectNode answer = BucketWork.nothing();
        boolean owner = call.input().path("FetchOwner").asBoolean();
        listing.write(answer, call, max, owner ? S3Call.ownerId(bucket) : "");
        answer.put("KeyCount", listing.objects().size() + listing.prefixes().size());
        if (call.has("StartAfter")) {
            answer.put(
                    "StartAfter",
                    Listing.encoded(
                            call.text("StartAfter"), call.text("EncodingType").equals("url")));
        }
        if (!token.isEmpty()) {
            answer.put("ContinuationToken", token);
        }
        if (listing.more()) {
            answer.put(
                    "NextContinuationToken",
                    Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(listing.last().getBytes(StandardCharsets.UTF_8)));
        }
        return answer;
    }

    private static String untokened(String token) {
        try {
            return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT, "The continuation token provided is incorrect");
        }
    }

    ObjectNode delete(S3Call call) throws ArchiveException {
        if (call.has("VersionId") && !call.text("VersionId").equals("null")) {
            throw new S3Failure(S3Code.NO_SUCH_VERSION);
        }
        if (call.has("IfMatch")) {
            throw new S3Failure(S3Code.NOT_IMPLEMENTED, "Cairn has no conditional deletes yet");
        }
        store.delete(call.bucket(), call.key());
        return BucketWork.nothing();
    }

    /// Whether one key of many may be deleted.
    interface Right {
        boolean may(String key);
    }

    ObjectNode deleteMany(S3Call call, Right right) throws ArchiveException {
        JsonNode objects = call.input().path("Delete").path("Objects");
        if (objects.isEmpty() || objects.size() > 1000) {
            throw new S3Failure(S3Code.MALFORMED_XML);
        }
        boolean quiet = call.input().path("Delete").path("Quiet").asBoolean();
        ObjectNode answer = BucketWork.nothing();
        var deleted = answer.putArray("Deleted");
        var errors = answer.putArray("Errors");
        for (JsonNode object : objects) {
            String key = object.path("Key").asText();
            S3Code refused = null;
            if (!right.may(key)) {
                refused = S3Code.ACCESS_DENIED;
            } else if (!object.path("VersionId").asText("null").equals("null")) {
                refused = S3Code.NO_SUCH_VERSION;
            } else if (object.hasNonNull("ETag")) {
                refused = S3Code.NOT_IMPLEMENTED;
            } else {
                store.delete(call.bucket(), key);
                if (!quiet) {
                    deleted.addObject().put("Key", key);
                }
            }
            if (refused != null) {
                errors.addObject()
                        .put("Key", key)
                        .put("Code", refused.awsName())
                        .put("Message", refused.message());
            }
        }
        return answer;
    }

    private Stored object(S3Call call) throws ArchiveException {
        return store.find(call.bucket(), call.key())
                .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_KEY));
    }

    ObjectNode acl(S3Call call, Bucket bucket) throws ArchiveException {
        object(call);
        return BucketWork.acl(bucket);
    }

    ObjectNode tagging(S3Call call) throws ArchiveException {
        return Tags.answer(object(call).header(TAGGING));
    }

    ObjectNode putTagging(S3Call call, boolean none) throws ArchiveException {
        Stored object = object(call);
        var headers = new HashMap<>(object.headers());
        headers.remove(TAGGING);
        if (!none) {
            headers.put(
                    TAGGING, Tags.of(call.input().path("Tagging").path("TagSet"), Tags.OBJECT_MAX));
        }
        if (!store.describe(call.bucket(), object, headers)) {
            throw new S3Failure(S3Code.NO_SUCH_KEY);
        }
        return BucketWork.nothing();
    }
}
