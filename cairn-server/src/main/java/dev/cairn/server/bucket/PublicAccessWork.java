package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Policy;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.PublicAccessBlock;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import java.util.Optional;

/// What keeps buckets from being opened to everyone, and what it refuses.
final class PublicAccessWork {
    /// The right to change it.
    static final String RIGHT = "PutBucketPublicAccessBlock";

    private static final String CONFIGURATION = "PublicAccessBlockConfiguration";
    private static final String BLOCK_ACLS = "BlockPublicAcls";
    private static final String IGNORE_ACLS = "IgnorePublicAcls";
    private static final String BLOCK_POLICY = "BlockPublicPolicy";
    private static final String RESTRICT = "RestrictPublicBuckets";

    private final BucketRegister buckets;

    PublicAccessWork(BucketRegister buckets) {
        this.buckets = buckets;
    }

    static ObjectNode get(Bucket bucket) {
        PublicAccessBlock block =
                bucket.block().orElseThrow(() -> new S3Failure(S3Code.NO_PUBLIC_ACCESS_BLOCK));
        ObjectNode answer = BucketWork.nothing();
        answer.putObject(CONFIGURATION)
                .put(BLOCK_ACLS, block.blockPublicAcls())
                .put(IGNORE_ACLS, block.ignorePublicAcls())
                .put(BLOCK_POLICY, block.blockPublicPolicy())
                .put(RESTRICT, block.restrictPublicBuckets());
        return answer;
    }

    /// What a call asks for; what it does not name is off, as on AWS.
    ///
    /// @throws S3Failure MALFORMED_XML
    static PublicAccessBlock asked(S3Call call) {
        JsonNode asked = call.input().path(CONFIGURATION);
        if (!asked.isObject()) {
            throw new S3Failure(S3Code.MALFORMED_XML);
        }
        return new PublicAccessBlock(
                asked.path(BLOCK_ACLS).asBoolean(),
                asked.path(IGNORE_ACLS).asBoolean(),
                asked.path(BLOCK_POLICY).asBoolean(),
                asked.path(RESTRICT).asBoolean());
    }

    /// Whether a bucket that has `asked` lets through what it did not let through before.
    static boolean loosens(Bucket bucket, PublicAccessBlock asked) {
        return !asked.isAtLeast(bucket.block().orElse(PublicAccessBlock.NONE));
    }

    ObjectNode put(S3Call call, Bucket bucket, Transaction tx) throws CatalogException {
        buckets.replace(tx, bucket.withBlock(Optional.of(asked(call))));
        return BucketWork.nothing();
    }

    ObjectNode delete(Bucket bucket, Transaction tx) throws CatalogException {
        buckets.replace(tx, bucket.withBlock(Optional.empty()));
        return BucketWork.nothing();
    }

    /// Refuses a policy that lets everyone in where that is blocked. It takes a second call to have
    /// it: one that takes the block away.
    ///
    /// @throws S3Failure ACCESS_DENIED, in AWS's words
    static void check(S3Call call, Bucket bucket, Policy policy) {
        if (policy.allowsEveryone()
                && bucket.block().orElse(PublicAccessBlock.NONE).blockPublicPolicy()) {
            throw new S3Failure(
                    S3Code.ACCESS_DENIED,
                    "User: %s is not authorized to perform: s3:PutBucketPolicy on resource: \"%s\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
                            .formatted(call.caller().arn(), bucket.arn()));
        }
    }

    /// Whether a bucket's policy lets in nobody of another account, because it lets in everyone.
    static boolean restricts(Bucket bucket, Policy policy) {
        return bucket.block().orElse(PublicAccessBlock.NONE).restrictPublicBuckets()
                && policy.allowsEveryone();
    }
}
