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
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Refreshes dashboards when their schedules say so. It is CloudTrail that asks then, with the
/// rights that it has by the policies of the dashboard and of the event data stores it asks.
///
/// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/lake-dashboard.html
public final class ScheduledDashboards {
    private static final String PRINCIPAL = "cloudtrail.amazonaws.com";

    /// The longest reason that GetDashboard tells.
    private static final int REASON_CHARS_MAX = 1000;

    /// Before the second try of a slot; the pauses double, to an hour and a half in all.
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private static final int TRIES_MAX = 10;

    /// By dashboard, those slots that were tried and are to be tried again.
    private final Map<String, Tries> tries = new HashMap<>();

    private final ScheduledRefreshes refreshes;
    private final NamedStores stores;
    private final WidgetQueries widgets;

    /// @param of the slot
    /// @param next not before then
    private record Tries(Instant of, int done, Instant next) {}

    public ScheduledDashboards(
            ScheduledRefreshes refreshes, EventDataStores stores, Queries queries) {
        this.refreshes = refreshes;
        this.stores = new NamedStores(stores);
        this.widgets = new WidgetQueries(stores, queries);
    }

    /// Begins what is due. What there is no room for is tried again, [#TRIES_MAX] times. To be
    /// called by one thread.
    ///
    /// @param ending whether to leave the rest
    /// @throws Failure SERVICE_UNAVAILABLE when the ledger pushes back
    public void look(Instant now, BooleanSupplier ending)
            throws CatalogException, InterruptedException {
        for (var due : refreshes.due(now)) {
            if (ending.getAsBoolean()) {
                return;
            }
            var tried = tries.get(key(due));
            if (tried != null && tried.of().equals(due.slot()) && now.isBefore(tried.next())) {
                continue;
            }
            var begun = refreshes.begin(due, now);
            if (begun.isPresent()) {
                begin(due, begun.get(), now, ending);
            }
        }
    }

    private void begin(
            ScheduledRefreshes.Due due,
            ScheduledRefreshes.Begun begun,
            Instant now,
            BooleanSupplier ending)
            throws CatalogException, InterruptedException {
        try {
            var dashboard = begun.dashboard();
            var values = RefreshValues.of(dashboard, Map.of(), now);
            checkRights(dashboard, values);
            widgets.checkRoom(dashboard);
            widgets.start(dashboard, values, begun.id(), now, ending);
            end(due, null);
        } catch (Failure failure) {
            if (!passes(failure) || !triesAgain(due, now)) {
                var reason = failure.message();
                end(due, reason.substring(0, Math.min(reason.length(), REASON_CHARS_MAX)));
            }
        }
    }

    private void end(ScheduledRefreshes.Due due, @Nullable String failure) throws CatalogException {
        refreshes.end(due, failure);
        tries.remove(key(due));
    }

    /// Puts a slot's next try off: each starts processes, and may take the room of others.
    ///
    /// @return false when it was the last
    private boolean triesAgain(ScheduledRefreshes.Due due, Instant now) {
        var before = tries.get(key(due));
        var done = before != null && before.of().equals(due.slot()) ? before.done() : 0;
        if (done + 1 == TRIES_MAX) {
            return false;
        }
        tries.put(
                key(due),
                new Tries(due.slot(), done + 1, now.plus(PAUSE.multipliedBy(1L << done))));
        return true;
    }

    private static String key(ScheduledRefreshes.Due due) {
        return due.dashboard().arn();
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
