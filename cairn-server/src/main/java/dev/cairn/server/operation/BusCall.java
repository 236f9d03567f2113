package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.bus.BusName;
import dev.cairn.bus.EventBuses;
import dev.cairn.bus.RuleName;
import dev.cairn.event.Place;
import java.util.Map;
import java.util.TreeMap;

/// What EventBridge's operations have in common: buses, rules and tags as calls name them.
final class BusCall {
    private static final int PAGE = 100;

    private BusCall() {}

    static Place place(Invocation call) {
        return new Place(call.caller().account(), call.region());
    }

    /// The bus that a member names, by its name or ARN; the default one when the member is absent.
    /// What others have is not there for them.
    ///
    /// @throws dev.cairn.failure.Failure RESOURCE_NOT_FOUND
    static BusName bus(Invocation call, String member) {
        return bus(place(call), call.text(member, BusName.DEFAULT));
    }

    static BusName bus(Place place, String named) {
        var bus = BusName.ofArn(named).orElseGet(() -> new BusName(place, named));
        if (!bus.place().equals(place) || !BusName.isName(bus.name())) {
            throw EventBuses.noBus(bus);
        }
        return bus;
    }

    /// The rule that a call names.
    ///
    /// @param member that has the rule's name
    static RuleName rule(Invocation call, String member) {
        return new RuleName(bus(call, "EventBusName"), call.text(member, ""));
    }

    static int limit(Invocation call) {
        return call.number("Limit", PAGE);
    }

    static Map<String, String> tags(JsonNode listed) {
        var tags = new TreeMap<String, String>();
        listed.forEach(tag -> tags.put(tag.path("Key").asText(), tag.path("Value").asText()));
        return tags;
    }
}
