package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.archive.Bucket;
import dev.cairn.server.bucket.S3Operations.Copied;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.server.own.OwnRecord;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes the records of S3 calls, as CloudTrail's own have them.
public final class S3Records {
    private static final String EVENT_SOURCE = "s3.amazonaws.com";
    private static final String OBJECT = "AWS::S3::Object";
    private static final String BUCKET = "AWS::S3::Bucket";

    /// Members of requests that are told, by the names they are told under.
    private static final Map<String, String> TOLD =
            Map.of(
                    "Prefix", "prefix",
                    "CopySource", "x-amz-copy-source",
                    "ACL", "x-amz-acl",
                    "VersionId", "versionId",
                    "BypassGovernanceRetention", "x-amz-bypass-governance-retention",
                    "ObjectLockEnabledForBucket", "x-amz-bucket-object-lock-enabled",
                    "ObjectLockMode", "x-amz-object-lock-mode",
                    "ObjectLockLegalHoldStatus", "x-amz-object-lock-legal-hold",
                    "ServerSideEncryption", "x-amz-server-side-encryption",
                    "SSEKMSKeyId", "x-amz-server-side-encryption-aws-kms-key-id");

    /// Documents that are told whole: what they say decides how long the trail is kept, and who
    /// reads it.
    private static final List<String> DOCUMENTS =
            List.of(
                    "VersioningConfiguration",
                    "ObjectLockConfiguration",
                    "LifecycleConfiguration",
                    "PublicAccessBlockConfiguration",
                    "ServerSideEncryptionConfiguration",
                    "Retention",
                    "LegalHold");

    /// Events that have another name than their operation
    /// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html).
    private static final Map<String, String> EVENT_NAMES =
            Map.of(
                    "GetObjectLockConfiguration", "GetBucketObjectLockConfiguration",
                    "PutObjectLockConfiguration", "PutBucketObjectLockConfiguration",
                    "GetBucketLifecycleConfiguration", "GetBucketLifecycle",
                    "PutBucketLifecycleConfiguration", "PutBucketLifecycle",
                    "GetPublicAccessBlock", "GetBucketPublicAccessBlock",
                    "PutPublicAccessBlock", "PutBucketPublicAccessBlock",
                    "DeletePublicAccessBlock", "DeleteBucketPublicAccessBlock");

    private final S3Operations operations;
    private final OwnCalls ownCalls;
    private final InstantSource clock;

    public S3Records(S3Operations operations, OwnCalls ownCalls, InstantSource clock) {
        this.operations = operations;
        this.ownCalls = ownCalls;
        this.clock = clock;
    }

    /// The record of a call, under a fresh eventID.
    ///
    /// @param name the operation
    /// @param bucket that the call is about; null when there is none of that name, or it is about
    ///   none
    /// @param copied what it reads besides, where it is a copy
    /// @param data whether it is a data event
    public OwnRecord of(
            String name,
            S3Call call,
            @Nullable Bucket bucket,
            Optional<Copied> copied,
            boolean data,
            OwnRecord.Outcome outcome,
            String requestId) {
        boolean readOnly =
                operations
                        .operation(name)
                        .map(S3Operations.S3Operation::readOnly)
                        .orElse(name.startsWith("Get") || name.startsWith("List"));
        return new OwnRecord(
                ownCalls.newEventId(),
                clock.instant(),
                caller(call, bucket),
                bucket == null ? call.region() : bucket.region(),
                new OwnRecord.Asked(
                        EVENT_SOURCE,
                        EVENT_NAMES.getOrDefault(name, name),
                        "",
                        readOnly,
                        data,
                        parameters(call),
                        resources(call, bucket, copied, data)),
                call.exchange(),
                requestId,
                outcome);
    }

    /// In whose account a call is recorded: the caller's, or the bucket's for anyone.
    public static Caller caller(S3Call call, @Nullable Bucket bucket) {
        Caller caller = call.caller();
        return caller.account().isEmpty() && bucket != null
                ? new Caller(caller.type(), bucket.owner(), "", "", null, null, null, null)
                : caller;
    }

    /// What became of a call, as its record says it.
    ///
    /// @param failure null when it succeeded
    public static OwnRecord.Outcome outcome(@Nullable S3Failure failure) {
        return failure == null
                ? OwnRecord.Outcome.SUCCESS
                : OwnRecord.Outcome.failed(failure.code().awsName(), failure.message());
    }

    /// As CloudTrail's own records of S3 have it: the bucket, the host, the key, and what stands in
    /// the query.
    private static ObjectNode parameters(S3Call call) {
        var parameters = JsonNodeFactory.instance.objectNode();
        var input = call.input();
        if (input.has("Bucket")) {
            parameters.put("bucketName", input.path("Bucket").asText());
        }
        parameters.put("Host", call.header("host"));
        if (input.has("Key")) {
            parameters.put("key", input.path("Key").asText());
        }
        if (input.has("Policy")) {
            parameters.put("bucketPolicy", input.path("Policy").asText());
        }
        TOLD.forEach((member, name) -> {
            if (input.has(member)) {
                parameters.put(name, input.path(member).asText());
            }
        });
        for (var document : DOCUMENTS) {
            if (input.path(document).isObject()) {
                parameters.set(document, input.path(document));
            }
        }
        return parameters;
    }

    /// As CloudTrail's own records of S3 have it: what is not about one object is about all that a
    /// prefix begins, and a copy touches what it reads, too.
    private static List<OwnRecord.Touched> resources(
            S3Call call, @Nullable Bucket bucket, Optional<Copied> copied, boolean data) {
        var touched = new LinkedHashSet<OwnRecord.Touched>();
        if (bucket != null) {
            if (!call.key().isEmpty()) {
                touched.add(new OwnRecord.Touched(OBJECT, bucket.arn(call.key()), null));
            } else if (data) {
                var below = bucket.arn(call.text("Prefix"));
                touched.add(new OwnRecord.Touched(OBJECT, below, true, null));
            }
            touched.add(new OwnRecord.Touched(BUCKET, bucket.arn(), bucket.owner()));
        }
        copied.ifPresent(read -> {
            var from = read.bucket();
            touched.add(new OwnRecord.Touched(OBJECT, from.arn(read.key()), null));
            touched.add(new OwnRecord.Touched(BUCKET, from.arn(), from.owner()));
        });
        return List.copyOf(touched);
    }
}
