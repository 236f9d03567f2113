package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.cloudtrail.processinglibrary.AWSCloudTrailProcessingExecutor;
import com.amazonaws.services.cloudtrail.processinglibrary.configuration.ClientConfiguration;
import com.amazonaws.services.s3.AmazonS3;
import com.amazonaws.services.s3.AmazonS3ClientBuilder;
import com.amazonaws.services.sqs.AmazonSQS;
import com.amazonaws.services.sqs.AmazonSQSClientBuilder;
import com.amazonaws.services.sqs.model.CreateQueueRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.sns.SnsClient;

/// AWS's own consumer, the CloudTrail Processing Library 1.1.3 on AWS SDK for Java 1, takes what a
/// trail delivers through topic, queue and bucket: every event, once, though the server is killed.
final class ProcessingLibraryTest {
    private static final String BUCKET = "library-logs";
    private static final String TOPIC = "arn:aws:sns:us-east-1:" + LiveServer.ACCOUNT + ":audit";
    private static final String QUEUE = "arn:aws:sqs:us-east-1:" + LiveServer.ACCOUNT + ":files";
    private static final int EVENTS = 150;
    private static final Duration TAKEN_MAX = Duration.ofMinutes(2);

    private final Queue<String> taken = new ConcurrentLinkedQueue<>();
    private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();
    private LiveServer server;

    @BeforeEach
    void start() throws Exception {
        server = LiveServer.start("trail.delivery-interval=1s", "trail.digest-interval=5s");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Tag("long")
    @Test
    void theProcessingLibraryTakesEveryEventOnceThoughTheServerIsKilled() throws Exception {
        prepare();
        var ids = new ArrayList<String>();
        try (var _ = library()) {
            ids.addAll(record(0));
            awaitTaken(ids);
        }
        for (var round = 1; round <= 3; round++) {
            // Killed while files are delivered, told of and queued.
            ids.addAll(record(round * EVENTS));
            server.kill();
            server.restart();
        }
        ids.addAll(record(4 * EVENTS));
        try (var _ = library()) {
            awaitTaken(ids);
        }

        assertThat(failures).isEmpty();
        var samples = taken.stream().filter(ids::contains).toList();
        assertThat(samples).doesNotHaveDuplicates().hasSameSizeAs(ids);
        try (var trails = trails()) {
            var status = trails.getTrailStatus(ask -> ask.name("main"));
            assertThat(status.latestNotificationTime()).isNotNull();
            assertThat(status.latestNotificationError()).isNullOrEmpty();
        }
    }

    private void awaitTaken(List<String> ids) throws Exception {
        Await.until(
                Await.Bound.of("every event taken by the library", TAKEN_MAX),
                () -> !failures.isEmpty() || taken.containsAll(ids));
        assertThat(failures).isEmpty();
    }

    /// Bucket, queue, topic and trail, as the guide makes them.
    private void prepare() {
        s3().createBucket(BUCKET);
        s3().setBucketPolicy(
                        BUCKET,
                        """
                        {"Version":"2012-10-17","Statement":[
                        {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
                        "Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::%1$s"},
                        {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
                        "Action":"s3:PutObject","Resource":"arn:aws:s3:::%1$s/AWSLogs/%2$s/*",
                        "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}]}\
                        """
                                .formatted(BUCKET, LiveServer.ACCOUNT));
        sqs().createQueue(
                        new CreateQueueRequest("files")
                                .withAttributes(
                                        Map.of(
                                                "Policy",
                                                """
                                                {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                                                "Principal":{"Service":"sns.amazonaws.com"},
                                                "Action":"sqs:SendMessage","Resource":"%s",
                                                "Condition":{"ArnEquals":{"aws:SourceArn":"%s"}}}]}\
                                                """
                                                        .formatted(QUEUE, TOPIC))));
        try (var topics = JavaSdk.root(server.endpoint(), SnsClient.builder()).build();
                var trails = trails()) {
            topics.createTopic(topic ->
                    topic.name("audit")
                            .attributes(
                                    Map.of(
                                            "Policy",
                                            """
                                            {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                                            "Principal":{"Service":"cloudtrail.amazonaws.com"},
                                            "Action":"SNS:Publish","Resource":"%s"}]}\
                                            """
                                                    .formatted(TOPIC))));
            topics.subscribe(ask -> ask.topicArn(TOPIC).protocol("sqs").endpoint(QUEUE));
            trails.createTrail(trail ->
                    trail.name("main")
                            .s3BucketName(BUCKET)
                            .snsTopicName("audit")
                            .isMultiRegionTrail(true)
                            .enableLogFileValidation(true));
            trails.startLogging(trail -> trail.name("main"));
        }
    }

    private List<String> record(int first) throws Exception {
        var ids = new ArrayList<String>();
        var batch = new ArrayList<Sample>();
        for (var number = first; number < first + EVENTS; number++) {
            var sample =
                    new Sample(
                            LiveServer.ACCOUNT,
                            number % 2 == 0 ? "us-east-1" : "eu-central-1",
                            Instant.now(),
                            "sample.amazonaws.com",
                            "SampleEvent",
                            number);
            batch.add(sample);
            ids.add(sample.id());
        }
        try (var wire = new Wire(server.endpoint())) {
            assertThat(wire.intake(LiveServer.ROOT, Sample.batch(batch)).status()).isEqualTo(200);
        }
        return ids;
    }

    /// The library at work until it is closed.
    private interface Library extends AutoCloseable {
        @Override
        void close();
    }

    private Library library() {
        var queue = sqs();
        var settings = new ClientConfiguration(queue.getQueueUrl("files").getQueueUrl(), rootOne());
        settings.setThreadCount(2);
        settings.setThreadTerminationDelaySeconds(10);
        settings.setVisibilityTimeout(30);
        var executor =
                new AWSCloudTrailProcessingExecutor.Builder(
                                events ->
                                        events.forEach(event ->
                                                taken.add(
                                                        event.getEventData()
                                                                .getEventId()
                                                                .toString())),
                                settings)
                        .withSQSClient(queue)
                        .withS3Client(s3())
                        .withExceptionHandler(failures::add)
                        .build();
        executor.start();
        return executor::stop;
    }

    private CloudTrailClient trails() {
        return JavaSdk.root(server.endpoint(), CloudTrailClient.builder()).build();
    }

    private static AWSStaticCredentialsProvider rootOne() {
        return new AWSStaticCredentialsProvider(
                new BasicAWSCredentials(
                        LiveServer.ROOT.accessKeyId(), LiveServer.ROOT.secretAccessKey()));
    }

    private EndpointConfiguration endpoint() {
        return new EndpointConfiguration(server.endpoint().toString(), "us-east-1");
    }

    private AmazonSQS sqs() {
        return AmazonSQSClientBuilder.standard()
                .withEndpointConfiguration(endpoint())
                .withCredentials(rootOne())
                .build();
    }

    private AmazonS3 s3() {
        return AmazonS3ClientBuilder.standard()
                .withEndpointConfiguration(endpoint())
                .withCredentials(rootOne())
                .withPathStyleAccessEnabled(true)
                .build();
    }
}
