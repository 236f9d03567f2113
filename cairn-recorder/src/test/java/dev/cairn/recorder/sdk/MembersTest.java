package dev.cairn.recorder.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sts.model.AssumeRoleRequest;
import software.amazon.awssdk.services.sts.model.AssumeRoleResponse;
import software.amazon.awssdk.services.sts.model.Tag;

class MembersTest {
    @Test
    void what_is_set_is_shown_by_cloudtrails_names() {
        var request =
                AssumeRoleRequest.builder()
                        .roleArn("arn:aws:iam::111122223333:role/deployer")
                        .durationSeconds(900)
                        .tags(Tag.builder().key("team").value("shop").build())
                        .build();

        assertThat(Members.of("sts", request))
                .isEqualTo(
                        Map.of(
                                "roleArn",
                                "arn:aws:iam::111122223333:role/deployer",
                                "durationSeconds",
                                900,
                                "tags",
                                List.of(Map.of("key", "team", "value", "shop"))));
    }

    @Test
    void what_the_sdk_would_not_print_is_hidden() {
        var answer =
                AssumeRoleResponse.builder()
                        .credentials(it ->
                                it.accessKeyId("ASIAIOSFODNN7EXAMPLE")
                                        .secretAccessKey("p4ss")
                                        .expiration(Instant.parse("2026-11-21T20:43:17Z")))
                        .build();

        assertThat(Members.of("sts", answer))
                .isEqualTo(
                        Map.of(
                                "credentials",
                                Map.of(
                                        "accessKeyId", "ASIAIOSFODNN7EXAMPLE",
                                        "secretAccessKey", "HIDDEN_DUE_TO_SECURITY_REASONS",
                                        "expiration", "Nov 21, 2026, 8:43:17 PM")));
    }
}
