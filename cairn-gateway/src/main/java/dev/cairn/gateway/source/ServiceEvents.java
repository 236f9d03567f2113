package dev.cairn.gateway.source;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.event.Place;
import dev.cairn.event.RefusalCode;
import java.util.Set;

/// What a service does without being called, as the service posts it: a form of Cairn's own, made
/// into the record that AWS's services leave (`AwsServiceEvent`). Shape: AWS's page on service
/// events, and real records.
public final class ServiceEvents implements Source {
    private static final Set<String> MEMBERS =
            Set.of("id", "time", "service", "event", "readOnly", "resource", "details");
    private static final Set<String> RESOURCE = Set.of("arn", "type");

    @Override
    public String name() {
        return "service-events";
    }

    @Override
    public boolean isForm() {
        return true;
    }

    @Override
    public Heard hear(ObjectNode original, Place place) {
        try {
            var form = Form.of(original, MEMBERS);
            return new Heard.Written(record(form, original, place), form.textOrNull("id"));
        } catch (Form.Wrong wrong) {
            return wrong.refused();
        }
    }

    private static ObjectNode record(Form form, ObjectNode original, Place place)
            throws Form.Wrong {
        var service = form.text("service");
        var event = form.text("event");
        if (!EventNames.of(event).equals(event)) {
            throw new Form.Wrong(
                    RefusalCode.INVALID_FIELD,
                    "event: expected letters and digits that begin with a capital letter, such as RotateKey");
        }
        var reads = form.truthOrNull("readOnly");
        var record = JsonNodeFactory.instance.objectNode();
        record.putObject("userIdentity")
                .put("accountId", place.account())
                .put("invokedBy", service);
        record.put("eventTime", form.time("time"));
        record.put("eventSource", service);
        record.put("eventName", event);
        record.put("sourceIPAddress", service);
        record.put("userAgent", service);
        record.putNull("requestParameters");
        record.putNull("responseElements");
        record.put("readOnly", reads != null && reads);
        if (original.hasNonNull("resource")) {
            var resource = form.inner("resource", RESOURCE);
            var shown = record.putArray("resources").addObject();
            shown.put("accountId", place.account());
            var type = resource.textOrNull("type");
            if (type != null) {
                shown.put("type", type);
            }
            shown.put("ARN", resource.text("arn"));
        }
        record.put("eventType", "AwsServiceEvent");
        record.put("managementEvent", true);
        var details = form.objectOrNull("details");
        if (details != null) {
            record.set("serviceEventDetails", details);
        }
        record.put("eventCategory", "Management");
        return record;
    }
}
