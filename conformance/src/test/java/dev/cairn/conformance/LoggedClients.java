package dev.cairn.conformance;

import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.sqs.SqsClient;

/// Clients of AWS SDK for Java 2 that write a log of their calls, and try nothing a second time.
/// They share their connections, which end when this is closed.
final class LoggedClients implements AutoCloseable {
    private static final int CONNECTIONS_MAX = 64;

    /// Longer than the gateway waits for its upstream and for its ledger.
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

    private final SdkHttpClient http =
            Apache5HttpClient.builder()
                    .maxConnections(CONNECTIONS_MAX)
                    .socketTimeout(ANSWER_MAX)
                    .build();
    private final LiveServer.Credentials who;
    private final CallLog log;

    LoggedClients(LiveServer.Credentials who, CallLog log) {
        this.who = who;
        this.log = log;
    }

    /// With the checksums and chunks that the SDK sends by default.
    S3Client s3(URI endpoint) {
        return s3Builder(endpoint).build();
    }

    /// Without them, as older servers want it.
    S3Client plainS3(URI endpoint) {
        return s3Builder(endpoint)
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .serviceConfiguration(it -> it.chunkedEncodingEnabled(false))
                .build();
    }

    private S3ClientBuilder s3Builder(URI endpoint) {
        return set(S3Client.builder().forcePathStyle(true), endpoint);
    }

    DynamoDbClient dynamoDb(URI endpoint) {
        return set(DynamoDbClient.builder(), endpoint).build();
    }

    SqsClient sqs(URI endpoint) {
        return set(SqsClient.builder(), endpoint).build();
    }

    private <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> B set(
            B builder, URI endpoint) {
        return JavaSdk.as(who, endpoint, builder)
                .overrideConfiguration(it ->
                        it.addExecutionInterceptor(log)
                                .retryStrategy(AwsRetryStrategy.doNotRetry()))
                .httpClient(http);
    }

    @Override
    public void close() {
        http.close();
    }
}
