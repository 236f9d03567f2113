package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudtrail.model.AggregationConfiguration;
import software.amazon.awssdk.services.cloudtrail.model.CloudTrailArnInvalidException;
import software.amazon.awssdk.services.cloudtrail.model.DataResource;
import software.amazon.awssdk.services.cloudtrail.model.EventCategoryAggregation;
import software.amazon.awssdk.services.cloudtrail.model.EventSelector;
import software.amazon.awssdk.services.cloudtrail.model.InvalidEventSelectorsException;
import software.amazon.awssdk.services.cloudtrail.model.InvalidParameterCombinationException;
import software.amazon.awssdk.services.cloudtrail.model.InvalidS3PrefixException;
import software.amazon.awssdk.services.cloudtrail.model.InvalidTrailNameException;
import software.amazon.awssdk.services.cloudtrail.model.S3BucketDoesNotExistException;
import software.amazon.awssdk.services.cloudtrail.model.Template;
import software.amazon.awssdk.services.cloudtrail.model.TrailNotFoundException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/// The trail API by AWS SDK for Java 2: errors arrive as the classes it has for them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JavaSdkTrailTest {
    private static final Duration DELIVERED_MAX = Duration.ofSeconds(60);
    private static final String LETS_CLOUDTRAIL_IN =
            """
            {"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
            "Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::audit-logs"},
            {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
            "Action":"s3:PutObject","Resource":"arn:aws:s3:::audit-logs/AWSLogs/%s/*",
            "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}]}\
            """
                    .formatted(LiveServer.ACCOUNT);

    private LiveServer server;
    private CloudTrailClient client;

    @BeforeAll
    void start() throws Exception {
        server = LiveServer.start();
        client = JavaSdk.root(server.endpoint(), CloudTrailClient.builder()).build();
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

    /// A trail that is stopped tells of the window that is open.
    @Test
    void data_events_are_summed_up_and_delivered_beside_the_others() throws Exception {
        var files = "customer-files";
        try (var buckets = buckets()) {
            buckets.createBucket(bucket -> bucket.bucket(files));
            buckets.createBucket(bucket -> bucket.bucket("audit-logs"));
            buckets.putBucketPolicy(
                    policy -> policy.bucket("audit-logs").policy(LETS_CLOUDTRAIL_IN));
            client.createTrail(trail -> trail.name("summed").s3BucketName("audit-logs"));
            var aggregation =
                    AggregationConfiguration.builder()
                            .eventCategory(EventCategoryAggregation.DATA)
                            .templates(Template.API_ACTIVITY, Template.RESOURCE_ACCESS)
                            .build();
            assertThatExceptionOfType(InvalidParameterCombinationException.class)
                    .isThrownBy(() ->
                            client.putEventConfiguration(ask ->
                                    ask.trailName("summed")
                                            .aggregationConfigurations(aggregation)));
            var objects =
                    DataResource.builder()
                            .type("AWS::S3::Object")
                            .values("arn:aws:s3:::" + files + "/")
                            .build();
            var selector =
                    EventSelector.builder()
                            .includeManagementEvents(false)
                            .dataResources(objects)
                            .build();
            client.putEventSelectors(ask -> ask.trailName("summed").eventSelectors(selector));
            client.putEventConfiguration(
                    ask -> ask.trailName("summed").aggregationConfigurations(aggregation));
            assertThat(
                            client.getEventConfiguration(ask -> ask.trailName("summed"))
                                    .aggregationConfigurations())
                    .containsExactly(aggregation);
            client.startLogging(ask -> ask.name("summed"));
            for (var key : List.of("a", "b", "c")) {
                buckets.putObject(put -> put.bucket(files).key(key), RequestBody.fromString(key));
            }
            client.stopLogging(ask -> ask.name("summed"));

            var key =
                    Await.value(
                                    Await.Bound.of("a file of sums", DELIVERED_MAX),
                                    () -> summedUp(buckets),
                                    found -> !found.isEmpty())
                            .getFirst();
            assertThat(key)
                    .matches(
                            "AWSLogs/%1$s/CloudTrail-Aggregated/us-east-1/\\d{4}/\\d\\d/\\d\\d/%1$s_CloudTrail-Aggregated_us-east-1_\\d{8}T\\d{4}Z_\\w{16}\\.json\\.gz"
                                    .formatted(LiveServer.ACCOUNT));
            var sums = new TreeMap<String, Long>();
            for (var record : records(buckets, key)) {
                var statistic =
                        record.path("summary").path("primaryDimension").path("statistics").path(0);
                sums.merge(
                        statistic.path("name").asText(),
                        statistic.path("value").asLong(),
                        Long::sum);
            }
            assertThat(sums).isEqualTo(Map.of("PutObject", 3L, "arn:aws:s3:::" + files, 3L));
        } finally {
            client.deleteTrail(ask -> ask.name("summed"));
        }
    }

    private S3Client buckets() {
        return JavaSdk.root(server.endpoint(), S3Client.builder()).forcePathStyle(true).build();
    }

    private static List<String> summedUp(S3Client buckets) {
        return buckets.listObjectsV2Paginator(list -> list.bucket("audit-logs")).contents().stream()
                .map(S3Object::key)
                .filter(key -> key.contains("/CloudTrail-Aggregated/"))
                .toList();
    }

    private static JsonNode records(S3Client buckets, String key) throws Exception {
        var packed = buckets.getObjectAsBytes(get -> get.bucket("audit-logs").key(key));
        try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(packed.asByteArray()))) {
            return Wire.JSON.readTree(unpacked).path("Records");
        }
    }
}
