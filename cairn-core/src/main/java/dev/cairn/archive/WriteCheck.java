package dev.cairn.archive;

import dev.cairn.access.Policy;
import dev.cairn.access.PolicyException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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
                    sentence(
                            bucket,
                            "s3:GetBucketAcl",
                            aclStatement(bucket.arn(), arns(List.of(as.trailArn())))));
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
                            writeStatement("", bucket.arn(pattern), arns(List.of(as.trailArn())))));
        }
        return Optional.empty();
    }

    /// A whole bucket policy that lets one trail in, and nobody else.
    ///
    /// @param keyPrefix what the trail's keys start with, such as `logs/AWSLogs/123456789012/`
    public static String policy(String bucket, String keyPrefix, String trailArn) {
        return policy(bucket, Map.of(keyPrefix, List.of(trailArn)));
    }

    /// A whole bucket policy that lets some trails in, and nobody else.
    ///
    /// @param trails their ARNs, by what their keys start with
    public static String policy(String bucket, Map<String, List<String>> trails) {
        String arn = "arn:aws:s3:::" + bucket;
        var sorted = new TreeMap<>(trails);
        var statements = new ArrayList<String>();
        statements.add(
                aclStatement(arn, arns(sorted.values().stream().flatMap(List::stream).toList())));
        for (var entry : sorted.entrySet()) {
            statements.add(
                    writeStatement(
                            sorted.size() == 1 ? "" : Integer.toString(statements.size()),
                            arn + '/' + entry.getKey() + '*',
                            arns(entry.getValue())));
        }
        return """
        {"Version":"2012-10-17","Statement":[%s]}\
        """
                .formatted(String.join(",", statements));
    }

    private static String arns(List<String> trails) {
        var quoted = trails.stream().distinct().sorted().map(arn -> '"' + arn + '"').toList();
        return quoted.size() == 1 ? quoted.getFirst() : "[" + String.join(",", quoted) + "]";
    }

    private static String aclStatement(String bucketArn, String trailArns) {
        return """
        {"Sid":"AWSCloudTrailAclCheck20150319","Effect":"Allow","Principal":{"Service":"%s"},"Action":"s3:GetBucketAcl","Resource":"%s","Condition":{"StringEquals":{"aws:SourceArn":%s}}}\
        """
                .formatted(PRINCIPAL, bucketArn, trailArns);
    }

    /// @param number tells it apart from others of its policy
    private static String writeStatement(String number, String objectsArn, String trailArns) {
        return """
        {"Sid":"AWSCloudTrailWrite20150319%s","Effect":"Allow","Principal":{"Service":"%s"},"Action":"s3:PutObject","Resource":"%s","Condition":{"StringEquals":{"s3:x-amz-acl":"%s","aws:SourceArn":%s}}}\
        """
                .formatted(number, PRINCIPAL, objectsArn, ACL, trailArns);
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
