package dev.cairn.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.InvalidParameterException;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sns.model.NotFoundException;

/// A topic by AWS SDK for Java 2, and a receiver outside that trusts the published certificate
/// only.
final class TopicReceiverTest {
    private static final Duration ARRIVES_MAX = Duration.ofSeconds(60);

    private LiveServer server;
    private SnsClient client;
    private HttpServer receiver;
    private final BlockingQueue<Post> posts = new LinkedBlockingQueue<>();
    private final Deque<Integer> answers = new ArrayDeque<>();

    /// What the receiver got.
    private record Post(String type, String messageId, String body) {
        JsonNode json() throws Exception {
            return Wire.JSON.readTree(body);
        }
    }

    @BeforeEach
    void start() throws Exception {
        server = LiveServer.start("topic.private-addresses=127.0.0.1");
        connect();
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext(
                "/",
                exchange -> {
                    var headers = exchange.getRequestHeaders();
                    var body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
                    posts.add(
                            new Post(
                                    headers.getFirst("x-amz-sns-message-type"),
                                    headers.getFirst("x-amz-sns-message-id"),
                                    body));
                    Integer answer;
                    synchronized (answers) {
                        answer = answers.poll();
                    }
                    exchange.sendResponseHeaders(answer == null ? 200 : answer, -1);
                    exchange.close();
                });
        receiver.start();
    }

    private void connect() {
        client = JavaSdk.root(server.endpoint(), SnsClient.builder()).build();
    }

    @AfterEach
    void stop() {
        client.close();
        receiver.stop(0);
        server.close();
    }

    private Post next() throws InterruptedException {
        var post = posts.poll(ARRIVES_MAX.toSeconds(), TimeUnit.SECONDS);
        if (post == null) {
            throw new AssertionError("expected a message within " + ARRIVES_MAX);
        }
        return post;
    }

    /// Subscribes the receiver and confirms by the link it was sent.
    private String subscribed(String topic) throws Exception {
        var arn =
                client.subscribe(ask ->
                                ask.topicArn(topic)
                                        .protocol("http")
                                        .endpoint(
                                                "http://127.0.0.1:%d/audit"
                                                        .formatted(receiver.getAddress().getPort()))
                                        .returnSubscriptionArn(true))
                        .subscriptionArn();
        var question = next();
        assertThat(question.type()).isEqualTo("SubscriptionConfirmation");
        verify(question.json());
        var answer = get(question.json().path("SubscribeURL").asText());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("<SubscriptionArn>" + arn + "</SubscriptionArn>");
        return arn;
    }

    private static HttpResponse<String> get(String url) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(URI.create(url)).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    /// As the SNS Developer Guide says to verify.
    private static void verify(JsonNode message) throws Exception {
        var names =
                message.path("Type").asText().equals("Notification")
                        ? List.of(
                                "Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
                        : List.of(
                                "Message",
                                "MessageId",
                                "SubscribeURL",
                                "Timestamp",
                                "Token",
                                "TopicArn",
                                "Type");
        var text = new StringBuilder();
        for (var name : names) {
            if (message.has(name)) {
                text.append(name).append('\n').append(message.path(name).asText()).append('\n');
            }
        }
        var certificate =
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(
                                        get(message.path("SigningCertURL").asText())
                                                .body()
                                                .getBytes(UTF_8)));
        var signature =
                Signature.getInstance(
                        message.path("SignatureVersion").asText().equals("2")
                                ? "SHA256withRSA"
                                : "SHA1withRSA");
        signature.initVerify(certificate);
        signature.update(text.toString().getBytes(UTF_8));
        assertThat(signature.verify(Base64.getDecoder().decode(message.path("Signature").asText())))
                .isTrue();
    }

    @Tag("long")
    @Test
    void aReceiverConfirmsVerifiesAndGetsEachMessageUnderItsIdThoughItFailsAndCairnIsKilled()
            throws Exception {
        var topic = client.createTopic(ask -> ask.name("audit")).topicArn();
        client.setTopicAttributes(
                ask -> ask.topicArn(topic).attributeName("SignatureVersion").attributeValue("2"));
        var subscription = subscribed(topic);
        synchronized (answers) {
            answers.addAll(List.of(500, 503));
        }
        var id =
                client.publish(ask -> ask.topicArn(topic).message("hello").subject("greeting"))
                        .messageId();
        for (var attempt = 0; attempt < 3; attempt++) {
            var post = next();
            assertThat(post.messageId()).isEqualTo(id);
            assertThat(post.json().path("Message").asText()).isEqualTo("hello");
            verify(post.json());
        }

        // Away, while a message is published and Cairn is killed.
        var port = receiver.getAddress().getPort();
        receiver.stop(0);
        var late = client.publish(ask -> ask.topicArn(topic).message("late")).messageId();
        server.kill();
        client.close();
        server.restart();
        connect();
        receiver =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        receiver.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    posts.add(
                            new Post(
                                    exchange.getRequestHeaders().getFirst("x-amz-sns-message-type"),
                                    exchange.getRequestHeaders().getFirst("x-amz-sns-message-id"),
                                    ""));
                    exchange.sendResponseHeaders(404, -1);
                    exchange.close();
                });
        receiver.start();
        assertThat(next().messageId()).isEqualTo(late);

        // It said no: the message waits for someone to see to it.
        var dead =
                Await.value(
                        Await.Bound.of("a dead letter", ARRIVES_MAX),
                        () -> server.cairn("dead-letters", "list").exited(0).out(),
                        out -> out.contains(late));
        assertThat(dead).contains(subscription).contains("answered 404");
        server.cairn("dead-letters", "retry", "--subscription", subscription).exited(0);
        assertThat(next().messageId()).isEqualTo(late);

        client.unsubscribe(ask -> ask.subscriptionArn(subscription));
        assertThat(client.listSubscriptionsByTopic(ask -> ask.topicArn(topic)).subscriptions())
                .isEmpty();
    }

    @Test
    void aReceiverGetsOnlyWhatItsFilterPolicyTakes() throws Exception {
        var topic = client.createTopic(ask -> ask.name("filtered")).topicArn();
        var subscription = subscribed(topic);
        filter(
                subscription,
                "{\"event\":[{\"prefix\":\"order-\"}],\"price\":[{\"numeric\":[\">\",100]}]}");
        publish(topic, "too cheap", "order-placed", "99");
        publish(topic, "other event", "data-entry", "101");
        client.publish(ask -> ask.topicArn(topic).message("no attributes"));
        publish(topic, "wanted", "order-placed", "101.5");
        assertThat(next().json().path("Message").asText()).isEqualTo("wanted");

        client.setSubscriptionAttributes(ask ->
                ask.subscriptionArn(subscription)
                        .attributeName("FilterPolicyScope")
                        .attributeValue("MessageBody"));
        filter(subscription, "{\"detail\":{\"state\":[\"running\"]}}");
        client.publish(ask -> ask.topicArn(topic).message("{\"detail\":{\"state\":\"ended\"}}"));
        client.publish(ask -> ask.topicArn(topic).message("{\"detail\":{\"state\":\"running\"}}"));
        assertThat(next().json().path("Message").asText()).contains("running");
        assertThat(
                        client.getSubscriptionAttributes(ask -> ask.subscriptionArn(subscription))
                                .attributes())
                .containsEntry("FilterPolicyScope", "MessageBody")
                .containsEntry("FilterPolicy", "{\"detail\":{\"state\":[\"running\"]}}");
        assertThatExceptionOfType(InvalidParameterException.class)
                .isThrownBy(() -> filter(subscription, "{\"a\":[{\"like\":\"x\"}]}"))
                .withMessageContaining(
                        "Invalid parameter: FilterPolicy: Unrecognized match type like");
    }

    private void filter(String subscription, String policy) {
        client.setSubscriptionAttributes(ask ->
                ask.subscriptionArn(subscription)
                        .attributeName("FilterPolicy")
                        .attributeValue(policy));
    }

    private void publish(String topic, String text, String event, String price) {
        client.publish(ask ->
                ask.topicArn(topic)
                        .message(text)
                        .messageAttributes(
                                Map.of(
                                        "event", attribute("String", event),
                                        "price", attribute("Number", price))));
    }

    private static MessageAttributeValue attribute(String type, String value) {
        return MessageAttributeValue.builder().dataType(type).stringValue(value).build();
    }

    @Test
    void errorsAreTheClassesThatTheSdkHasForThem() {
        var missing = "arn:aws:sns:us-east-1:" + LiveServer.ACCOUNT + ":missing";
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> client.getTopicAttributes(ask -> ask.topicArn(missing)));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> client.publish(ask -> ask.topicArn(missing).message("a")));
        assertThatExceptionOfType(InvalidParameterException.class)
                .isThrownBy(() -> client.createTopic(ask -> ask.name("a b")));
        var topic = client.createTopic(ask -> ask.name("closed")).topicArn();
        assertThatExceptionOfType(InvalidParameterException.class)
                .isThrownBy(() ->
                        client.subscribe(ask ->
                                ask.topicArn(topic)
                                        .protocol("http")
                                        .endpoint("http://169.254.169.254/latest")))
                .withMessageContaining("topic.private-addresses");
    }
}
