package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudtrail.model.CloudTrailArnInvalidException;
import software.amazon.awssdk.services.cloudtrail.model.EventSelector;
import software.amazon.awssdk.services.cloudtrail.model.InvalidEventSelectorsException;
import software.amazon.awssdk.services.cloudtrail.model.InvalidParameterCombinationException;
import software.amazon.awssdk.services.cloudtrail.model.InvalidS3PrefixException;
import software.amazon.awssdk.services.cloudtrail.model.InvalidTrailNameException;
import software.amazon.awssdk.services.cloudtrail.model.S3BucketDoesNotExistException;
import software.amazon.awssdk.services.cloudtrail.model.TrailNotFoundException;

/// The trail API by AWS SDK for Java 2: errors arrive as the classes it has for them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JavaSdkTrailTest {
    private LiveServer server;
    private CloudTrailClient client;

    @BeforeAll
    void start() throws Exception {
        server = LiveServer.start();
        client =
                CloudTrailClient.builder()
                        .endpointOverride(server.endpoint())
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create(
                                                LiveServer.ROOT.accessKeyId(),
                                                LiveServer.ROOT.secretAccessKey())))
                        .region(Region.US_EAST_1)
                        .build();
    }

    @AfterAll
    void stop() throws Exception {
        client.close();
        server.close();
    }

    @Test
    void an_account_without_trails_has_none() {
        assertThat(client.describeTrails().trailList()).isEmpty();
        assertThat(client.listTrails(_ -> {}).trails()).isEmpty();
    }

    @Test
    void a_refusal_is_an_exception_of_its_own() {
        assertThatExceptionOfType(S3BucketDoesNotExistException.class)
                .isThrownBy(() ->
                        client.createTrail(trail -> trail.name("main").s3BucketName("nobody-made")))
                .withMessageContaining("S3 bucket nobody-made does not exist!");
        assertThatExceptionOfType(InvalidTrailNameException.class)
                .isThrownBy(
                        () -> client.createTrail(trail -> trail.name("a").s3BucketName("logs")));
        assertThatExceptionOfType(InvalidS3PrefixException.class)
                .isThrownBy(() ->
                        client.createTrail(
                                trail -> trail.name("main").s3BucketName("logs").s3KeyPrefix("/")));
        assertThatExceptionOfType(InvalidParameterCombinationException.class)
                .isThrownBy(() ->
                        client.createTrail(trail ->
                                trail.name("main")
                                        .s3BucketName("logs")
                                        .isMultiRegionTrail(true)
                                        .includeGlobalServiceEvents(false)));
        assertThatExceptionOfType(TrailNotFoundException.class)
                .isThrownBy(() -> client.getTrailStatus(ask -> ask.name("main")))
                .withMessageContaining("for the user: 123456789012");
        assertThatExceptionOfType(CloudTrailArnInvalidException.class)
                .isThrownBy(() -> client.getTrail(ask -> ask.name("arn:aws:s3:::main")));
        assertThatExceptionOfType(InvalidEventSelectorsException.class)
                .isThrownBy(() ->
                        client.putEventSelectors(ask ->
                                ask.trailName("main")
                                        .eventSelectors(
                                                EventSelector.builder()
                                                        .readWriteType("Sometimes")
                                                        .build())));
        assertThatExceptionOfType(TrailNotFoundException.class)
                .isThrownBy(() -> client.stopLogging(ask -> ask.name("main")));
    }
}
