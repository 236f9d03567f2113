package dev.cairn.bus;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.bus.Destination.ToApi;
import dev.cairn.bus.Destination.ToBus;
import dev.cairn.bus.Destination.ToFunction;
import dev.cairn.bus.Destination.ToGroup;
import dev.cairn.bus.Destination.ToQueue;
import dev.cairn.bus.Destination.ToTopic;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.log.LogGroupName;
import dev.cairn.log.StoredEvents;
import dev.cairn.queue.Messages;
import dev.cairn.queue.Outgoing;
import dev.cairn.topic.Message;
import dev.cairn.topic.Topic;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.Topics;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// Tells targets of this server, each within a transaction.
public final class Telling {
    /// SNS's bound on a message.
    private static final int TOPIC_BYTES_MAX = 256 << 10;

    private final Messages queues;
    private final Topics topics;
    private final StoredEvents stored;

    public Telling(Messages queues, Topics topics, StoredEvents stored) {
        this.queues = queues;
        this.topics = topics;
        this.stored = stored;
    }

    /// To be called outside a transaction, before one that tells.
    void prepare(Instant now) throws CatalogException {
        topics.prepare(now);
    }

    /// Why a target was not told; empty when it is once the transaction is durable.
    Optional<Refusal> tell(Transaction tx, Target target, String text, Instant now)
            throws CatalogException {
        return switch (target.destination()) {
            case ToQueue(var queue) -> queue(tx, target, queue.arn(), text, now);
            case ToTopic(var topic) -> topic(tx, target, topic, text, now);
            case ToGroup(var group) -> group(tx, target, group, text, now);
            case ToBus _, ToApi _, ToFunction _ ->
                    throw new IllegalArgumentException(
                            "expected a queue, topic or log group, got " + target.arn());
        };
    }

    private Optional<Refusal> queue(
            Transaction tx, Target target, String arn, String text, Instant now)
            throws CatalogException {
        RuleName rule = target.name().rule();
        return switch (queues.send(
                tx,
                arn,
                new Messages.Service(Dispatches.SERVICE, rule.bus().place().account(), rule.arn()),
                Outgoing.of(text),
                now)) {
            case Messages.Sent.Accepted _ -> Optional.empty();
            case Messages.Sent.Refused(ErrorCode code, String reason) ->
                    Optional.of(
                            new Refusal(
                                    code == ErrorCode.ACCESS_DENIED
                                            ? "NO_PERMISSIONS"
                                            : code == ErrorCode.QUEUE_DOES_NOT_EXIST
                                                    ? "NO_RESOURCE"
                                                    : code.awsName(),
                                    reason,
                                    true));
        };
    }

    private Optional<Refusal> topic(
            Transaction tx, Target target, TopicArn arn, String text, Instant now)
            throws CatalogException {
        RuleName rule = target.name().rule();
        Optional<Topic> topic = topics.find(tx, arn);
        if (topic.isEmpty()) {
            return Optional.of(new Refusal("NO_RESOURCE", "There is no topic " + arn, true));
        }
        String account = rule.bus().place().account();
        if (!arn.account().equals(account)
                && !Topics.lets(topic.get(), Dispatches.SERVICE, rule.arn(), account)) {
            return Optional.of(
                    new Refusal(
                            "NO_PERMISSIONS",
                            "The policy of the topic %s does not let %s publish for %s"
                                    .formatted(arn, Dispatches.SERVICE, rule.arn()),
                            true));
        }
        int bytes = text.getBytes(UTF_8).length;
        if (bytes > TOPIC_BYTES_MAX) {
            return Optional.of(
                    new Refusal(
                            "InvalidParameter",
                            "%d bytes, where a message of a topic has at most %d"
                                    .formatted(bytes, TOPIC_BYTES_MAX),
                            true));
        }
        topics.publish(
                tx, Message.of(topics.freshId(), arn, text, now.truncatedTo(ChronoUnit.MILLIS)));
        return Optional.empty();
    }

    /// Into a stream that has the rule's name.
    private Optional<Refusal> group(
            Transaction tx, Target target, LogGroupName group, String text, Instant now)
            throws CatalogException {
        String stream = target.name().rule().name();
        try {
            stored.put(
                    tx,
                    group,
                    stream,
                    new StoredEvents.Message(now.truncatedTo(ChronoUnit.MILLIS), text),
                    now);
            return Optional.empty();
        } catch (Failure failure) {
            boolean gone = failure.code() == ErrorCode.RESOURCE_NOT_FOUND;
            return Optional.of(
                    new Refusal(
                            gone ? "NO_RESOURCE" : failure.code().awsName(),
                            failure.message(),
                            gone || failure.code() == ErrorCode.INVALID_PARAMETER));
        }
    }
}
