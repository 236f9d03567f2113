package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.bus.BusName;
import dev.cairn.bus.EventBus;
import dev.cairn.bus.EventBuses;
import dev.cairn.bus.RuleName;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// EventBridge's operations on event buses, and on the tags of buses and rules.
///
/// Source: Amazon EventBridge API Reference.
final class BusOperations {
    private static final List<String> NOT_BUILT =
            List.of("EventSourceName", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig");

    private final EventBuses buses;

    BusOperations(EventBuses buses) {
        this.buses = buses;
    }

    ObjectNode create(Invocation call, Transaction tx) throws CatalogException {
        for (var member : NOT_BUILT) {
            if (call.input().has(member)) {
                throw BusService.notBuilt(member);
            }
        }
        var name = new BusName(BusCall.place(call), call.text("Name", ""));
        if (!BusName.isName(name.name())) {
            throw BusService.invalid("Event bus name must not contain '/'.");
        }
        buses.create(
                tx,
                name,
                call.text("Description", ""),
                BusCall.tags(call.input().path("Tags")),
                call.now());
        var output = JsonNodeFactory.instance.objectNode().put("EventBusArn", name.arn());
        var description = call.text("Description", "");
        return description.isEmpty() ? output : output.put("Description", description);
    }

    ObjectNode delete(Invocation call, Transaction tx) throws CatalogException {
        buses.delete(tx, new BusName(BusCall.place(call), call.text("Name", "")));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode describe(Invocation call) throws CatalogException {
        return shown(buses.expect(BusCall.bus(call, "Name")));
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var place = BusCall.place(call);
        var prefix = call.text("NamePrefix", "");
        var after = NameToken.after(call, "NextToken");
        var limit = BusCall.limit(call);
        var found = new ArrayList<>(buses.list(place, prefix, after, limit + 1));
        var ofDefault = buses.expect(BusName.ofDefault(place));
        if (BusName.DEFAULT.startsWith(prefix)
                && BusName.DEFAULT.compareTo(after) > 0
                && !found.contains(ofDefault)) {
            found.add(ofDefault);
            found.sort((one, other) -> one.name().name().compareTo(other.name().name()));
        }
        var output = JsonNodeFactory.instance.objectNode();
        var items = output.putArray("EventBuses");
        found.stream().limit(limit).map(BusOperations::shown).forEach(items::add);
        if (found.size() > limit) {
            output.put("NextToken", NameToken.of(found.get(limit - 1).name().name()));
        }
        return output;
    }

    private static ObjectNode shown(EventBus bus) {
        var shown =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("Name", bus.name().name())
                        .put("Arn", bus.name().arn());
        if (!bus.description().isEmpty()) {
            shown.put("Description", bus.description());
        }
        if (!bus.created().equals(Instant.EPOCH)) {
            shown.put("CreationTime", bus.created().toEpochMilli() / 1000.0)
                    .put("LastModifiedTime", bus.modified().toEpochMilli() / 1000.0);
        }
        return shown;
    }

    // Tags.

    ObjectNode tag(Invocation call, Transaction tx) throws CatalogException {
        var tags = BusCall.tags(call.input().path("Tags"));
        switch (resource(call)) {
            case Tagged.Bus(var bus) -> buses.tag(tx, bus, tags, call.now());
            case Tagged.OfRule(var rule) -> buses.tag(tx, rule, tags);
        }
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode untag(Invocation call, Transaction tx) throws CatalogException {
        var keys = new TreeSet<String>();
        call.input().path("TagKeys").forEach(key -> keys.add(key.asText()));
        switch (resource(call)) {
            case Tagged.Bus(var bus) -> buses.untag(tx, bus, keys, call.now());
            case Tagged.OfRule(var rule) -> buses.untag(tx, rule, keys);
        }
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode tags(Invocation call) throws CatalogException {
        var tags =
                switch (resource(call)) {
                    case Tagged.Bus(var bus) -> buses.expect(bus).tags();
                    case Tagged.OfRule(var rule) -> buses.expect(rule).tags();
                };
        var output = JsonNodeFactory.instance.objectNode();
        var items = output.putArray("Tags");
        tags.forEach((key, value) -> items.addObject().put("Key", key).put("Value", value));
        return output;
    }

    /// What has tags.
    private sealed interface Tagged {
        record Bus(BusName name) implements Tagged {}

        record OfRule(RuleName name) implements Tagged {}
    }

    /// The caller's own bus or rule that an ARN names.
    ///
    /// @throws Failure VALIDATION, RESOURCE_NOT_FOUND
    private static Tagged resource(Invocation call) {
        var arn = call.text("ResourceARN", "");
        var bus = BusName.ofArn(arn);
        var rule = RuleName.ofArn(arn);
        if (bus.isEmpty() && rule.isEmpty()) {
            throw BusService.invalid(
                    "Parameter ResourceARN is not valid. Reason: expected the ARN of an event bus or a rule, got "
                            + arn);
        }
        var place = bus.or(() -> rule.map(RuleName::bus)).orElseThrow().place();
        if (!place.equals(BusCall.place(call))) {
            throw new Failure(
                    ErrorCode.RESOURCE_NOT_FOUND, "The resource %s was not found.".formatted(arn));
        }
        return bus.<Tagged>map(Tagged.Bus::new)
                .orElseGet(() -> new Tagged.OfRule(rule.orElseThrow()));
    }
}
