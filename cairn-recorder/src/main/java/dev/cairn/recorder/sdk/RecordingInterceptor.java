package dev.cairn.recorder.sdk;

import dev.cairn.recorder.Event;
import dev.cairn.recorder.Identity;
import dev.cairn.recorder.Recorder;
import dev.cairn.recorder.RecordingException;
import dev.cairn.recorder.Room;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;

/// Records each call that an SDK client makes, as one event, however often it was tried.
///
/// ```java
/// S3Client.builder().overrideConfiguration(it -> it.addExecutionInterceptor(new RecordingInterceptor(recorder)))
/// ```
///
/// The call is not made when there is no room to record it ([RecordingException] with FULL comes
/// out of it). Its event is on disk before the application has the answer. Who called is whose the
/// access key is; service and region are those that were signed for; parameters and answers are the
/// SDK's members by CloudTrail's names, without what the SDK itself would not print, secrets by
/// their names, bytes, messages and items. `additionalEventData.recordedBy` is the recorder's
/// source. Any thread may use it, and many clients one.
public final class RecordingInterceptor implements ExecutionInterceptor {
    private static final ExecutionAttribute<Room> ROOM = new ExecutionAttribute<>("CairnRoom");
    private static final ExecutionAttribute<Scope> SCOPE = new ExecutionAttribute<>("CairnScope");

    private static final Pattern CREDENTIAL =
            Pattern.compile(
                    "Credential=([^/\\s,]+)/\\d{8}/(?:([A-Za-z0-9-]+)/)?([a-z0-9-]+)/aws4_request");

    private static final List<String> REQUEST_ID_HEADERS =
            List.of("x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id");

    /// First labels of event sources that are not the name that is signed for.
    private static final Map<String, String> SOURCES =
            Map.of(
                    "email",
                    "ses",
                    "s3express",
                    "s3",
                    "s3-object-lambda",
                    "s3",
                    "s3-outposts",
                    "s3");

    private final Recorder recorder;
    private final Function<String, Identity> identities;
    private final String localAddress = localAddress();

    /// What a signature says.
    ///
    /// @param accessKeyId whose it is
    /// @param region that was signed for; null for all
    /// @param service that was signed for
    private record Scope(String accessKeyId, @Nullable String region, String service) {}

    /// Whoever holds the access key is all that is known of the caller.
    public RecordingInterceptor(Recorder recorder) {
        this(recorder, Identity::accessKey);
    }

    /// @param identities who has an access key
    public RecordingInterceptor(Recorder recorder, Function<String, Identity> identities) {
        this.recorder = recorder;
        this.identities = identities;
    }

    @Override
    public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
        attributes.putAttribute(ROOM, recorder.room());
    }

    @Override
    public void beforeTransmission(
            Context.BeforeTransmission context, ExecutionAttributes attributes) {
        var scope = scope(context.httpRequest());
        if (scope != null) {
            attributes.putAttribute(SCOPE, scope);
        }
    }

    @Override
    public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
        try (var room = attributes.getAttribute(ROOM)) {
            if (room != null) {
                var made =
                        new Made(
                                context.request(),
                                context.httpRequest(),
                                context.httpResponse(),
                                context.response());
                room.record(event(made, attributes));
            }
        }
    }

    @Override
    public void onExecutionFailure(
            Context.FailedExecution context, ExecutionAttributes attributes) {
        try (var room = attributes.getAttribute(ROOM)) {
            if (room == null) {
                // It failed for want of room, or before it was this interceptor's turn.
                return;
            }
            var made =
                    new Made(
                            context.request(),
                            context.httpRequest().orElse(null),
                            context.httpResponse().orElse(null),
                            null);
            room.record(failed(event(made, attributes), context.exception()));
        } catch (RecordingException | IllegalStateException unrecorded) {
            // An event that could not be written after the call succeeded comes by here as well.
            context.exception().addSuppressed(unrecorded);
        }
    }

    /// A call and its end.
    private record Made(
            SdkRequest request,
            @Nullable SdkHttpRequest httpRequest,
            @Nullable SdkHttpResponse httpResponse,
            @Nullable SdkResponse response) {}

    private Event event(Made made, ExecutionAttributes attributes) {
        var operation =
                String.valueOf(attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME));
        var scope = attributes.getAttribute(SCOPE);
        var source = source(scope, attributes);
        var readOnly = Kinds.readOnly(source, operation);
        var event =
                Event.named(operation)
                        .source(source + ".amazonaws.com")
                        .readOnly(readOnly)
                        .from(localAddress)
                        .identity(
                                scope == null
                                        ? Identity.anonymous()
                                        : identities.apply(scope.accessKeyId()))
                        .requestParameters(Members.of(source, made.request()));
        if (!Kinds.management(source, operation)) {
            event.data();
        }
        if (scope != null && scope.region() != null) {
            event.region(scope.region());
        }
        if (made.httpRequest() != null) {
            event.userAgent(made.httpRequest().firstMatchingHeader("User-Agent").orElse(null));
        }
        if (made.httpResponse() != null) {
            event.requestId(requestId(made.httpResponse()).orElse(null));
        }
        if (!readOnly && made.response() != null) {
            Members.of(source, made.response()).forEach(event::responseElement);
        }
        return event.additionalEventData("recordedBy", recorder.source());
    }

    private static Event failed(Event event, Throwable failure) {
        if (failure instanceof AwsServiceException refused && refused.awsErrorDetails() != null) {
            var details = refused.awsErrorDetails();
            return event.error(
                    details.errorCode() == null
                            ? Integer.toString(refused.statusCode())
                            : details.errorCode(),
                    details.errorMessage());
        }
        return event.error(failure.getClass().getSimpleName(), failure.getMessage());
    }

    private static Optional<String> requestId(SdkHttpResponse response) {
        return REQUEST_ID_HEADERS.stream()
                .map(response::firstMatchingHeader)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static String source(@Nullable Scope scope, ExecutionAttributes attributes) {
        if (scope != null) {
            return SOURCES.getOrDefault(scope.service(), scope.service());
        }
        return String.valueOf(attributes.getAttribute(SdkExecutionAttribute.SERVICE_NAME))
                .replace(" ", "")
                .toLowerCase(Locale.ROOT);
    }

    private static @Nullable Scope scope(SdkHttpRequest signed) {
        return signed.firstMatchingHeader("Authorization")
                .map(CREDENTIAL::matcher)
                .filter(Matcher::find)
                .map(found -> new Scope(found.group(1), found.group(2), found.group(3)))
                .orElse(null);
    }

    private static String localAddress() {
        try {
            return InetAddress.getLocalHost().getHostAddress();
        } catch (UnknownHostException nameless) {
            return InetAddress.getLoopbackAddress().getHostAddress();
        }
    }
}
