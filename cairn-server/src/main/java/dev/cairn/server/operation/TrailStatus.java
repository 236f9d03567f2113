package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.log.GroupEvents;
import dev.cairn.log.LogGroupName;
import dev.cairn.log.LogGroups;
import dev.cairn.log.LogStream;
import dev.cairn.notice.Notices;
import dev.cairn.trail.Deliveries;
import dev.cairn.trail.Trail;
import dev.cairn.trail.Trails;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// CloudTrail's GetTrailStatus: of one region, the one that is called.
///
/// Members without a value are absent, but for the retired ones, which are texts and then empty. A
/// log group has an event when it is recorded; what is told of it is what its filters were asked
/// about last.
///
/// Source: AWS CloudTrail API Reference, GetTrailStatus.
final class TrailStatus implements Operation.Read {
    private final NamedTrails named;
    private final Deliveries deliveries;
    private final Notices notices;
    private final LogGroups groups;

    TrailStatus(Trails trails, Deliveries deliveries, Notices notices, LogGroups groups) {
        this.named = new NamedTrails(trails);
        this.deliveries = deliveries;
        this.notices = notices;
        this.groups = groups;
    }

    @Override
    public ObjectNode run(Invocation call) throws CatalogException {
        var state = named.expectHere(call, call.text("Name", ""));
        var figures = deliveries.figures(state.id(), call.region());
        var notified = notices.figures(state.id());
        var output = JsonNodeFactory.instance.objectNode();
        output.put("IsLogging", state.logging());
        put(output, "LatestDeliveryError", figures.error());
        put(output, "LatestNotificationError", notified.error());
        put(output, "LatestDeliveryTime", figures.delivered());
        put(output, "LatestNotificationTime", notified.succeeded());
        put(output, "StartLoggingTime", state.started());
        put(output, "StopLoggingTime", state.stopped());
        putGroup(output, state.trail());
        put(output, "LatestDigestDeliveryTime", figures.digestDelivered());
        put(output, "LatestDigestDeliveryError", figures.digestError());
        return output.put("LatestDeliveryAttemptTime", text(figures.attempted()))
                .put("LatestNotificationAttemptTime", text(notified.attempted()))
                .put("LatestNotificationAttemptSucceeded", text(notified.succeeded()))
                .put("LatestDeliveryAttemptSucceeded", text(figures.delivered()))
                .put("TimeLoggingStarted", text(state.started()))
                .put("TimeLoggingStopped", text(state.stopped()));
    }

    private void putGroup(ObjectNode output, Trail trail) throws CatalogException {
        var logs = trail.logs();
        var name = logs == null ? Optional.<LogGroupName>empty() : LogGroupName.ofArn(logs.group());
        if (name.isEmpty()) {
            return;
        }
        if (groups.find(name.get()).isEmpty()) {
            put(
                    output,
                    "LatestCloudWatchLogsDeliveryError",
                    ErrorCode.RESOURCE_NOT_FOUND.awsName());
        }
        var stream = groups.streams().find(name.get(), GroupEvents.stream(name.get()));
        put(output, "LatestCloudWatchLogsDeliveryTime", stream.map(LogStream::last).orElse(null));
    }

    private static void put(ObjectNode output, String member, String text) {
        if (!text.isEmpty()) {
            output.put(member, text);
        }
    }

    /// Seconds and thousandths.
    private static void put(ObjectNode output, String member, @Nullable Instant time) {
        if (time != null) {
            output.put(member, BigDecimal.valueOf(time.toEpochMilli(), 3));
        }
    }

    private static String text(@Nullable Instant time) {
        return time == null ? "" : time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
