package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.channel.Channel;
import dev.cairn.channel.ChannelArn;
import dev.cairn.channel.Channels;
import dev.cairn.dashboard.Dashboard;
import dev.cairn.dashboard.DashboardId;
import dev.cairn.dashboard.Dashboards;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreId;
import dev.cairn.store.StoreState;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// CloudTrail's PutResourcePolicy, GetResourcePolicy and DeleteResourcePolicy, of channels, event
/// data stores and dashboards, each named by its ARN.
///
/// Source: AWS CloudTrail API Reference.
final class ResourcePolicies {
    private static final Pattern TRAIL =
            Pattern.compile("arn:[^:]+:cloudtrail:[^:]+:[^:]+:trail/.+");

    private final Channels channels;
    private final EventDataStores stores;
    private final Dashboards dashboards;

    ResourcePolicies(Channels channels, EventDataStores stores, Dashboards dashboards) {
        this.channels = channels;
        this.stores = stores;
        this.dashboards = dashboards;
    }

    /// What can have a policy.
    private sealed interface Guarded {
        record OfChannel(Channel channel) implements Guarded {}

        record OfStore(StoreState state) implements Guarded {}

        record OfDashboard(Dashboard dashboard) implements Guarded {}
    }

    ObjectNode put(Invocation call, Transaction transaction) throws CatalogException {
        var policy = call.text("ResourcePolicy", "");
        try {
            switch (named(call, transaction)) {
                case Guarded.OfChannel(var channel) -> channels.guard(transaction, channel, policy);
                case Guarded.OfStore(var state) -> stores.guard(transaction, state.store(), policy);
                case Guarded.OfDashboard(var dashboard) ->
                        dashboards.guard(transaction, dashboard, policy);
            }
        } catch (Failure failure) {
            throw inOwnWords(failure);
        }
        return told(call, policy);
    }

    ObjectNode get(Invocation call) throws CatalogException {
        String policy;
        try {
            policy =
                    switch (named(call, null)) {
                        case Guarded.OfChannel(var channel) -> channel.policy();
                        case Guarded.OfStore(var state) -> state.policy();
                        case Guarded.OfDashboard(var dashboard) -> dashboard.policy();
                    };
        } catch (Failure failure) {
            throw inOwnWords(failure);
        }
        if (policy == null) {
            throw new Failure(ErrorCode.RESOURCE_POLICY_NOT_FOUND);
        }
        return told(call, policy);
    }

    ObjectNode delete(Invocation call, Transaction transaction) throws CatalogException {
        try {
            switch (named(call, transaction)) {
                case Guarded.OfChannel(var channel) -> channels.unguard(transaction, channel);
                case Guarded.OfStore(var state) -> stores.unguard(transaction, state.store());
                case Guarded.OfDashboard(var dashboard) ->
                        dashboards.unguard(transaction, dashboard);
            }
        } catch (Failure failure) {
            throw inOwnWords(failure);
        }
        return JsonNodeFactory.instance.objectNode();
    }

    private static ObjectNode told(Invocation call, String policy) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("ResourceArn", call.text("ResourceArn", ""))
                .put("ResourcePolicy", policy);
    }

    /// What a call names, as a transaction sees it, or as the catalog stands.
    private Guarded named(Invocation call, @Nullable Transaction transaction)
            throws CatalogException {
        var arn = call.text("ResourceArn", "");
        if (ChannelArn.isArn(arn)) {
            var named =
                    transaction == null
                            ? new NamedChannels(channels)
                            : new NamedChannels(channels, transaction);
            return new Guarded.OfChannel(named.expect(call, arn));
        }
        if (StoreId.isArn(arn)) {
            var named =
                    transaction == null
                            ? new NamedStores(stores)
                            : new NamedStores(stores, transaction);
            return new Guarded.OfStore(named.expect(call, arn));
        }
        if (DashboardId.isArn(arn)) {
            var named =
                    transaction == null
                            ? new NamedDashboards(dashboards)
                            : new NamedDashboards(dashboards, transaction);
            return new Guarded.OfDashboard(named.expect(call, arn));
        }
        if (TRAIL.matcher(arn).matches()) {
            throw new Failure(
                    ErrorCode.RESOURCE_TYPE_NOT_SUPPORTED,
                    "Channels, event data stores and dashboards have resource policies, trails have none: %s."
                            .formatted(arn));
        }
        throw new Failure(
                ErrorCode.RESOURCE_ARN_NOT_VALID,
                "Expected the ARN of a channel, an event data store or a dashboard, got %s."
                        .formatted(arn));
    }

    /// These operations have words of their own for what others say more precisely.
    private static Failure inOwnWords(Failure failure) {
        return switch (failure.code()) {
            case CHANNEL_NOT_FOUND, EVENT_DATA_STORE_NOT_FOUND ->
                    new Failure(ErrorCode.RESOURCE_NOT_FOUND, failure.message());
            case CHANNEL_ARN_INVALID ->
                    new Failure(ErrorCode.RESOURCE_ARN_NOT_VALID, failure.message());
            case INACTIVE_EVENT_DATA_STORE -> new Failure(ErrorCode.CONFLICT, failure.message());
            default -> failure;
        };
    }
}
