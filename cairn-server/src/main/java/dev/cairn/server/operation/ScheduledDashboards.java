package dev.cairn.server.operation;

import dev.cairn.access.Policy;
import dev.cairn.catalog.CatalogException;
import dev.cairn.dashboard.Dashboard;
import dev.cairn.dashboard.Dashboards;
import dev.cairn.dashboard.RefreshValues;
import dev.cairn.dashboard.ScheduledRefreshes;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreNames;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// Refreshes dashboards when their schedules say so. It is CloudTrail that asks then, with the
/// rights that it has by the policies of the dashboard and of the event data stores it asks.
///
/// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/lake-dashboard.html
public final class ScheduledDashboards {
    private static final String PRINCIPAL = "cloudtrail.amazonaws.com";

    /// The longest reason that GetDashboard tells.
    private static final int REASON_CHARS_MAX = 1000;

    private final ScheduledRefreshes refreshes;
    private final NamedStores stores;
    private final WidgetQueries widgets;

    public ScheduledDashboards(
            ScheduledRefreshes refreshes, EventDataStores stores, Queries queries) {
        this.refreshes = refreshes;
        this.stores = new NamedStores(stores);
        this.widgets = new WidgetQueries(stores, queries);
    }

    /// Begins what is due. What there is no room for is left for the next time.
    ///
    /// @param ending whether to leave the rest
    /// @throws Failure SERVICE_UNAVAILABLE when the ledger pushes back
    public void look(Instant now, BooleanSupplier ending)
            throws CatalogException, InterruptedException {
        for (var due : refreshes.due(now)) {
            if (ending.getAsBoolean()) {
                return;
            }
            var refresh = refreshes.begin(due, now);
            if (refresh.isPresent()) {
                begin(due, refresh.get(), now, ending);
            }
        }
    }

    private void begin(
            ScheduledRefreshes.Due due, String refresh, Instant now, BooleanSupplier ending)
            throws CatalogException, InterruptedException {
        try {
            var dashboard = due.dashboard();
            var values = RefreshValues.of(dashboard, Map.of(), now);
            checkRights(dashboard, values);
            widgets.checkRoom(dashboard);
            widgets.start(dashboard, values, refresh, now, ending);
            refreshes.end(due, null);
        } catch (Failure failure) {
            if (!passes(failure)) {
                var reason = failure.message();
                refreshes.end(
                        due, reason.substring(0, Math.min(reason.length(), REASON_CHARS_MAX)));
            }
        }
    }

    /// Whether the next try may find it otherwise though nobody changes anything.
    private static boolean passes(Failure failure) {
        return switch (failure.code()) {
            case SERVICE_QUOTA_EXCEEDED, MAX_CONCURRENT_QUERIES, SERVICE_UNAVAILABLE -> true;
            default -> false;
        };
    }

    /// @throws Failure ACCESS_DENIED
    private void checkRights(Dashboard dashboard, RefreshValues values) throws CatalogException {
        check(
                dashboard,
                Dashboards.policy(dashboard),
                "cloudtrail:StartDashboardRefresh",
                dashboard.arn());
        for (var widget : dashboard.widgets()) {
            var statement = values.filled(widget.query());
            for (var id : StoreNames.in(statement).ids()) {
                var state = stores.expect(dashboard.account(), dashboard.region(), id);
                check(
                        dashboard,
                        EventDataStores.policy(state),
                        "cloudtrail:StartQuery",
                        state.store().arn());
            }
        }
    }

    private static void check(Dashboard dashboard, Policy policy, String action, String arn) {
        var verdict =
                policy.judge(
                        new Policy.Request(
                                new Policy.Principal.Service(PRINCIPAL),
                                action,
                                arn,
                                Map.of(
                                        "aws:sourcearn", List.of(dashboard.arn()),
                                        "aws:sourceaccount", List.of(dashboard.account()),
                                        "aws:securetransport", List.of("true"),
                                        "aws:principalisawsservice", List.of("true"),
                                        "aws:principalservicename", List.of(PRINCIPAL))));
        switch (verdict) {
            case ALLOWED, DELEGATED -> {}
            case DENIED, SILENT ->
                    throw new Failure(
                            ErrorCode.ACCESS_DENIED,
                            "The resource policy of %s does not let %s do %s for %s (PutResourcePolicy)."
                                    .formatted(arn, PRINCIPAL, action, dashboard.arn()));
        }
    }
}
