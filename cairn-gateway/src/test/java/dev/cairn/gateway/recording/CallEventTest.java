package dev.cairn.gateway.recording;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.gateway.decoding.DecodedCall;
import dev.cairn.gateway.decoding.Named;
import dev.cairn.gateway.principal.Identity;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallEventTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Of two bytes each.
    private static final String LONG = "\u00e4".repeat(1024);

    private static final DecodedCall NOTHING =
            new DecodedCall(
                    new Named("s3.amazonaws.com", "GetObject", true, false),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    LONG,
                    List.of(),
                    null);

    private static JsonNode event(String userAgent, String message) throws Exception {
        var event =
                new CallEvent(
                        "6b4c5d1e-0000-4000-8000-000000000001",
                        Instant.parse("2026-11-21T01:02:03Z"),
                        Identity.anonymous("123456789012"),
                        "203.0.113.9",
                        userAgent,
                        new CallEvent.Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", LONG),
                        NOTHING,
                        new CallEvent.Fault("UpstreamReset", message),
                        JsonNodeFactory.instance.objectNode(),
                        "us-east-1");
        return JSON.readTree(event.entry().json());
    }

    @Test
    void texts_are_cut_at_a_kilobyte_between_two_characters() throws Exception {
        var event = event(LONG, "x" + LONG);

        assertThat(event.path("userAgent").asText()).isEqualTo("\u00e4".repeat(512));
        assertThat(event.path("errorMessage").asText()).isEqualTo("x" + "\u00e4".repeat(511));
        assertThat(event.path("requestID").asText().getBytes(UTF_8)).hasSize(1024);
        assertThat(event.at("/tlsDetails/clientProvidedHostHeader").asText().getBytes(UTF_8))
                .hasSize(1024);
    }

    @Test
    void what_fits_is_whole() throws Exception {
        assertThat(event("a".repeat(1024), "b").path("userAgent").asText()).hasSize(1024);
    }
}
