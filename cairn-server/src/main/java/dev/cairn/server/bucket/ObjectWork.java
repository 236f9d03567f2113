package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.DataKey;
import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.Draft;
import dev.cairn.archive.ObjectStore.Opener;
import dev.cairn.archive.ObjectStore.Reading;
import dev.cairn.archive.ObjectStore.Removal;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Version;
import dev.cairn.archive.WrappedKey;
import dev.cairn.aws.http.Percent;
import dev.cairn.server.http.Reply;
import dev.cairn.server.operation.NameToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
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
    private final Encryption encryption;

    ObjectWork(ObjectStore store, Encryption encryption) {
        this.store = store;
        this.encryption = encryption;
    }

    // Putting.

    /// What a request says that its object should tell. Refuses what Cairn would have to ignore.
    static Map<String, String> told(S3Call call) {
        BucketWork.checkAcl(call);
        Encryption.check(call);
        if (call.has("WebsiteRedirectLocation")) {
            throw new S3Failure(S3Code.NOT_IMPLEMENTED, "Cairn serves no websites");
        }
        String storage = call.text("StorageClass");
        if (!storage.isEmpty() && !storage.equals("STANDARD")) {
            throw new S3Failure(
                    S3Code.NOT_IMPLEMENTED,
                    "Cairn stores objects as STANDARD; lifecycle rules move them to colder classes");
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

    Reply put(S3Call call, Bucket bucket) throws ArchiveException, IOException {
        Map<String, String> headers = told(call);
        Lock lock = LockWork.asked(call, bucket, store);
        Condition condition = condition(call);
        if (condition instanceof Condition.IfAbsent
                && store.find(call.bucket(), call.key()).isPresent()) {
            throw new S3Failure(S3Code.PRECONDITION_FAILED);
        }
        Optional<DataKey> under = encryption.under(call, bucket);
        try (Draft draft = store.draft(call.bucket(), under)) {
            Intaken body = Intaken.into(draft, call);
            headers.putAll(body.checksums());
            Stored made =
                    draft.commit(call.key(), body.md5(), headers, condition, lock)
                            .orElseThrow(() -> new S3Failure(S3Code.PRECONDITION_FAILED));
            return VersionWork.tell(
                    answered(body.md5(), body.checksums(), made.headers()), bucket, made);
        }
    }

    /// @param kept what is kept of the object, or of the upload that the part is of
    static Reply answered(String etag, Map<String, String> checksums, Map<String, String> kept) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("ETag", '"' + etag + '"');
        headers.putAll(Encryption.told(kept));
        headers.putAll(checksums);
        return new Reply(200, headers, new Reply.Whole(new byte[0]));
    }

    // Copying.

    /// Where a copy comes from, as its header says.
    ///
    /// @param version empty for what the key holds
    record Source(String bucket, String key, String version) {
        private static final String VERSION = "versionId=";

        static Source of(S3Call call) {
            String raw = call.text("CopySource");
            int question = raw.indexOf('?');
            String path =
                    new String(
                            Percent.decodePath(question < 0 ? raw : raw.substring(0, question)),
                            StandardCharsets.UTF_8);
            String rest = path.startsWith("/") ? path.substring(1) : path;
            int slash = rest.indexOf('/');
            String query = question < 0 ? VERSION : raw.substring(question + 1);
            if (slash <= 0 || slash == rest.length() - 1 || !query.startsWith(VERSION)) {
                throw new S3Failure(
                        S3Code.INVALID_ARGUMENT,
                        "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
            }
            return new Source(
                    rest.substring(0, slash),
                    rest.substring(slash + 1),
                    VersionWork.checked(query.substring(VERSION.length())));
        }

        /// Opens it; the caller closes it.
        Reading open(ObjectStore store, Opener opener) throws ArchiveException {
            if (version.isEmpty()) {
                return store.read(bucket, key, opener)
                        .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_KEY));
            }
            Stored found =
                    store.find(bucket, key, version)
                            .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_VERSION));
            if (found.version().marker()) {
                throw new S3Failure(
                        S3Code.INVALID_REQUEST,
                        "The source of a copy request may not specifically refer to a delete marker by version id.");
            }
            return store.read(bucket, found, opener)
                    .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_VERSION));
        }
    }

    ObjectNode copy(S3Call call, Bucket bucket, Source source)
            throws ArchiveException, IOException {
        Map<String, String> told = told(call);
        Lock lock = LockWork.asked(call, bucket, store);
        boolean replace = call.text("MetadataDirective").equals("REPLACE");
        try (Reading reading = source.open(store, encryption.opener(call))) {
            Stored from = reading.object();
            ColdWork.checkCopied(from, call.context().time());
            checkSource(call, from);
            boolean itself =
                    source.bucket().equals(call.bucket())
                            && source.key().equals(call.key())
                            && source.version().isEmpty();
            if (itself
                    && !replace
                    && !call.text("TaggingDirective").equals("REPLACE")
                    && !call.has("ServerSideEncryption")) {
                throw new S3Failure(
                        S3Code.INVALID_REQUEST,
                        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.");
            }
            var headers = WrappedKey.without(from.headers());
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
            Optional<DataKey> under = encryption.under(call, bucket);
            try (Draft draft = store.draft(call.bucket(), under)) {
                String md5 = transfer(reading.bytes(0, from.length()), draft);
                Stored made =
                        draft.commit(call.key(), md5, headers, new Condition.Always(), lock)
                                .orElseThrow(() -> new S3Failure(S3Code.PRECONDITION_FAILED));
                ObjectNode answer = BucketWork.nothing();
                Encryption.tell(answer, made.headers());
                VersionWork.tell(answer, bucket, made);
                if (!source.version().isEmpty()) {
                    answer.put("CopySourceVersionId", source.version());
                }
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

    Reply get(S3Call call, Bucket bucket, boolean body) throws ArchiveException {
        if (!body) {
            return told(call, bucket, found(call), Optional.empty());
        }
        Reading reading = open(call);
        try {
            ColdWork.checkReadable(reading.object(), call.context().time());
            Reply reply = told(call, bucket, reading.object(), Optional.of(reading));
            if (reply.status() == 304) {
                reading.close();
            }
            return reply;
        } catch (RuntimeException failure) {
            reading.close();
            throw failure;
        }
    }

    /// What a call means: a version, or what its key holds.
    private Stored found(S3Call call) throws ArchiveException {
        if (call.has("VersionId")) {
            return version(call);
        }
        Optional<Stored> object = store.find(call.bucket(), call.key());
        if (object.isEmpty()) {
            throw missing(call);
        }
        return object.get();
    }

    private Reading open(S3Call call) throws ArchiveException {
        Optional<Reading> reading =
                call.has("VersionId")
                        ? store.read(call.bucket(), version(call), encryption.opener(call))
                        : store.read(call.bucket(), call.key(), encryption.opener(call));
        if (reading.isEmpty()) {
            throw missing(call);
        }
        return reading.get();
    }

    /// The version that a call names.
    private Stored version(S3Call call) throws ArchiveException {
        Stored found =
                store.find(call.bucket(), call.key(), VersionWork.checked(call.text("VersionId")))
                        .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_VERSION));
        if (found.version().marker()) {
            throw new S3Failure(
                    S3Code.METHOD_NOT_ALLOWED,
                    S3Code.METHOD_NOT_ALLOWED.message(),
                    Map.of(
                            "Allow",
                            "DELETE",
                            "Last-Modified",
                            HTTP_DATE.format(found.stored()),
                            "x-amz-delete-marker",
                            "true",
                            "x-amz-version-id",
                            found.version().id()));
        }
        return found;
    }

    /// A key that holds nothing, and why.
    private S3Failure missing(S3Call call) throws ArchiveException {
        if (call.has("VersionId")) {
            return new S3Failure(S3Code.NO_SUCH_VERSION);
        }
        Optional<Stored> marker =
                store.newest(call.bucket(), call.key()).filter(one -> one.version().marker());
        return new S3Failure(
                S3Code.NO_SUCH_KEY,
                S3Code.NO_SUCH_KEY.message(),
                marker.isEmpty()
                        ? Map.of()
                        : Map.of(
                                "x-amz-delete-marker",
                                "true",
                                "x-amz-version-id",
                                marker.get().version().id()));
    }

    private static Reply told(
            S3Call call, Bucket bucket, Stored object, Optional<Reading> reading) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("ETag", '"' + object.etag() + '"');
        VersionWork.tell(headers, bucket, object);
        LockWork.tell(headers, object.lock());
        ColdWork.tell(headers, object.storage(), call.context().time());
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
                    boolean kept = name.equals(TAGGING) || name.startsWith(WrappedKey.KEPT);
                    if (!kept && (!checksum || checksums)) {
                        headers.put(name, value);
                    }
                });
        int tags = Tags.read(object.header(TAGGING)).size();
        if (tags > 0) {
            headers.put("x-amz-tagging-count", Integer.toString(tags));
        }
        headers.putAll(Encryption.told(object.headers()));
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
            answer.put("NextContinuationToken", NameToken.of(listing.last()));
        }
        return answer;
    }

    private static String untokened(String token) {
        return NameToken.read(token)
                .orElseThrow(() ->
                        new S3Failure(
                                S3Code.INVALID_ARGUMENT,
                                "The continuation token provided is incorrect"));
    }

    /// @param bypass whether the caller may bypass governance
    ObjectNode delete(S3Call call, boolean bypass) throws ArchiveException {
        if (call.has("IfMatch")) {
            throw new S3Failure(S3Code.NOT_IMPLEMENTED, "Cairn has no conditional deletes yet");
        }
        String version = VersionWork.checked(call.text("VersionId"));
        ObjectNode answer = BucketWork.nothing();
        switch (remove(call.bucket(), call.key(), version, bypass)) {
            case Removal.Removed(Version gone) -> {
                if (!version.isEmpty()) {
                    answer.put("VersionId", version);
                }
                if (gone.marker()) {
                    answer.put("DeleteMarker", true);
                }
            }
            case Removal.Marked(Version marker) ->
                    answer.put("DeleteMarker", true).put("VersionId", marker.id());
            case Removal.Absent() -> {
                if (!version.isEmpty()) {
                    answer.put("VersionId", version);
                }
            }
            case Removal.Protected() ->
                    throw new S3Failure(S3Code.ACCESS_DENIED, LockWork.PROTECTED);
        }
        return answer;
    }

    private Removal remove(String bucket, String key, String version, boolean bypass)
            throws ArchiveException {
        return version.isEmpty()
                ? store.remove(bucket, key)
                : store.remove(bucket, key, version, bypass);
    }

    /// What may be done with one key of many.
    interface Right {
        /// @param action of S3, without a service
        boolean may(String action, String key);
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
            try {
                ObjectNode gone = deleteOne(call, object, right);
                if (!quiet) {
                    deleted.add(gone);
                }
            } catch (S3Failure refused) {
                ObjectNode error = errors.addObject().put("Key", object.path("Key").asText());
                if (object.hasNonNull("VersionId")) {
                    error.put("VersionId", object.path("VersionId").asText());
                }
                error.put("Code", refused.code().awsName()).put("Message", refused.message());
            }
        }
        return answer;
    }

    private ObjectNode deleteOne(S3Call call, JsonNode object, Right right)
            throws ArchiveException {
        String key = object.path("Key").asText();
        String named = object.path("VersionId").asText("");
        if (!right.may(named.isEmpty() ? "DeleteObject" : "DeleteObjectVersion", key)) {
            throw new S3Failure(S3Code.ACCESS_DENIED);
        }
        if (object.hasNonNull("ETag")) {
            throw new S3Failure(S3Code.NOT_IMPLEMENTED);
        }
        String version = VersionWork.checked(named);
        boolean bypass = LockWork.bypasses(call) && right.may(LockWork.BYPASS, key);
        ObjectNode gone = BucketWork.nothing().put("Key", key);
        if (!version.isEmpty()) {
            gone.put("VersionId", version);
        }
        switch (remove(call.bucket(), key, version, bypass)) {
            case Removal.Removed(Version was) -> {
                if (was.marker()) {
                    gone.put("DeleteMarker", true).put("DeleteMarkerVersionId", was.id());
                }
            }
            case Removal.Marked(Version marker) ->
                    gone.put("DeleteMarker", true).put("DeleteMarkerVersionId", marker.id());
            case Removal.Absent() -> {}
            case Removal.Protected() ->
                    throw new S3Failure(S3Code.ACCESS_DENIED, LockWork.PROTECTED);
        }
        return gone;
    }

    ObjectNode acl(S3Call call, Bucket bucket) throws ArchiveException {
        found(call);
        return BucketWork.acl(bucket);
    }

    ObjectNode tagging(S3Call call, Bucket bucket) throws ArchiveException {
        Stored object = found(call);
        ObjectNode answer = Tags.answer(object.header(TAGGING));
        VersionWork.tell(answer, bucket, object);
        return answer;
    }

    ObjectNode putTagging(S3Call call, Bucket bucket, boolean none) throws ArchiveException {
        Stored object = found(call);
        var headers = new HashMap<>(object.headers());
        headers.remove(TAGGING);
        if (!none) {
            headers.put(
                    TAGGING, Tags.of(call.input().path("Tagging").path("TagSet"), Tags.OBJECT_MAX));
        }
        if (!store.describe(call.bucket(), object, headers)) {
            throw new S3Failure(S3Code.NO_SUCH_KEY);
        }
        ObjectNode answer = BucketWork.nothing();
        VersionWork.tell(answer, bucket, object);
        return answer;
    }
}
