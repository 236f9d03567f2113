package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Keeping.Versioning;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Version;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.server.http.Reply;
import java.util.Map;
import java.util.regex.Pattern;

/// What is done with versions as such: whether a bucket keeps them, and which there are.
final class VersionWork {
    private static final String HEADER = "x-amz-version-id";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

    private final BucketRegister buckets;
    private final ObjectStore store;

    VersionWork(BucketRegister buckets, ObjectStore store) {
        this.buckets = buckets;
        this.store = store;
    }

    /// Refuses what no version's id looks like.
    ///
    /// @param id empty for none
    static String checked(String id) {
        if (!id.isEmpty() && !id.equals(Version.NULL) && !ID.matcher(id).matches()) {
            throw new S3Failure(S3Code.INVALID_ARGUMENT, "Invalid version id specified");
        }
        return id;
    }

    private static boolean has(Bucket bucket) {
        return bucket.keeping().versioning() != Versioning.OFF;
    }

    /// Tells which version an answer is about; buckets that never had any say nothing.
    static void tell(Map<String, String> headers, Bucket bucket, Stored object) {
        if (has(bucket)) {
            headers.put(HEADER, object.version().id());
        }
    }

    /// As above, for an answer that is made already.
    static Reply tell(Reply reply, Bucket bucket, Stored object) {
        return has(bucket) ? reply.with(HEADER, object.version().id()) : reply;
    }

    /// As above, for an answer that is a document.
    static void tell(ObjectNode answer, Bucket bucket, Stored object) {
        if (has(bucket)) {
            answer.put("VersionId", object.version().id());
        }
    }

    static ObjectNode versioning(Bucket bucket) {
        ObjectNode answer = BucketWork.nothing();
        switch (bucket.keeping().versioning()) {
            case OFF -> {}
            case ENABLED -> answer.put("Status", "Enabled");
            case SUSPENDED -> answer.put("Status", "Suspended");
        }
        return answer;
    }

    ObjectNode putVersioning(S3Call call, Bucket bucket, Transaction tx) throws CatalogException {
        JsonNode asked = call.input().path("VersioningConfiguration");
        if (asked.path("MFADelete").asText().equals("Enabled")) {
            throw new S3Failure(
                    S3Code.NOT_IMPLEMENTED,
                    "Cairn knows no MFA devices that a delete could be asked for; an object lock keeps versions from everyone");
        }
        Versioning wanted =
                switch (asked.path("Status").asText("")) {
                    case "Enabled" -> Versioning.ENABLED;
                    case "Suspended" -> Versioning.SUSPENDED;
                    case "" -> throw new S3Failure(S3Code.ILLEGAL_VERSIONING);
                    default -> throw new S3Failure(S3Code.MALFORMED_XML);
                };
        Keeping keeping = bucket.keeping();
        if (keeping.locked() && wanted != Versioning.ENABLED) {
            throw new S3Failure(
                    S3Code.INVALID_BUCKET_STATE,
                    "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.");
        }
        store.pause(tx, bucket.name());
        buckets.replace(tx, bucket.with(keeping.with(wanted)));
        return BucketWork.nothing();
    }

    ObjectNode list(S3Call call, Bucket bucket) throws ArchiveException {
        int max = Listing.max(call.number("MaxKeys", 1000));
        String marker = call.text("KeyMarker");
        String versionMarker = call.text("VersionIdMarker");
        if (marker.isEmpty() && call.has("VersionIdMarker")) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "A version-id marker cannot be specified without a key marker.");
        }
        VersionListing listing =
                VersionListing.of(
                        store,
                        call.bucket(),
                        call.text("Prefix"),
                        call.text("Delimiter"),
                        marker,
                        checked(versionMarker),
                        max);
        boolean encoded = call.text("EncodingType").equals("url");
        ObjectNode answer = BucketWork.nothing();
        answer.put("Name", call.bucket());
        answer.put("Prefix", Listing.encoded(call.text("Prefix"), encoded));
        answer.put("KeyMarker", Listing.encoded(marker, encoded));
        answer.put("VersionIdMarker", versionMarker);
        answer.put("MaxKeys", max);
        if (call.has("Delimiter")) {
            answer.put("Delimiter", Listing.encoded(call.text("Delimiter"), encoded));
        }
        if (encoded) {
            answer.put("EncodingType", "url");
        }
        answer.put("IsTruncated", listing.more());
        if (listing.more()) {
            answer.put("NextKeyMarker", Listing.encoded(listing.lastKey(), encoded));
            if (!listing.lastVersion().isEmpty()) {
                answer.put("NextVersionIdMarker", listing.lastVersion());
            }
        }
        listing.write(answer, S3Call.ownerId(bucket), encoded);
        return answer;
    }
}
