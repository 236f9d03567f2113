package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudtrail.model.CloudTrailException;
import software.amazon.awssdk.services.cloudtrail.model.LookupAttribute;
import software.amazon.awssdk.services.cloudtrail.model.LookupAttributeKey;

/// Whoever is refused can be found: AWS SDK for Java 2 sees the request's id, and looks it up.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RefusedCallTest {
    private static final Duration FOUND_MAX = Duration.ofSeconds(20);

    private LiveServer server;
    private Wire wire;
    private CloudTrailClient client;

    @BeforeAll
    void start() throws Exception {
        server = LiveServer.start();
        wire = new Wire(server.endpoint());
        client = client(LiveServer.ROOT.secretAccessKey());
    }

    @AfterAll
    void stop() {
        client.close();
        wire.close();
        server.close();
    }

    private CloudTrailClient client(String secret) {
        return JavaSdk.as(
                        new LiveServer.Credentials(LiveServer.ROOT.accessKeyId(), secret),
                        server.endpoint(),
                        CloudTrailClient.builder())
                .build();
    }

    /// The record of the one event of that name and request.
    private JsonNode event(String name, String requestId) throws Exception {
        var named =
                LookupAttribute.builder()
                        .attributeKey(LookupAttributeKey.EVENT_NAME)
                        .attributeValue(name)
                        .build();
        return Await.value(
                Await.Bound.of("the event of " + name, FOUND_MAX),
                () -> {
                    var found =
                            client
                                    .lookupEvents(ask -> ask.lookupAttributes(named))
                                    .events()
                                    .stream()
                                    .map(event -> event.cloudTrailEvent())
                                    .filter(record -> record.contains(requestId))
                                    .toList();
                    return found.size() == 1
                            ? Wire.JSON.readTree(found.getFirst())
                            : Wire.JSON.missingNode();
                },
                record -> !record.isMissingNode());
    }

    private static String refused(CloudTrailClient by, Consumer<CloudTrailClient> call) {
        return catchThrowableOfType(CloudTrailException.class, () -> call.accept(by)).requestId();
    }

    @Test
    void aKnownCallerByName() throws Exception {
        var id = refused(client, by -> by.getTrail(ask -> ask.name("nobody-made")));

        var event = event("GetTrail", id);

        assertThat(event.path("errorCode").asText()).isEqualTo("TrailNotFoundException");
        assertThat(event.path("userIdentity").path("type").asText()).isEqualTo("Root");
    }

    @Test
    void aStrangerByTheKeyThatWasClaimed() throws Exception {
        try (var stranger = client("not the secret")) {
            var id = refused(stranger, by -> by.deleteTrail(ask -> ask.name("main")));

            var event = event("DeleteTrail", id);

            assertThat(event.path("errorCode").asText()).isEqualTo("InvalidSignatureException");
            assertThat(event.path("userIdentity").path("type").asText()).isEqualTo("Unknown");
            assertThat(event.path("userIdentity").path("accessKeyId").asText())
                    .isEqualTo(LiveServer.ROOT.accessKeyId());
        }
    }

    @Test
    void theBearerOfATokenThatIsNone() throws Exception {
        var request = wire.request("POST", "/intake/v1/events", "");
        var answer =
                wire.send(
                        request.with(request.headers().plus("Authorization", "Bearer none")),
                        Wire.bytes("{}"));

        var event = event("RecordEvents", answer.expect(401).header("x-amzn-requestid"));

        assertThat(event.path("errorCode").asText())
                .isEqualTo("MissingAuthenticationTokenException");
    }

    @Test
    void aCallThatNeverArrivesWhole() throws Exception {
        var body = Wire.bytes("{}");
        var request =
                Wire.sign(
                        wire.cloudTrail("StartLogging"),
                        LiveServer.ROOT,
                        "us-east-1",
                        "cloudtrail",
                        body,
                        Instant.now());
        try (var socket = new Socket(server.endpoint().getHost(), server.endpoint().getPort())) {
            socket.getOutputStream().write(Wire.head(request, 100));
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
            socket.shutdownOutput();
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .doesNotContain(" 200 ");
        }

        var event = event("StartLogging", "RequestTimeoutException");

        assertThat(event.path("errorMessage").asText()).isNotEmpty();
    }
}
