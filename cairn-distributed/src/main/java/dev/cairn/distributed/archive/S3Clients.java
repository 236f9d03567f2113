package dev.cairn.distributed.archive;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.endpoints.Endpoint;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.endpoints.S3EndpointParams;
import software.amazon.awssdk.services.s3.endpoints.S3EndpointProvider;

/// Makes clients for a destination, with a bound on everything that could last.
final class S3Clients {
    private static final int CONNECTIONS_MAX = 64;
    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);

    /// A connection of the pool may be that of a body which somebody reads slowly.
    private static final Duration ACQUIRE_MAX = Duration.ofSeconds(30);

    /// How long a connection may say nothing.
    private static final Duration SILENCE_MAX = Duration.ofSeconds(30);

    /// One try of a call: a log file of some MB, and a store that thinks about it.
    private static final Duration TRY_MAX = Duration.ofSeconds(60);

    /// A call with all its tries and the pauses between them.
    private static final Duration CALL_MAX = Duration.ofMinutes(3);

    private static final int TRIES = 4;

    private S3Clients() {}

    static S3Client of(S3Destination destination) {
        var builder =
                S3Client.builder()
                        .region(Region.of(destination.region()))
                        .credentialsProvider(credentials(destination))
                        .httpClientBuilder(
                                Apache5HttpClient.builder()
                                        .maxConnections(CONNECTIONS_MAX)
                                        .connectionTimeout(CONNECT_MAX)
                                        .connectionAcquisitionTimeout(ACQUIRE_MAX)
                                        .socketTimeout(SILENCE_MAX))
                        .overrideConfiguration(
                                ClientOverrideConfiguration.builder()
                                        .apiCallAttemptTimeout(TRY_MAX)
                                        .apiCallTimeout(CALL_MAX)
                                        .retryStrategy(retries())
                                        .build())
                        .requestChecksumCalculation(
                                destination.checksums()
                                        ? RequestChecksumCalculation.WHEN_SUPPORTED
                                        : RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(
                                destination.checksums()
                                        ? ResponseChecksumValidation.WHEN_SUPPORTED
                                        : ResponseChecksumValidation.WHEN_REQUIRED)
                        .serviceConfiguration(
                                S3Configuration.builder()
                                        .pathStyleAccessEnabled(destination.pathStyle())
                                        .chunkedEncodingEnabled(destination.checksums())
                                        .build());
        destination
                .endpoint()
                .ifPresentOrElse(
                        builder::endpointOverride,
                        // As on AWS, a trail may write to a bucket of any region.
                        () ->
                                builder.endpointProvider(S3Clients::ofAws)
                                        .crossRegionAccessEnabled(true));
        return builder.build();
    }

    /// AWS's own endpoint. `AWS_ENDPOINT_URL`, which the SDK would obey, points to Cairn itself in
    /// a shell that is set up for it.
    private static CompletableFuture<Endpoint> ofAws(S3EndpointParams asked) {
        return S3EndpointProvider.defaultProvider()
                .resolveEndpoint(asked.toBuilder().endpoint(null).build());
    }

    private static StandardRetryStrategy retries() {
        return AwsRetryStrategy.standardRetryStrategy().toBuilder()
                .maxAttempts(TRIES)
                // "Retry the upload": two conditional writes of one key met
                // (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
                .retryOnException(failure ->
                        failure instanceof AwsServiceException refused
                                && refused.statusCode() == 409)
                .build();
    }

    private static AwsCredentialsProvider credentials(S3Destination destination) {
        if (destination.keys().isPresent()) {
            var keys = destination.keys().get();
            return StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(
                            keys.accessKeyId(), keys.secretAccessKey().reveal()));
        }
        return new Environment(DefaultCredentialsProvider.builder().build());
    }

    /// The environment's credentials, whose absence is told from a network that fails.
    private record Environment(AwsCredentialsProvider chain) implements AwsCredentialsProvider {
        @Override
        public AwsCredentials resolveCredentials() {
            try {
                return chain.resolveCredentials();
            } catch (SdkClientException none) {
                throw new NoCredentialsException(none);
            }
        }
    }

    /// The environment gives no credentials.
    static final class NoCredentialsException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NoCredentialsException(SdkClientException cause) {
            super(cause.getMessage(), cause);
        }
    }
}
