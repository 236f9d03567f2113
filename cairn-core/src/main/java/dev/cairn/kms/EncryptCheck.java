package dev.cairn.kms;

import dev.cairn.access.Policy;
import dev.cairn.catalog.CatalogException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Whether a key's policy lets CloudTrail encrypt for a trail
/// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html).
/// A pure function of what it is given.
public final class EncryptCheck {
    /// Who encrypts for trails.
    public static final String PRINCIPAL = "cloudtrail.amazonaws.com";

    /// What the encryption context names the trail by.
    public static final String CONTEXT = "aws:cloudtrail:arn";

    private EncryptCheck() {}

    /// What is missing; empty when nothing is.
    ///
    /// @param account whose trail it is
    /// @return a sentence with the statement that would mend it
    public static Optional<String> missing(KmsKey key, String account, String trailArn)
            throws CatalogException {
        Policy policy = key.policy();
        Map<String, List<String>> keys =
                Map.of(
                        "aws:sourcearn",
                        List.of(trailArn),
                        "aws:sourceaccount",
                        List.of(account),
                        "aws:securetransport",
                        List.of("true"),
                        "aws:principalisawsservice",
                        List.of("true"),
                        "aws:principalservicename",
                        List.of(PRINCIPAL),
                        "kms:encryptioncontextkeys",
                        List.of(CONTEXT, "aws:s3:arn"),
                        "kms:encryptioncontext:" + CONTEXT,
                        List.of(trailArn));
        for (String action : List.of("kms:GenerateDataKey", "kms:DescribeKey")) {
            var verdict =
                    policy.judge(
                            new Policy.Request(
                                    new Policy.Principal.Service(PRINCIPAL),
                                    action,
                                    key.arn().toString(),
                                    keys));
            if (verdict != Policy.Verdict.ALLOWED) {
                return Optional.of(
                        "The policy of the key %s does not let %s do %s. Add these statements to it, and see that none denies it: %s"
                                .formatted(
                                        key.arn(),
                                        PRINCIPAL,
                                        action,
                                        encryptStatement(account, List.of(trailArn))
                                                + ","
                                                + describeStatement(List.of(trailArn))));
            }
        }
        return Optional.empty();
    }

    /// A whole key policy for the trails of an account: it administers the key and decides who of
    /// its own may decrypt, the trails encrypt under it, and nobody else has a right.
    ///
    /// @param account whose key it is, and whose trails
    public static String policy(String account, List<String> trailArns) {
        return """
        {"Version":"2012-10-17","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"kms:*","Resource":"*"},%s,%s]}\
        """
                .formatted(
                        account,
                        encryptStatement(account, trailArns),
                        describeStatement(trailArns));
    }

    private static String arns(List<String> trails) {
        var quoted = trails.stream().distinct().sorted().map(arn -> '"' + arn + '"').toList();
        return quoted.size() == 1 ? quoted.getFirst() : "[" + String.join(",", quoted) + "]";
    }

    private static String encryptStatement(String account, List<String> trailArns) {
        return """
        {"Sid":"Allow CloudTrail to encrypt logs","Effect":"Allow","Principal":{"Service":"%s"},"Action":"kms:GenerateDataKey*","Resource":"*","Condition":{"StringEquals":{"aws:SourceArn":%s},"StringLike":{"kms:EncryptionContext:%s":"arn:aws:cloudtrail:*:%s:trail/*"}}}\
        """
                .formatted(PRINCIPAL, arns(trailArns), CONTEXT, account);
    }

    private static String describeStatement(List<String> trailArns) {
        return """
        {"Sid":"Allow CloudTrail to describe key","Effect":"Allow","Principal":{"Service":"%s"},"Action":"kms:DescribeKey","Resource":"*","Condition":{"StringEquals":{"aws:SourceArn":%s}}}\
        """
                .formatted(PRINCIPAL, arns(trailArns));
    }
}
