package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.event.Event;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.history.Condition;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.history.Query;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// CloudTrail's LookupEvents: management events of the caller's account in the called region,
/// newest first, by at most one attribute.
///
/// Source: AWS CloudTrail API Reference, LookupEvents, and `docs/event.md` for the attributes.
final class LookupEvents implements Operation.Read {
    private static final int PAGE_MAX = 50;

    private final History history;
    private final RateLimit rate;

    LookupEvents(History history, RateLimit rate) {
        this.history = history;
        this.rate = rate;
    }

    @Override
    public ObjectNode run(Invocation call) throws HistoryException {
        var place = new Place(call.caller().account(), call.region());
        if (!rate.take(place, call.now())) {
            throw new Failure(ErrorCode.THROTTLING);
        }
        var from = time(call.input().path("StartTime"), Query.EARLIEST);
        var to = time(call.input().path("EndTime"), Query.LATEST);
        if (from.isAfter(to)) {
            throw new Failure(
                    ErrorCode.INVALID_TIME_RANGE,
                    "expected StartTime to be at or before EndTime, got %s after %s"
                            .formatted(from, to));
        }
        var attribute = attribute(call.input().path("LookupAttributes"));
        var category = call.text("EventCategory", "").equals("insight") ? "Insight" : "Management";
        if (category.equals("Insight")) {
            checkInsightAttribute(call.input().path("LookupAttributes"));
        }
        var where = new ArrayList<Condition>();
        where.add(new Condition.Is("category", category));
        where.addAll(attribute);
        var question = question(call, place);
        var token = call.text("NextToken", "");
        var page =
                history.search(
                        new Query(
                                new Condition.And(where),
                                Set.of(place),
                                null,
                                from,
                                to,
                                token.isEmpty() ? null : PageToken.read(token, question),
                                call.number("MaxResults", PAGE_MAX)));
        var output = JsonNodeFactory.instance.objectNode();
        var events = output.putArray("Events");
        for (var hit : page.hits()) {
            events.add(event(hit.event()));
        }
        if (page.next() != null) {
            output.put("NextToken", PageToken.write(page.next(), question));
        }
        return output;
    }

    private static Instant time(JsonNode seconds, Instant fallback) {
        if (!seconds.isNumber()) {
            return fallback;
        }
        var millis = seconds.decimalValue().movePointRight(3);
        if (millis.compareTo(BigDecimal.valueOf(Query.EARLIEST.toEpochMilli())) <= 0) {
            return Query.EARLIEST;
        }
        return millis.compareTo(BigDecimal.valueOf(Query.LATEST.toEpochMilli())) >= 0
                ? Query.LATEST
                : Instant.ofEpochMilli(millis.longValue());
    }

    private static List<Condition> attribute(JsonNode attributes) {
        if (attributes.size() > 1) {
            throw new Failure(
                    ErrorCode.INVALID_LOOKUP_ATTRIBUTES,
                    "expected at most one lookup attribute, got " + attributes.size());
        }
        if (attributes.isEmpty()) {
            return List.of();
        }
        var key = attributes.path(0).path("AttributeKey").asText();
        var value = attributes.path(0).path("AttributeValue").asText();
        var path =
                switch (key) {
                    case "EventId" -> "eventID";
                    case "EventName" -> "eventName";
                    case "EventSource" -> "eventSource";
                    case "ReadOnly" -> "readOnly";
                    case "Username" -> "username";
                    case "ResourceType" -> "resourceType";
                    case "ResourceName" -> "resourceName";
                    case "AccessKeyId" -> "accessKeyId";
                    default ->
                            throw new Failure(
                                    ErrorCode.INVALID_LOOKUP_ATTRIBUTES,
                                    "unknown attribute key '" + key + "'");
                };
        if (path.equals("readOnly") && !value.equals("true") && !value.equals("false")) {
            throw new Failure(
                    ErrorCode.INVALID_LOOKUP_ATTRIBUTES,
                    "ReadOnly: expected true or false, got '" + value + "'");
        }
        return List.of(new Condition.Is(path, value));
    }

    private static void checkInsightAttribute(JsonNode attributes) {
        if (!attributes.isEmpty()
                && !Set.of("EventId", "EventName", "EventSource")
                        .contains(attributes.path(0).path("AttributeKey").asText())) {
            throw new Failure(
                    ErrorCode.INVALID_LOOKUP_ATTRIBUTES,
                    "insight events: expected EventId, EventName or EventSource");
        }
    }

    /// What must not change from page to page. MaxResults may.
    private static String question(Invocation call, Place place) {
        var same = call.input().deepCopy();
        same.remove(List.of("NextToken", "MaxResults"));
        return "LookupEvents " + place.account() + " " + place.region() + " " + same;
    }

    private static ObjectNode event(Event event) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("EventId", event.id());
        json.put("EventName", event.name());
        json.put("ReadOnly", Boolean.toString(event.readOnly()));
        if (event.accessKeyId() != null) {
            json.put("AccessKeyId", event.accessKeyId());
        }
        json.put("EventTime", event.time().getEpochSecond());
        json.put("EventSource", event.source());
        if (event.username() != null) {
            json.put("Username", event.username());
        }
        var resources = json.putArray("Resources");
        for (var resource : event.resources()) {
            var one = resources.addObject();
            if (!resource.type().isEmpty()) {
                one.put("ResourceType", resource.type());
            }
            one.put("ResourceName", resource.name());
        }
        json.put("CloudTrailEvent", new String(event.json(), StandardCharsets.UTF_8));
        return json;
    }
}
