package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SqsException;

/// SIGKILL while messages come and go: one whose sending was answered is there, one whose deletion
/// was answered is not, and none is there twice.
final class QueueKillTest {
    private static final int CLIENTS = 4;
    private static final int BEFORE_KILL = 60;
    private static final Duration KILLED_MAX = Duration.ofSeconds(60);

    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    private final Set<String> deleted = ConcurrentHashMap.newKeySet();
    private final Set<String> deletedHandles = ConcurrentHashMap.newKeySet();
    private final Set<String> maybeDeleted = ConcurrentHashMap.newKeySet();
    private final AtomicInteger numbers = new AtomicInteger();

    @Test
    void what_was_answered_holds_through_a_kill() throws Exception {
        try (var server = LiveServer.start()) {
            try (var client = JavaSdkQueueTest.client(server, LiveServer.ROOT)) {
                client.createQueue(ask ->
                        ask.queueName("killed")
                                .attributes(
                                        Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "43200")));
            }
            killWhile(server, this::sendOne, () -> sent.size() >= BEFORE_KILL);
            killWhile(server, this::deleteOne, () -> deleted.size() >= BEFORE_KILL / 3);
            try (var client = JavaSdkQueueTest.client(server, LiveServer.ROOT)) {
                check(client);
            }
        }
    }

    private interface Act {
        void run(SqsClient client, String url);
    }

    private static void killWhile(
            LiveServer server, Act act, java.util.function.BooleanSupplier enough)
            throws Exception {
        var ended = new java.util.concurrent.atomic.AtomicBoolean();
        var url = server.endpoint() + "/" + LiveServer.ACCOUNT + "/killed";
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var client = JavaSdkQueueTest.client(server, LiveServer.ROOT)) {
            var clients = new ArrayList<Future<?>>();
            for (var i = 0; i < CLIENTS; i++) {
                clients.add(
                        threads.submit(() -> {
                            while (!ended.get()) {
                                try {
                                    act.run(client, url);
                                } catch (SdkException _) {
                                    // Killed in the middle of it: nobody knows whether it was done.
                                    return;
                                }
                            }
                        }));
            }
            try {
                Await.until(
                        Await.Bound.of("enough answered calls", KILLED_MAX), enough::getAsBoolean);
                server.kill();
            } finally {
                ended.set(true);
            }
            for (var one : clients) {
                one.get();
            }
        }
        server.restart();
    }

    private void sendOne(SqsClient client, String url) {
        var body = "m" + numbers.incrementAndGet();
        client.sendMessage(ask -> ask.queueUrl(url).messageBody(body));
        sent.add(body);
    }

    private void deleteOne(SqsClient client, String url) {
        for (var message : client.receiveMessage(ask -> ask.queueUrl(url)).messages()) {
            maybeDeleted.add(message.body());
            client.deleteMessage(ask -> ask.queueUrl(url).receiptHandle(message.receiptHandle()));
            deleted.add(message.body());
            deletedHandles.add(message.receiptHandle());
        }
    }

    private void check(SqsClient client) {
        var url = client.getQueueUrl(ask -> ask.queueName("killed")).queueUrl();
        // A deletion that was lost would leave its message in flight, out of sight.
        for (var handle : deletedHandles) {
            assertThatExceptionOfType(SqsException.class)
                    .isThrownBy(() ->
                            client.changeMessageVisibility(ask ->
                                    ask.queueUrl(url).receiptHandle(handle).visibilityTimeout(0)))
                    .withMessageContaining("Message does not exist");
        }
        List<String> left = new ArrayList<>();
        while (true) {
            var some =
                    client.receiveMessage(ask -> ask.queueUrl(url).maxNumberOfMessages(10))
                            .messages();
            if (some.isEmpty()) {
                break;
            }
            some.forEach(message -> left.add(message.body()));
        }
        assertThat(left).doesNotHaveDuplicates().doesNotContainAnyElementsOf(deleted);
        // What was received when the server died is in flight still, for twelve hours, or deleted;
        // of the last one that each client asked for only the queue knows.
        var unseen = new HashSet<>(sent);
        unseen.removeAll(maybeDeleted);
        left.forEach(unseen::remove);
        assertThat(unseen).hasSizeLessThanOrEqualTo(CLIENTS);
        assertThat(inFlight(client, url)).isGreaterThanOrEqualTo(left.size() + unseen.size());
        assertThat(left).hasSizeLessThanOrEqualTo(numbers.get() - deleted.size());
    }

    private static int inFlight(SqsClient client, String url) {
        var count = QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE;
        return Integer.parseInt(
                client.getQueueAttributes(ask -> ask.queueUrl(url).attributeNames(count))
                        .attributes()
                        .get(count));
    }
}
