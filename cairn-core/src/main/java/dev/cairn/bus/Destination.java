package dev.cairn.bus;

import dev.cairn.log.LogGroupName;
import dev.cairn.queue.QueueName;
import dev.cairn.topic.TopicArn;
import java.util.Optional;

/// Where a target's events go.
public sealed interface Destination {
    /// A queue of this server.
    record ToQueue(QueueName queue) implements Destination {}

    /// A topic of this server.
    record ToTopic(TopicArn topic) implements Destination {}

    /// A log group of this server.
    record ToGroup(LogGroupName group) implements Destination {}

    /// Another bus of this server.
    record ToBus(BusName bus) implements Destination {}

    /// Empty when nothing can be sent to what the ARN names.
    static Optional<Destination> ofArn(String arn) {
        return QueueName.ofArn(arn)
                .<Destination>map(ToQueue::new)
                .or(() -> TopicArn.of(arn).map(ToTopic::new))
                .or(() -> LogGroupName.ofArn(arn).map(ToGroup::new))
                .or(() -> BusName.ofArn(arn).map(ToBus::new));
    }
}
