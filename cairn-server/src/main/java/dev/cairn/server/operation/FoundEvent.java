package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.event.Event;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A recorded event as Cairn's own operations give it: what people ask for most, and the record
/// itself, byte for byte, as text.
final class FoundEvent {
    private FoundEvent() {}

    static ObjectNode json(Position position, Origin origin, Event event) {
        var json = brief(position, origin, event);
        var resources = json.putArray("resources");
        for (var resource : event.resources()) {
            resources.addObject().put("type", resource.type()).put("name", resource.name());
        }
        json.put("record", new String(event.json(), StandardCharsets.UTF_8));
        return json;
    }

    /// Without the record, for where there are very many.
    static ObjectNode brief(Position position, Origin origin, Event event) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("position", position.toString());
        json.put("origin", origin.name().toLowerCase(Locale.ROOT));
        json.put("eventId", event.id());
        json.put("eventTime", event.time().getEpochSecond());
        json.put("eventSource", event.source());
        json.put("eventName", event.name());
        json.put("account", event.place().account());
        json.put("region", event.place().region());
        put(json, "username", event.username());
        put(json, "principalArn", event.principalArn());
        put(json, "sourceIpAddress", event.sourceIpAddress());
        put(json, "errorCode", event.errorCode());
        json.put("readOnly", event.readOnly());
        return json;
    }

    private static void put(ObjectNode json, String name, @Nullable String value) {
        if (value != null) {
            json.put(name, value);
        }
    }
}
