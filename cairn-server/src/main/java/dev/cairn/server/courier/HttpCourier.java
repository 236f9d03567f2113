package dev.cairn.server.courier;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.server.courier.HttpCalls.Answer;
import dev.cairn.server.courier.HttpCalls.Asked;
import dev.cairn.topic.Courier;
import dev.cairn.topic.Outbound.Parcel;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/// Posts a message as SNS does: the same headers, all in all within [#TIME_MAX], as SNS waits. 2xx
/// is taken, 4xx but 408 and 429 is refused for good, anything else is tried again.
///
/// Source: Amazon SNS Developer Guide, "Using Amazon SNS for HTTP/HTTPS notifications".
public final class HttpCourier implements Courier {
    public static final Duration TIME_MAX = Duration.ofSeconds(15);

    private final HttpCalls calls;
    private final Duration timeMax;

    public HttpCourier(HttpCalls calls) {
        this(calls, TIME_MAX);
    }

    /// @param timeMax for one message
    HttpCourier(HttpCalls calls, Duration timeMax) {
        this.calls = calls;
        this.timeMax = timeMax;
    }

    @Override
    public Outcome carry(Parcel parcel) {
        var url = URI.create(parcel.to().endpoint());
        var asked = new Asked("POST", url, headers(url, parcel), parcel.body(), 0);
        return switch (calls.ask(asked, timeMax)) {
            case Answer.Answered(var status, var _, var _) -> outcome(status);
            case Answer.None(var reason) -> new Outcome.Failed(reason);
            case Answer.Forbidden(var reason) -> new Outcome.Refused(reason);
        };
    }

    private static Outcome outcome(int status) {
        if (status >= 200 && status < 300) {
            return new Outcome.Taken();
        }
        return status >= 400 && status < 500 && status != 408 && status != 429
                ? new Outcome.Refused("answered " + status)
                : new Outcome.Failed("answered " + status);
    }

    private static Map<String, String> headers(URI url, Parcel parcel) {
        var headers = new TreeMap<String, String>();
        headers.put("x-amz-sns-message-type", parcel.type());
        headers.put("x-amz-sns-message-id", parcel.messageId());
        headers.put("x-amz-sns-topic-arn", parcel.to().topic().toString());
        if (!parcel.type().equals("SubscriptionConfirmation")) {
            headers.put("x-amz-sns-subscription-arn", parcel.to().arn());
        }
        if (parcel.raw()) {
            headers.put("x-amz-sns-rawdelivery", "true");
        }
        headers.put("Content-Type", "text/plain; charset=UTF-8");
        headers.put("User-Agent", "Amazon Simple Notification Service Agent");
        if (url.getRawUserInfo() != null) {
            headers.put(
                    "Authorization",
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString(url.getUserInfo().getBytes(UTF_8)));
        }
        return headers;
    }
}
