package dev.cairn.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequest;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;

/// A driver's own log of the calls that it made through clients of AWS SDK for Java 2, to be held
/// against what was recorded of them.
///
/// Each call has a number, which its `User-Agent` ends in (`call/17`): so its event can be told
/// from all others even when no answer named the call. For clients that do not try again: an
/// attempt is a call. Any thread may call.
final class CallLog implements ExecutionInterceptor {
    private static final ExecutionAttribute<Integer> NUMBER =
            new ExecutionAttribute<>("CairnCallNumber");
    private static final Pattern AGENT = Pattern.compile("\\bcall/(\\d+)");

    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<Integer, Made> calls = new ConcurrentSkipListMap<>();

    /// What a client knows of a call.
    ///
    /// @param answer null while there is none, and for ever when no whole one came
    record Made(int number, String operation, SdkRequest request, @Nullable Answer answer) {

        /// A member of the request by the SDK's name, such as `TableName`; empty for none.
        String asked(String member) {
            return request.getValueForField(member, String.class).orElse("");
        }

        /// @throws AssertionError when there was no whole answer
        Answer answered() {
            if (answer == null) {
                throw new AssertionError("expected an answer, got " + this);
            }
            return answer;
        }
    }

    /// A whole answer.
    ///
    /// @param errorCode empty for success, and where the answer names none
    /// @param requestId as its head says; empty where it does not
    record Answer(int status, String errorCode, String requestId) {}

    /// Every call, in the order in which they were begun.
    List<Made> calls() {
        return new ArrayList<>(calls.values());
    }

    /// How many calls were begun.
    int size() {
        return calls.size();
    }

    /// The number of the call that sent this `User-Agent`, if it is one of a log's.
    static Optional<Integer> number(String userAgent) {
        var match = AGENT.matcher(userAgent);
        return match.find() ? Optional.of(Integer.valueOf(match.group(1))) : Optional.empty();
    }

    @Override
    public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
        var number = numbers.incrementAndGet();
        attributes.putAttribute(NUMBER, number);
        var request = (AwsRequest) context.request();
        calls.put(
                number,
                new Made(
                        number,
                        attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME),
                        request,
                        null));
        var settings =
                request.overrideConfiguration()
                        .map(AwsRequestOverrideConfiguration::toBuilder)
                        .orElseGet(AwsRequestOverrideConfiguration::builder)
                        .addApiName(it -> it.name("call").version(Integer.toString(number)))
                        .build();
        return request.toBuilder().overrideConfiguration(settings).build();
    }

    @Override
    public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
        var http = context.httpResponse();
        answered(
                attributes,
                new Answer(
                        http.statusCode(),
                        "",
                        http.firstMatchingHeader("x-amz-request-id")
                                .or(() -> http.firstMatchingHeader("x-amzn-requestid"))
                                .orElse("")));
    }

    @Override
    public void onExecutionFailure(
            Context.FailedExecution context, ExecutionAttributes attributes) {
        if (context.exception() instanceof AwsServiceException refused) {
            answered(
                    attributes,
                    new Answer(
                            refused.statusCode(),
                            Optional.ofNullable(refused.awsErrorDetails())
                                    .map(it -> it.errorCode())
                                    .orElse(""),
                            Optional.ofNullable(refused.requestId()).orElse("")));
        }
    }

    private void answered(ExecutionAttributes attributes, Answer answer) {
        calls.computeIfPresent(
                attributes.getAttribute(NUMBER),
                (_, made) -> new Made(made.number(), made.operation(), made.request(), answer));
    }
}
