package dev.cairn.server.own;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.dashboard.Dashboard;
import dev.cairn.dashboard.ScheduledRefreshes;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.secret.Secrets;
import java.time.Instant;
import java.util.List;

/// CloudTrail's event of a dashboard that its schedule refreshes: `StartDashboardRefresh`.
///
/// @param secrets where eventIDs come from
public record DashboardEvents(Secrets secrets) implements ScheduledRefreshes.Events {

    @Override
    public Entry refreshed(Dashboard dashboard, String refresh, Instant slot, Instant at) {
        return new ServiceRecord(
                        "cloudtrail.amazonaws.com",
                        "StartDashboardRefresh",
                        secrets.uuid(),
                        at,
                        new Place(dashboard.account(), dashboard.region()),
                        "cloudtrail.amazonaws.com",
                        List.of(),
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("dashboardArn", dashboard.arn())
                                .put("refreshId", refresh)
                                .put("scheduledFor", slot.toString()))
                .entry();
    }
}
