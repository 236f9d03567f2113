package dev.cairn.server.courier;

import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.SimulatedTopics;
import dev.cairn.topic.Outbound.Parcel;
import dev.cairn.topic.Subscription;
import dev.cairn.topic.Subscription.Protocol;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/// What couriers carry.
final class Parcels {
    static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
    static final TopicArn ARN = new TopicArn("us-east-1", "123456789012", "audit");

    private Parcels() {}

    /// Asks a receiver to confirm its subscription.
    static Parcel question(Protocol protocol, String endpoint) throws Exception {
        var catalog = new MemoryCatalog();
        var parts = SimulatedTopics.on(catalog, byte[]::new, Duration.ofDays(1));
        catalog.<Object, RuntimeException>write(
                tx -> parts.topics().create(tx, ARN, Map.of(), Map.of()));
        catalog.<Object, RuntimeException>write(tx ->
                parts.topics()
                        .subscribe(
                                tx,
                                new Topics.Wanted(
                                        ARN,
                                        "123456789012",
                                        protocol,
                                        endpoint,
                                        Subscription.Terms.DEFAULTS),
                                false,
                                NOW));
        return parts.outbound().due(NOW, _ -> false, 1).getFirst();
    }
}
