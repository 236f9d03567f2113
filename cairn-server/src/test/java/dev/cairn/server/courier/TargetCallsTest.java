package dev.cairn.server.courier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.bus.BusEvent;
import dev.cairn.bus.BusName;
import dev.cairn.bus.Courier.Outcome;
import dev.cairn.bus.Dispatches;
import dev.cairn.bus.EventBuses;
import dev.cairn.bus.Pace;
import dev.cairn.bus.Refusal;
import dev.cairn.bus.Rule;
import dev.cairn.bus.RuleBook;
import dev.cairn.bus.RuleName;
import dev.cairn.bus.Target;
import dev.cairn.bus.TargetInput;
import dev.cairn.bus.TargetName;
import dev.cairn.bus.Telling;
import dev.cairn.catalog.Catalog;
import dev.cairn.event.Place;
import dev.cairn.log.LogGroups;
import dev.cairn.log.StoredEvents;
import dev.cairn.log.Subscribers;
import dev.cairn.metric.Metrics;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.SimulatedTopics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TargetCallsTest {
    private static final Place HOME = new Place("123456789012", "us-east-1");
    private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");
    private static final RuleName RULE = new RuleName(BusName.ofDefault(HOME), "r");
    private static final Target TARGET =
            new Target(
                    new TargetName(RULE, "1"),
                    "arn:aws:events:us-east-1:123456789012:api-destination/hook/1",
                    "",
                    new TargetInput.Whole(),
                    new Target.Retry(Optional.of(0), Optional.empty()),
                    Optional.empty());

    private static final Dispatches.Refusals REFUSALS =
            new Dispatches.Refusals() {
                @Override
                public void refused(TargetName target, String words) {
                    throw new AssertionError("expected no refusal, got " + words);
                }

                @Override
                public void failed(TargetName target, RuntimeException failure) {
                    throw failure;
                }
            };

    private final Catalog catalog = new MemoryCatalog();
    private final Dispatches dispatches = dispatches();

    TargetCallsTest() throws Exception {
        var buses = new EventBuses(catalog);
        catalog.<Object, RuntimeException>write(tx -> {
            buses.put(
                    tx,
                    new Rule(
                            RULE,
                            Optional.of("{\"source\":[\"shop\"]}"),
                            Optional.empty(),
                            Rule.State.ENABLED,
                            "",
                            "",
                            Map.of()),
                    NOW);
            buses.put(tx, RULE, List.of(TARGET));
            var head = new BusEvent.Head("id", "Order", "shop", HOME, NOW, List.of());
            dispatches.put(tx, List.of(TARGET), BusEvent.of(head, "{}"), NOW);
            return true;
        });
    }

    private Dispatches dispatches() {
        var parts = SimulatedTopics.on(catalog, byte[]::new, Duration.ofDays(1));
        return new Dispatches(
                catalog,
                new EventBuses(catalog),
                new RuleBook(),
                new Telling(
                        parts.messages(),
                        parts.topics(),
                        new StoredEvents(
                                catalog,
                                new LogGroups(catalog),
                                new Metrics(catalog, 100, _ -> {}),
                                new Subscribers(parts.messages(), parts.topics()))),
                parts.messages(),
                (_, _, _) -> {},
                () -> {});
    }

    @Test
    void a_stop_is_no_try_that_counts() throws Exception {
        var calls =
                new TargetCalls(
                        dispatches,
                        new Pace(_ -> 300),
                        _ -> {
                            Thread.currentThread().interrupt();
                            return new Outcome.Failed(
                                    new Refusal("SDK_CLIENT_ERROR", "closed", false), NOW);
                        },
                        REFUSALS,
                        () -> NOW);
        for (int i = 0; i < 2; i++) {
            var parcel = calls.due(NOW, 10).getFirst();
            assertThatThrownBy(() -> calls.carry(parcel)).isInstanceOf(InterruptedException.class);
            assertThat(calls.due(NOW, 10)).isEmpty();
            calls.ended(parcel);
        }
        assertThat(dispatches.waiting()).hasSize(1);
        assertThat(dispatches.givenUp()).isZero();
    }
}
