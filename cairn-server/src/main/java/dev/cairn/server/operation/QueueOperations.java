package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.queue.Messages;
import dev.cairn.queue.Queue;
import dev.cairn.queue.QueueName;
import dev.cairn.queue.Queues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// SQS's operations on queues themselves.
///
/// Source: Amazon SQS API Reference. Changes hold at once, so that AWS's waiting periods (60
/// seconds after a deletion or a purge) are not needed.
final class QueueOperations {
    private static final int PAGE_MAX = Catalog.LIMIT_MAX;

    private static final List<String> SET =
            List.of(
                    "VisibilityTimeout",
                    "MaximumMessageSize",
                    "MessageRetentionPeriod",
                    "DelaySeconds",
                    "ReceiveMessageWaitTimeSeconds",
                    "SqsManagedSseEnabled",
                    "Policy",
                    "RedrivePolicy",
                    "RedriveAllowPolicy",
                    "KmsMasterKeyId",
                    "KmsDataKeyReusePeriodSeconds");
    private static final List<String> COUNTED =
            List.of(
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                    "ApproximateNumberOfMessagesDelayed");
    private static final List<String> FIXED =
            List.of("QueueArn", "CreatedTimestamp", "LastModifiedTimestamp");
    private static final Set<String> FIFO =
            Set.of(
                    "FifoQueue",
                    "ContentBasedDeduplication",
                    "DeduplicationScope",
                    "FifoThroughputLimit");

    private final Queues queues;
    private final Messages messages;

    QueueOperations(Queues queues, Messages messages) {
        this.queues = queues;
        this.messages = messages;
    }

    ObjectNode create(Invocation call, Transaction tx) throws CatalogException {
        var name =
                new QueueName(call.caller().account(), call.region(), call.text("QueueName", ""));
        var queue =
                queues.create(
                        tx,
                        name,
                        QueueCall.texts(call.input().path("Attributes")),
                        QueueCall.texts(call.input().path("tags")),
                        call.now());
        return output().put("QueueUrl", QueueCall.url(call, queue.name()));
    }

    ObjectNode delete(Invocation call, Transaction tx) throws CatalogException {
        queues.delete(tx, queues.expect(tx, QueueCall.queue(call)));
        return output();
    }

    ObjectNode purge(Invocation call, Transaction tx) throws CatalogException {
        queues.purge(tx, queues.expect(tx, QueueCall.queue(call)));
        return output();
    }

    ObjectNode url(Invocation call) throws CatalogException {
        return output().put("QueueUrl", QueueCall.url(call, expect(call).name()));
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var max = QueueCall.number(call.input(), "MaxResults", 1, PAGE_MAX, PAGE_MAX);
        var page =
                queues.list(
                        call.caller().account(),
                        call.region(),
                        call.text("QueueNamePrefix", ""),
                        QueueCall.after(call),
                        max);
        var output = output();
        if (!page.isEmpty()) {
            var urls = output.putArray("QueueUrls");
            page.forEach(queue -> urls.add(QueueCall.url(call, queue.name())));
        }
        // Without MaxResults, AWS gives 1000 and no token.
        if (page.size() == max && call.input().hasNonNull("MaxResults")) {
            output.put("NextToken", QueueCall.token(page.getLast().name()));
        }
        return output;
    }

    ObjectNode deadLetterSources(Invocation call) throws CatalogException {
        var max = QueueCall.number(call.input(), "MaxResults", 1, PAGE_MAX, PAGE_MAX);
        var target = expect(call).name();
        var found = new ArrayList<QueueName>();
        var after = QueueCall.after(call);
        List<Queue> page;
        do {
            page = queues.list(target.account(), target.region(), "", after, PAGE_MAX);
            for (var queue : page) {
                if (found.size() < max
                        && queue.redrive().filter(r -> r.target().equals(target)).isPresent()) {
                    found.add(queue.name());
                }
                after = queue.name().name();
            }
        } while (page.size() == PAGE_MAX && found.size() < max);
        var output = output();
        var urls = output.putArray("queueUrls");
        found.forEach(name -> urls.add(QueueCall.url(call, name)));
        if (found.size() == max && call.input().hasNonNull("MaxResults")) {
            output.put("NextToken", QueueCall.token(found.getLast()));
        }
        return output;
    }

    ObjectNode setAttributes(Invocation call, Transaction tx) throws CatalogException {
        queues.setAttributes(
                tx,
                queues.expect(tx, QueueCall.queue(call)),
                QueueCall.texts(call.input().path("Attributes")),
                call.now());
        return output();
    }

    ObjectNode attributes(Invocation call) throws CatalogException {
        var queue = expect(call);
        var asked = new LinkedHashSet<String>();
        for (var node : call.input().path("AttributeNames")) {
            var name = node.asText();
            if (name.equals("All")) {
                asked.addAll(FIXED);
                asked.addAll(COUNTED);
                asked.addAll(SET);
            } else if (SET.contains(name) || COUNTED.contains(name) || FIXED.contains(name)) {
                asked.add(name);
            } else if (!FIFO.contains(name)) {
                throw new Failure(
                        ErrorCode.INVALID_ATTRIBUTE_NAME, "Unknown Attribute %s.".formatted(name));
            }
        }
        var values = JsonNodeFactory.instance.objectNode();
        if (asked.stream().anyMatch(COUNTED::contains)) {
            var counts = messages.counts(queue.name(), call.now());
            values.put("ApproximateNumberOfMessages", Long.toString(counts.ready()))
                    .put("ApproximateNumberOfMessagesNotVisible", Long.toString(counts.inFlight()))
                    .put("ApproximateNumberOfMessagesDelayed", Long.toString(counts.delayed()));
        }
        values.put("QueueArn", queue.name().arn())
                .put("CreatedTimestamp", Long.toString(queue.created().getEpochSecond()))
                .put("LastModifiedTimestamp", Long.toString(queue.modified().getEpochSecond()));
        for (var name : SET) {
            var value = queue.attribute(name);
            if (!value.isEmpty()) {
                values.put(name, value);
            }
        }
        values.retain(asked);
        var output = output();
        if (!values.isEmpty()) {
            output.set("Attributes", values);
        }
        return output;
    }

    ObjectNode tag(Invocation call, Transaction tx) throws CatalogException {
        var queue = queues.expect(tx, QueueCall.queue(call));
        Map<String, String> tags = new LinkedHashMap<>(queue.tags());
        tags.putAll(QueueCall.texts(call.input().path("Tags")));
        queues.setTags(tx, queue, tags);
        return output();
    }

    ObjectNode untag(Invocation call, Transaction tx) throws CatalogException {
        var queue = queues.expect(tx, QueueCall.queue(call));
        Map<String, String> tags = new LinkedHashMap<>(queue.tags());
        call.input().path("TagKeys").forEach(key -> tags.remove(key.asText()));
        queues.setTags(tx, queue, tags);
        return output();
    }

    ObjectNode tags(Invocation call) throws CatalogException {
        var output = output();
        var tags = expect(call).tags();
        if (!tags.isEmpty()) {
            var map = output.putObject("Tags");
            tags.forEach(map::put);
        }
        return output;
    }

    private Queue expect(Invocation call) throws CatalogException {
        var name = QueueCall.queue(call);
        return (QueueName.isName(name.name()) ? queues.find(name) : Optional.<Queue>empty())
                .orElseThrow(() -> new Failure(ErrorCode.QUEUE_DOES_NOT_EXIST));
    }

    private static ObjectNode output() {
        return JsonNodeFactory.instance.objectNode();
    }
}
