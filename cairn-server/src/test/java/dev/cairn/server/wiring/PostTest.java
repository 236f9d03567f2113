package dev.cairn.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.queue.Messages;
import dev.cairn.queue.Queues;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Vault;
import dev.cairn.server.configuration.TopicSettings;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.topic.Courier;
import dev.cairn.topic.Subscription;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.Topics;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PostTest {
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
    private static final TopicArn TOPIC = new TopicArn("us-east-1", "123456789012", "audit");

    /// A name may come to mean another address after the subscription.
    @Test
    void messages_of_topics_go_to_no_private_network_that_no_setting_names() throws Exception {
        assertThat(carried(List.of()))
                .isInstanceOfSatisfying(
                        Courier.Outcome.Refused.class,
                        refused ->
                                assertThat(refused.reason()).contains("topic.private-addresses"));
        assertThat(carried(List.of("127.0.0.0/8"))).isInstanceOf(Courier.Outcome.Failed.class);
    }

    /// To a receiver of this machine that listens no more.
    private static Courier.Outcome carried(List<String> privateAddresses) throws Exception {
        var catalog = new MemoryCatalog();
        var secrets = new SystemSecrets();
        int port;
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
        }
        var post =
                new Post(
                        new TopicSettings(
                                "",
                                privateAddresses,
                                Duration.ofDays(1),
                                null,
                                "",
                                25,
                                "NONE",
                                "",
                                "",
                                new Secret("")),
                        catalog,
                        new Vault(new byte[Vault.MASTER_KEY_BYTES], secrets),
                        secrets,
                        new Messages(catalog, new Queues(catalog, secrets, 10), secrets, _ -> {}),
                        () -> "http://cairn",
                        Duration.ofDays(30),
                        InstantSource.fixed(NOW));
        post.topics.prepare(NOW);
        catalog.<Object, RuntimeException>write(
                tx -> post.topics.create(tx, TOPIC, Map.of(), Map.of()));
        catalog.<Object, RuntimeException>write(tx ->
                post.topics.subscribe(
                        tx,
                        new Topics.Wanted(
                                TOPIC,
                                "123456789012",
                                Subscription.Protocol.HTTP,
                                "http://127.0.0.1:%d/".formatted(port),
                                Subscription.Terms.DEFAULTS),
                        false,
                        NOW));
        var parcel = post.outbound.due(NOW, _ -> false, 1).getFirst();
        return post.courier(parcel).carry(parcel);
    }
}
