package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Ledger;
import dev.cairn.queue.Md5;
import dev.cairn.queue.Messages;
import dev.cairn.queue.Outgoing;
import dev.cairn.queue.Queue;
import dev.cairn.queue.QueueAttributes;
import dev.cairn.queue.QueueName;
import dev.cairn.queue.Queues;
import dev.cairn.queue.Received;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// SQS's operations on messages, one by one and in batches: SendMessage, ReceiveMessage,
/// DeleteMessage, ChangeMessageVisibility.
///
/// Each answers when what it did is on disk; a batch is one transaction. Source: Amazon SQS API
/// Reference.
final class QueueMessages {
    private static final int BATCH_MAX = 10;
    private static final int RECEIVE_MAX = 10;
    private static final int WAIT_SECONDS_MAX = 20;
    private static final int DELAY_SECONDS_MAX = 900;
    private static final int VISIBILITY_SECONDS_MAX = 43_200;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final Catalog catalog;
    private final Ledger ledger;
    private final Queues queues;
    private final Messages messages;
    private final QueueArrivals arrivals;
    private final InstantSource clock;

    QueueMessages(
            Catalog catalog,
            Ledger ledger,
            Queues queues,
            Messages messages,
            QueueArrivals arrivals,
            InstantSource clock) {
        this.catalog = catalog;
        this.ledger = ledger;
        this.queues = queues;
        this.messages = messages;
        this.arrivals = arrivals;
        this.clock = clock;
    }

    // Sending.

    ObjectNode send(Invocation call) throws CatalogException {
        refuseWhenLedgerPushesBack();
        var name = QueueCall.queue(call);
        var message = outgoing(call.input());
        var id =
                catalog.<String, RuntimeException>write(tx ->
                        messages.send(
                                tx,
                                queues.expect(tx, name),
                                message,
                                sender(call),
                                clock.instant()));
        return sent(message, id);
    }

    ObjectNode sendBatch(Invocation call) throws CatalogException {
        refuseWhenLedgerPushesBack();
        var bytes = 0;
        for (var entry : entries(call)) {
            bytes += entry.path("MessageBody").asText().getBytes(StandardCharsets.UTF_8).length;
        }
        if (bytes > QueueAttributes.MESSAGE_BYTES_MAX) {
            throw new Failure(
                    ErrorCode.BATCH_REQUEST_TOO_LONG,
                    "Batch requests cannot be longer than %d bytes. You have sent %d bytes."
                            .formatted(QueueAttributes.MESSAGE_BYTES_MAX, bytes));
        }
        return batch(
                call,
                (tx, queue, entry) -> {
                    var message = outgoing(entry);
                    var id = messages.send(tx, queue, message, sender(call), clock.instant());
                    return sent(message, id);
                });
    }

    /// What fills the disk is refused together with events: before the disk is full.
    private void refuseWhenLedgerPushesBack() {
        var pushback = ledger.state().pushback();
        if (!pushback.isEmpty()) {
            throw new Failure(ErrorCode.SERVICE_UNAVAILABLE, pushback, RETRY_AFTER);
        }
    }

    private static String sender(Invocation call) {
        return call.caller().principalId();
    }

    private static Outgoing outgoing(JsonNode input) {
        if (input.hasNonNull("MessageDeduplicationId")) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER_VALUE,
                    "Value %s for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter that is not valid for this queue type."
                            .formatted(input.path("MessageDeduplicationId").asText()));
        }
        var body = input.path("MessageBody").asText();
        if (body.isEmpty()) {
            throw new Failure(
                    ErrorCode.MISSING_REQUIRED_PARAMETER,
                    "The request must contain the parameter MessageBody.");
        }
        var delay =
                input.hasNonNull("DelaySeconds")
                        ? Duration.ofSeconds(
                                QueueCall.number(input, "DelaySeconds", 0, DELAY_SECONDS_MAX, 0))
                        : null;
        return new Outgoing(
                body,
                QueueMessageAttributes.read(input.path("MessageAttributes")),
                QueueMessageAttributes.traceHeader(input.path("MessageSystemAttributes")),
                delay);
    }

    private static ObjectNode sent(Outgoing message, String id) {
        var output =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("MessageId", id)
                        .put("MD5OfMessageBody", Md5.of(message.body()));
        if (!message.attributes().isEmpty()) {
            output.put("MD5OfMessageAttributes", Md5.of(message.attributes()));
        }
        if (message.traceHeader() != null) {
            output.put(
                    "MD5OfMessageSystemAttributes",
                    QueueMessageAttributes.md5OfTraceHeader(message.traceHeader()));
        }
        return output;
    }

    // Receiving.

    /// Waits, if it is to, until a message is there or the time is over.
    ObjectNode receive(Invocation call) throws CatalogException, InterruptedException {
        var name = QueueCall.queue(call);
        var input = call.input();
        var max = QueueCall.number(input, "MaxNumberOfMessages", 1, RECEIVE_MAX, 1);
        var visibility =
                input.hasNonNull("VisibilityTimeout")
                        ? Duration.ofSeconds(
                                QueueCall.number(
                                        input, "VisibilityTimeout", 0, VISIBILITY_SECONDS_MAX, 0))
                        : null;
        var wanted = QueueMessageAttributes.Wanted.of(input);
        var wait =
                input.hasNonNull("WaitTimeSeconds")
                        ? Duration.ofSeconds(
                                QueueCall.number(input, "WaitTimeSeconds", 0, WAIT_SECONDS_MAX, 0))
                        : find(name).receiveWait();
        var deadline = clock.instant().plus(wait);
        try (var waiter = arrivals.open(name)) {
            while (true) {
                var queue = find(name);
                var received = take(queue, max, visibility);
                if (!received.isEmpty()) {
                    return view(received, wanted);
                }
                var now = clock.instant();
                var left = Duration.between(now, deadline);
                if (!left.isPositive()) {
                    return JsonNodeFactory.instance.objectNode();
                }
                var next = messages.nextReturn(queue).map(at -> Duration.between(now, at));
                if (!waiter.await(next.filter(n -> n.compareTo(left) < 0).orElse(left))) {
                    return JsonNodeFactory.instance.objectNode();
                }
            }
        }
    }

    private List<Received> take(Queue queue, int max, @Nullable Duration visibility)
            throws CatalogException {
        while (messages.mayReceive(queue, clock.instant())) {
            var reception =
                    catalog.<Messages.Reception, RuntimeException>write(tx ->
                            messages.receive(
                                    tx,
                                    queues.expect(tx, queue.name()),
                                    max,
                                    visibility,
                                    clock.instant()));
            if (!reception.again()) {
                return reception.messages();
            }
        }
        return List.of();
    }

    private static ObjectNode view(List<Received> received, QueueMessageAttributes.Wanted wanted) {
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("Messages");
        for (var one : received) {
            var message =
                    list.addObject()
                            .put("MessageId", one.id())
                            .put("ReceiptHandle", one.receiptHandle())
                            .put("MD5OfBody", Md5.of(one.message().body()))
                            .put("Body", one.message().body());
            wanted.write(one, message);
        }
        return output;
    }

    // What was received.

    ObjectNode delete(Invocation call) throws CatalogException {
        var name = QueueCall.queue(call);
        var handle = call.text("ReceiptHandle", "");
        return catalog.<ObjectNode, RuntimeException>write(tx -> {
            messages.delete(tx, queues.expect(tx, name), handle);
            return JsonNodeFactory.instance.objectNode();
        });
    }

    ObjectNode deleteBatch(Invocation call) throws CatalogException {
        return batch(
                call,
                (tx, queue, entry) -> {
                    messages.delete(tx, queue, entry.path("ReceiptHandle").asText());
                    return JsonNodeFactory.instance.objectNode();
                });
    }

    ObjectNode changeVisibility(Invocation call) throws CatalogException {
        var name = QueueCall.queue(call);
        return catalog.<ObjectNode, RuntimeException>write(
                tx -> changeVisibility(tx, queues.expect(tx, name), call.input()));
    }

    ObjectNode changeVisibilityBatch(Invocation call) throws CatalogException {
        return batch(call, this::changeVisibility);
    }

    private ObjectNode changeVisibility(Transaction tx, Queue queue, JsonNode entry)
            throws CatalogException {
        var seconds = QueueCall.number(entry, "VisibilityTimeout", 0, VISIBILITY_SECONDS_MAX, 0);
        messages.changeVisibility(
                tx,
                queue,
                entry.path("ReceiptHandle").asText(),
                Duration.ofSeconds(seconds),
                clock.instant());
        return JsonNodeFactory.instance.objectNode();
    }

    // Batches.

    private interface Entry {
        /// Does what an entry wants; when it throws, nothing was changed.
        ObjectNode run(Transaction tx, Queue queue, JsonNode entry) throws CatalogException;
    }

    private ObjectNode batch(Invocation call, Entry work) throws CatalogException {
        var name = QueueCall.queue(call);
        var entries = entries(call);
        return catalog.<ObjectNode, RuntimeException>write(tx -> {
            var queue = queues.expect(tx, name);
            var output = JsonNodeFactory.instance.objectNode();
            ArrayNode successful = output.putArray("Successful");
            ArrayNode failed = output.putArray("Failed");
            for (var entry : entries) {
                var id = entry.path("Id").asText();
                try {
                    successful.add(work.run(tx, queue, entry).put("Id", id));
                } catch (Failure failure) {
                    failed.addObject()
                            .put("Id", id)
                            .put("SenderFault", true)
                            .put("Code", failure.code().awsName().replaceFirst("Exception$", ""))
                            .put("Message", failure.message());
                }
            }
            return output;
        });
    }

    private static List<JsonNode> entries(Invocation call) {
        var entries = new ArrayList<JsonNode>();
        call.input().path("Entries").forEach(entries::add);
        if (entries.isEmpty()) {
            throw new Failure(ErrorCode.EMPTY_BATCH_REQUEST);
        }
        if (entries.size() > BATCH_MAX) {
            throw new Failure(
                    ErrorCode.TOO_MANY_ENTRIES_IN_BATCH_REQUEST,
                    "Maximum number of entries per request are %d. You have sent %d."
                            .formatted(BATCH_MAX, entries.size()));
        }
        var ids = new HashSet<String>();
        for (var entry : entries) {
            var id = entry.path("Id").asText();
            if (!id.matches("[A-Za-z0-9_-]{1,80}")) {
                throw new Failure(ErrorCode.INVALID_BATCH_ENTRY_ID);
            }
            if (!ids.add(id)) {
                throw new Failure(
                        ErrorCode.BATCH_ENTRY_IDS_NOT_DISTINCT, "Id %s repeated.".formatted(id));
            }
        }
        return entries;
    }

    private Queue find(QueueName name) throws CatalogException {
        return queues.find(name).orElseThrow(() -> new Failure(ErrorCode.QUEUE_DOES_NOT_EXIST));
    }
}
