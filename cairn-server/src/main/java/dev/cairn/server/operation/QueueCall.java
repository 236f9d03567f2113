package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.access.Action;
import dev.cairn.access.Policy;
import dev.cairn.access.Target;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.queue.Queue;
import dev.cairn.queue.QueueName;
import dev.cairn.queue.Queues;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What SQS's operations have in common: the queue that a call names, its policy, numbers in range,
/// page tokens.
final class QueueCall {
    /// A queue's address: `http://HOST:PORT/ACCOUNT/NAME`. Only the end counts, so that it means
    /// the same by whatever name or proxy Cairn is reached.
    private static final Pattern URL =
            Pattern.compile("(?:https?://[^/]+)?/(\\d{12})/([A-Za-z0-9_-]{1,80})/?");

    private QueueCall() {}

    /// The queue that a call names, in the region that is called.
    ///
    /// @throws Failure QUEUE_DOES_NOT_EXIST when it is no queue's address
    static QueueName queue(Invocation call) {
        return named(call).orElseThrow(() -> new Failure(ErrorCode.QUEUE_DOES_NOT_EXIST));
    }

    private static Optional<QueueName> named(Invocation call) {
        if (call.input().hasNonNull("QueueName")) {
            var owner = call.text("QueueOwnerAWSAccountId", call.caller().account());
            return owner.matches("\\d{12}")
                    ? Optional.of(new QueueName(owner, call.region(), call.text("QueueName", "")))
                    : Optional.empty();
        }
        Matcher url = URL.matcher(call.text("QueueUrl", ""));
        return url.matches()
                ? Optional.of(new QueueName(url.group(1), call.region(), url.group(2)))
                : Optional.empty();
    }

    /// A queue's address, by the name under which the caller reached Cairn.
    static String url(Invocation call, QueueName queue) {
        return "%s/%s/%s".formatted(call.endpoint(), queue.account(), queue.name());
    }

    /// An operation on the queue that the input names, whose policy has a say.
    ///
    /// @param shared whether a policy can allow it to other accounts
    static BuiltOperation on(Queues queues, Action action, boolean shared, Operation operation) {
        return new BuiltOperation(
                action,
                call ->
                        named(call)
                                .map(name -> new Target(name.account(), name.arn()))
                                .orElseGet(() -> Target.account(call.caller().account())),
                _ -> false,
                operation,
                call -> policy(queues, call, shared));
    }

    private static Policy policy(Queues queues, Invocation call, boolean shared)
            throws CatalogException {
        Optional<QueueName> name = named(call).filter(named -> QueueName.isName(named.name()));
        if (name.isEmpty() || !(shared || name.get().account().equals(call.caller().account()))) {
            return Policy.NONE;
        }
        return queues.find(name.get()).map(Queue::policy).orElse(Policy.NONE);
    }

    /// A number member within its range.
    ///
    /// @throws Failure INVALID_PARAMETER_VALUE
    static int number(JsonNode input, String member, int min, int max, int fallback) {
        var value = input.path(member).asInt(fallback);
        if (value < min || value > max) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER_VALUE,
                    "Value %d for parameter %s is invalid. Reason: Must be between %d and %d, if provided."
                            .formatted(value, member, min, max));
        }
        return value;
    }

    static Map<String, String> texts(JsonNode map) {
        var texts = new LinkedHashMap<String, String>();
        map.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return texts;
    }

    /// The last name of the page before; empty for the first page.
    static String after(Invocation call) {
        return NameToken.read(call.text("NextToken", ""))
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.INVALID_PARAMETER_VALUE,
                                "Invalid or expired next token."));
    }

    static String token(QueueName last) {
        return NameToken.of(last.name());
    }
}
