package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.ObjectStore.Restoring;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.Storage;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What is done with objects that lie in a colder class: they are brought back for some days before
/// they can be read (https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html).
final class ColdWork {
    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);
    private static final int DAYS_MAX = 36_500;

    private final ObjectStore store;

    ColdWork(ObjectStore store) {
        this.store = store;
    }

    ObjectNode restore(S3Call call) throws ArchiveException {
        JsonNode asked = call.input().path("RestoreRequest");
        if (asked.hasNonNull("Type") || asked.hasNonNull("Tier")) {
            throw new S3Failure(
                    S3Code.NOT_IMPLEMENTED, "Cairn restores objects, and selects nothing of them");
        }
        int days = asked.path("Days").asInt(0);
        if (days < 1 || days > DAYS_MAX) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "restoration days should be at least 1 and at most " + DAYS_MAX);
        }
        Stored object = found(call);
        checkTier(asked.path("GlacierJobParameters").path("Tier").asText("Standard"), object);
        int status =
                switch (store.restore(call.bucket(), object, days)) {
                    case Restoring.Begun() -> 202;
                    case Restoring.Extended() -> 200;
                    case Restoring.UnderWay() -> throw new S3Failure(S3Code.RESTORE_IN_PROGRESS);
                    case Restoring.AtHand() ->
                            throw new S3Failure(
                                    S3Code.INVALID_OBJECT_STATE,
                                    "Restore is not allowed for the object's current storage class");
                    case Restoring.Absent() -> throw new S3Failure(S3Code.NO_SUCH_KEY);
                };
        return BucketWork.nothing().put("Status", status);
    }

    private Stored found(S3Call call) throws ArchiveException {
        String version = VersionWork.checked(call.text("VersionId"));
        Stored object =
                version.isEmpty()
                        ? store.find(call.bucket(), call.key())
                                .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_KEY))
                        : store.find(call.bucket(), call.key(), version)
                                .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_VERSION));
        if (object.version().marker()) {
            throw new S3Failure(S3Code.METHOD_NOT_ALLOWED);
        }
        return object;
    }

    /// All tiers are as fast as the colder place; what AWS does not have is refused all the same.
    private static void checkTier(String tier, Stored object) {
        if (!List.of("Expedited", "Standard", "Bulk").contains(tier)) {
            throw new S3Failure(S3Code.MALFORMED_XML);
        }
        if (tier.equals("Expedited") && object.storage().type() == Storage.Type.DEEP_ARCHIVE) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "Retrieval option is not supported by this storage class");
        }
    }

    /// Tells of the class in the answer to who reads the object, or asks what it is.
    static void tell(Map<String, String> headers, Storage storage, Instant now) {
        if (!storage.isCold()) {
            return;
        }
        headers.put("x-amz-storage-class", storage.type().name());
        if (storage.restoring()) {
            headers.put("x-amz-restore", "ongoing-request=\"true\"");
        } else if (storage.isReadable(now)) {
            headers.put(
                    "x-amz-restore",
                    "ongoing-request=\"false\", expiry-date=\"%s\""
                            .formatted(HTTP_DATE.format(storage.until().orElseThrow())));
        }
    }

    /// Refuses to read what would have to be brought back first.
    ///
    /// @throws S3Failure INVALID_OBJECT_STATE
    static void checkReadable(Stored object, Instant now) {
        if (!object.storage().isReadable(now)) {
            throw new S3Failure(S3Code.INVALID_OBJECT_STATE);
        }
    }

    /// Refuses to copy what would have to be brought back first.
    ///
    /// @throws S3Failure NOT_IN_ACTIVE_TIER
    static void checkCopied(Stored object, Instant now) {
        if (!object.storage().isReadable(now)) {
            throw new S3Failure(S3Code.NOT_IN_ACTIVE_TIER);
        }
    }
}
