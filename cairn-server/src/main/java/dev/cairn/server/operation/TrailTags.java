package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.channel.ChannelArn;
import dev.cairn.channel.Channels;
import dev.cairn.dashboard.DashboardId;
import dev.cairn.dashboard.Dashboards;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreId;
import dev.cairn.store.StoreState;
import dev.cairn.trail.TrailState;
import dev.cairn.trail.Trails;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// CloudTrail's AddTags, RemoveTags and ListTags, of trails, event data stores, channels and
/// dashboards.
///
/// Source: AWS CloudTrail API Reference; for what a tag may look like,
/// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html.
final class TrailTags {
    private static final int LISTED_MAX = 20;
    private static final int KEY_CHARS_MAX = 128;
    private static final int VALUE_CHARS_MAX = 256;
    private static final Pattern TEXT = Pattern.compile("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*");

    private final Trails trails;
    private final NamedTrails named;
    private final EventDataStores stores;
    private final Channels channels;
    private final Dashboards dashboards;

    TrailTags(Trails trails, EventDataStores stores, Channels channels, Dashboards dashboards) {
        this.trails = trails;
        this.named = new NamedTrails(trails);
        this.stores = stores;
        this.channels = channels;
        this.dashboards = dashboards;
    }

    /// A key that a trail has already gets the new value.
    ObjectNode add(Invocation call, Transaction transaction) throws CatalogException {
        var added = read(call.input().path("TagsList"));
        return change(call, transaction, tags -> tags.putAll(added));
    }

    /// Keys decide; values are not compared.
    ObjectNode remove(Invocation call, Transaction transaction) throws CatalogException {
        var removed = read(call.input().path("TagsList")).keySet();
        return change(call, transaction, tags -> tags.keySet().removeAll(removed));
    }

    private ObjectNode change(
            Invocation call, Transaction transaction, Consumer<Map<String, String>> change)
            throws CatalogException {
        var id = call.text("ResourceId", "");
        if (StoreId.isArn(id)) {
            var state = new NamedStores(stores, transaction).expect(call, id);
            var tags = new LinkedHashMap<>(state.tags());
            change.accept(tags);
            stores.tag(transaction, state.store(), tags);
        } else if (ChannelArn.isArn(id)) {
            var channel = new NamedChannels(channels, transaction).expect(call, id);
            var tags = new LinkedHashMap<>(channel.tags());
            change.accept(tags);
            channels.tag(transaction, channel, tags);
        } else if (DashboardId.isArn(id)) {
            var dashboard = new NamedDashboards(dashboards, transaction).expect(call, id);
            var tags = new LinkedHashMap<>(dashboard.tags());
            change.accept(tags);
            dashboards.change(transaction, dashboard.tagged(tags));
        } else {
            var state = expect(call, new NamedTrails(trails, transaction), id);
            var tags = new LinkedHashMap<>(state.tags());
            change.accept(tags);
            trails.tag(transaction, state.trail(), tags);
        }
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var asked = call.input().path("ResourceIdList");
        if (asked.size() > LISTED_MAX) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "Expected at most %d resources, got %d.".formatted(LISTED_MAX, asked.size()));
        }
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("ResourceTagList");
        for (var id : asked) {
            var one = list.addObject().put("ResourceId", id.asText());
            var tags = one.putArray("TagsList");
            tags(call, id.asText())
                    .forEach((key, value) -> tags.addObject().put("Key", key).put("Value", value));
        }
        return output;
    }

    private Map<String, String> tags(Invocation call, String id) throws CatalogException {
        if (ChannelArn.isArn(id)) {
            return new NamedChannels(channels).expect(call, id).tags();
        }
        if (DashboardId.isArn(id)) {
            return new NamedDashboards(dashboards).expect(call, id).tags();
        }
        if (!StoreId.isArn(id)) {
            return expect(call, named, id).tags();
        }
        var state = new NamedStores(stores).expect(call, id);
        if (state.status() == StoreState.Status.PENDING_DELETION) {
            throw EventDataStores.inactive(state.store());
        }
        return state.tags();
    }

    /// Tags as they are sent.
    ///
    /// @throws Failure INVALID_TAG_PARAMETER
    static Map<String, String> read(JsonNode list) {
        var tags = new LinkedHashMap<String, String>();
        for (var tag : list) {
            var key = tag.path("Key").asText("");
            var value = tag.path("Value").asText("");
            if (key.isEmpty()
                    || key.length() > KEY_CHARS_MAX
                    || value.length() > VALUE_CHARS_MAX
                    || key.startsWith("aws:")
                    || !TEXT.matcher(key).matches()
                    || !TEXT.matcher(value).matches()) {
                throw new Failure(
                        ErrorCode.INVALID_TAG_PARAMETER,
                        "The tag with the key %s is not valid.".formatted(key));
            }
            if (tags.put(key, value) != null) {
                throw new Failure(
                        ErrorCode.INVALID_TAG_PARAMETER,
                        "The key %s occurs more than once.".formatted(key));
            }
        }
        return tags;
    }

    /// Tags belong to ARNs, and a trail's are kept in its home region.
    private static TrailState expect(Invocation call, NamedTrails named, String id)
            throws CatalogException {
        if (!id.startsWith("arn:")) {
            throw new Failure(
                    ErrorCode.CLOUDTRAIL_ARN_INVALID,
                    "Expected the ARN of a trail, got %s.".formatted(id));
        }
        return named.find(call, id)
                .filter(state -> state.trail().homeRegion().equals(call.region()))
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.RESOURCE_NOT_FOUND,
                                "There is no trail %s at home in %s."
                                        .formatted(id, call.region())));
    }
}
