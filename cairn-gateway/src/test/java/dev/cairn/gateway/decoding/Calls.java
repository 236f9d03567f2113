package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.shape.ServiceCatalog;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Calls for tests, as clients send them.
final class Calls {

    static final String ACCOUNT = "123456789012";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Decoding DECODING = in("eu-west-1");

    private Calls() {}

    /// @param region where S3's buckets lie
    static Decoding in(String region) {
        return new Decoding(new ServiceCatalog(), Set.of("s3.example.com"), 1 << 20, region);
    }

    /// @param head method, path and query: `GET /bucket/key?acl`
    /// @param headers names and values in turn
    static Request request(String head, String service, String... headers) {
        String[] parts = head.split(" ", 2);
        int mark = parts[1].indexOf('?');
        var all = new ArrayList<>(List.of(headers));
        if (!service.isEmpty()) {
            all.add("Authorization");
            all.add(Wire.authorization("eu-west-1", service));
        }
        return new Request(
                parts[0],
                mark < 0 ? parts[1] : parts[1].substring(0, mark),
                mark < 0 ? "" : parts[1].substring(mark + 1),
                Headers.of(all.toArray(String[]::new)));
    }

    static Kept body(String text) {
        return Kept.whole(text.getBytes(StandardCharsets.UTF_8));
    }

    static Answer answer(int status, String body, String... headers) {
        return new Answer.Given(status, Headers.of(headers), body(body), true);
    }

    static DecodedCall decode(Request request, String body, Answer answer) {
        return decode(new ObservedCall(request, body(body), answer, null));
    }

    static DecodedCall decode(ObservedCall call) {
        return DECODING.decode(call, null, ACCOUNT);
    }

    static Named name(Request request, String body) {
        return name(request, body.getBytes(StandardCharsets.UTF_8));
    }

    static Named name(Request request, byte[] body) {
        return DECODING.name(request, body, null);
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
