package dev.cairn.server.operation;

import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.channel.Channel;
import dev.cairn.channel.ChannelArn;
import dev.cairn.channel.Channels;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.util.Optional;

/// Finds channels as callers name them: by ARN, or by the id at its end, in their own account and
/// the region that is called.
final class NamedChannels {
    private final Finder finder;

    /// As the catalog stands.
    NamedChannels(Channels channels) {
        this(channels::find);
    }

    /// As a transaction sees it, so that what is read is what is changed.
    NamedChannels(Channels channels, Transaction transaction) {
        this((account, region, id) -> channels.find(transaction, account, region, id));
    }

    private NamedChannels(Finder finder) {
        this.finder = finder;
    }

    @FunctionalInterface
    interface Finder {
        Optional<Channel> find(String account, String region, String id) throws CatalogException;
    }

    /// The channel that the member `Channel` names.
    ///
    /// @throws Failure CHANNEL_ARN_INVALID, CHANNEL_NOT_FOUND
    Channel expect(Invocation call) throws CatalogException {
        return expect(call, call.text("Channel", ""));
    }

    /// @throws Failure CHANNEL_ARN_INVALID, CHANNEL_NOT_FOUND
    Channel expect(Invocation call, String named) throws CatalogException {
        var arn =
                ChannelArn.of(named)
                        .orElseThrow(() ->
                                new Failure(
                                        ErrorCode.CHANNEL_ARN_INVALID,
                                        "Expected the ARN of a channel, such as %s, or the id at its end, got %s."
                                                .formatted(
                                                        new ChannelArn(
                                                                "us-east-1",
                                                                "123456789012",
                                                                "EXAMPLE8-0558-4f7e-a06a-43969EXAMPLE"),
                                                        named)));
        var account = call.caller().account();
        var here =
                (arn.account().isEmpty() || arn.account().equals(account))
                        && (arn.region().isEmpty() || arn.region().equals(call.region()));
        Optional<Channel> found =
                here ? finder.find(account, call.region(), arn.id()) : Optional.empty();
        return found.orElseThrow(() ->
                new Failure(
                        ErrorCode.CHANNEL_NOT_FOUND,
                        "There is no channel %s in %s.".formatted(named, call.region())));
    }
}
