package dev.cairn.kms;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Which key policies let CloudTrail encrypt.
class EncryptCheckTest {
    private static final String TRAIL =
            "arn:aws:cloudtrail:eu-central-1:%s:trail/main".formatted(KeyWorld.ACCOUNT);
    private static final String OTHER_ACCOUNT = "210987654321";

    /// As AWS's guide has it, with its three statements.
    private static final String DOCUMENTED =
            """
            {"Version":"2012-10-17","Id":"Key policy created by CloudTrail","Statement":[
            {"Sid":"Enable IAM user permissions","Effect":"Allow",
             "Principal":{"AWS":["arn:aws:iam::123456789012:root"]},"Action":"kms:*","Resource":"*"},
            {"Sid":"Allow CloudTrail to encrypt logs","Effect":"Allow",
             "Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"kms:GenerateDataKey*",
             "Resource":"*","Condition":{
             "StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:eu-central-1:123456789012:trail/main"},
             "StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:123456789012:trail/*"}}},
            {"Sid":"Allow CloudTrail to describe key","Effect":"Allow",
             "Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"kms:DescribeKey","Resource":"*"}]}
            """;

    private final KeyWorld world = new KeyWorld();

    private Optional<String> missing(String policy, String account, String trailArn)
            throws Exception {
        var arn = world.create().arn();
        world.change(tx -> world.keys.putPolicy(tx, arn, policy));
        return EncryptCheck.missing(world.keys.expect(arn), account, trailArn);
    }

    @Test
    void the_documented_policy_lets_the_trail_in_that_it_names() throws Exception {
        assertThat(missing(DOCUMENTED, KeyWorld.ACCOUNT, TRAIL)).isEmpty();
    }

    @Test
    void the_one_that_is_printed_does() throws Exception {
        assertThat(
                        missing(
                                EncryptCheck.policy(KeyWorld.ACCOUNT, List.of(TRAIL, TRAIL + "2")),
                                KeyWorld.ACCOUNT,
                                TRAIL))
                .isEmpty();
    }

    @Test
    void another_trail_or_account_is_not_let_in() throws Exception {
        assertThat(missing(DOCUMENTED, KeyWorld.ACCOUNT, TRAIL + "2")).isPresent();
        String elsewhere = TRAIL.replace(KeyWorld.ACCOUNT, OTHER_ACCOUNT);
        assertThat(missing(DOCUMENTED.replace(TRAIL, elsewhere), OTHER_ACCOUNT, elsewhere))
                .isPresent();
    }

    @Test
    void the_default_policy_lets_the_account_in_and_no_service() throws Exception {
        assertThat(missing(KmsKeys.defaultPolicy(KeyWorld.ACCOUNT), KeyWorld.ACCOUNT, TRAIL))
                .hasValueSatisfying(words ->
                        assertThat(words)
                                .contains("kms:GenerateDataKey")
                                .contains("Allow CloudTrail to encrypt logs"));
    }

    @Test
    void both_rights_are_needed_and_a_denial_wins() throws Exception {
        assertThat(
                        missing(
                                DOCUMENTED.replace("kms:DescribeKey", "kms:ListGrants"),
                                KeyWorld.ACCOUNT,
                                TRAIL))
                .hasValueSatisfying(words -> assertThat(words).contains("kms:DescribeKey"));
        assertThat(
                        missing(
                                DOCUMENTED.replace(
                                        "\"Statement\":[",
                                        "\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"kms:GenerateDataKey\",\"Resource\":\"*\"},"),
                                KeyWorld.ACCOUNT,
                                TRAIL))
                .isPresent();
    }
}
