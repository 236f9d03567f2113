package dev.cairn.distributed.key;

import dev.cairn.secret.KeyService;
import dev.cairn.secret.KeyServiceException;
import dev.cairn.secret.KeyServiceException.Kind;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.endpoints.Endpoint;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.endpoints.KmsEndpointParams;
import software.amazon.awssdk.services.kms.endpoints.KmsEndpointProvider;

/// A key of AWS KMS, by AWS's SDK: `Encrypt` wraps, `Decrypt` unwraps, both with the encryption
/// context `cairn:purpose=master-key`, which the key's policy may ask for.
final class AwsKeyService implements KeyService {
    private static final Map<String, String> CONTEXT = Map.of("cairn:purpose", "master-key");

    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
    private static final Duration TRY_MAX = Duration.ofSeconds(10);
    private static final Duration CALL_MAX = Duration.ofSeconds(40);
    private static final int TRIES = 3;

    /// Of the key, for good or until somebody changes it
    /// (<https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html>).
    private static final Set<String> UNUSABLE =
            Set.of(
                    "DisabledException",
                    "NotFoundException",
                    "KMSInvalidStateException",
                    "InvalidKeyUsageException",
                    "InvalidArnException");

    private static final Set<String> WRONG_KEY =
            Set.of("IncorrectKeyException", "InvalidCiphertextException");

    private final String arn;
    private final KmsClient client;

    private AwsKeyService(String arn, KmsClient client) {
        this.arn = arn;
        this.client = client;
    }

    /// @param endpoint empty for AWS's own
    static AwsKeyService of(String arn, String region, Optional<URI> endpoint) {
        var builder =
                KmsClient.builder()
                        .region(Region.of(region))
                        .credentialsProvider(DefaultCredentialsProvider.builder().build())
                        .httpClientBuilder(
                                Apache5HttpClient.builder()
                                        .connectionTimeout(CONNECT_MAX)
                                        .socketTimeout(TRY_MAX))
                        .overrideConfiguration(
                                ClientOverrideConfiguration.builder()
                                        .apiCallAttemptTimeout(TRY_MAX)
                                        .apiCallTimeout(CALL_MAX)
                                        .retryStrategy(
                                                AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                                        .maxAttempts(TRIES)
                                                        .build())
                                        .build());
        endpoint.ifPresentOrElse(
                builder::endpointOverride, () -> builder.endpointProvider(AwsKeyService::ofAws));
        return new AwsKeyService(arn, builder.build());
    }

    /// AWS's own endpoint. `AWS_ENDPOINT_URL`, which the SDK would obey, points to Cairn itself in
    /// a shell that is set up for it.
    private static CompletableFuture<Endpoint> ofAws(KmsEndpointParams asked) {
        return KmsEndpointProvider.defaultProvider()
                .resolveEndpoint(asked.toBuilder().endpoint(null).build());
    }

    @Override
    public String name() {
        return "aws-kms://" + arn;
    }

    @Override
    public String wrap(byte[] key) throws KeyServiceException {
        try {
            var answer =
                    client.encrypt(ask ->
                            ask.keyId(arn)
                                    .plaintext(SdkBytes.fromByteArray(key))
                                    .encryptionContext(CONTEXT));
            return Base64.getEncoder().encodeToString(answer.ciphertextBlob().asByteArray());
        } catch (SdkException failure) {
            throw failed(failure);
        }
    }

    @Override
    public byte[] unwrap(String wrapped) throws KeyServiceException {
        byte[] blob;
        try {
            blob = Base64.getDecoder().decode(wrapped);
        } catch (IllegalArgumentException damaged) {
            throw new KeyServiceException(Kind.WRONG_KEY, "expected base64", damaged);
        }
        try {
            return client.decrypt(ask ->
                            ask.keyId(arn)
                                    .ciphertextBlob(SdkBytes.fromByteArray(blob))
                                    .encryptionContext(CONTEXT))
                    .plaintext()
                    .asByteArray();
        } catch (SdkException failure) {
            throw failed(failure);
        }
    }

    private static KeyServiceException failed(SdkException failure) {
        if (!(failure instanceof AwsServiceException refused)) {
            return new KeyServiceException(
                    unanswered(failure) ? Kind.UNAVAILABLE : Kind.DENIED,
                    String.valueOf(failure.getMessage()),
                    failure);
        }
        var details = refused.awsErrorDetails();
        var code = details == null ? "" : String.valueOf(details.errorCode());
        var message =
                details == null || details.errorMessage() == null
                        ? code
                        : code + ": " + details.errorMessage();
        return new KeyServiceException(kind(refused, code), message, failure);
    }

    /// Whether it was the network, and not that the environment has no credentials.
    private static boolean unanswered(SdkException failure) {
        if (failure instanceof ApiCallTimeoutException
                || failure instanceof ApiCallAttemptTimeoutException) {
            return true;
        }
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                return true;
            }
        }
        return false;
    }

    private static Kind kind(AwsServiceException refused, String code) {
        if (UNUSABLE.contains(code)) {
            return Kind.UNUSABLE;
        }
        if (WRONG_KEY.contains(code)) {
            return Kind.WRONG_KEY;
        }
        return refused.statusCode() >= 500 || refused.isThrottlingException()
                ? Kind.UNAVAILABLE
                : Kind.DENIED;
    }

    @Override
    public void close() {
        client.close();
    }
}
