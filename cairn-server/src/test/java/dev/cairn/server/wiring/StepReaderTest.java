package dev.cairn.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.log.FilterReader;
import dev.cairn.log.LogGroups;
import dev.cairn.log.Subscribers;
import dev.cairn.metric.Metrics;
import dev.cairn.testkit.catalog.FaultyCatalog;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.ListLedger;
import dev.cairn.testkit.delivery.SimulatedTopics;
import dev.cairn.trail.Trails;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StepReaderTest {
    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        }
    }

    @Test
    void a_heap_that_is_full_for_a_moment_is_told_and_ends_nothing() throws Exception {
        var steps = new AtomicInteger();
        var told = new CountDownLatch(1);
        var looked = new CountDownLatch(1);
        var well = new CountDownLatch(1);
        FaultyCatalog.Faults faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void beforeRead() {
                        if (!Thread.currentThread().getName().equals("alerting")) {
                            return;
                        }
                        switch (steps.incrementAndGet()) {
                            case 1 -> throw new OutOfMemoryError("on purpose");
                            case 2 -> {
                                told.countDown();
                                await(looked);
                            }
                            default -> {
                                // Nothing goes wrong.
                            }
                        }
                    }

                    @Override
                    public void afterWrite() {
                        well.countDown();
                    }
                };
        var catalog = new FaultyCatalog(new MemoryCatalog(), () -> faults);
        var ledger = new ListLedger(1);
        var groups = new LogGroups(catalog);
        var metrics = new Metrics(catalog, 1, _ -> {});
        var trails = new Trails(catalog, ledger, 1);
        var topics = SimulatedTopics.on(catalog, byte[]::new, Duration.ofDays(1));
        try (var reader =
                StepReader.start(
                        "alerting",
                        ledger,
                        new AlertingReader(
                                catalog,
                                new FilterReader(
                                        ledger,
                                        catalog,
                                        trails,
                                        groups,
                                        metrics,
                                        new Subscribers(topics.messages(), topics.topics()),
                                        (_, cursor, _) -> cursor)),
                        InstantSource.system())) {
            await(told);
            var failing = reader.snapshot();
            looked.countDown();
            assertThat(failing.failing()).isTrue();
            assertThat(failing.lastFailure()).contains("OutOfMemoryError: on purpose");
            await(well);
        }
    }
}
