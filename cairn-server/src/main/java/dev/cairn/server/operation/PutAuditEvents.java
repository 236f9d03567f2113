package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Action;
import dev.cairn.access.Policy;
import dev.cairn.access.Target;
import dev.cairn.catalog.CatalogException;
import dev.cairn.channel.AuditEvent;
import dev.cairn.channel.Channel;
import dev.cairn.channel.ChannelArn;
import dev.cairn.channel.Channels;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// CloudTrail's PutAuditEvents (`cloudtrail-data`): records what programs put into a channel, for
/// the event data stores that it feeds. What it says was successful is durable.
///
/// The same event sent again is successful again, under the same eventID, and recorded once.
///
/// Source: AWS CloudTrail API Reference, CloudTrail Data Service.
final class PutAuditEvents implements Operation.Message {
    static final String NAME = "PutAuditEvents";
    private static final int BYTES_MAX = 1 << 20;
    private static final int MESSAGE_CHARS_MAX = 1024;

    private final Channels channels;
    private final Ledger ledger;
    private final ChannelTraffic traffic;

    PutAuditEvents(Channels channels, Ledger ledger, ChannelTraffic traffic) {
        this.channels = channels;
        this.ledger = ledger;
        this.traffic = traffic;
    }

    /// The operation and its right: the key's, or what the channel's policy gives.
    BuiltOperation built() {
        return BuiltOperation.needing(Action.operate("cloudtrail-data", NAME), this, this::rights)
                .withDataPlane(_ -> true);
    }

    private List<Right> rights(Invocation call) throws CatalogException {
        var arn = arn(call);
        var channel = arn.isEmpty() ? Optional.<Channel>empty() : find(arn.get());
        var target =
                arn.map(named -> new Target(named.account(), named.toString()))
                        .orElseGet(() -> Target.account(call.caller().account()));
        return List.of(
                new Right(
                        Action.operate("cloudtrail-data", NAME),
                        target,
                        channel.isEmpty() ? Policy.NONE : Channels.policy(channel.get()),
                        call.input().hasNonNull("externalId")
                                ? Map.of(
                                        "cloudtrail:externalid",
                                        List.of(call.text("externalId", "")))
                                : Map.of()));
    }

    /// The channel as a call names it, by its ARN or by the id of one of the caller's; empty when
    /// it is neither.
    private static Optional<ChannelArn> arn(Invocation call) {
        return ChannelArn.of(call.text("channelArn", ""))
                .map(arn ->
                        arn.account().isEmpty()
                                ? new ChannelArn(call.region(), call.caller().account(), arn.id())
                                : arn)
                .filter(arn -> arn.region().equals(call.region()));
    }

    private Optional<Channel> find(ChannelArn arn) throws CatalogException {
        return channels.find(arn.account(), arn.region(), arn.id());
    }

    @Override
    public ObjectNode run(Invocation call) throws CatalogException, InterruptedException {
        var named = call.text("channelArn", "");
        var arn =
                arn(call)
                        .orElseThrow(() ->
                                new Failure(
                                        ErrorCode.INVALID_CHANNEL_ARN,
                                        "Expected the ARN or the id of a channel in %s, got %s."
                                                .formatted(call.region(), named)));
        var channel =
                find(arn)
                        .orElseThrow(() ->
                                new Failure(
                                        ErrorCode.DATA_CHANNEL_NOT_FOUND,
                                        "There is no channel %s.".formatted(named)));
        var events = events(call);
        var entries = new ArrayList<Entry>();
        var fit = new ArrayList<AuditEvent>();
        var output = JsonNodeFactory.instance.objectNode();
        var successful = output.putArray("successful");
        var failed = output.putArray("failed");
        for (var event : events) {
            switch (event.check(channel, call.now())) {
                case AuditEvent.Checked.Fit(Entry entry) -> {
                    entries.add(entry);
                    fit.add(event);
                }
                case AuditEvent.Checked.Unfit(AuditEvent.Code code, String message) -> {
                    failed.addObject()
                            .put("id", event.id())
                            .put("errorCode", code.wireName())
                            .put(
                                    "errorMessage",
                                    message.substring(
                                            0, Math.min(message.length(), MESSAGE_CHARS_MAX)));
                    traffic.refused(channel.arn(), event.id(), code.wireName(), call.now());
                }
            }
        }
        if (!entries.isEmpty()) {
            append(entries);
        }
        for (var at = 0; at < entries.size(); at++) {
            successful.addObject().put("id", fit.get(at).id()).put("eventID", entries.get(at).id());
            traffic.recorded(channel.arn(), fit.get(at).id(), call.now());
        }
        return output;
    }

    private static List<AuditEvent> events(Invocation call) {
        var events = new ArrayList<AuditEvent>();
        var ids = new HashSet<String>();
        long bytes = 0;
        for (var one : call.input().path("auditEvents")) {
            var event =
                    new AuditEvent(
                            one.path("id").asText(),
                            one.path("eventData").asText(),
                            one.hasNonNull("eventDataChecksum")
                                    ? one.path("eventDataChecksum").asText()
                                    : null);
            if (!ids.add(event.id())) {
                throw new Failure(
                        ErrorCode.DUPLICATED_AUDIT_EVENT_ID,
                        "The id %s occurs more than once.".formatted(event.id()));
            }
            bytes += event.data().getBytes(StandardCharsets.UTF_8).length;
            events.add(event);
        }
        if (bytes > BYTES_MAX) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "Expected events of at most %d bytes in all, got %d."
                            .formatted(BYTES_MAX, bytes));
        }
        return events;
    }

    /// Records them. They are all of one place, and so recorded all together or not at all. One
    /// that is recorded already has the same id only because it is the same: what may differ is
    /// when it came.
    private void append(List<Entry> entries) throws InterruptedException {
        for (var outcome : ledger.append(entries)) {
            if (outcome instanceof Append.Pushback(var retryAfter, String reason)) {
                throw new Failure(ErrorCode.SERVICE_UNAVAILABLE, reason, retryAfter);
            }
        }
    }
}
