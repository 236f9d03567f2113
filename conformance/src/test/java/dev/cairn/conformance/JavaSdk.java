package dev.cairn.conformance;

import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.regions.Region;

/// Clients of the AWS SDK for Java, set up for a server of a test, in its first region.
final class JavaSdk {
    private JavaSdk() {}

    /// As root of the server's own account.
    static <B extends AwsClientBuilder<B, C>, C> B root(URI endpoint, B builder) {
        return as(LiveServer.ROOT, endpoint, builder);
    }

    static <B extends AwsClientBuilder<B, C>, C> B as(
            LiveServer.Credentials credentials, URI endpoint, B builder) {
        return builder.endpointOverride(endpoint)
                .credentialsProvider(provider(credentials))
                .region(Region.US_EAST_1);
    }

    private static AwsCredentialsProvider provider(LiveServer.Credentials credentials) {
        return StaticCredentialsProvider.create(
                AwsBasicCredentials.create(
                        credentials.accessKeyId(), credentials.secretAccessKey()));
    }
}
