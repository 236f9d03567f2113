package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.conformance.LookupClient.RefusedException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Keys by the AWS CLI, as the guide has it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CliKmsTest {
    /// Leaves a key to its account, and lets CloudTrail encrypt for a trail.
    private static final String POLICY =
            """
            {"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"},
            {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"kms:GenerateDataKey*","Resource":"*",
            "Condition":{"StringEquals":{"aws:SourceArn":"%s"}}},
            {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"kms:DescribeKey","Resource":"*"}]}\
            """;

    private LiveServer server;
    private CliClient cli;

    @BeforeAll
    void start() throws Exception {
        server = LiveServer.start("trail.bucket-policy-check=own-account");
        cli = new CliClient(server.home(), server.endpoint(), LiveServer.ROOT, "us-east-1");
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    @Test
    void a_key_is_used_by_its_alias() throws Exception {
        var id = call("create-key", "--description", "trail").at("/KeyMetadata/KeyId").asText();
        call("create-alias", "--alias-name", "alias/trail", "--target-key-id", id);
        var plain = server.home().resolve("plain");
        var sealed = server.home().resolve("sealed");
        Files.writeString(plain, "secret");
        var blob =
                call(
                                "encrypt",
                                "--key-id",
                                "alias/trail",
                                "--plaintext",
                                "fileb://" + plain,
                                "--encryption-context",
                                "purpose=test")
                        .path("CiphertextBlob")
                        .asText();
        Files.write(sealed, Base64.getDecoder().decode(blob));
        var opened =
                call(
                        "decrypt",
                        "--ciphertext-blob",
                        "fileb://" + sealed,
                        "--encryption-context",
                        "purpose=test");
        assertThat(
                        new String(
                                Base64.getDecoder().decode(opened.path("Plaintext").asText()),
                                StandardCharsets.UTF_8))
                .isEqualTo("secret");
        refused("InvalidCiphertextException", "decrypt", "--ciphertext-blob", "fileb://" + sealed);
        call("disable-key", "--key-id", id);
        refused("DisabledException", "generate-data-key", "--key-id", id, "--key-spec", "AES_256");
        assertThat(
                        call("describe-key", "--key-id", "alias/trail")
                                .at("/KeyMetadata/KeyState")
                                .asText())
                .isEqualTo("Disabled");
        // The CLI turns the pages itself.
        assertThat(call("list-keys", "--page-size", "1").path("Keys")).hasSize(1);
    }

    @Test
    void a_bucket_encrypts_uploads_in_parts_under_the_key_that_is_its_default() throws Exception {
        var key = call("create-key").path("KeyMetadata");
        var large = server.home().resolve("large");
        var content = new byte[9_000_000]; // more than one part
        new Random(2).nextBytes(content);
        Files.write(large, content);
        s3api("create-bucket", "--bucket", "sealed-box");
        s3api(
                "put-bucket-encryption",
                "--bucket",
                "sealed-box",
                "--server-side-encryption-configuration",
                "{\"Rules\":[{\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":\"aws:kms\",\"KMSMasterKeyID\":\"%s\"}}]}"
                        .formatted(key.path("KeyId").asText()));
        assertThat(
                        s3api("get-bucket-encryption", "--bucket", "sealed-box")
                                .findValue("KMSMasterKeyID")
                                .asText())
                .isEqualTo(key.path("KeyId").asText());

        cli.call(List.of("s3", "cp", "--quiet", large.toString(), "s3://sealed-box/large"));
        var head = s3api("head-object", "--bucket", "sealed-box", "--key", "large");
        assertThat(head.path("SSEKMSKeyId").asText()).isEqualTo(key.path("Arn").asText());
        assertThat(head.path("ETag").asText()).endsWith("-2\"");
        var back = server.home().resolve("back");
        cli.call(List.of("s3", "cp", "--quiet", "s3://sealed-box/large", back.toString()));
        assertThat(Files.readAllBytes(back)).isEqualTo(content);

        s3api("delete-bucket-encryption", "--bucket", "sealed-box");
        assertThat(
                        s3api("get-bucket-encryption", "--bucket", "sealed-box")
                                .findValue("SSEAlgorithm")
                                .asText())
                .isEqualTo("AES256");
    }

    @Test
    void a_key_s_policy_rotation_and_end_are_settled() throws Exception {
        var id = call("create-key").at("/KeyMetadata/KeyId").asText();
        call("enable-key-rotation", "--key-id", id);
        assertThat(
                        call("get-key-rotation-status", "--key-id", id)
                                .path("KeyRotationEnabled")
                                .asBoolean())
                .isTrue();
        call(
                "put-key-policy",
                "--key-id",
                id,
                "--policy-name",
                "default",
                "--policy",
                POLICY.formatted("arn:aws:cloudtrail:us-east-1:123456789012:trail/other"));
        assertThat(
                        call("get-key-policy", "--key-id", id, "--policy-name", "default")
                                .path("Policy")
                                .asText())
                .contains("trail/other");
        call("schedule-key-deletion", "--key-id", id, "--pending-window-in-days", "7");
        refused("KMSInvalidStateException", "enable-key", "--key-id", id);
        call("cancel-key-deletion", "--key-id", id);
        assertThat(call("describe-key", "--key-id", id).at("/KeyMetadata/KeyState").asText())
                .isEqualTo("Disabled");
    }

    @Test
    void a_trail_delivers_under_a_key_that_lets_cloudtrail_encrypt() throws Exception {
        var arn = "arn:aws:cloudtrail:us-east-1:123456789012:trail/main";
        var key =
                call("create-key", "--policy", POLICY.formatted(arn))
                        .at("/KeyMetadata/Arn")
                        .asText();
        call("create-alias", "--alias-name", "alias/logs", "--target-key-id", key);
        s3api("create-bucket", "--bucket", "audit-logs");
        assertThat(
                        cli.call(
                                        List.of(
                                                "cloudtrail",
                                                "create-trail",
                                                "--name",
                                                "main",
                                                "--s3-bucket-name",
                                                "audit-logs",
                                                "--kms-key-id",
                                                "alias/logs"))
                                .path("KmsKeyId")
                                .asText())
                .isEqualTo(key);
    }

    private JsonNode s3api(String... words) throws Exception {
        var all = new ArrayList<>(List.of("s3api"));
        all.addAll(List.of(words));
        return cli.call(all);
    }

    private void refused(String error, String... words) {
        var refused = catchThrowableOfType(RefusedException.class, () -> call(words));

        assertThat(refused).as(String.join(" ", words)).isNotNull();
        assertThat(refused.name()).as(refused.getMessage()).isEqualTo(error);
    }

    private JsonNode call(String... words) throws Exception {
        var all = new ArrayList<>(List.of("kms"));
        all.addAll(List.of(words));
        return cli.call(all);
    }
}
