package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.DataKey;
import dev.cairn.archive.ObjectStore.Opener;
import dev.cairn.archive.ObjectStore.Upload;
import dev.cairn.archive.WrappedKey;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.kms.KeyId;
import java.util.Map;
import java.util.Optional;

/// Which key an object is encrypted under that a caller puts: one of KMS that the call names, or
/// its bucket for what names none, or the archive's own.
///
/// There are no keys `aws/s3` and no S3 Bucket Keys: each object has a data key of its own, whose
/// making and opening KMS decides on, and records.
final class Encryption {
    /// How an object is told of that is encrypted under the archive's own keys.
    static final Map<String, String> OWN = Map.of(WrappedKey.ALGORITHM, "AES256");

    private static final String KMS = "aws:kms";
    private static final String ALGORITHM = "SSEAlgorithm";
    private static final String KEY = "KMSMasterKeyID";
    private static final String DEFAULT = "ApplyServerSideEncryptionByDefault";
    private static final String BUCKET_KEY = "BucketKeyEnabled";

    private final BucketRegister buckets;
    private final Optional<ObjectKeys> keys;

    /// @param keys empty where there is no KMS
    Encryption(BucketRegister buckets, Optional<ObjectKeys> keys) {
        this.buckets = buckets;
        this.keys = keys;
    }

    // Of objects.

    /// Refuses what a put asks for and would not get.
    ///
    /// @throws S3Failure NOT_IMPLEMENTED, INVALID_ARGUMENT
    static void check(S3Call call) {
        String algorithm = call.text("ServerSideEncryption");
        boolean known = algorithm.isEmpty() || algorithm.equals("AES256") || algorithm.equals(KMS);
        if (!known || call.has("SSECustomerAlgorithm")) {
            throw new S3Failure(
                    S3Code.NOT_IMPLEMENTED,
                    "Cairn encrypts objects under its own keys (AES256) or those of its KMS (aws:kms), and no others");
        }
        if (!algorithm.equals(KMS) && call.has("SSEKMSKeyId")) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms");
        }
        if (call.has("SSEKMSEncryptionContext")) {
            throw new S3Failure(
                    S3Code.NOT_IMPLEMENTED,
                    "Cairn's encryption context of an object is its ARN, and no other");
        }
        checkBucketKey(call.text(BUCKET_KEY).equalsIgnoreCase("true"));
    }

    private static void checkBucketKey(boolean asked) {
        if (asked) {
            throw new S3Failure(
                    S3Code.NOT_IMPLEMENTED,
                    "Cairn has no S3 Bucket Keys: each object has a key of its own from KMS");
        }
    }

    /// Makes the key for what a call puts; empty for the archive's own.
    ///
    /// @throws S3Failure as KMS refuses; NOT_IMPLEMENTED when neither the call nor the bucket names
    ///   a key
    Optional<DataKey> under(S3Call call, Bucket bucket) throws ArchiveException {
        String algorithm = call.text("ServerSideEncryption");
        boolean asked = algorithm.equals(KMS);
        if (!asked && (!algorithm.isEmpty() || bucket.kmsKey().isEmpty())) {
            return Optional.empty();
        }
        if (call.has("SSEKMSKeyId")) {
            // Who has no account names keys of the bucket's owner, if by an id alone.
            String caller = call.caller().account();
            return Optional.of(
                    generate(
                            call,
                            bucket,
                            call.text("SSEKMSKeyId"),
                            caller.isEmpty() ? bucket.owner() : caller));
        }
        // What the bucket names are its owner's keys and aliases, whoever puts.
        String named =
                bucket.kmsKey()
                        .orElseThrow(() ->
                                new S3Failure(
                                        S3Code.NOT_IMPLEMENTED,
                                        "Cairn has no key aws/s3: name one of your own by x-amz-server-side-encryption-aws-kms-key-id, or by the bucket's default encryption"));
        return Optional.of(generate(call, bucket, named, bucket.owner()));
    }

    private DataKey generate(S3Call call, Bucket bucket, String named, String account)
            throws ArchiveException {
        return keys.orElseThrow(Encryption::withoutKms)
                .generate(
                        call.caller(),
                        call.context(),
                        new ObjectKeys.Named(named, account, bucket.region()),
                        bucket.arn(call.key()));
    }

    private static S3Failure withoutKms() {
        return new S3Failure(S3Code.NOT_IMPLEMENTED, "There is no KMS here");
    }

    /// Opens the key of an upload for who puts a part of it; empty when it has none.
    Optional<DataKey> of(S3Call call, Upload upload) throws ArchiveException {
        Optional<WrappedKey> wrapped = WrappedKey.of(upload.headers());
        return wrapped.isEmpty()
                ? Optional.empty()
                : Optional.of(new DataKey(opener(call).open(wrapped.get()), wrapped.get()));
    }

    /// Opens keys for the caller, if their rights to the KMS key let them.
    Opener opener(S3Call call) {
        return keys.isEmpty()
                ? Opener.NONE
                : wrapped -> keys.get().open(call.caller(), call.context(), wrapped);
    }

    /// How something is encrypted, by header.
    ///
    /// @param headers what is kept of it
    static Map<String, String> told(Map<String, String> headers) {
        return WrappedKey.of(headers).map(WrappedKey::told).orElse(OWN);
    }

    /// The same, in an answer of members.
    static void tell(ObjectNode answer, Map<String, String> headers) {
        Optional<WrappedKey> wrapped = WrappedKey.of(headers);
        answer.put("ServerSideEncryption", wrapped.isEmpty() ? "AES256" : KMS);
        wrapped.ifPresent(key -> answer.put("SSEKMSKeyId", key.kmsKey()));
    }

    // Of buckets.

    static ObjectNode get(Bucket bucket) {
        ObjectNode answer = BucketWork.nothing();
        ObjectNode rule = answer.putArray("Rules").addObject();
        ObjectNode its =
                rule.putObject(DEFAULT).put(ALGORITHM, bucket.kmsKey().isEmpty() ? "AES256" : KMS);
        bucket.kmsKey().ifPresent(key -> its.put(KEY, key));
        rule.put(BUCKET_KEY, false);
        return answer;
    }

    ObjectNode put(S3Call call, Bucket bucket, Transaction tx) throws CatalogException {
        buckets.replace(tx, bucket.withKmsKey(asked(call, bucket)));
        return BucketWork.nothing();
    }

    ObjectNode delete(Bucket bucket, Transaction tx) throws CatalogException {
        buckets.replace(tx, bucket.withKmsKey(Optional.empty()));
        return BucketWork.nothing();
    }

    /// The key that a configuration names, in any of the forms that KMS takes. Whether there is one
    /// is seen when an object is put, as on AWS.
    ///
    /// @return empty for the archive's own
    private static Optional<String> asked(S3Call call, Bucket bucket) {
        JsonNode rules = call.input().path("ServerSideEncryptionConfiguration").path("Rules");
        JsonNode asked = rules.path(0).path(DEFAULT);
        if (rules.size() != 1 || !asked.isObject()) {
            throw new S3Failure(S3Code.MALFORMED_XML);
        }
        checkBucketKey(rules.path(0).path(BUCKET_KEY).asBoolean());
        String key = asked.path(KEY).asText("");
        return switch (asked.path(ALGORITHM).asText()) {
            case "AES256" -> {
                if (!key.isEmpty()) {
                    throw new S3Failure(
                            S3Code.INVALID_ARGUMENT,
                            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse");
                }
                yield Optional.empty();
            }
            case KMS -> Optional.of(checked(key, bucket));
            case "aws:kms:dsse" ->
                    throw new S3Failure(
                            S3Code.NOT_IMPLEMENTED,
                            "Cairn encrypts objects once, under keys of its own (AES256) or of its KMS (aws:kms)");
            default -> throw new S3Failure(S3Code.MALFORMED_XML);
        };
    }

    private static String checked(String key, Bucket bucket) {
        if (key.isEmpty()) {
            throw new S3Failure(
                    S3Code.NOT_IMPLEMENTED,
                    "Cairn has no key aws/s3: name one of your own as KMSMasterKeyID");
        }
        if (KeyId.of(key, bucket.owner(), bucket.region()).isEmpty()) {
            throw new S3Failure(S3Code.INVALID_ARGUMENT, "Invalid KMSMasterKeyID " + key);
        }
        return key;
    }
}
