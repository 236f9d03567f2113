package dev.cairn.server.operation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.queue.Queue;
import dev.cairn.queue.Queues;
import java.util.Map;
import java.util.Set;

/// SQS's AddPermission and RemovePermission: statements of a queue's policy, by their labels.
///
/// Source: Amazon SQS API Reference.
final class QueuePermissions {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ACTIONS_MAX = 7;
    private static final int STATEMENTS_MAX = 20;
    private static final Set<String> ACTIONS =
            Set.of(
                    "*",
                    "SendMessage",
                    "ReceiveMessage",
                    "DeleteMessage",
                    "ChangeMessageVisibility",
                    "GetQueueAttributes",
                    "GetQueueUrl",
                    "ListDeadLetterSourceQueues",
                    "PurgeQueue");

    private final Queues queues;

    QueuePermissions(Queues queues) {
        this.queues = queues;
    }

    ObjectNode add(Invocation call, Transaction tx) throws CatalogException {
        var queue = queues.expect(tx, QueueCall.queue(call));
        var label = label(call);
        var policy = policy(queue);
        var statements = statements(policy);
        for (var statement : statements) {
            if (statement.path("Sid").asText().equals(label)) {
                throw invalid(
                        "Value %s for parameter Label is invalid. Reason: Already exists.", label);
            }
        }
        if (statements.size() >= STATEMENTS_MAX) {
            throw new Failure(
                    ErrorCode.OVER_LIMIT,
                    "A queue's policy has at most %d statements.".formatted(STATEMENTS_MAX));
        }
        var actions = call.input().path("Actions");
        if (actions.isEmpty() || actions.size() > ACTIONS_MAX) {
            throw new Failure(
                    ErrorCode.OVER_LIMIT,
                    "%d Actions were found, 1 to %d is required."
                            .formatted(actions.size(), ACTIONS_MAX));
        }
        var statement = JSON.createObjectNode().put("Sid", label).put("Effect", "Allow");
        var principals = statement.putObject("Principal").putArray("AWS");
        for (var account : call.input().path("AWSAccountIds")) {
            if (!account.asText().matches("\\d{12}")) {
                throw invalid(
                        "Value %s for parameter PrincipalId is invalid. Reason: Unable to verify.",
                        account.asText());
            }
            principals.add("arn:aws:iam::%s:root".formatted(account.asText()));
        }
        if (principals.isEmpty()) {
            throw invalid("The request must contain the parameter %s.", "AWSAccountIds");
        }
        var list = statement.putArray("Action");
        for (var action : actions) {
            if (!ACTIONS.contains(action.asText())) {
                throw invalid(
                        "Value SQS:%s for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.",
                        action.asText());
            }
            list.add("SQS:" + action.asText());
        }
        statement.put("Resource", queue.name().arn());
        statements.add(statement);
        return set(call, tx, queue, policy);
    }

    ObjectNode remove(Invocation call, Transaction tx) throws CatalogException {
        var queue = queues.expect(tx, QueueCall.queue(call));
        var label = label(call);
        var policy = policy(queue);
        var statements = statements(policy);
        var removed = false;
        for (var i = statements.size() - 1; i >= 0; i--) {
            if (statements.path(i).path("Sid").asText().equals(label)) {
                statements.remove(i);
                removed = true;
            }
        }
        if (!removed) {
            throw invalid(
                    "Value %s for parameter Label is invalid. Reason: can't find label on existing policy.",
                    label);
        }
        return set(call, tx, queue, policy);
    }

    private ObjectNode set(Invocation call, Transaction tx, Queue queue, ObjectNode policy)
            throws CatalogException {
        var text = policy.path("Statement").isEmpty() ? "" : policy.toString();
        queues.setAttributes(tx, queue, Map.of("Policy", text), call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    private static String label(Invocation call) {
        var label = call.text("Label", "");
        if (!label.matches("[A-Za-z0-9_-]{1,80}")) {
            throw invalid(
                    "Value %s for parameter Label is invalid. Reason: expected 1 to 80 letters, digits, hyphens and underscores.",
                    label);
        }
        return label;
    }

    private static ObjectNode policy(Queue queue) {
        var text = queue.attribute("Policy");
        if (text.isEmpty()) {
            return JSON.createObjectNode()
                    .put("Version", "2008-10-17")
                    .put("Id", queue.name().arn() + "/SQSDefaultPolicy");
        }
        try {
            return (ObjectNode) JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("expected a policy that was checked when set", e);
        }
    }

    /// Its statements, as an array even if the policy has but one.
    private static ArrayNode statements(ObjectNode policy) {
        var written = policy.get("Statement");
        if (written instanceof ArrayNode array) {
            return array;
        }
        var array = policy.putArray("Statement");
        if (written != null) {
            array.add(written);
        }
        return array;
    }

    private static Failure invalid(String sentence, String value) {
        return new Failure(ErrorCode.INVALID_PARAMETER_VALUE, sentence.formatted(value));
    }
}
