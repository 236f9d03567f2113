package dev.cairn.server.own;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Service events of Cairn: what was counted instead of recorded one by one.
final class SummaryRecord {
    private static final ObjectMapper JSON = new ObjectMapper();

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

    private static Entry entry(
            String name, String eventId, Instant time, Place place, ObjectNode details) {
        var record = JSON.createObjectNode();
        record.put("eventVersion", "1.11");
        record.putObject("userIdentity")
                .put("accountId", place.account())
                .put("invokedBy", "cairn.amazonaws.com");
        record.put("eventTime", time.truncatedTo(ChronoUnit.SECONDS).toString());
        record.put("eventSource", "cairn.amazonaws.com");
        record.put("eventName", name);
        record.put("awsRegion", place.region());
        record.put("sourceIPAddress", "cairn.amazonaws.com");
        record.put("userAgent", "cairn.amazonaws.com");
        record.putNull("requestParameters");
        record.putNull("responseElements");
        record.put("eventID", eventId);
        record.put("readOnly", false);
        record.put("eventType", "AwsServiceEvent");
        record.put("managementEvent", true);
        record.put("recipientAccountId", place.account());
        record.set("serviceEventDetails", details);
        record.put("eventCategory", "Management");
        try {
            return new Entry(place, eventId, Origin.OWN, JSON.writeValueAsBytes(record));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree can always be written", impossible);
        }
    }
}
