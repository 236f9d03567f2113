package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Action;
import dev.cairn.access.Target;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.dashboard.Dashboard;
import dev.cairn.dashboard.Dashboards;
import dev.cairn.dashboard.QueryTemplate;
import dev.cairn.dashboard.RefreshSchedule;
import dev.cairn.dashboard.RefreshValues;
import dev.cairn.dashboard.Widget;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.secret.Secrets;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreNames;
import dev.cairn.store.StoreState;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// CloudTrail's operations on dashboards: Create-, Get-, Update-, Delete- and ListDashboards, and
/// StartDashboardRefresh.
///
/// Source: AWS CloudTrail API Reference.
final class DashboardOperations {
    private static final int PAGE_MAX = 1000;
    private static final int PARAMETERS_MAX = 10;
    private static final String ENABLED = "ENABLED";
    private static final Action REFRESH = Action.read("cloudtrail", "StartDashboardRefresh");

    private final Dashboards dashboards;
    private final EventDataStores stores;
    private final QueryOperations queries;
    private final WidgetQueries widgets;
    private final Secrets secrets;

    DashboardOperations(
            Dashboards dashboards,
            EventDataStores stores,
            QueryOperations queries,
            WidgetQueries widgets,
            Secrets secrets) {
        this.dashboards = dashboards;
        this.stores = stores;
        this.queries = queries;
        this.widgets = widgets;
        this.secrets = secrets;
    }

    ObjectNode create(Invocation call, Transaction transaction) throws CatalogException {
        var dashboard =
                Dashboard.custom(
                        call.caller().account(),
                        call.region(),
                        call.text("Name", ""),
                        widgets(call, transaction, List.of()),
                        schedule(call, RefreshSchedule.NONE),
                        call.input().path("TerminationProtectionEnabled").asBoolean(),
                        TrailTags.read(call.input().path("TagsList")),
                        call.now());
        dashboards.create(transaction, dashboard);
        var output = described(dashboard).put("Name", dashboard.name());
        var tags = output.putArray("TagsList");
        dashboard
                .tags()
                .forEach((key, value) -> tags.addObject().put("Key", key).put("Value", value));
        return output;
    }

    /// Members that are absent stay as they were.
    ObjectNode update(Invocation call, Transaction transaction) throws CatalogException {
        var old = new NamedDashboards(dashboards, transaction).expect(call, named(call));
        var dashboard =
                old.changed(
                        call.input().hasNonNull("Widgets")
                                ? widgets(call, transaction, old.widgets())
                                : old.widgets(),
                        schedule(call, old.schedule()),
                        call.input()
                                .path("TerminationProtectionEnabled")
                                .asBoolean(old.terminationProtected()),
                        call.now());
        dashboards.change(transaction, dashboard);
        return timed(described(dashboard).put("Name", dashboard.name()), dashboard);
    }

    ObjectNode delete(Invocation call, Transaction transaction) throws CatalogException {
        dashboards.delete(
                transaction,
                new NamedDashboards(dashboards, transaction).expect(call, named(call)));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode get(Invocation call) throws CatalogException {
        var dashboard = new NamedDashboards(dashboards).expect(call, named(call));
        var output =
                timed(
                        described(dashboard)
                                .put("Status", dashboard.updated() == null ? "CREATED" : "UPDATED"),
                        dashboard);
        dashboards
                .lastRefresh(dashboard)
                .ifPresent(refresh -> {
                    output.put("LastRefreshId", refresh.id());
                    if (refresh.failure() != null) {
                        output.put("LastRefreshFailureReason", refresh.failure());
                    }
                });
        return output;
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var after = NameToken.after(call, "NextToken");
        var page = call.number("MaxResults", PAGE_MAX);
        var type = call.text("Type", "");
        var prefix = call.text("NamePrefix", "");
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("Dashboards");
        var last = "";
        for (var dashboard : dashboards.of(call.caller().account(), call.region())) {
            if (dashboard.name().compareTo(after) <= 0
                    || !dashboard.name().startsWith(prefix)
                    || !(type.isEmpty() || type.equals(type(dashboard)))) {
                continue;
            }
            if (list.size() == page) {
                return output.put("NextToken", NameToken.of(last));
            }
            list.addObject().put("DashboardArn", dashboard.arn()).put("Type", type(dashboard));
            last = dashboard.name();
        }
        return output;
    }

    /// Who has the right to refresh a dashboard, and to ask what its queries ask, may.
    BuiltOperation refresh() {
        return BuiltOperation.needing(REFRESH, (Operation.Message) this::refresh, this::rights);
    }

    private List<Right> rights(Invocation call) throws CatalogException {
        var rights = new ArrayList<Right>();
        try {
            var dashboard = new NamedDashboards(dashboards).expect(call, named(call));
            rights.add(
                    new Right(
                            REFRESH,
                            new Target(dashboard.account(), dashboard.arn()),
                            Dashboards.policy(dashboard),
                            Map.of()));
            var values = values(call, dashboard);
            for (var widget : dashboard.widgets()) {
                rights.addAll(queries.rights(call, values.filled(widget.query())));
            }
        } catch (Failure _) {
            // The operation says so, to whoever would have the right.
            rights.add(StoreRights.account(REFRESH, call.caller().account()));
        }
        return rights;
    }

    private ObjectNode refresh(Invocation call) throws CatalogException, InterruptedException {
        var dashboard = new NamedDashboards(dashboards).expect(call, named(call));
        var values = values(call, dashboard);
        widgets.checkRoom(dashboard);
        var refresh = dashboards.refresh(dashboard, call.now());
        widgets.start(dashboard, values, refresh, call.now(), () -> false);
        return JsonNodeFactory.instance.objectNode().put("RefreshId", refresh);
    }

    private static RefreshValues values(Invocation call, Dashboard dashboard) {
        var given = new HashMap<String, String>();
        call.input()
                .path("QueryParameterValues")
                .properties()
                .forEach(value -> given.put(value.getKey(), value.getValue().asText()));
        return RefreshValues.of(dashboard, given, call.now());
    }

    // ---- widgets --------------------------------------------------------------------------------

    /// A widget whose query stays keeps its alias.
    private List<Widget> widgets(Invocation call, Transaction transaction, List<Widget> old)
            throws CatalogException {
        var widgets = new ArrayList<Widget>();
        var kept = new ArrayList<>(old);
        for (var asked : call.input().path("Widgets")) {
            var query = template(asked);
            for (var id : StoreNames.in(query.statement()).ids()) {
                var state = new NamedStores(stores, transaction).expect(call, id);
                if (state.status() == StoreState.Status.PENDING_DELETION) {
                    throw EventDataStores.inactive(state.store());
                }
            }
            var same = kept.stream().filter(widget -> widget.query().equals(query)).findFirst();
            same.ifPresent(kept::remove);
            widgets.add(
                    new Widget(
                            same.map(Widget::alias).orElseGet(() -> "widget-" + secrets.uuid()),
                            query,
                            texts(asked.path("ViewProperties"))));
        }
        return widgets;
    }

    private static QueryTemplate template(JsonNode asked) {
        var parameters = new ArrayList<String>();
        asked.path("QueryParameters").forEach(one -> parameters.add(one.asText()));
        var query = new QueryTemplate(asked.path("QueryStatement").asText(), parameters);
        var refused = refused(query);
        if (refused != null) {
            throw new Failure(ErrorCode.INVALID_QUERY_STATEMENT, refused);
        }
        return query;
    }

    private static @Nullable String refused(QueryTemplate query) {
        if (StoreNames.in(query.statement()).ids().isEmpty()) {
            return "Expected the id of an event data store after FROM, got none.";
        }
        if (query.parameters().size() > PARAMETERS_MAX) {
            return "Expected at most %d query parameters, got %d."
                    .formatted(PARAMETERS_MAX, query.parameters().size());
        }
        if (query.placeholders() != query.parameters().size()) {
            return "Expected as many query parameters as there are ? in the statement, %d, got %d."
                    .formatted(query.placeholders(), query.parameters().size());
        }
        for (var parameter : query.parameters()) {
            if (!RefreshValues.isKnown(parameter)) {
                return "Expected $StartTime$, $EndTime$, $Period$ or a text as a query parameter, got %s."
                        .formatted(parameter);
            }
        }
        return null;
    }

    private static Map<String, String> texts(JsonNode map) {
        var texts = new HashMap<String, String>();
        map.properties().forEach(one -> texts.put(one.getKey(), one.getValue().asText()));
        return texts;
    }

    // ---- schedules ------------------------------------------------------------------------------

    /// Members that are absent stay as they were.
    private static RefreshSchedule schedule(Invocation call, RefreshSchedule old) {
        var asked = call.input().path("RefreshSchedule");
        var frequency = asked.path("Frequency");
        return new RefreshSchedule(
                asked.hasNonNull("Status")
                        ? asked.path("Status").asText().equals(ENABLED)
                        : old.enabled(),
                frequency.isEmpty()
                        ? old.frequency()
                        : new RefreshSchedule.Frequency(
                                RefreshSchedule.Unit.valueOf(
                                        frequency.path("Unit").asText("HOURS")),
                                frequency.path("Value").asInt()),
                asked.hasNonNull("TimeOfDay")
                        ? RefreshSchedule.time(asked.path("TimeOfDay").asText())
                        : old.timeOfDay());
    }

    private static void describe(RefreshSchedule schedule, ObjectNode output) {
        var frequency = schedule.frequency();
        if (frequency != null) {
            output.putObject("Frequency")
                    .put("Unit", frequency.unit().name())
                    .put("Value", frequency.value());
            output.put("TimeOfDay", schedule.timeOfDay().toString());
        }
        output.put("Status", schedule.enabled() ? ENABLED : "DISABLED");
    }

    // ---- answers --------------------------------------------------------------------------------

    private static String named(Invocation call) {
        return call.text("DashboardId", "");
    }

    private static String type(Dashboard dashboard) {
        return dashboard.managed() ? "MANAGED" : "CUSTOM";
    }

    private static ObjectNode described(Dashboard dashboard) {
        var output =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("DashboardArn", dashboard.arn())
                        .put("Type", type(dashboard));
        describe(dashboard.widgets(), output.putArray("Widgets"));
        describe(dashboard.schedule(), output.putObject("RefreshSchedule"));
        return output.put("TerminationProtectionEnabled", dashboard.terminationProtected());
    }

    private static void describe(List<Widget> widgets, ArrayNode list) {
        for (var widget : widgets) {
            var one =
                    list.addObject()
                            .put("QueryAlias", widget.alias())
                            .put("QueryStatement", widget.query().statement());
            if (!widget.query().parameters().isEmpty()) {
                widget.query().parameters().forEach(one.putArray("QueryParameters")::add);
            }
            var view = one.putObject("ViewProperties");
            widget.view().forEach(view::put);
        }
    }

    private static ObjectNode timed(ObjectNode output, Dashboard dashboard) {
        if (dashboard.created() != null) {
            output.put("CreatedTimestamp", seconds(dashboard.created()));
        }
        if (dashboard.updated() != null) {
            output.put("UpdatedTimestamp", seconds(dashboard.updated()));
        }
        return output;
    }

    private static BigDecimal seconds(Instant time) {
        return BigDecimal.valueOf(time.toEpochMilli(), 3);
    }
}
