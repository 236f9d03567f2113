package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.topic.Outbound;

/// Cairn's own ListDeadLetters and RetryDeadLetters: messages of the caller's topics, in the region
/// that is called, which their receivers did not take.
final class DeadLetters {
    private static final int PAGE = 100;

    private final Outbound outbound;

    DeadLetters(Outbound outbound) {
        this.outbound = outbound;
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var limit = Math.min(call.number("limit", PAGE), PAGE);
        var letters =
                outbound.deadLetters(
                        call.caller().account(),
                        call.region(),
                        NameToken.after(call, "nextToken"),
                        limit);
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("deadLetters");
        for (var letter : letters) {
            list.addObject()
                    .put("subscriptionArn", letter.subscriptionArn())
                    .put("endpoint", letter.endpoint())
                    .put("messageId", letter.messageId())
                    .put("since", letter.since().toString())
                    .put("reason", letter.reason())
                    .put("body", letter.body());
        }
        output.put("dropped", outbound.dropped(call.caller().account(), call.region()));
        if (letters.size() == limit) {
            output.put("nextToken", NameToken.of(letters.getLast().id()));
        }
        return output;
    }

    ObjectNode retry(Invocation call, Transaction tx) throws CatalogException {
        return JsonNodeFactory.instance
                .objectNode()
                .put(
                        "retried",
                        outbound.retry(
                                tx,
                                call.caller().account(),
                                call.region(),
                                call.text("subscriptionArn", ""),
                                call.now()));
    }
}
