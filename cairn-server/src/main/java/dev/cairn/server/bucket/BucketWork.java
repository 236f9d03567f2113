package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Policy;
import dev.cairn.access.PolicyException;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Keeping.Versioning;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.PublicAccessBlock;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What is done with buckets themselves. Everything that changes one takes the transaction of the
/// call's own event.
final class BucketWork {
    private static final int POLICY_BYTES_MAX = 20 << 10;
    private static final int BUCKETS_MAX = 1000;

    /// Those that grant nobody but the owner anything; S3 takes them even where ACLs are off.
    private static final Set<String> OWNER_ACLS =
            Set.of("", "private", "bucket-owner-full-control");

    private final BucketRegister buckets;
    private final ObjectStore store;

    BucketWork(BucketRegister buckets, ObjectStore store) {
        this.buckets = buckets;
        this.store = store;
    }

    static ObjectNode nothing() {
        return JsonNodeFactory.instance.objectNode();
    }

    /// Refuses access control lists that would let others in: bucket policies are for that.
    static void checkAcl(S3Call call) {
        boolean grants =
                call.has("GrantFullControl")
                        || call.has("GrantRead")
                        || call.has("GrantReadACP")
                        || call.has("GrantWrite")
                        || call.has("GrantWriteACP");
        if (grants || !OWNER_ACLS.contains(call.text("ACL"))) {
            throw new S3Failure(S3Code.ACLS_NOT_SUPPORTED);
        }
    }

    ObjectNode create(S3Call call, Transaction tx) throws CatalogException {
        String name = call.bucket();
        if (!BucketRegister.isName(name)) {
            throw new S3Failure(
                    S3Code.INVALID_BUCKET_NAME, "The specified bucket is not valid: " + name);
        }
        checkAcl(call);
        Optional<Bucket> taken = buckets.find(tx, name);
        if (taken.isPresent()) {
            throw new S3Failure(
                    taken.get().owner().equals(call.caller().account())
                            ? S3Code.BUCKET_OWNED
                            : S3Code.BUCKET_EXISTS);
        }
        String constraint =
                call.input()
                        .path("CreateBucketConfiguration")
                        .path("LocationConstraint")
                        .asText("");
        String region = constraint.isEmpty() ? call.region() : constraint;
        buckets.create(
                tx,
                new Bucket(
                                name,
                                call.caller().account(),
                                region.equals("EU") ? "eu-west-1" : region,
                                call.context().time(),
                                null,
                                "",
                                call.text("ObjectLockEnabledForBucket").equalsIgnoreCase("true")
                                        ? Keeping.NONE
                                                .with(Versioning.ENABLED)
                                                .locking(Optional.empty())
                                        : Keeping.NONE)
                        .withBlock(Optional.of(PublicAccessBlock.ALL)));
        return nothing().put("Location", "/" + name);
    }

    ObjectNode delete(S3Call call, Bucket bucket, Transaction tx) throws CatalogException {
        try {
            if (!store.closeEmpty(tx, bucket.name())) {
                throw bucket.keeping().versioning() == Versioning.OFF
                        ? new S3Failure(S3Code.BUCKET_NOT_EMPTY)
                        : new S3Failure(
                                S3Code.BUCKET_NOT_EMPTY,
                                "The bucket you tried to delete is not empty. You must delete all versions in the bucket.");
            }
        } catch (ArchiveException _) {
            throw new S3Failure(S3Code.SERVICE_UNAVAILABLE);
        }
        buckets.delete(tx, bucket);
        return nothing();
    }

    ObjectNode list(S3Call call) throws CatalogException {
        String account = call.caller().account();
        int max = Math.clamp(call.number("MaxBuckets", BUCKETS_MAX), 1, BUCKETS_MAX);
        List<Bucket> found = buckets.list(account, call.text("ContinuationToken"), max);
        ObjectNode answer = nothing();
        var entries = answer.putArray("Buckets");
        for (Bucket bucket : found) {
            if (bucket.name().startsWith(call.text("Prefix"))) {
                entries.addObject()
                        .put("Name", bucket.name())
                        .put("CreationDate", bucket.created().toEpochMilli() / 1000.0)
                        .put("BucketRegion", bucket.region());
            }
        }
        if (found.size() == max) {
            answer.put("ContinuationToken", found.getLast().name());
        }
        answer.putObject("Owner").put("ID", S3Call.ownerId(account));
        return answer;
    }

    static ObjectNode head(Bucket bucket) {
        return nothing().put("BucketRegion", bucket.region());
    }

    static ObjectNode policy(Bucket bucket) {
        if (bucket.policy() == null) {
            throw new S3Failure(S3Code.NO_SUCH_BUCKET_POLICY);
        }
        return nothing().put("Policy", bucket.policy());
    }

    static ObjectNode policyStatus(Bucket bucket) {
        ObjectNode answer = nothing();
        answer.putObject("PolicyStatus").put("IsPublic", read(policy(bucket)).allowsEveryone());
        return answer;
    }

    private static Policy read(ObjectNode answer) {
        return read(answer.path("Policy").asText());
    }

    private static Policy read(String policy) {
        try {
            return Policy.of(policy);
        } catch (PolicyException e) {
            throw new S3Failure(S3Code.MALFORMED_POLICY, e.message());
        }
    }

    ObjectNode putPolicy(S3Call call, Bucket bucket, Transaction tx) throws CatalogException {
        String text = call.text("Policy");
        if (text.getBytes(StandardCharsets.UTF_8).length > POLICY_BYTES_MAX) {
            throw new S3Failure(S3Code.MALFORMED_POLICY, "Policies must not exceed 20 KB");
        }
        Policy policy = read(text);
        for (String resource : policy.resources()) {
            boolean its =
                    resource.equals("*")
                            || resource.equals(bucket.arn())
                            || resource.startsWith(bucket.arn() + "/")
                            || resource.equals(bucket.arn() + "*");
            if (!its) {
                throw new S3Failure(S3Code.MALFORMED_POLICY, "Policy has invalid resource");
            }
        }
        PublicAccessWork.check(call, bucket, policy);
        buckets.replace(tx, bucket.withPolicy(text));
        return nothing();
    }

    ObjectNode deletePolicy(Bucket bucket, Transaction tx) throws CatalogException {
        buckets.replace(tx, bucket.withPolicy(null));
        return nothing();
    }

    ObjectNode putTagging(S3Call call, Bucket bucket, Transaction tx) throws CatalogException {
        JsonNode set = call.input().path("Tagging").path("TagSet");
        buckets.replace(tx, bucket.withTagging(Tags.of(set, Tags.BUCKET_MAX)));
        return nothing();
    }

    ObjectNode deleteTagging(Bucket bucket, Transaction tx) throws CatalogException {
        buckets.replace(tx, bucket.withTagging(""));
        return nothing();
    }

    static ObjectNode tagging(Bucket bucket) {
        if (bucket.tagging().isEmpty()) {
            throw new S3Failure(S3Code.NO_SUCH_TAG_SET);
        }
        return Tags.answer(bucket.tagging());
    }

    /// The one list there is: the owner may do everything.
    static ObjectNode acl(Bucket bucket) {
        ObjectNode answer = nothing();
        answer.putObject("Owner").put("ID", S3Call.ownerId(bucket));
        ObjectNode grant = answer.putArray("Grants").addObject();
        grant.putObject("Grantee").put("Type", "CanonicalUser").put("ID", S3Call.ownerId(bucket));
        grant.put("Permission", "FULL_CONTROL");
        return answer;
    }
}
