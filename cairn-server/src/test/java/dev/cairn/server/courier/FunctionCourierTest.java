package dev.cairn.server.courier;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.Signature;
import dev.cairn.aws.sigv4.SignatureVerifier;
import dev.cairn.aws.sigv4.Verdict;
import dev.cairn.bus.BusName;
import dev.cairn.bus.Courier.Outcome;
import dev.cairn.bus.Dispatches.Parcel;
import dev.cairn.bus.RuleName;
import dev.cairn.bus.Target;
import dev.cairn.bus.TargetInput;
import dev.cairn.bus.TargetName;
import dev.cairn.event.Place;
import dev.cairn.secret.Secret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Against a server that checks the signature.
final class FunctionCourierTest {
    private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");
    private static final String ARN =
            "arn:aws:lambda:eu-west-1:123456789012:function:close-bucket:live";

    private final List<Request> got = new ArrayList<>();
    private final List<Verdict> verdicts = new ArrayList<>();
    private HttpServer server;
    private int status = 202;

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    var body = exchange.getRequestBody().readAllBytes();
                    var headers = Headers.NONE;
                    for (var one : exchange.getRequestHeaders().entrySet()) {
                        headers = headers.plus(one.getKey(), one.getValue().getFirst());
                    }
                    var request =
                            new Request(
                                    exchange.getRequestMethod(),
                                    exchange.getRequestURI().getRawPath(),
                                    "",
                                    headers);
                    got.add(request);
                    if (Signature.read(request) instanceof Signature.Signed signed) {
                        verdicts.add(
                                new SignatureVerifier(1).verify(signed, "hush", NOW, sha256(body)));
                    }
                    exchange.sendResponseHeaders(status, -1);
                    exchange.close();
                });
        server.start();
    }

    private static String sha256(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Outcome carried() {
        var lambda =
                new LambdaServer(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                        "AKIA0000000000000000",
                        new Secret("hush"));
        var calls =
                new HttpCalls(
                        Addresses.ALL, () -> (SSLSocketFactory) SSLSocketFactory.getDefault());
        var rule = new RuleName(BusName.ofDefault(new Place("123456789012", "eu-west-1")), "r");
        return new FunctionCourier(lambda, calls, () -> NOW)
                .carry(
                        new Parcel(
                                new Target(
                                        new TargetName(rule, "1"),
                                        ARN,
                                        "",
                                        new TargetInput.Whole(),
                                        new Target.Retry(Optional.empty(), Optional.empty()),
                                        Optional.empty()),
                                "row",
                                "7d1f",
                                "{\"a\":\"é\"}",
                                Target.Http.NONE));
    }

    @Test
    void a_function_is_invoked_by_a_signed_call_that_does_not_wait_for_it() {
        assertThat(carried()).isInstanceOf(Outcome.Taken.class);
        assertThat(verdicts).singleElement().isInstanceOf(Verdict.Verified.class);
        var request = got.getFirst();
        assertThat(request.rawPath())
                .isEqualTo(
                        "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Aclose-bucket%3Alive/invocations");
        assertThat(request.headers().first("X-Amz-Invocation-Type")).contains("Event");
        assertThat(request.headers().first("Authorization"))
                .hasValueSatisfying(
                        text -> assertThat(text).contains("/20261122/eu-west-1/lambda/"));
    }

    @Test
    void what_somebody_must_mend_is_told_apart_from_what_passes() {
        for (var lasting : List.of(403, 404, 413)) {
            status = lasting;
            assertThat(((Outcome.Failed) carried()).refusal().lasting()).isTrue();
        }
        for (var passing : List.of(409, 429, 500, 503)) {
            status = passing;
            assertThat(((Outcome.Failed) carried()).refusal().lasting()).isFalse();
        }
    }
}
