package dev.cairn.server.operation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aggregation.Template;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.selector.Selectors;
import dev.cairn.trail.TrailState;
import dev.cairn.trail.Trails;
import java.util.EnumSet;
import java.util.Set;

/// CloudTrail's operations on what a trail takes: PutEventSelectors and GetEventSelectors, and of
/// PutEventConfiguration and GetEventConfiguration what concerns trails.
///
/// Source: AWS CloudTrail API Reference.
final class TrailSelectors {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Trails trails;
    private final NamedTrails named;

    TrailSelectors(Trails trails) {
        this.trails = trails;
        this.named = new NamedTrails(trails);
    }

    /// One kind of selectors takes the place of the other.
    ObjectNode put(Invocation call, Transaction transaction) throws CatalogException {
        var trail =
                new NamedTrails(trails, transaction)
                        .expectHome(call, call.text("TrailName", ""))
                        .trail();
        var selectors = Selectors.read(call.input().toString());
        return told(
                PointedOut.of(
                        trails,
                        transaction,
                        trails.select(transaction, trail, selectors, call.now())));
    }

    ObjectNode get(Invocation call) throws CatalogException {
        return told(named.expect(call, call.text("TrailName", "")));
    }

    private static ObjectNode told(TrailState state) {
        var output = JsonNodeFactory.instance.objectNode().put("TrailARN", state.trail().arn());
        try {
            output.setAll((ObjectNode) JSON.readTree(state.selectors().json()));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("selectors are written as JSON", impossible);
        }
        return output;
    }

    /// Has a trail's data events summed up; an empty list ends it, and none at all changes nothing.
    ObjectNode putConfiguration(Invocation call, Transaction transaction) throws CatalogException {
        var name = configured(call);
        var state = new NamedTrails(trails, transaction).expectHome(call, name);
        if (call.input().hasNonNull("MaxEventSize")
                || !call.input().path("ContextKeySelectors").isEmpty()) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER_COMBINATION,
                    "MaxEventSize and ContextKeySelectors are for event data stores, got the trail %s."
                            .formatted(name));
        }
        if (!call.input().hasNonNull("AggregationConfigurations")) {
            return configuration(state);
        }
        var templates = templates(call.input().get("AggregationConfigurations"));
        if (!templates.isEmpty() && !state.selectors().takesDataEvents()) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER_COMBINATION,
                    "Data events are aggregated, and the trail %s takes none: give it event selectors for them first."
                            .formatted(name));
        }
        return configuration(trails.aggregate(transaction, state.trail(), templates, call.now()));
    }

    ObjectNode getConfiguration(Invocation call) throws CatalogException {
        return configuration(named.expect(call, configured(call)));
    }

    private static ObjectNode configuration(TrailState state) {
        var output = JsonNodeFactory.instance.objectNode().put("TrailARN", state.trail().arn());
        var configurations = output.putArray("AggregationConfigurations");
        if (!state.templates().isEmpty()) {
            var templates =
                    configurations.addObject().put("EventCategory", "Data").putArray("Templates");
            state.templates().stream().sorted().map(Template::name).forEach(templates::add);
        }
        return output;
    }

    /// @param configurations at most one, of the category Data and of templates that there are, as
    ///   the model demands
    private static Set<Template> templates(JsonNode configurations) {
        var templates = EnumSet.noneOf(Template.class);
        for (var configuration : configurations) {
            for (var template : configuration.path("Templates")) {
                templates.add(Template.valueOf(template.asText()));
            }
        }
        return templates;
    }

    /// The trail that is meant: event data stores have none.
    private static String configured(Invocation call) {
        var trail = call.input().hasNonNull("TrailName");
        var store = call.input().hasNonNull("EventDataStore");
        if (trail == store) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER_COMBINATION,
                    "Expected either TrailName or EventDataStore, got %s."
                            .formatted(trail ? "both" : "neither"));
        }
        if (store) {
            throw new Failure(
                    ErrorCode.UNSUPPORTED_OPERATION,
                    "Cairn's event data stores have no configuration of their own yet; docs/gaps.md says what is missing and why");
        }
        return call.text("TrailName", "");
    }
}
