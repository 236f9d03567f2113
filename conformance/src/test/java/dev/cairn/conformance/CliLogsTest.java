package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.conformance.LookupClient.RefusedException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Log groups and metric filters by the AWS CLI, as the guide has it.
final class CliLogsTest {
    private static final String ROOT_USED =
            "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \"AwsServiceEvent\" }";

    @Test
    void a_filter_is_tried_and_kept_over_a_restart() throws Exception {
        try (var server = LiveServer.start()) {
            var cli = new CliClient(server.home(), server.endpoint(), LiveServer.ROOT, "us-east-1");
            call(cli, "create-log-group", "--log-group-name", "audit", "--tags", "team=red");
            call(
                    cli,
                    "put-retention-policy",
                    "--log-group-name",
                    "audit",
                    "--retention-in-days",
                    "365");
            call(
                    cli,
                    "put-metric-filter",
                    "--log-group-name",
                    "audit",
                    "--filter-name",
                    "root",
                    "--filter-pattern",
                    ROOT_USED,
                    "--metric-transformations",
                    "metricName=RootLogins,metricNamespace=Security,metricValue=1");
            refused(
                    cli,
                    "InvalidParameterException",
                    "put-metric-filter",
                    "--log-group-name",
                    "audit",
                    "--filter-name",
                    "broken",
                    "--filter-pattern",
                    "{ $.a = 'Root' }",
                    "--metric-transformations",
                    "metricName=RootLogins,metricNamespace=Security,metricValue=1");
            refused(
                    cli,
                    "ResourceAlreadyExistsException",
                    "create-log-group",
                    "--log-group-name",
                    "audit");
            refused(
                    cli,
                    "UnsupportedOperationException",
                    "create-log-stream",
                    "--log-group-name",
                    "audit",
                    "--log-stream-name",
                    "s");
            assertThat(
                            call(
                                            cli,
                                            "test-metric-filter",
                                            "--filter-pattern",
                                            ROOT_USED,
                                            "--log-event-messages",
                                            "{\"eventType\":\"AwsApiCall\",\"userIdentity\":{\"type\":\"Root\"}}",
                                            "{\"userIdentity\":{\"type\":\"Root\"}}")
                                    .path("matches"))
                    .singleElement()
                    .satisfies(match -> {
                        assertThat(match.path("eventNumber").asInt()).isEqualTo(1);
                        assertThat(
                                        match.path("extractedValues")
                                                .path("$.userIdentity.type")
                                                .asText())
                                .isEqualTo("Root");
                    });
        }
    }

    private static void refused(CliClient cli, String error, String... words) {
        var refused = catchThrowableOfType(RefusedException.class, () -> call(cli, words));
        assertThat(refused).as(String.join(" ", words)).isNotNull();
        assertThat(refused.name()).as(refused.getMessage()).isEqualTo(error);
    }

    private static JsonNode call(CliClient cli, String... words) throws Exception {
        var all = new ArrayList<>(List.of("logs"));
        all.addAll(List.of(words));
        return cli.call(all);
    }
}
