package dev.cairn.archive;

import dev.cairn.access.Policy;
import dev.cairn.access.PolicyException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Whether a bucket's policy lets CloudTrail write for a trail: it must find the bucket's owner and
/// put objects that the owner fully controls
/// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html).
///
/// @param ownAccountMay whether a trail may write to a bucket of its own account that does not say
///   so
public record WriteCheck(boolean ownAccountMay) {
    /// Who writes for trails.
    public static final String PRINCIPAL = "cloudtrail.amazonaws.com";

    private static final String ACL = "bucket-owner-full-control";

    /// What is missing to put one key, or keys below one prefix; empty when nothing is.
    ///
    /// @param key of an object; for a prefix, one that starts with it
    /// @param pattern what the missing statement should say in place of the key
    public Optional<String> missing(Bucket bucket, Archive.Writer as, String key, String pattern) {
        Policy policy;
        try {
            policy = bucket.policy() == null ? Policy.NONE : Policy.of(bucket.policy());
        } catch (PolicyException e) {
            return Optional.of(
                    "The policy of the bucket %s cannot be read: %s"
                            .formatted(bucket.name(), e.message()));
        }
        boolean own = ownAccountMay && bucket.owner().equals(as.account());
        if (refused(policy, "s3:GetBucketAcl", bucket.arn(), as, own, Map.of())) {
            return Optional.of(
                    sentence(bucket, "s3:GetBucketAcl", aclStatement(bucket.arn(), as.trailArn())));
        }
        if (refused(
                policy,
                "s3:PutObject",
                bucket.arn(key),
                as,
                own,
                Map.of("s3:x-amz-acl", List.of(ACL)))) {
            return Optional.of(
                    sentence(
                            bucket,
                            "s3:PutObject on " + bucket.arn(pattern),
                            writeStatement(bucket.arn(pattern), as.trailArn())));
        }
        return Optional.empty();
    }

    /// A whole bucket policy that lets one trail in, and nobody else.
    ///
    /// @param keyPrefix what the trail's keys start with, such as `logs/AWSLogs/123456789012/`
    public static String policy(String bucket, String keyPrefix, String trailArn) {
        String arn = "arn:aws:s3:::" + bucket;
        return """
        {"Version":"2012-10-17","Statement":[%s,%s]}\
        """
                .formatted(
                        aclStatement(arn, trailArn),
                        writeStatement(arn + '/' + keyPrefix + '*', trailArn));
    }

    private static String aclStatement(String bucketArn, String trailArn) {
        return """
        {"Sid":"AWSCloudTrailAclCheck20150319","Effect":"Allow","Principal":{"Service":"%s"},"Action":"s3:GetBucketAcl","Resource":"%s","Condition":{"StringEquals":{"aws:SourceArn":"%s"}}}\
        """
                .formatted(PRINCIPAL, bucketArn, trailArn);
    }

    private static String writeStatement(String objectsArn, String trailArn) {
        return """
        {"Sid":"AWSCloudTrailWrite20150319","Effect":"Allow","Principal":{"Service":"%s"},"Action":"s3:PutObject","Resource":"%s","Condition":{"StringEquals":{"s3:x-amz-acl":"%s","aws:SourceArn":"%s"}}}\
        """
                .formatted(PRINCIPAL, objectsArn, ACL, trailArn);
    }

    private static boolean refused(
            Policy policy,
            String action,
            String resource,
            Archive.Writer as,
            boolean own,
            Map<String, List<String>> more) {
        var keys = new java.util.HashMap<>(more);
        keys.put("aws:sourcearn", List.of(as.trailArn()));
        keys.put("aws:sourceaccount", List.of(as.account()));
        keys.put("aws:securetransport", List.of("true"));
        keys.put("aws:principalisawsservice", List.of("true"));
        keys.put("aws:principalservicename", List.of(PRINCIPAL));
        var verdict =
                policy.judge(
                        new Policy.Request(
                                new Policy.Principal.Service(PRINCIPAL), action, resource, keys));
        return switch (verdict) {
            case ALLOWED, DELEGATED -> false;
            case SILENT -> !own;
            case DENIED -> true;
        };
    }

    private static String sentence(Bucket bucket, String what, String statement) {
        return "The policy of the bucket %s does not let %s do %s. Add this statement to it, and see that none denies it: %s"
                .formatted(bucket.name(), PRINCIPAL, what, statement);
    }
}
