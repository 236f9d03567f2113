package dev.cairn.server.own;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// What a service did that nobody called for, as a CloudTrail record of type `AwsServiceEvent`.
///
/// @param eventSource the service, such as `kms.amazonaws.com`
/// @param by who is named as having done it
/// @param touched what it was done to; empty where the record does not say
/// @param details `serviceEventDetails`
record ServiceRecord(
        String eventSource,
        String eventName,
        String eventId,
        Instant time,
        Place place,
        String by,
        List<OwnRecord.Touched> touched,
        ObjectNode details) {
    private static final ObjectMapper JSON = new ObjectMapper();

    ServiceRecord {
        touched = List.copyOf(touched);
    }

    Entry entry() {
        var record = JSON.createObjectNode();
        record.put("eventVersion", "1.11");
        record.putObject("userIdentity").put("accountId", place.account()).put("invokedBy", by);
        record.put("eventTime", time.truncatedTo(ChronoUnit.SECONDS).toString());
        record.put("eventSource", eventSource);
        record.put("eventName", eventName);
        record.put("awsRegion", place.region());
        record.put("sourceIPAddress", by);
        record.put("userAgent", by);
        record.putNull("requestParameters");
        record.putNull("responseElements");
        record.put("eventID", eventId);
        record.put("readOnly", false);
        if (!touched.isEmpty()) {
            var list = record.putArray("resources");
            for (var one : touched) {
                list.addObject()
                        .put("accountId", one.accountId())
                        .put("type", one.type())
                        .put("ARN", one.arn());
            }
        }
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
