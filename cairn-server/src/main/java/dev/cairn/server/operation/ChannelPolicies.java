package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.channel.Channel;
import dev.cairn.channel.ChannelArn;
import dev.cairn.channel.Channels;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.util.regex.Pattern;

/// CloudTrail's PutResourcePolicy, GetResourcePolicy and DeleteResourcePolicy, of channels.
///
/// Source: AWS CloudTrail API Reference.
final class ChannelPolicies {
    private static final Pattern OTHER =
            Pattern.compile("arn:[^:]+:cloudtrail:[^:]+:[^:]+:(eventdatastore|dashboard|trail)/.+");

    private final Channels channels;

    ChannelPolicies(Channels channels) {
        this.channels = channels;
    }

    ObjectNode put(Invocation call, Transaction transaction) throws CatalogException {
        var policy = call.text("ResourcePolicy", "");
        channels.guard(
                transaction, channel(call, new NamedChannels(channels, transaction)), policy);
        return told(call, policy);
    }

    ObjectNode get(Invocation call) throws CatalogException {
        var policy = channel(call, new NamedChannels(channels)).policy();
        if (policy == null) {
            throw new Failure(ErrorCode.RESOURCE_POLICY_NOT_FOUND);
        }
        return told(call, policy);
    }

    ObjectNode delete(Invocation call, Transaction transaction) throws CatalogException {
        channels.unguard(transaction, channel(call, new NamedChannels(channels, transaction)));
        return JsonNodeFactory.instance.objectNode();
    }

    private static ObjectNode told(Invocation call, String policy) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("ResourceArn", call.text("ResourceArn", ""))
                .put("ResourcePolicy", policy);
    }

    /// The channel that a call names, by its ARN only.
    private static Channel channel(Invocation call, NamedChannels named) throws CatalogException {
        var arn = call.text("ResourceArn", "");
        if (OTHER.matcher(arn).matches()) {
            throw new Failure(
                    ErrorCode.RESOURCE_TYPE_NOT_SUPPORTED,
                    "Cairn has resource policies of channels only, got %s.".formatted(arn));
        }
        if (!ChannelArn.isArn(arn)) {
            throw new Failure(
                    ErrorCode.RESOURCE_ARN_NOT_VALID,
                    "Expected the ARN of a channel, got %s.".formatted(arn));
        }
        try {
            return named.expect(call, arn);
        } catch (Failure failure) {
            // These operations have words of their own for it.
            throw switch (failure.code()) {
                case CHANNEL_NOT_FOUND ->
                        new Failure(ErrorCode.RESOURCE_NOT_FOUND, failure.message());
                case CHANNEL_ARN_INVALID ->
                        new Failure(ErrorCode.RESOURCE_ARN_NOT_VALID, failure.message());
                default -> failure;
            };
        }
    }
}
