package dev.cairn.distributed.archive;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ArchiveException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;

/// What an S3's refusals and failures mean
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
final class S3Failures {
    /// Codes that AWS gives with status 400, and that a new try does not mend.
    private static final Set<String> DENIALS =
            Set.of("ExpiredToken", "InvalidToken", "TokenRefreshRequired");

    private S3Failures() {}

    /// The same failure in the words of the port; the SDK has tried again what could be.
    static ArchiveException of(SdkException failure) {
        return switch (failure) {
            case AwsServiceException refused -> refused(refused);
            case ApiCallTimeoutException timeout -> lost("RequestTimeout", timeout);
            case ApiCallAttemptTimeoutException timeout -> lost("RequestTimeout", timeout);
            case AbortedException interrupted -> lost("RequestAborted", interrupted);
            case SdkClientException client when neverSent(client) ->
                    new ArchiveException(Kind.UNAVAILABLE, "NoConnection", words(client), client);
            // The connection broke: what was sent may have arrived.
            default -> lost("NoAnswer", failure);
        };
    }

    /// No credentials: nothing was sent.
    static ArchiveException of(S3Clients.NoCredentialsException none) {
        return new ArchiveException(
                Kind.DENIED,
                "NoCredentials",
                "no credentials for S3: set archive.s3.access-key and archive.s3.secret-key, or those of the environment ("
                        + none.getMessage()
                        + ")",
                none);
    }

    static boolean isCode(AwsServiceException refused, String code) {
        return code(refused).equals(code);
    }

    private static ArchiveException refused(AwsServiceException refused) {
        String code = code(refused);
        return new ArchiveException(
                kind(code, refused.statusCode()), code, words(refused), refused);
    }

    private static ArchiveException lost(String code, SdkException failure) {
        return new ArchiveException(Kind.TIMEOUT, code, words(failure), failure);
    }

    private static String code(AwsServiceException refused) {
        @Nullable String code =
                refused.awsErrorDetails() == null ? null : refused.awsErrorDetails().errorCode();
        return code == null || code.isEmpty() ? "HTTP " + refused.statusCode() : code;
    }

    private static Kind kind(String code, int status) {
        if (code.equals("NoSuchBucket")) {
            return Kind.NO_SUCH_BUCKET;
        }
        if (DENIALS.contains(code)) {
            return Kind.DENIED;
        }
        return switch (status) {
            case 401, 403 -> Kind.DENIED;
            // A proxy or the store itself gave up half-way: the work may be done.
            case 408, 500, 502, 504 -> Kind.TIMEOUT;
            default -> Kind.UNAVAILABLE;
        };
    }

    private static boolean neverSent(SdkClientException failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException || cause instanceof UnknownHostException) {
                return true;
            }
            if (cause instanceof IOException) {
                return false;
            }
        }
        return false;
    }

    private static String words(SdkException failure) {
        return String.valueOf(failure.getMessage());
    }
}
