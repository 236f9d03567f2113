package dev.cairn.recorder.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.recorder.FakeIntake;
import dev.cairn.recorder.Recorder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// The example shop, in Spring Boot's own server: each call made is one event.
class OrderShopTest {
    private static final Duration SENT_MAX = Duration.ofSeconds(30);

    @TempDir Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private FakeIntake intake;
    private ConfigurableApplicationContext shop;

    @BeforeEach
    void open() throws Exception {
        intake = new FakeIntake();
        shop =
                new SpringApplicationBuilder(OrderShop.class)
                        .bannerMode(org.springframework.boot.Banner.Mode.OFF)
                        .properties(
                                Map.of(
                                        "server.port", "0",
                                        "spring.application.name", "orders.example.com",
                                        "cairn.recorder.endpoint", intake.endpoint().toString(),
                                        "cairn.recorder.token", "a-token",
                                        "cairn.recorder.account", "111122223333",
                                        "cairn.recorder.spool", folder.toString(),
                                        "cairn.recorder.spool-max", "1MB",
                                        "cairn.recorder.routes[0].path", "/later",
                                        "cairn.recorder.routes[0].event", "AskForLater"))
                        .run();
    }

    @AfterEach
    void close() {
        shop.close();
        intake.close();
    }

    private HttpResponse<String> call(String method, String path, String user, String body)
            throws Exception {
        var request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:"
                                                + shop.getEnvironment()
                                                        .getProperty("local.server.port")
                                                + path))
                        .header("Content-Type", "application/json")
                        .header("X-Request-Id", path)
                        .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!user.isEmpty()) {
            request.header("X-User", user);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /// The events so far.
    private List<JsonNode> events() throws Exception {
        var recorder = shop.getBean(Recorder.class);
        assertThat(recorder.flush(SENT_MAX)).as("%s", recorder.status()).isTrue();
        return intake.taken();
    }

    @Test
    void a_call_says_who_what_with_which_parameters_and_result() throws Exception {
        var answer =
                call(
                        "POST",
                        "/orders/main?coupon=x&password=p4ss",
                        "mary",
                        "{\"items\":3,\"card\":{\"number\":\"4111\",\"owner\":\"Mary\"}}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"items\":3");
        var event = events().getFirst();
        assertThat(event.path("eventSource").asText()).isEqualTo("orders.example.com");
        assertThat(event.path("eventName").asText()).isEqualTo("CreateOrder");
        assertThat(event.path("readOnly").asBoolean()).isFalse();
        assertThat(event.path("userIdentity").path("arn").asText())
                .isEqualTo("arn:aws:iam::111122223333:user/mary");
        assertThat(event.path("sourceIPAddress").asText()).isEqualTo("127.0.0.1");
        assertThat(event.path("userAgent").asText()).contains("Java-http-client");
        assertThat(event.path("requestParameters"))
                .isEqualTo(
                        FakeIntake.JSON.readTree(
                                """
                                {"shop":"main","coupon":"x","password":"HIDDEN_DUE_TO_SECURITY_REASONS","items":3,
                                 "card":{"number":"HIDDEN_DUE_TO_SECURITY_REASONS","owner":"Mary"}}
                                """));
        assertThat(event.path("responseElements").toString()).isEqualTo("{\"orderId\":1}");
        assertThat(event.path("resources").path(0).path("ARN").asText())
                .isEqualTo("arn:shop:orders:us-east-1:111122223333:shop/main");
        assertThat(event.has("errorCode")).isFalse();
    }

    @Test
    void each_call_is_one_event_whatever_became_of_it() throws Exception {
        assertThat(call("GET", "/orders/main/7", "mary", "").statusCode()).isEqualTo(404);
        assertThat(call("GET", "/later", "mary", "").body()).isEqualTo("later");
        assertThat(call("GET", "/broken", "mary", "").statusCode()).isEqualTo(500);
        assertThat(call("POST", "/orders/main", "mary", "{").statusCode()).isEqualTo(400);
        assertThat(call("POST", "/orders/main", "", "{}").statusCode()).isEqualTo(401);
        assertThat(call("GET", "/health", "", "").statusCode()).isEqualTo(200);
        assertThat(call("GET", "/nothing", "mary", "").statusCode()).isEqualTo(404);

        var shown = new ArrayList<String>();
        for (var event : events()) {
            shown.add(
                    "%s %s %s"
                            .formatted(
                                    event.path("eventName").asText(),
                                    event.path("readOnly").asBoolean() ? "reads" : "writes",
                                    event.path("errorCode").asText("-")));
        }
        assertThat(shown)
                .containsExactlyInAnyOrder(
                        "GetOrder reads NotFound",
                        "AskForLater reads -",
                        "BreakDown reads IllegalStateException",
                        "CreateOrder writes BadRequest",
                        "Unknown writes Unauthorized");
    }

    @Test
    void a_call_that_cannot_be_recorded_is_not_made() throws Exception {
        intake.gate = new CountDownLatch(1);
        var orders = shop.getBean(OrderShop.class).orders;
        var full = call("POST", "/orders/main", "mary", "{}");
        var made = 0;
        while (full.statusCode() == 200) {
            made++;
            full =
                    call(
                            "POST",
                            "/orders/main",
                            "mary",
                            "{\"text\":\"%s\"}".formatted("x".repeat(60_000)));
        }

        assertThat(full.statusCode()).isEqualTo(503);
        assertThat(full.headers().firstValue("Retry-After")).contains("1");
        assertThat(orders).hasValue(made);
        intake.gate.countDown();
        assertThat(events()).hasSize(made);
        assertThat(call("POST", "/orders/main", "mary", "{}").statusCode()).isEqualTo(200);
        assertThat(events()).hasSize(made + 1);
    }
}
