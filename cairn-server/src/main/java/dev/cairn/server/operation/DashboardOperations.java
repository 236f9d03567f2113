package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.dashboard.Dashboard;
import dev.cairn.dashboard.Dashboards;
import dev.cairn.dashboard.QueryTemplate;
import dev.cairn.dashboard.RefreshValues;
import dev.cairn.dashboard.Widget;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.secret.Secrets;
import dev.cairn.server.operation.Queries.Query;
import dev.cairn.server.operation.Queries.Template;
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

    private final Dashboards dashboards;
    private final EventDataStores stores;
    private final QueryOperations statements;
    private final Queries queries;
    private final Secrets secrets;

    DashboardOperations(
            Dashboards dashboards,
            EventDataStores stores,
            QueryOperations statements,
            Queries queries,
            Secrets secrets) {
        this.dashboards = dashboards;
        this.stores = stores;
        this.statements = statements;
        this.queries = queries;
        this.secrets = secrets;
    }

    ObjectNode create(Invocation call, Transaction transaction) throws CatalogException {
        checkSchedule(call);
        var dashboard =
                new Dashboard(
                        call.caller().account(),
                        call.region(),
                        call.text("Name", ""),
                        false,
                        widgets(call, transaction, List.of()),
                        call.input().path("TerminationProtectionEnabled").asBoolean(),
                        TrailTags.read(call.input().path("TagsList")),
                        call.now(),
                        null);
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
        checkSchedule(call);
        var old = new NamedDashboards(dashboards, transaction).expect(call, named(call));
        var dashboard =
                old.changed(
                        call.input().hasNonNull("Widgets")
                                ? widgets(call, transaction, old.widgets())
                                : old.widgets(),
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
                .ifPresent(refresh -> output.put("LastRefreshId", refresh));
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

    /// Starts the query of each widget, or of none: what was started before one was refused is
    /// cancelled.
    ObjectNode refresh(Invocation call) throws CatalogException, InterruptedException {
        var dashboard = new NamedDashboards(dashboards).expect(call, named(call));
        var given = new HashMap<String, String>();
        call.input()
                .path("QueryParameterValues")
                .properties()
                .forEach(value -> given.put(value.getKey(), value.getValue().asText()));
        var values = RefreshValues.of(dashboard, given, call.now());
        checkRoom(call, dashboard);
        var refresh = dashboards.refresh(dashboard, call.now());
        var started = new ArrayList<Query>();
        var whole = false;
        try {
            for (var widget : dashboard.widgets()) {
                started.add(
                        statements.refresh(
                                call,
                                values.filled(widget.query()),
                                new Template(widget.alias(), refresh)));
            }
            whole = true;
        } finally {
            if (!whole) {
                cancel(started);
            }
        }
        return JsonNodeFactory.instance.objectNode().put("RefreshId", refresh);
    }

    private void checkRoom(Invocation call, Dashboard dashboard) throws CatalogException {
        var under =
                queries.of(call.caller().account(), call.region()).stream()
                        .filter(query -> !query.status().ended())
                        .count();
        if (under + dashboard.widgets().size() > Queries.CONCURRENT_MAX) {
            throw new Failure(
                    ErrorCode.SERVICE_QUOTA_EXCEEDED,
                    "Expected at most %d queries that are queued or running, got %d and the %d of the dashboard."
                            .formatted(Queries.CONCURRENT_MAX, under, dashboard.widgets().size()));
        }
    }

    private void cancel(List<Query> started) throws CatalogException {
        for (var query : started) {
            try {
                queries.cancel(query);
            } catch (Failure _) {
                // It has ended by itself.
            }
        }
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

    /// Dashboards are refreshed when they are asked to be.
    private static void checkSchedule(Invocation call) {
        if (call.input().path("RefreshSchedule").path("Status").asText().equals("ENABLED")) {
            throw new Failure(
                    ErrorCode.UNSUPPORTED_OPERATION,
                    "Cairn does not do what RefreshSchedule asks for yet; docs/gaps.md says what is missing and why");
        }
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
        output.putObject("RefreshSchedule").put("Status", "DISABLED");
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
