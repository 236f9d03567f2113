package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Keeping.DefaultRetention;
import dev.cairn.archive.Keeping.Versioning;
import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.ObjectStore.Relock;
import dev.cairn.archive.ObjectStore.Relocking;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.Retention;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What is done with locks: of buckets, and of versions in them
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html). That a locked version
/// stays is the [ObjectStore]'s matter, whoever asks for what.
final class LockWork {
    /// What is told to who would remove a locked version, or loosen its lock.
    static final String PROTECTED = "Access Denied because object protected by object lock.";

    /// The right to remove what governance keeps.
    static final String BYPASS = "BypassGovernanceRetention";

    private static final String MODE = "x-amz-object-lock-mode";
    private static final String UNTIL = "x-amz-object-lock-retain-until-date";
    private static final String HOLD = "x-amz-object-lock-legal-hold";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private final BucketRegister buckets;
    private final ObjectStore store;

    LockWork(BucketRegister buckets, ObjectStore store) {
        this.buckets = buckets;
        this.store = store;
    }

    /// Whether a caller says that they mean to bypass governance. The AWS CLI writes `True`.
    static boolean bypasses(S3Call call) {
        return call.text(BYPASS).equalsIgnoreCase("true");
    }

    /// Whether a put asks for a retention.
    static boolean asksRetention(S3Call call) {
        return call.has("ObjectLockMode") || call.has("ObjectLockRetainUntilDate");
    }

    /// Whether a put asks for a legal hold, or for none.
    static boolean asksHold(S3Call call) {
        return call.has("ObjectLockLegalHoldStatus");
    }

    /// The lock that a put asks for.
    static Lock asked(S3Call call, Bucket bucket, ObjectStore store) throws ArchiveException {
        if (!asksRetention(call) && !asksHold(call)) {
            return Lock.NONE;
        }
        checkLocked(bucket);
        if (call.has("ObjectLockMode") != call.has("ObjectLockRetainUntilDate")) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "%s and %s must both be supplied".formatted(UNTIL, MODE));
        }
        Optional<Retention> retention =
                asksRetention(call)
                        ? Optional.of(
                                new Retention(
                                        mode(call.text("ObjectLockMode")),
                                        future(
                                                call.input().path("ObjectLockRetainUntilDate"),
                                                store)))
                        : Optional.empty();
        return new Lock(retention, asksHold(call) && held(call.text("ObjectLockLegalHoldStatus")));
    }

    private static void checkLocked(Bucket bucket) {
        if (!bucket.keeping().locked()) {
            throw new S3Failure(
                    S3Code.INVALID_REQUEST, "Bucket is missing Object Lock Configuration");
        }
    }

    private static Retention.Mode mode(String text) {
        return switch (text) {
            case "GOVERNANCE" -> Retention.Mode.GOVERNANCE;
            case "COMPLIANCE" -> Retention.Mode.COMPLIANCE;
            default -> throw new S3Failure(S3Code.INVALID_ARGUMENT, "Unknown wormMode directive.");
        };
    }

    private static boolean held(String text) {
        return switch (text) {
            case "ON" -> true;
            case "OFF" -> false;
            default ->
                    throw new S3Failure(
                            S3Code.INVALID_ARGUMENT, "Legal Hold must be either of 'ON' or 'OFF'");
        };
    }

    /// @param seconds since the epoch
    private static Instant future(JsonNode seconds, ObjectStore store) throws ArchiveException {
        Instant until;
        try {
            BigDecimal millis =
                    seconds.decimalValue().movePointRight(3).setScale(0, RoundingMode.DOWN);
            // Never another time than the one that was asked for.
            until = Instant.ofEpochMilli(millis.longValueExact());
        } catch (ArithmeticException _) {
            throw new S3Failure(S3Code.INVALID_ARGUMENT, "The retain until date is no time");
        }
        if (!until.isAfter(store.keepingTime())) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT, "The retain until date must be in the future!");
        }
        return until;
    }

    /// Tells of a lock in the answer to who reads the object.
    static void tell(Map<String, String> headers, Lock lock) {
        lock.retention()
                .ifPresent(retention -> {
                    headers.put(MODE, retention.mode().name());
                    headers.put(UNTIL, TIME.format(retention.until()));
                });
        if (lock.hold()) {
            headers.put(HOLD, "ON");
        }
    }

    // Of a bucket.

    static ObjectNode configuration(Bucket bucket) {
        if (!bucket.keeping().locked()) {
            throw new S3Failure(S3Code.NO_LOCK_CONFIGURATION);
        }
        ObjectNode answer = BucketWork.nothing();
        ObjectNode configuration =
                answer.putObject("ObjectLockConfiguration").put("ObjectLockEnabled", "Enabled");
        bucket.keeping()
                .retention()
                .ifPresent(retention ->
                        configuration
                                .putObject("Rule")
                                .putObject("DefaultRetention")
                                .put("Mode", retention.mode().name())
                                .put(
                                        switch (retention.unit()) {
                                            case DAYS -> "Days";
                                            case YEARS -> "Years";
                                        },
                                        retention.count()));
        return answer;
    }

    ObjectNode putConfiguration(S3Call call, Bucket bucket, Transaction tx)
            throws CatalogException {
        JsonNode asked = call.input().path("ObjectLockConfiguration");
        if (!asked.path("ObjectLockEnabled").asText().equals("Enabled")) {
            throw new S3Failure(S3Code.MALFORMED_XML);
        }
        Keeping keeping = bucket.keeping();
        if (keeping.versioning() != Versioning.ENABLED) {
            throw new S3Failure(
                    S3Code.INVALID_BUCKET_STATE,
                    "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
        }
        store.pause(tx, bucket.name());
        buckets.replace(tx, bucket.with(keeping.locking(retention(asked.path("Rule")))));
        return BucketWork.nothing();
    }

    private static Optional<DefaultRetention> retention(JsonNode rule) {
        if (rule.isMissingNode() || rule.isNull()) {
            return Optional.empty();
        }
        JsonNode retention = rule.path("DefaultRetention");
        boolean days = retention.hasNonNull("Days");
        if (days == retention.hasNonNull("Years")
                || !retention.path("Mode").asText().matches("GOVERNANCE|COMPLIANCE")) {
            throw new S3Failure(S3Code.MALFORMED_XML);
        }
        int count = retention.path(days ? "Days" : "Years").asInt();
        int max = days ? DefaultRetention.DAYS_MAX : DefaultRetention.YEARS_MAX;
        if (count < 1) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "Default retention period must be a positive integer value.");
        }
        if (count > max) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "Default retention period too large: at most %d".formatted(max));
        }
        return Optional.of(
                new DefaultRetention(
                        mode(retention.path("Mode").asText()),
                        count,
                        days ? DefaultRetention.Unit.DAYS : DefaultRetention.Unit.YEARS));
    }

    // Of a version.

    private Stored object(S3Call call, Bucket bucket) throws ArchiveException {
        checkLocked(bucket);
        String version = VersionWork.checked(call.text("VersionId"));
        Stored object =
                version.isEmpty()
                        ? store.newest(call.bucket(), call.key())
                                .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_KEY))
                        : store.find(call.bucket(), call.key(), version)
                                .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_VERSION));
        if (object.version().marker()) {
            throw new S3Failure(S3Code.METHOD_NOT_ALLOWED);
        }
        return object;
    }

    ObjectNode retention(S3Call call, Bucket bucket) throws ArchiveException {
        Retention retention =
                object(call, bucket)
                        .lock()
                        .retention()
                        .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_LOCK));
        ObjectNode answer = BucketWork.nothing();
        answer.putObject("Retention")
                .put("Mode", retention.mode().name())
                .put("RetainUntilDate", retention.until().toEpochMilli() / 1000.0);
        return answer;
    }

    /// @param bypass whether the caller may bypass governance, and says so
    ObjectNode putRetention(S3Call call, Bucket bucket, boolean bypass) throws ArchiveException {
        Stored object = object(call, bucket);
        JsonNode asked = call.input().path("Retention");
        if (asked.hasNonNull("Mode") != asked.hasNonNull("RetainUntilDate")) {
            throw new S3Failure(S3Code.MALFORMED_XML);
        }
        Optional<Retention> wanted =
                asked.hasNonNull("Mode")
                        ? Optional.of(
                                new Retention(
                                        mode(asked.path("Mode").asText()),
                                        future(asked.path("RetainUntilDate"), store)))
                        : Optional.empty();
        return relock(call, object, lock -> lock.with(wanted), bypass);
    }

    ObjectNode hold(S3Call call, Bucket bucket) throws ArchiveException {
        ObjectNode answer = BucketWork.nothing();
        answer.putObject("LegalHold")
                .put("Status", object(call, bucket).lock().hold() ? "ON" : "OFF");
        return answer;
    }

    ObjectNode putHold(S3Call call, Bucket bucket) throws ArchiveException {
        Stored object = object(call, bucket);
        JsonNode status = call.input().path("LegalHold").path("Status");
        if (!status.isTextual()) {
            throw new S3Failure(S3Code.MALFORMED_XML);
        }
        boolean on = held(status.asText());
        return relock(call, object, lock -> lock.held(on), false);
    }

    private ObjectNode relock(S3Call call, Stored object, Relock wanted, boolean bypass)
            throws ArchiveException {
        return switch (store.lock(
                call.bucket(), call.key(), object.version().id(), wanted, bypass)) {
            case Relocking.Relocked() -> BucketWork.nothing();
            case Relocking.Absent() -> throw new S3Failure(S3Code.NO_SUCH_VERSION);
            case Relocking.Refused() -> throw new S3Failure(S3Code.ACCESS_DENIED, PROTECTED);
        };
    }
}
