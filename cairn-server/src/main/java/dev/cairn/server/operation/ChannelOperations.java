package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.channel.Channel;
import dev.cairn.channel.Channels;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.secret.Secrets;
import dev.cairn.store.EventDataStores;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// CloudTrail's operations on channels: Create-, Get-, Update-, Delete- and ListChannels.
///
/// Source: AWS CloudTrail API Reference.
final class ChannelOperations {
    private static final int PAGE_MAX = 1000;
    private static final String STORE = "EVENT_DATA_STORE";

    private final Channels channels;
    private final EventDataStores stores;
    private final ChannelTraffic traffic;
    private final Secrets secrets;

    ChannelOperations(
            Channels channels, EventDataStores stores, ChannelTraffic traffic, Secrets secrets) {
        this.channels = channels;
        this.stores = stores;
        this.traffic = traffic;
        this.secrets = secrets;
    }

    ObjectNode create(Invocation call, Transaction transaction) throws CatalogException {
        var tags = TrailTags.read(call.input().path("Tags"));
        var channel =
                new Channel(
                        secrets.uuid(),
                        call.caller().account(),
                        call.region(),
                        call.text("Name", ""),
                        call.text("Source", ""),
                        destinations(call, transaction),
                        tags,
                        null);
        channels.create(transaction, channel);
        var output = described(channel);
        var list = output.putArray("Tags");
        channel.tags()
                .forEach((key, value) -> list.addObject().put("Key", key).put("Value", value));
        return output;
    }

    /// Members that are absent stay as they were.
    ObjectNode update(Invocation call, Transaction transaction) throws CatalogException {
        var old = new NamedChannels(channels, transaction).expect(call);
        if (call.input().size() < 2) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER, "Expected Name or Destinations, got neither.");
        }
        var channel =
                old.renamed(
                        call.text("Name", old.name()),
                        call.input().hasNonNull("Destinations")
                                ? destinations(call, transaction)
                                : old.destinations());
        channels.update(transaction, channel);
        return described(channel);
    }

    ObjectNode delete(Invocation call, Transaction transaction) throws CatalogException {
        channels.delete(transaction, new NamedChannels(channels, transaction).expect(call));
        return JsonNodeFactory.instance.objectNode();
    }

    /// What was put into it is told since the server was started.
    ObjectNode get(Invocation call) throws CatalogException {
        var channel = new NamedChannels(channels).expect(call);
        var output = described(channel);
        var latest = traffic.of(channel.arn());
        if (latest.isPresent()) {
            var status =
                    output.putObject("IngestionStatus")
                            .put("LatestIngestionAttemptTime", seconds(latest.get().attempt()))
                            .put("LatestIngestionAttemptEventID", latest.get().attemptId());
            if (latest.get().success() != null) {
                status.put("LatestIngestionSuccessTime", seconds(latest.get().success()))
                        .put("LatestIngestionSuccessEventID", latest.get().successId());
            }
            if (!latest.get().error().isEmpty()) {
                status.put("LatestIngestionErrorCode", latest.get().error());
            }
        }
        return output;
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var after = NameToken.after(call, "NextToken");
        var page = call.number("MaxResults", PAGE_MAX);
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("Channels");
        var last = "";
        for (var channel : channels.of(call.caller().account(), call.region())) {
            if (channel.id().compareTo(after) <= 0) {
                continue;
            }
            if (list.size() == page) {
                return output.put("NextToken", NameToken.of(last));
            }
            list.addObject().put("ChannelArn", channel.arn()).put("Name", channel.name());
            last = channel.id();
        }
        return output;
    }

    /// The ARNs of the event data stores that a call names.
    private List<String> destinations(Invocation call, Transaction transaction)
            throws CatalogException {
        var arns = new ArrayList<String>();
        for (var destination : call.input().path("Destinations")) {
            if (!destination.path("Type").asText().equals(STORE)) {
                throw new Failure(
                        ErrorCode.INVALID_PARAMETER,
                        "Expected destinations of the type %s, got %s, which is for channels that AWS's services make."
                                .formatted(STORE, destination.path("Type").asText()));
            }
            arns.add(
                    new NamedStores(stores, transaction)
                            .expect(call, destination.path("Location").asText())
                            .store()
                            .arn());
        }
        return arns;
    }

    private static ObjectNode described(Channel channel) {
        var output =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("ChannelArn", channel.arn())
                        .put("Name", channel.name())
                        .put("Source", channel.source());
        var list = output.putArray("Destinations");
        channel.destinations()
                .forEach(arn -> list.addObject().put("Type", STORE).put("Location", arn));
        return output;
    }

    private static BigDecimal seconds(Instant time) {
        return BigDecimal.valueOf(time.toEpochMilli(), 3);
    }
}
