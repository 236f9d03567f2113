package dev.cairn.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.log.LogGroupName;
import dev.cairn.log.LogGroups;
import dev.cairn.log.StoredEvents;
import dev.cairn.log.StoredSweep;
import dev.cairn.log.Subscribers;
import dev.cairn.metric.Datum;
import dev.cairn.metric.Metric;
import dev.cairn.metric.Metrics;
import dev.cairn.report.WeeklyTime;
import dev.cairn.server.configuration.ReportSettings;
import dev.cairn.server.courier.Mail;
import dev.cairn.testkit.catalog.FaultyCatalog;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.SimulatedTopics;
import dev.cairn.testkit.history.MemoryHistory;
import dev.cairn.topic.Courier;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Who is started does by itself what is to be done: at the latest when something is due.
class KeepersTest {
    private static final Instant SLOT = Instant.parse("2026-11-23T08:00:00Z");
    private static final Place PLACE = new Place("123456789012", "us-east-1");
    private static final long SECONDS_MAX = 30;

    /// Released whenever something was written.
    private final Semaphore written = new Semaphore(0);

    private final Catalog catalog =
            new FaultyCatalog(
                    new MemoryCatalog(),
                    () ->
                            new FaultyCatalog.Faults() {
                                @Override
                                public void afterWrite() {
                                    written.release();
                                }
                            });

    @FunctionalInterface
    private interface Question {
        boolean isTrue() throws CatalogException;
    }

    private void awaitWritten(Question question) throws Exception {
        while (!question.isTrue()) {
            assertThat(written.tryAcquire(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void the_report_of_the_week_is_mailed_by_itself() throws Exception {
        var mails = new LinkedBlockingQueue<Mail>();
        try (var keeper = reports(SLOT.minusSeconds(60), mails)) {
            awaitWritten(() -> keeper.post().standing().ordered() != null);
        }
        assertThat(mails).isEmpty();
        try (var keeper = reports(SLOT.plusSeconds(1), mails)) {
            awaitWritten(() ->
                    keeper.post().standing().sent() != null
                            && keeper.post().standing().letters() == 0);
        }
        assertThat(mails).extracting(Mail::to).containsExactly("a@example.org", "b@example.org");
        assertThat(mails.element().subject()).contains("16 November 2026 to 23 November 2026");
    }

    private ReportKeeper reports(Instant now, LinkedBlockingQueue<Mail> mails) {
        var clock = InstantSource.fixed(now);
        return ReportKeeper.start(
                catalog,
                new MemoryHistory(new MemoryHistory.Durable(), clock, null, false),
                new ReportSettings(
                        Optional.of(WeeklyTime.parse("MON 08:00")),
                        List.of("a@example.org", "b@example.org")),
                Duration.ofDays(1),
                mail -> {
                    mails.add(mail);
                    return new Courier.Outcome.Taken();
                },
                clock);
    }

    @Test
    void values_of_metrics_get_coarser_by_themselves() throws Exception {
        var metric = new Metric(PLACE, "Shop", "Orders", Map.of());
        var metrics = new Metrics(catalog, 10, _ -> {});
        catalog.<Object, RuntimeException>write(
                tx -> metrics.add(tx, List.of(Datum.of(metric, SLOT, Datum.NO_UNIT, 1)), SLOT));
        assertThat(catalog.list("metric-minute", "", "", 10)).hasSize(1);
        var later = InstantSource.fixed(SLOT.plus(Duration.ofDays(16)));
        try (var _ = MetricKeeper.start(catalog, later)) {
            awaitWritten(() -> catalog.list("metric-minute", "", "", 10).isEmpty());
        }
        assertThat(catalog.list("metric-five-minutes", "", "", 10)).hasSize(1);
    }

    @Test
    void messages_of_log_groups_go_by_themselves_when_their_time_is_over() throws Exception {
        var group = new LogGroupName("us-east-1", PLACE.account(), "app");
        var groups = new LogGroups(catalog);
        var topics = SimulatedTopics.on(catalog, byte[]::new, Duration.ofDays(1));
        var stored =
                new StoredEvents(
                        catalog,
                        groups,
                        new Metrics(catalog, 10, _ -> {}),
                        new Subscribers(topics.messages(), topics.topics()));
        catalog.<Boolean, RuntimeException>write(tx -> {
            groups.create(tx, group, Map.of(), SLOT);
            groups.createStream(tx, group, "s", SLOT);
            return true;
        });
        stored.put(group, "s", List.of(new StoredEvents.Message(SLOT, "old")), SLOT);
        catalog.<Boolean, RuntimeException>write(tx -> {
            groups.setRetention(tx, group, Optional.of(1));
            return true;
        });
        assertThat(catalog.list("log-event", "", "", 10)).hasSize(1);
        var later = InstantSource.fixed(SLOT.plus(Duration.ofDays(3)));
        try (var _ = LogSweep.start(new StoredSweep(catalog, groups), later)) {
            awaitWritten(() -> catalog.list("log-event", "", "", 10).isEmpty());
        }
    }
}
