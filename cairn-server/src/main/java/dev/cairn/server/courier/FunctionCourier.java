package dev.cairn.server.courier;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.Payload;
import dev.cairn.aws.sigv4.RequestSigner;
import dev.cairn.bus.Courier;
import dev.cairn.bus.Destination;
import dev.cairn.bus.Dispatches.Parcel;
import dev.cairn.bus.FunctionArn;
import dev.cairn.bus.Refusal;
import dev.cairn.server.courier.HttpCalls.Answer;
import dev.cairn.server.courier.HttpCalls.Asked;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Gives functions their events by Lambda's own operation `Invoke`, without waiting for what they
/// make of them (`X-Amz-Invocation-Type: Event`). Any 2xx is taken; a function that is not there,
/// or may not be called, is for somebody to mend; anything else is tried again.
///
/// Source: AWS Lambda API Reference, "Invoke".
public final class FunctionCourier implements Courier {
    /// For one request.
    static final Duration TIME_MAX = Duration.ofSeconds(15);

    private final LambdaServer lambda;
    private final HttpCalls calls;
    private final InstantSource clock;

    /// @param calls that may reach the endpoint, wherever it is: the operator named it
    public FunctionCourier(LambdaServer lambda, HttpCalls calls, InstantSource clock) {
        this.lambda = lambda;
        this.calls = calls;
        this.clock = clock;
    }

    @Override
    public Outcome carry(Parcel parcel) {
        if (!(parcel.target().destination() instanceof Destination.ToFunction(var function))) {
            throw new IllegalArgumentException("expected a function, got " + parcel.target().arn());
        }
        return switch (calls.ask(asked(parcel, function), TIME_MAX)) {
            case Answer.None(var reason) -> failed("SDK_CLIENT_ERROR", reason, false);
            case Answer.Forbidden(var reason) -> failed("SDK_CLIENT_ERROR", reason, true);
            case Answer.Answered(var status, var _, var _) ->
                    switch (status / 100) {
                        case 2 -> new Outcome.Taken();
                        case 4 -> refused(function, status);
                        default -> failed("SDK_CLIENT_ERROR", "Lambda answered " + status, false);
                    };
        };
    }

    private Outcome refused(FunctionArn function, int status) {
        return switch (status) {
            case 403 -> failed("NO_PERMISSIONS", "Lambda answered 403 about " + function, true);
            case 404 -> failed("NO_RESOURCE", "There is no function " + function, true);
            default ->
                    failed(
                            "SDK_CLIENT_ERROR",
                            "Lambda answered " + status,
                            status != 408 && status != 409 && status != 429);
        };
    }

    private Outcome failed(String code, String words, boolean lasting) {
        return new Outcome.Failed(new Refusal(code, words, lasting), clock.instant());
    }

    private Asked asked(Parcel parcel, FunctionArn function) {
        var path = "/2015-03-31/functions/" + Urls.encoded(function.toString()) + "/invocations";
        var url = URI.create(lambda.endpoint() + path);
        var headers =
                new TreeMap<>(
                        Map.of(
                                "Host",
                                Asked.host(url),
                                "Content-Type",
                                "application/json",
                                "X-Amz-Invocation-Type",
                                "Event",
                                "Idempotency-Key",
                                parcel.id()));
        var sent = Headers.NONE;
        for (var one : headers.entrySet()) {
            sent = sent.plus(one.getKey(), one.getValue());
        }
        var signed =
                new RequestSigner(
                                lambda.accessKey(),
                                lambda.secretKey().reveal(),
                                Optional.empty(),
                                function.region(),
                                "lambda")
                        .sign(
                                new Request("POST", path, "", sent),
                                new Payload.Whole(),
                                sha256(parcel.text().getBytes(UTF_8)),
                                clock.instant());
        headers.remove("Host");
        headers.put("X-Amz-Date", signed.headers().first("x-amz-date").orElseThrow());
        headers.put("Authorization", signed.headers().first("authorization").orElseThrow());
        return new Asked("POST", url, headers, parcel.text(), 0);
    }

    private static String sha256(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
