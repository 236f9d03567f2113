package dev.cairn.server.wiring;

import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.thread.Lookout;
import dev.cairn.server.operation.ScheduledDashboards;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;

/// Who has dashboards refreshed when their schedules say so.
final class DashboardKeeper implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(10);

    private final ScheduledDashboards dashboards;
    private final InstantSource clock;
    private final Lookout lookout =
            new Lookout(
                    "dashboard-keeper",
                    "dashboards wait to be refreshed",
                    LOOK,
                    new Semaphore(0),
                    this::look);

    private DashboardKeeper(ScheduledDashboards dashboards, InstantSource clock) {
        this.dashboards = dashboards;
        this.clock = clock;
    }

    static DashboardKeeper start(ScheduledDashboards dashboards, InstantSource clock) {
        var keeper = new DashboardKeeper(dashboards, clock);
        keeper.lookout.start();
        return keeper;
    }

    /// Lets the refresh under way begin; what is left is due after the next start.
    @Override
    public void close() {
        lookout.close();
    }

    private void look() throws CatalogException {
        try {
            dashboards.look(clock.instant(), lookout::closing);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
