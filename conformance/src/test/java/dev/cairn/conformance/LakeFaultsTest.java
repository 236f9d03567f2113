package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudtrail.model.GetQueryResultsResponse;
import software.amazon.awssdk.services.cloudtrail.model.InactiveEventDataStoreException;
import software.amazon.awssdk.services.cloudtrail.model.QueryStatus;
import software.amazon.awssdk.services.cloudtrail.model.RefreshScheduleFrequencyUnit;
import software.amazon.awssdk.services.cloudtrail.model.RefreshScheduleStatus;
import software.amazon.awssdk.services.cloudtrail.model.RequestWidget;

/// What goes wrong with event data stores while queries run, by AWS SDK for Java 2 on the real
/// process.
@Tag("long")
final class LakeFaultsTest {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(90);
    private static final Duration SLOT_MAX = Duration.ofSeconds(150);
    private static final int BATCH = 100;

    private static final String ENDLESS =
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n > 0) SELECT count(*) FROM t, %s";

    private LiveServer server;
    private CloudTrailClient client;
    private int number;

    @BeforeEach
    void start() throws Exception {
        server = LiveServer.start("lake.commit-interval=1s");
        connect();
    }

    private void connect() {
        client = EventDataStoreTest.client(server);
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private String store(String name) {
        return client.createEventDataStore(
                        store -> store.name(name).terminationProtectionEnabled(false))
                .eventDataStoreArn();
    }

    private String ask(String sql) {
        return client.startQuery(ask -> ask.queryStatement(sql)).queryId();
    }

    private GetQueryResultsResponse answer(String id) throws Exception {
        return Await.value(
                Await.Bound.of("the answer of " + id, ANSWER_MAX),
                () -> client.getQueryResults(ask -> ask.queryId(id)),
                result ->
                        result.queryStatus() != QueryStatus.QUEUED
                                && result.queryStatus() != QueryStatus.RUNNING);
    }

    private void awaitRunning(String id) throws Exception {
        Await.until(
                Await.Bound.of("the query to run", ANSWER_MAX),
                () ->
                        client.describeQuery(ask -> ask.queryId(id)).queryStatus()
                                == QueryStatus.RUNNING);
    }

    /// @param daysAgo of their eventTime
    private void record(Wire wire, int events, int daysAgo) throws Exception {
        var batch = new ArrayList<Sample>();
        var time = Instant.now().minus(Duration.ofDays(daysAgo));
        for (var i = 0; i < events; i++) {
            batch.add(
                    new Sample(
                            LiveServer.ACCOUNT,
                            "us-east-1",
                            time,
                            "sample.amazonaws.com",
                            "SampleEvent",
                            ++number));
        }
        wire.intake(LiveServer.ROOT, Sample.batch(batch)).expect(200);
    }

    /// Constants are worked out while a query is planned, where DuckDB does not look at the clock.
    @Test
    void a_query_that_hangs_while_it_is_planned_is_timed_out() throws Exception {
        server.stop();
        server.restart("lake.query-time=2s");
        client.close();
        connect();
        var arn = store("all");
        var hanging =
                "SELECT count(*) FROM %s WHERE levenshtein_distance(rpad('a', 4000000, 'a'), rpad('b', 4000000, 'b')) = 1"
                        .formatted(arn);

        var ended = answer(ask(hanging));

        assertThat(ended.queryStatus()).as(ended.errorMessage()).isEqualTo(QueryStatus.TIMED_OUT);
        assertThat(ended.errorMessage()).contains("took too long");
        assertThat(answer(ask("SELECT count(*) FROM " + arn)).queryStatus())
                .as("its place is free")
                .isEqualTo(QueryStatus.FINISHED);
    }

    @Test
    void a_store_is_deleted_and_restored_while_it_is_queried() throws Exception {
        var arn = store("all");
        var id = ask(ENDLESS.formatted(arn));
        awaitRunning(id);

        client.deleteEventDataStore(ask -> ask.eventDataStore(arn));
        assertThatExceptionOfType(InactiveEventDataStoreException.class)
                .isThrownBy(() -> client.describeQuery(ask -> ask.queryId(id)));
        assertThatExceptionOfType(InactiveEventDataStoreException.class)
                .isThrownBy(() -> ask("SELECT count(*) FROM " + arn));
        client.restoreEventDataStore(ask -> ask.eventDataStore(arn));

        assertThat(client.describeQuery(ask -> ask.queryId(id)).queryStatus())
                .isEqualTo(QueryStatus.RUNNING);
        client.cancelQuery(ask -> ask.queryId(id));
        assertThat(answer(id).queryStatus()).isEqualTo(QueryStatus.CANCELLED);
        assertThat(answer(ask("SELECT count(*) FROM " + arn)).queryStatus())
                .isEqualTo(QueryStatus.FINISHED);
    }

    @Test
    void a_query_whose_process_dies_fails_and_recording_goes_on() throws Exception {
        var arn = store("all");
        var ended = new AtomicBoolean();
        var batches = new AtomicInteger();
        try (var recorders = Executors.newVirtualThreadPerTaskExecutor();
                var wire = new Wire(server.endpoint())) {
            var recording =
                    recorders.submit(() -> {
                        while (!ended.get()) {
                            record(wire, BATCH, 0);
                            batches.incrementAndGet();
                        }
                        return true;
                    });
            try {
                for (var death = 0; death < 3; death++) {
                    var id = ask(ENDLESS.formatted(arn));
                    awaitRunning(id);
                    var before = batches.get();
                    assertThat(workers()).isNotEmpty();
                    workers().forEach(ProcessHandle::destroyForcibly);
                    var failed = answer(id);
                    assertThat(failed.queryStatus()).isEqualTo(QueryStatus.FAILED);
                    assertThat(failed.errorMessage()).contains("ended unexpectedly");
                    Await.until(
                            Await.Bound.of("more batches", ANSWER_MAX),
                            () -> batches.get() > before + 5 || recording.isDone());
                }
            } finally {
                ended.set(true);
            }
            assertThat(recording.get()).as("each batch was taken").isTrue();
        }
        var counted =
                answer(
                        ask(
                                "SELECT count(DISTINCT eventID) AS n FROM %s WHERE eventSource = 'sample.amazonaws.com'"
                                        .formatted(arn)));
        assertThat(counted.queryResultRows().getFirst().getFirst())
                .containsEntry("n", Integer.toString(batches.get() * BATCH));
    }

    private List<ProcessHandle> workers() {
        return ProcessHandle.of(server.pid())
                .orElseThrow()
                .children()
                .filter(child -> child.info().commandLine().orElse("").endsWith(".worker.Worker"))
                .toList();
    }

    @Test
    void a_file_that_is_damaged_or_gone_is_named_and_the_rest_is_answered() throws Exception {
        var arn = store("all");
        var second = store("second");
        try (var wire = new Wire(server.endpoint())) {
            record(wire, BATCH, 0);
            record(wire, BATCH, 2);
        }
        var all =
                "SELECT eventName, count(*) AS n FROM %s WHERE eventSource = 'sample.amazonaws.com'%s GROUP BY 1";
        var table =
                server.data()
                        .resolve("lake")
                        .resolve("tables")
                        .resolve(arn.replaceFirst(".*/", ""));
        Await.until(
                Await.Bound.of("a file for each day", ANSWER_MAX),
                () -> files(table, ".parquet").size() >= 2);
        var yesterday =
                DateTimeFormatter.ofPattern("yyyy-MM-dd 00:00:00")
                        .withZone(ZoneOffset.UTC)
                        .format(Instant.now().minus(Duration.ofDays(1)));
        var older = all.formatted(arn, " AND eventTime < '" + yesterday + "'");
        var newer = all.formatted(arn, " AND eventTime > '" + yesterday + "'");
        var bad = new ArrayList<Path>();
        for (var file : files(table, ".parquet")) {
            var bytes = Files.readAllBytes(file);
            Files.write(file, new byte[bytes.length / 2]);
            if (answer(ask(older)).queryStatus() == QueryStatus.FINISHED) {
                bad.add(file);
            } else {
                Files.write(file, bytes);
            }
        }
        assertThat(bad).isNotEmpty();

        var failed = answer(ask(newer));
        assertThat(failed.queryStatus()).isEqualTo(QueryStatus.FAILED);
        assertThat(bad)
                .anySatisfy(file ->
                        assertThat(failed.errorMessage()).contains(file.getFileName().toString()));
        assertThat(answer(ask(older)).queryResultRows().getFirst().getLast())
                .containsEntry("n", Integer.toString(BATCH));
        for (var file : bad) {
            Files.delete(file);
        }
        assertThat(answer(ask(newer)).errorMessage()).contains(".parquet");

        assertThat(answer(ask(all.formatted(second, ""))).queryResultRows().getFirst().getLast())
                .containsEntry("n", Integer.toString(2 * BATCH));
    }

    private static List<Path> files(Path table, String end) throws Exception {
        if (!Files.exists(table)) {
            return List.of();
        }
        try (var all = Files.walk(table)) {
            return all.filter(file -> file.toString().endsWith(end)).toList();
        }
    }

    /// Of a slot that passes while the server is off, too.
    @Test
    void a_dashboard_is_refreshed_once_in_each_slot_of_its_schedule() throws Exception {
        var arn = store("all");
        var dashboard = arn.replaceFirst("eventdatastore/.*", "dashboard/ours");
        client.createDashboard(ask ->
                ask.name("ours")
                        .widgets(
                                RequestWidget.builder()
                                        .queryStatement("SELECT count(*) AS n FROM " + arn)
                                        .viewProperties(Map.of("View", "Table"))
                                        .build()));
        var policy =
                """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
                 "Action":"%s","Resource":"%s","Condition":{"StringEquals":{"AWS:SourceArn":"%s","AWS:SourceAccount":"123456789012"}}}]}
                """;
        client.putResourcePolicy(ask ->
                ask.resourceArn(dashboard)
                        .resourcePolicy(
                                policy.formatted(
                                        "cloudtrail:StartDashboardRefresh", dashboard, dashboard)));
        client.putResourcePolicy(ask ->
                ask.resourceArn(arn)
                        .resourcePolicy(policy.formatted("cloudtrail:StartQuery", arn, dashboard)));
        var slot = Instant.now().plusSeconds(65).truncatedTo(ChronoUnit.MINUTES);
        var time = DateTimeFormatter.ofPattern("HH:mm").withZone(ZoneOffset.UTC).format(slot);
        client.updateDashboard(ask ->
                ask.dashboardId("ours")
                        .refreshSchedule(schedule ->
                                schedule.status(RefreshScheduleStatus.ENABLED)
                                        .timeOfDay(time)
                                        .frequency(often ->
                                                often.unit(RefreshScheduleFrequencyUnit.HOURS)
                                                        .value(1))));
        server.kill();
        Await.until(
                Await.Bound.of("the slot to pass", SLOT_MAX), () -> !Instant.now().isBefore(slot));
        server.restart();
        client.close();
        connect();

        var refresh =
                Await.value(
                        Await.Bound.of("a refresh", ANSWER_MAX),
                        () -> client.getDashboard(ask -> ask.dashboardId("ours")),
                        shown -> shown.lastRefreshId() != null);
        assertThat(refresh.lastRefreshFailureReason()).isNull();
        var alias = refresh.widgets().getFirst().queryAlias();
        Await.until(
                Await.Bound.of("the widget's answer", ANSWER_MAX),
                () ->
                        client.listQueries(ask ->
                                        ask.eventDataStore(arn).queryStatus(QueryStatus.FINISHED))
                                        .queries()
                                        .size()
                                == 1);
        assertThat(
                        client.describeQuery(ask ->
                                        ask.queryAlias(alias).refreshId(refresh.lastRefreshId()))
                                .queryStatus())
                .isEqualTo(QueryStatus.FINISHED);
        server.stop();
        server.restart();
        client.close();
        connect();
        Await.until(
                Await.Bound.of("its event in history", ANSWER_MAX),
                () -> server.events("eventName:StartDashboardRefresh").size() == 1);
        assertThat(client.getDashboard(ask -> ask.dashboardId("ours")).lastRefreshId())
                .isEqualTo(refresh.lastRefreshId());
    }
}
