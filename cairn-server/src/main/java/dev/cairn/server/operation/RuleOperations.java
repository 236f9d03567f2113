package dev.cairn.server.operation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.bus.EventBuses;
import dev.cairn.bus.Rule;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.Failure;
import dev.cairn.pattern.EventPattern;
import java.util.List;
import java.util.Optional;

/// EventBridge's operations on rules and their patterns.
///
/// Source: Amazon EventBridge API Reference.
final class RuleOperations {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
    private static final String NAME = "Name";
    private static final String PATTERN = "EventPattern";
    private static final String SCHEDULE = "ScheduleExpression";
    private static final String EVENT = "Event";

    /// What an event must have to be tried. AWS's pages name `resources` too, and do without.
    private static final List<String> MUST =
            List.of("id", "account", "source", "time", "region", "detail-type");

    /// EventBridge's bound on an event.
    private static final int EVENT_CHARS_MAX = 256 << 10;

    private final EventBuses buses;

    RuleOperations(EventBuses buses) {
        this.buses = buses;
    }

    ObjectNode put(Invocation call, Transaction tx) throws CatalogException {
        var rule =
                new Rule(
                        BusCall.rule(call, NAME),
                        given(call, PATTERN),
                        given(call, SCHEDULE),
                        Rule.State.valueOf(call.text("State", Rule.State.ENABLED.name())),
                        call.text("Description", ""),
                        call.text("RoleArn", ""),
                        BusCall.tags(call.input().path("Tags")));
        buses.put(tx, rule, call.now());
        return JsonNodeFactory.instance.objectNode().put("RuleArn", rule.name().arn());
    }

    private static Optional<String> given(Invocation call, String member) {
        return Optional.of(call.text(member, "")).filter(text -> !text.isEmpty());
    }

    ObjectNode delete(Invocation call, Transaction tx) throws CatalogException {
        buses.delete(tx, BusCall.rule(call, NAME));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode enable(Invocation call, Transaction tx) throws CatalogException {
        buses.switchTo(tx, BusCall.rule(call, NAME), Rule.State.ENABLED, call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode disable(Invocation call, Transaction tx) throws CatalogException {
        buses.switchTo(tx, BusCall.rule(call, NAME), Rule.State.DISABLED, call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode describe(Invocation call) throws CatalogException {
        var name = BusCall.rule(call, NAME);
        buses.expect(name.bus());
        return shown(buses.expect(name)).put("CreatedBy", call.caller().account());
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var bus = BusCall.bus(call, "EventBusName");
        buses.expect(bus);
        var limit = BusCall.limit(call);
        var found =
                buses.rules(
                        bus,
                        call.text("NamePrefix", ""),
                        NameToken.after(call, "NextToken"),
                        limit + 1);
        var output = JsonNodeFactory.instance.objectNode();
        var items = output.putArray("Rules");
        found.stream().limit(limit).map(RuleOperations::shown).forEach(items::add);
        if (found.size() > limit) {
            output.put("NextToken", NameToken.of(found.get(limit - 1).name().name()));
        }
        return output;
    }

    private static ObjectNode shown(Rule rule) {
        var shown =
                JsonNodeFactory.instance
                        .objectNode()
                        .put(NAME, rule.name().name())
                        .put("Arn", rule.name().arn());
        rule.pattern().ifPresent(text -> shown.put(PATTERN, text));
        shown.put("State", rule.state().name());
        if (!rule.description().isEmpty()) {
            shown.put("Description", rule.description());
        }
        rule.schedule().ifPresent(text -> shown.put(SCHEDULE, text));
        if (!rule.role().isEmpty()) {
            shown.put("RoleArn", rule.role());
        }
        return shown.put("EventBusName", rule.name().bus().name());
    }

    ObjectNode test(Invocation call) {
        var pattern = EventBuses.pattern(call.text(PATTERN, ""));
        var event = call.text(EVENT, "");
        checkEvent(event);
        return JsonNodeFactory.instance
                .objectNode()
                .put("Result", pattern.judge(event) == EventPattern.Verdict.TAKEN);
    }

    private static void checkEvent(String text) {
        if (text.length() > EVENT_CHARS_MAX) {
            throw unfit(
                    "expected at most %d characters, got %d"
                            .formatted(EVENT_CHARS_MAX, text.length()));
        }
        try {
            var event = JSON.readTree(text);
            if (!event.isObject()) {
                throw unfit("expected a JSON object");
            }
            for (var member : MUST) {
                if (!event.has(member)) {
                    throw unfit(member + " is a required field.");
                }
            }
        } catch (JsonProcessingException malformed) {
            throw unfit(malformed.getOriginalMessage());
        }
    }

    private static Failure unfit(String reason) {
        return BusService.invalid("Parameter Event is not valid. Reason: " + reason);
    }
}
