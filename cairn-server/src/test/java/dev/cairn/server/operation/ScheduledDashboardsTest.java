package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Outbox;
import dev.cairn.dashboard.ScheduledRefreshes;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.server.operation.Queries.Query;
import dev.cairn.server.operation.Queries.Status;
import dev.cairn.server.own.DashboardEvents;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Dashboards that refresh themselves.
class ScheduledDashboardsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIA0");
    private static final String ARN = "arn:aws:cloudtrail:us-east-1:123456789012:dashboard/ours";

    /// The first after [TestParts#NOW] at which a dashboard of six hours, at half past, is due.
    private static final Instant SLOT = Instant.parse("2026-11-21T12:30:00Z");

    @TempDir private Path folder;
    private TestParts parts;
    private ScheduledDashboards scheduled;
    private String store = "";

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
        store = ask("CreateEventDataStore", "{'Name':'all'}").path("EventDataStoreArn").asText();
        start();
    }

    /// As after a start of the server.
    private void start() {
        scheduled =
                new ScheduledDashboards(
                        new ScheduledRefreshes(
                                parts.catalog,
                                new Outbox(parts.catalog, parts.ledger),
                                parts.dashboards,
                                new DashboardEvents(parts.secrets)),
                        parts.stores,
                        parts.queries);
    }

    @AfterEach
    void close() {
        parts.ledger.close();
    }

    private void make() throws Exception {
        ask(
                "CreateDashboard",
                "{'Name':'ours','RefreshSchedule':{'Frequency':{'Unit':'HOURS','Value':6},'Status':'ENABLED','TimeOfDay':'00:30'},'Widgets':[{'QueryStatement':'SELECT count(*) FROM %s','ViewProperties':{}}]}"
                        .formatted(store.substring(store.indexOf('/') + 1)));
    }

    private void letCloudTrailIn() throws Exception {
        guard(ARN, StorePolicyTest.service("dashboard/*", "StartDashboardRefresh", "ours"));
        guard(
                store,
                StorePolicyTest.service(
                        store.substring(store.indexOf("eventdatastore")), "StartQuery", "ours"));
    }

    @Test
    void each_slot_is_refreshed_once() throws Exception {
        make();
        letCloudTrailIn();
        look(TestParts.NOW);
        look(SLOT.minusSeconds(1));
        assertThat(started()).as("nothing is due yet").isEmpty();

        look(SLOT);
        look(SLOT.plusSeconds(10));
        start();
        look(SLOT.plus(Duration.ofHours(5)));
        assertThat(started()).hasSize(1);
        var refresh = shown().path("LastRefreshId").asText();
        assertThat(started().getFirst().template())
                .isEqualTo(
                        new Queries.Template(
                                shown().at("/Widgets/0/QueryAlias").asText(), refresh));
        look(SLOT.plus(Duration.ofHours(30)));
        assertThat(started()).as("those that were missed are made up for by one").hasSize(2);
        assertThat(events())
                .hasSize(2)
                .first()
                .satisfies(event -> {
                    assertThat(event.at("/userIdentity/invokedBy").asText())
                            .isEqualTo("cloudtrail.amazonaws.com");
                    assertThat(event.at("/serviceEventDetails/refreshId").asText())
                            .isEqualTo(refresh);
                    assertThat(event.at("/serviceEventDetails/scheduledFor").asText())
                            .isEqualTo(SLOT.toString());
                });
    }

    @Test
    void cloudtrail_needs_to_be_let_in_by_dashboard_and_store() throws Exception {
        make();
        look(SLOT);
        assertThat(started()).isEmpty();
        assertThat(shown().path("LastRefreshFailureReason").asText())
                .contains(ARN, "cloudtrail:StartDashboardRefresh");
        guard(ARN, StorePolicyTest.service("dashboard/*", "StartDashboardRefresh", "ours"));
        look(SLOT.plus(Duration.ofHours(6)));
        assertThat(started()).isEmpty();
        assertThat(shown().path("LastRefreshFailureReason").asText())
                .contains(store, "cloudtrail:StartQuery");
        guard(
                store,
                StorePolicyTest.service(
                        store.substring(store.indexOf("eventdatastore")), "StartQuery", "other"));
        look(SLOT.plus(Duration.ofHours(12)));
        assertThat(started()).as("for another dashboard").isEmpty();

        letCloudTrailIn();
        look(SLOT.plus(Duration.ofHours(18)));
        assertThat(started()).hasSize(1);
        assertThat(shown().has("LastRefreshFailureReason")).isFalse();
    }

    @Test
    void a_refresh_that_a_crash_cut_off_goes_on_under_its_id() throws Exception {
        make();
        letCloudTrailIn();
        parts.queries.refuse(() -> {
            throw new IllegalStateException("the process dies here");
        });
        assertThatThrownBy(() -> look(SLOT)).isInstanceOf(IllegalStateException.class);
        var refresh = shown().path("LastRefreshId").asText();

        parts.queries.refuse(() -> {});
        start();
        look(SLOT.plusSeconds(30));
        assertThat(started()).hasSize(1);
        assertThat(shown().path("LastRefreshId").asText()).isEqualTo(refresh);
        assertThat(events()).hasSize(1);
    }

    @Test
    void what_there_is_no_room_for_waits() throws Exception {
        make();
        letCloudTrailIn();
        for (var query = 0; query < Queries.CONCURRENT_MAX; query++) {
            ask("StartQuery", "{'QueryStatement':'SELECT 1 FROM " + store + "'}");
        }
        look(SLOT);
        look(SLOT.plusSeconds(10));
        assertThat(started()).hasSize(Queries.CONCURRENT_MAX);

        for (var query : started()) {
            parts.queries.end(query.id(), Status.FINISHED, List.of());
        }
        look(SLOT.plusSeconds(29));
        assertThat(started()).as("the pauses double").hasSize(Queries.CONCURRENT_MAX);
        look(SLOT.plusSeconds(30));
        assertThat(started()).hasSize(Queries.CONCURRENT_MAX + 1);
        assertThat(events()).hasSize(1);
    }

    @Test
    void what_never_finds_room_says_so_after_ten_tries() throws Exception {
        make();
        letCloudTrailIn();
        for (var query = 0; query < Queries.CONCURRENT_MAX; query++) {
            ask("StartQuery", "{'QueryStatement':'SELECT 1 FROM " + store + "'}");
        }
        var at = SLOT;
        for (var again = 0; again < 9; again++) {
            look(at);
            assertThat(shown().has("LastRefreshFailureReason")).isFalse();
            at = at.plusSeconds(10L << again);
        }
        look(at);
        assertThat(shown().path("LastRefreshFailureReason").asText())
                .contains("queries that are queued or running");
        for (var query : started()) {
            parts.queries.end(query.id(), Status.FINISHED, List.of());
        }
        look(at.plus(Duration.ofHours(1)));
        assertThat(started()).as("not this slot any more").hasSize(Queries.CONCURRENT_MAX);
    }

    @Test
    void what_is_changed_while_another_is_begun_counts() throws Exception {
        make();
        letCloudTrailIn();
        parts.queries.refuse(() -> {
            throw new IllegalStateException("the process dies here");
        });
        assertThatThrownBy(() -> look(SLOT)).isInstanceOf(IllegalStateException.class);
        parts.queries.refuse(() -> {});
        var due =
                new ScheduledRefreshes(
                        parts.catalog,
                        new Outbox(parts.catalog, parts.ledger),
                        parts.dashboards,
                        new DashboardEvents(parts.secrets));
        var found = due.due(SLOT).getFirst();
        ask("UpdateDashboard", "{'DashboardId':'ours','Widgets':[]}");

        assertThat(due.begin(found, SLOT).orElseThrow().dashboard().widgets()).isEmpty();
    }

    @Test
    void a_schedule_counts_from_when_it_is_asked_for() throws Exception {
        make();
        letCloudTrailIn();
        assertThat(shown().path("RefreshSchedule").toString())
                .isEqualTo(
                        "{\"Frequency\":{\"Unit\":\"HOURS\",\"Value\":6},\"TimeOfDay\":\"00:30\",\"Status\":\"ENABLED\"}");
        ask("UpdateDashboard", "{'DashboardId':'ours','RefreshSchedule':{'Status':'DISABLED'}}");
        look(SLOT);
        assertThat(started()).isEmpty();
        assertThat(shown().at("/RefreshSchedule/Frequency/Value").asInt()).isEqualTo(6);
        ask(
                "UpdateDashboard",
                "{'DashboardId':'ours','RefreshSchedule':{'Status':'ENABLED','TimeOfDay':'00:45'}}");
        look(SLOT.plus(Duration.ofMinutes(15)));
        assertThat(started()).hasSize(1);

        ask("DeleteDashboard", "{'DashboardId':'ours'}");
        make();
        look(TestParts.NOW.plusSeconds(1));
        assertThat(started()).as("another dashboard of that name").hasSize(1);
        ask("DeleteDashboard", "{'DashboardId':'ours'}");
        look(SLOT.plus(Duration.ofDays(2)));
        assertThat(started()).hasSize(1);
    }

    // ---- asking ---------------------------------------------------------------------------------

    private void look(Instant now) throws CatalogException, InterruptedException {
        scheduled.look(now, () -> false);
    }

    private List<Query> started() {
        return List.copyOf(parts.queries.queries.values());
    }

    private List<JsonNode> events() throws Exception {
        var events = new ArrayList<JsonNode>();
        for (var item : parts.ledger.read(new Position(0, 0), 1000, 1 << 20).items()) {
            if (item instanceof Slice.Held held) {
                var event = JSON.readTree(held.entry().json());
                if (event.path("eventName").asText().equals("StartDashboardRefresh")) {
                    events.add(event);
                }
            }
        }
        return events;
    }

    private JsonNode shown() throws Exception {
        return ask("GetDashboard", "{'DashboardId':'ours'}");
    }

    private void guard(String arn, String policy) throws Exception {
        run(
                "PutResourcePolicy",
                JSON.createObjectNode().put("ResourceArn", arn).put("ResourcePolicy", policy));
    }

    private JsonNode ask(String operation, String input) throws Exception {
        return run(operation, (ObjectNode) JSON.readTree(input.replace('\'', '"')));
    }

    private JsonNode run(String operation, ObjectNode input) throws Exception {
        return parts.run(
                parts.operations
                        .signedAs("cloudtrail")
                        .orElseThrow()
                        .operation(operation)
                        .orElseThrow()
                        .operation(),
                new Invocation(
                        ROOT, "us-east-1", input, SpooledBody.of(new byte[0]), TestParts.NOW));
    }
}
