package dev.cairn.testkit.delivery;

import dev.cairn.catalog.Catalog;
import dev.cairn.notice.Notices;
import dev.cairn.queue.Messages;
import dev.cairn.queue.Queues;
import dev.cairn.secret.Secrets;
import dev.cairn.topic.Outbound;
import dev.cairn.topic.Publishing;
import dev.cairn.topic.Signing;
import dev.cairn.topic.Topics;
import java.time.Duration;
import java.time.Instant;

/// Topics and notices on any catalog, signed by nobody.
///
/// @param topics to make and ask
/// @param outbound what is on its way
/// @param notices to deliver with
/// @param queues to make queues in
/// @param messages to receive from them
public record SimulatedTopics(
        Topics topics, Outbound outbound, Notices notices, Queues queues, Messages messages) {

    /// @param secrets ids are made of
    public static SimulatedTopics on(Catalog catalog, Secrets secrets, Duration retryFor) {
        Queues queues = new Queues(catalog, secrets, 100);
        Messages messages = new Messages(catalog, queues, secrets, _ -> {});
        Outbound outbound = new Outbound(catalog, messages, retryFor, () -> {});
        Topics topics =
                new Topics(
                        catalog,
                        new Publishing(outbound, new Unsigned(), () -> "http://cairn", secrets),
                        secrets);
        return new SimulatedTopics(
                topics,
                outbound,
                new Notices(catalog, topics, Duration.ofDays(30), () -> {}),
                queues,
                messages);
    }

    private record Unsigned() implements Signing {
        @Override
        public void prepare(Instant now) {}

        @Override
        public String sign(String signatureVersion, String text) {
            return "unsigned";
        }

        @Override
        public String certificatePath() {
            return "/certificates/none.pem";
        }
    }
}
