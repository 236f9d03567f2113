package dev.cairn.server.own;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import java.time.Instant;
import java.util.List;

/// Service events of Cairn: what was counted instead of recorded one by one.
final class SummaryRecord {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CAIRN = "cairn.amazonaws.com";

    private SummaryRecord() {}

    static Entry refusedRequests(
            String eventId, Instant time, Place place, String source, long count) {
        return entry(
                "RefusedRequests",
                eventId,
                time,
                place,
                JSON.createObjectNode().put("sourceIPAddress", source).put("count", count));
    }

    /// Requests to the gateway for which there was no place.
    static Entry crowdedOut(String eventId, Instant time, Place place, String source, long count) {
        return entry(
                "RefusedRequests",
                eventId,
                time,
                place,
                JSON.createObjectNode()
                        .put("sourceIPAddress", source)
                        .put("count", count)
                        .put("reason", "too many requests at once"));
    }

    static Entry unrecordedCalls(String eventId, Instant time, Place place, long count) {
        return entry(
                "UnrecordedCalls",
                eventId,
                time,
                place,
                JSON.createObjectNode().put("count", count));
    }

    static Entry sampledReads(
            String eventId, Instant time, Place place, double share, long leftOut) {
        return entry(
                "SampledReads",
                eventId,
                time,
                place,
                JSON.createObjectNode().put("share", share).put("leftOut", leftOut));
    }

    /// The time that retention counts on went on at once.
    ///
    /// @param by how far, in seconds
    /// @param to the time it is now
    static Entry retentionTimeJumped(
            String eventId, Instant time, Place place, long by, Instant to) {
        return entry(
                "RetentionTimeJumped",
                eventId,
                time,
                place,
                JSON.createObjectNode().put("seconds", by).put("to", to.toString()));
    }

    private static Entry entry(
            String name, String eventId, Instant time, Place place, ObjectNode details) {
        return new ServiceRecord(CAIRN, name, eventId, time, place, CAIRN, List.of(), details)
                .entry();
    }
}
