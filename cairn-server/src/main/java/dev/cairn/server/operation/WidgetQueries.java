package dev.cairn.server.operation;

import dev.cairn.catalog.CatalogException;
import dev.cairn.dashboard.Dashboard;
import dev.cairn.dashboard.RefreshValues;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.server.operation.Queries.Query;
import dev.cairn.server.operation.Queries.Template;
import dev.cairn.store.EventDataStores;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Asks the queries of a dashboard's widgets: all, or none.
final class WidgetQueries {
    private final EventDataStores stores;
    private final Queries queries;

    WidgetQueries(EventDataStores stores, Queries queries) {
        this.stores = stores;
        this.queries = queries;
    }

    /// @throws Failure SERVICE_QUOTA_EXCEEDED when others leave no room for them
    void checkRoom(Dashboard dashboard) throws CatalogException {
        var under =
                queries.of(dashboard.account(), dashboard.region()).stream()
                        .filter(query -> query.asker().equals(dashboard.account()))
                        .filter(query -> !query.status().ended())
                        .count();
        if (under + dashboard.widgets().size() > Queries.CONCURRENT_MAX) {
            throw new Failure(
                    ErrorCode.SERVICE_QUOTA_EXCEEDED,
                    "Expected at most %d queries that are queued or running, got %d and the %d of the dashboard."
                            .formatted(Queries.CONCURRENT_MAX, under, dashboard.widgets().size()));
        }
    }

    /// Starts them. What was started before one was refused is cancelled.
    ///
    /// @param refresh its id
    /// @param ending whether to leave it, as each takes seconds: SERVICE_UNAVAILABLE
    /// @throws Failure what a query is refused with
    void start(
            Dashboard dashboard,
            RefreshValues values,
            String refresh,
            Instant now,
            BooleanSupplier ending)
            throws CatalogException, InterruptedException {
        var started = new ArrayList<Query>();
        var whole = false;
        try {
            for (var widget : dashboard.widgets()) {
                if (ending.getAsBoolean()) {
                    throw new Failure(ErrorCode.SERVICE_UNAVAILABLE, "the server is stopping");
                }
                var statement = values.filled(widget.query());
                started.add(
                        queries.start(
                                dashboard.account(),
                                dashboard.region(),
                                dashboard.account(),
                                statement,
                                new NamedStores(stores)
                                        .asked(dashboard.account(), dashboard.region(), statement),
                                null,
                                new Template(widget.alias(), refresh),
                                now));
            }
            whole = true;
        } finally {
            if (!whole) {
                cancel(started);
            }
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
}
