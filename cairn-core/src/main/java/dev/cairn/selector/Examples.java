package dev.cairn.selector;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.event.Place;
import dev.cairn.selector.AdvancedEventSelector.FieldSelector;
import dev.cairn.selector.EventSelector.DataResource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Made-up events of the kinds that selectors speak of: whoever takes one of them takes such
/// events.
///
/// They prove what selectors take by asking them, so that nobody has to reason about what they say.
/// They do not prove that two selectors never take the same event.
public final class Examples {
    /// So many values of one field are tried.
    private static final int VALUES_MAX = 50;

    private static final JsonFactory JSON = new JsonFactory();

    private final Place place;

    /// @param place where the events are from
    public Examples(Place place) {
        this.place = place;
    }

    /// Some of the events that selectors are about, each of which they may take or not.
    public List<Event> of(Selectors selectors) {
        List<Map<String, String>> kinds = new ArrayList<>();
        for (EventSelector selector : selectors.basic()) {
            kinds.add(Map.of("eventCategory", "Management"));
            for (DataResource resource : selector.dataResources()) {
                for (String value : first(resource.values())) {
                    kinds.add(
                            Map.of(
                                    "eventCategory",
                                    "Data",
                                    "resources.type",
                                    resource.type(),
                                    "resources.ARN",
                                    value));
                }
            }
        }
        for (AdvancedEventSelector selector : selectors.advanced()) {
            kinds.addAll(kinds(selector));
        }
        List<Event> events = new ArrayList<>();
        for (Map<String, String> kind : kinds) {
            for (String readOnly : List.of("false", "true")) {
                Map<String, String> fields = new HashMap<>(kind);
                fields.putIfAbsent("readOnly", readOnly);
                if (fields.get("readOnly").equals(readOnly)) {
                    events.add(event(fields));
                }
            }
        }
        return events;
    }

    /// What happens to an object of a bucket, done by a user.
    public List<Event> onObject(String bucket, String key) {
        List<Event> events = new ArrayList<>();
        for (String name : List.of("PutObject", "GetObject")) {
            events.add(
                    event(
                            Map.of(
                                    "eventCategory",
                                    "Data",
                                    "eventSource",
                                    "s3.amazonaws.com",
                                    "eventName",
                                    name,
                                    "readOnly",
                                    Boolean.toString(name.startsWith("Get")),
                                    "resources.type",
                                    Rules.S3_OBJECT,
                                    "resources.ARN",
                                    "arn:aws:s3:::" + bucket + "/" + key)));
        }
        return events;
    }

    private static List<Map<String, String>> kinds(AdvancedEventSelector selector) {
        List<Map<String, String>> kinds = List.of(Map.of());
        for (FieldSelector field : selector.fields()) {
            List<String> values = new ArrayList<>();
            values.addAll(field.equalTo());
            values.addAll(field.startsWith());
            values.addAll(field.endsWith());
            if (values.isEmpty()) {
                continue;
            }
            List<Map<String, String>> more = new ArrayList<>();
            // Each value once; where several fields have many, not each combination of them.
            for (int i = 0; i < Math.min(Math.max(values.size(), kinds.size()), VALUES_MAX); i++) {
                Map<String, String> kind = new HashMap<>(kinds.get(i % kinds.size()));
                kind.put(field.field(), values.get(i % values.size()));
                more.add(kind);
            }
            kinds = more;
        }
        return kinds;
    }

    private static List<String> first(List<String> values) {
        return values.subList(0, Math.min(VALUES_MAX, values.size()));
    }

    private Event event(Map<String, String> fields) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (JsonGenerator record = JSON.createGenerator(json)) {
            write(record, fields);
        } catch (IOException e) {
            throw new UncheckedIOException("a ByteArrayOutputStream does no I/O", e);
        }
        Parsed parsed =
                EventReader.lenient()
                        .read(
                                json.toByteArray(),
                                Instant.EPOCH,
                                EventReader.Known.recorded(place, "example"));
        return switch (parsed) {
            case Parsed.Read(Event event) -> event;
            case Parsed.Refused refused -> throw new IllegalStateException(refused.message());
        };
    }

    private void write(JsonGenerator record, Map<String, String> fields) throws IOException {
        record.writeStartObject();
        record.writeStringField("eventVersion", "1.11");
        record.writeObjectFieldStart("userIdentity");
        record.writeStringField("type", "IAMUser");
        record.writeStringField(
                "arn",
                fields.getOrDefault(
                        "userIdentity.arn", "arn:aws:iam::" + place.account() + ":user/example"));
        record.writeEndObject();
        record.writeStringField("eventTime", Instant.EPOCH.toString());
        record.writeStringField(
                "eventSource", fields.getOrDefault("eventSource", "example.amazonaws.com"));
        record.writeStringField("eventName", fields.getOrDefault("eventName", "Example"));
        record.writeStringField("awsRegion", place.region());
        record.writeStringField("sourceIPAddress", "192.0.2.1");
        record.writeStringField("userAgent", "example");
        if (fields.containsKey("errorCode")) {
            record.writeStringField("errorCode", fields.get("errorCode"));
        }
        record.writeStringField("eventID", "example");
        record.writeStringField("eventType", fields.getOrDefault("eventType", "AwsApiCall"));
        String category = fields.getOrDefault("eventCategory", "Management");
        record.writeBooleanField("managementEvent", category.equals("Management"));
        record.writeBooleanField("readOnly", Boolean.parseBoolean(fields.get("readOnly")));
        record.writeStringField("eventCategory", category);
        record.writeStringField("recipientAccountId", place.account());
        if (fields.containsKey("vpcEndpointId")) {
            record.writeStringField("vpcEndpointId", fields.get("vpcEndpointId"));
        }
        if (fields.containsKey("sessionCredentialFromConsole")) {
            record.writeStringField(
                    "sessionCredentialFromConsole", fields.get("sessionCredentialFromConsole"));
        }
        if (fields.containsKey("resources.type") || fields.containsKey("resources.ARN")) {
            record.writeArrayFieldStart("resources");
            record.writeStartObject();
            record.writeStringField("type", fields.getOrDefault("resources.type", ""));
            record.writeStringField("ARN", fields.getOrDefault("resources.ARN", ""));
            record.writeEndObject();
            record.writeEndArray();
        }
        record.writeEndObject();
    }
}
