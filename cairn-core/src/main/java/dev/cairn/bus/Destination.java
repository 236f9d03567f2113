package dev.cairn.bus;

import dev.cairn.connection.ApiDestinationArn;
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

    /// A request to a server outside.
    record ToApi(ApiDestinationArn api) implements Destination {}

    /// A function of a Lambda outside.
    record ToFunction(FunctionArn function) implements Destination {}

    /// Whether it is outside of this server: told at least once, by a [Courier].
    default boolean isOutside() {
        return switch (this) {
            case ToApi _, ToFunction _ -> true;
            case ToQueue _, ToTopic _, ToGroup _, ToBus _ -> false;
        };
    }

    /// Empty when nothing can be sent to what the ARN names.
    static Optional<Destination> ofArn(String arn) {
        return QueueName.ofArn(arn)
                .<Destination>map(ToQueue::new)
                .or(() -> TopicArn.of(arn).map(ToTopic::new))
                .or(() -> LogGroupName.ofArn(arn).map(ToGroup::new))
                .or(() -> BusName.ofArn(arn).map(ToBus::new))
                .or(() -> ApiDestinationArn.of(arn).map(ToApi::new))
                .or(() -> FunctionArn.of(arn).map(ToFunction::new));
    }
}
