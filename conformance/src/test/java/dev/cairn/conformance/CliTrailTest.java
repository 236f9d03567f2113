package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.conformance.LookupClient.RefusedException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The trail API by the AWS CLI.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CliTrailTest {
    private LiveServer server;
    private CliClient cli;

    @BeforeAll
    void start() throws Exception {
        server = LiveServer.start();
        cli = new CliClient(server.home(), server.endpoint(), LiveServer.ROOT, "us-east-1");
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    @Test
    void an_account_without_trails_has_none() throws Exception {
        assertThat(call("describe-trails").path("trailList").isEmpty()).isTrue();
        assertThat(call("list-trails").path("Trails").isEmpty()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "S3BucketDoesNotExistException, create-trail --name main --s3-bucket-name nobody-made-this",
        "InvalidTrailNameException, create-trail --name a --s3-bucket-name logs",
        "InvalidS3BucketNameException, create-trail --name main --s3-bucket-name LOGS",
        "InvalidParameterCombinationException, create-trail --name main --s3-bucket-name logs"
                + " --is-multi-region-trail --no-include-global-service-events",
        "InsufficientSnsTopicPolicyException, create-trail --name main --s3-bucket-name logs --sns-topic-name audit",
        "KmsKeyNotFoundException, create-trail --name main --s3-bucket-name logs --kms-key-id alias/x",
        "UnsupportedOperationException, create-trail --name main --s3-bucket-name logs --is-organization-trail",
        "InvalidTagParameterException, create-trail --name main --s3-bucket-name logs --tags-list Key=aws:x",
        "TrailNotFoundException, update-trail --name main",
        "TrailNotFoundException, delete-trail --name main",
        "TrailNotFoundException, get-trail --name main",
        "TrailNotFoundException, start-logging --name main",
        "TrailNotFoundException, stop-logging --name main",
        "TrailNotFoundException, get-trail-status --name main",
        "CloudTrailARNInvalidException, get-trail-status --name arn:aws:s3:::main",
        "TrailNotFoundException, get-event-selectors --trail-name main",
        "InvalidEventSelectorsException,"
                + " put-event-selectors --trail-name main --event-selectors ReadWriteType=Sometimes",
        "TrailNotFoundException, put-event-selectors --trail-name main --event-selectors ReadWriteType=All",
        "CloudTrailARNInvalidException, add-tags --resource-id main --tags-list Key=a",
        "CloudTrailARNInvalidException, remove-tags --resource-id main --tags-list Key=a",
        "ResourceNotFoundException, list-tags --resource-id-list"
                + " arn:aws:cloudtrail:us-east-1:123456789012:trail/main"
    })
    void a_refusal_has_awss_name(String error, String command) {
        var refused = catchThrowableOfType(RefusedException.class, () -> call(command));

        assertThat(refused).as(command).isNotNull();
        assertThat(refused.name()).as(refused.getMessage()).isEqualTo(error);
    }

    private JsonNode call(String command) throws Exception {
        var words = new java.util.ArrayList<>(List.of("cloudtrail"));
        words.addAll(List.of(command.split(" ")));
        return cli.call(words);
    }
}
