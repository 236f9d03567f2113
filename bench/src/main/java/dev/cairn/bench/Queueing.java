package dev.cairn.bench;

import dev.cairn.bench.Report.Better;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/// How many messages a second a queue takes, each durable before its sender is answered, beside
/// Kafka that forces each append to disk.
///
/// Every connection waits for the answer to one message before it sends the next, as a Kafka
/// producer does here that does not wait for batches: so what is compared is one fsync for all that
/// wait. The message is the same each time, [#BODY_CHARS] characters, signed once: what the load
/// costs is not Cairn's.
final class Queueing {
    private static final int BODY_CHARS = 1024;
    private static final int[] CONNECTIONS = {1, 4, 32};
    private static final int BATCH = 10;
    private static final String QUEUE = "bench";

    private final Checkout checkout;
    private final Scratch scratch;
    private final Report report;

    Queueing(Checkout checkout, Scratch scratch, Report report) {
        this.checkout = checkout;
        this.scratch = scratch;
        this.report = report;
    }

    /// @param messages sent by each number of connections
    void run(long messages) throws BenchException, InterruptedException {
        Sample[] kafka = kafka(messages);
        Path data = scratch.resolve("queue-cairn");
        try (CairnServer server = CairnServer.start(checkout, data)) {
            String url = server.createQueue(QUEUE);
            for (int i = 0; i < CONNECTIONS.length; i++) {
                int connections = CONNECTIONS[i];
                byte[] body = message(url).getBytes(StandardCharsets.UTF_8);
                String head = server.queueHead("SendMessage", body);
                Sample cairn =
                        new Load(connections, 1)
                                .drive(
                                        messages,
                                        () -> new MessageSender(server, head, body, "MessageId"));
                String spread = cairn.spread("messages/s");
                String theirSpread = kafka[i].spread("messages/s");
                report.add(
                        "queue",
                        "SendMessage, connections: " + connections,
                        cairn.median(),
                        "messages/s",
                        Better.MORE,
                        "Kafka 4.4.0 acks=all, flush.messages=1",
                        kafka[i].median(),
                        spread + (theirSpread.isEmpty() ? "" : "; peer's " + theirSpread));
            }
            batches(server, url, messages);
        }
        Scratch.remove(data);
    }

    /// Not beside Kafka: its batches are of another kind.
    private void batches(CairnServer server, String url, long messages)
            throws BenchException, InterruptedException {
        int connections = CONNECTIONS[1];
        byte[] body = batch(url).getBytes(StandardCharsets.UTF_8);
        String head = server.queueHead("SendMessageBatch", body);
        Sample cairn =
                new Load(connections, BATCH)
                        .drive(
                                messages,
                                () -> new MessageSender(server, head, body, "\"Failed\":[]"));
        report.add(
                "queue",
                "SendMessageBatch of 10, connections: " + connections,
                cairn.median(),
                "messages/s",
                cairn.spread("messages/s"));
    }

    private Sample[] kafka(long messages) throws BenchException, InterruptedException {
        Path folder = scratch.resolve("queue-kafka");
        KafkaBroker.format(checkout, folder, true);
        Sample[] rates = new Sample[CONNECTIONS.length];
        try (KafkaBroker broker = KafkaBroker.start(checkout, folder)) {
            broker.createTopic();
            for (int i = 0; i < CONNECTIONS.length; i++) {
                rates[i] =
                        new Load(CONNECTIONS[i], 1)
                                .drive(messages, () -> new ProducerSender(broker.prompt()));
            }
        }
        Scratch.remove(folder);
        return rates;
    }

    private static String message(String url) {
        return "{\"QueueUrl\":\"%s\",\"MessageBody\":\"%s\"}"
                .formatted(url, "m".repeat(BODY_CHARS));
    }

    private static String batch(String url) {
        var entries = new StringBuilder();
        for (int i = 0; i < BATCH; i++) {
            entries.append(i == 0 ? "" : ",")
                    .append("{\"Id\":\"%d\",\"MessageBody\":\"".formatted(i))
                    .append("m".repeat(BODY_CHARS))
                    .append("\"}");
        }
        return "{\"QueueUrl\":\"%s\",\"Entries\":[%s]}".formatted(url, entries);
    }

    private static final class MessageSender implements Load.Sender {
        private final HttpConnection connection;
        private final String head;
        private final byte[] body;
        private final String expected;

        MessageSender(CairnServer server, String head, byte[] body, String expected)
                throws IOException {
            this.connection = new HttpConnection(server.endpoint());
            this.head = head;
            this.body = body;
            this.expected = expected;
        }

        @Override
        public void send(long first, int count) throws Exception {
            var answer = connection.send(head, body, body.length);
            if (answer.status() != 200 || !answer.text().contains(expected)) {
                throw new BenchException(
                        "expected a message sent, got %d %s"
                                .formatted(answer.status(), answer.text()));
            }
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    private static final class ProducerSender implements Load.Sender {
        private static final int SECONDS_MAX = 60;

        private final KafkaProducer<byte[], byte[]> producer;
        private final byte[] body = "m".repeat(BODY_CHARS).getBytes(StandardCharsets.UTF_8);

        ProducerSender(KafkaProducer<byte[], byte[]> producer) {
            this.producer = producer;
        }

        @Override
        public void send(long first, int count) throws Exception {
            producer.send(new ProducerRecord<>(KafkaBroker.TOPIC, body))
                    .get(SECONDS_MAX, TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            producer.close();
        }
    }
}
