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
import dev.cairn.pattern.EventPatternException;
import dev.cairn.topic.Filter;
import dev.cairn.topic.Subscription;
import dev.cairn.topic.Subscription.Protocol;
import dev.cairn.topic.Subscription.Terms;
import dev.cairn.topic.Topics;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// SNS's operations on subscriptions: Subscribe, ConfirmSubscription, Unsubscribe,
/// ListSubscriptions, ListSubscriptionsByTopic, Get- and SetSubscriptionAttributes.
///
/// Source: Amazon SNS API Reference.
final class TopicSubscriptions {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ENDPOINT_CHARS_MAX = 2048;
    private static final String IN_SUBSCRIBE = "Attributes Reason: ";
    private static final Pattern QUEUE =
            Pattern.compile("arn:aws:sqs:[a-z0-9-]{1,40}:(\\d{12}):[A-Za-z0-9_-]{1,80}");
    private static final Pattern MAIL = Pattern.compile("[^@\\s<>\",;]{1,64}@[A-Za-z0-9.-]{1,255}");

    private final Topics topics;
    private final Receivers receivers;

    TopicSubscriptions(Topics topics, Receivers receivers) {
        this.topics = topics;
        this.receivers = receivers;
    }

    Operation.Change subscribe() {
        return new Operation.Change() {
            @Override
            public void prepare(Invocation call) throws CatalogException {
                wanted(call);
                topics.prepare(call.now());
            }

            @Override
            public ObjectNode run(Invocation call, Transaction tx) throws CatalogException {
                var wanted = wanted(call);
                var made = topics.subscribe(tx, wanted, isOwnQueue(call, wanted), call.now());
                return JsonNodeFactory.instance
                        .objectNode()
                        .put(
                                "SubscriptionArn",
                                made.confirmed()
                                                || call.input()
                                                        .path("ReturnSubscriptionArn")
                                                        .asBoolean(false)
                                        ? made.arn()
                                        : "pending confirmation");
            }
        };
    }

    /// Who owns the queue need not be asked.
    private static boolean isOwnQueue(Invocation call, Topics.Wanted wanted) {
        var queue = QUEUE.matcher(wanted.endpoint());
        return wanted.protocol() == Protocol.SQS
                && queue.matches()
                && queue.group(1).equals(call.caller().account());
    }

    private Topics.Wanted wanted(Invocation call) {
        var name = call.text("Protocol", "");
        var protocol =
                Arrays.stream(Protocol.values())
                        .filter(one -> one.wireName().equals(name))
                        .findFirst()
                        .orElseThrow(() -> noProtocol(name));
        var endpoint = call.text("Endpoint", "");
        if (endpoint.length() > ENDPOINT_CHARS_MAX) {
            throw TopicCall.invalid("Endpoint");
        }
        checkEndpoint(protocol, endpoint);
        var terms = Terms.DEFAULTS;
        for (var attribute : call.input().path("Attributes").properties()) {
            var value = attribute.getValue().asText();
            terms = with(terms, protocol, attribute.getKey(), value, IN_SUBSCRIBE);
        }
        return new Topics.Wanted(
                TopicCall.arn(call),
                call.caller().account(),
                protocol,
                endpoint,
                checked(terms, IN_SUBSCRIBE));
    }

    /// @param prefix what a refusal of a filter begins with
    private static Terms with(
            Terms terms, Protocol protocol, String attribute, String value, String prefix) {
        return switch (attribute) {
            case "RawMessageDelivery" -> terms.withRaw(raw(protocol, value));
            case "RedrivePolicy" -> terms.withRedrive(redrive(value));
            case "FilterPolicy" -> terms.withFilter(terms.filter().withPolicy(value));
            case "FilterPolicyScope" ->
                    terms.withFilter(terms.filter().withScope(scope(value, prefix)));
            default -> throw noAttribute(attribute);
        };
    }

    private static Filter.Scope scope(String value, String prefix) {
        return Filter.Scope.of(value)
                .orElseThrow(() ->
                        TopicCall.invalid(
                                "%sFilterPolicyScope: Invalid value [%s]. Please use either MessageBody or MessageAttributes"
                                        .formatted(prefix, value)));
    }

    private static Terms checked(Terms terms, String prefix) {
        try {
            terms.filter().check();
            return terms;
        } catch (EventPatternException e) {
            throw TopicCall.invalid(prefix + e.message());
        }
    }

    private static Failure noProtocol(String name) {
        return switch (name) {
            case "sms", "application", "lambda", "firehose" ->
                    TopicCall.invalid(
                            "Protocol Reason: Cairn does not deliver to %s; docs/gaps.md says what is missing and why"
                                    .formatted(name));
            default -> TopicCall.invalid("Protocol");
        };
    }

    /// @throws Failure InvalidParameter when nothing can be sent there
    void checkEndpoint(Protocol protocol, String endpoint) {
        switch (protocol) {
            case HTTP, HTTPS -> {
                var refusal = receivers.refusal(host(protocol, endpoint));
                if (refusal.isPresent()) {
                    throw TopicCall.invalid("Endpoint Reason: " + refusal.get());
                }
            }
            case SQS -> {
                if (!QUEUE.matcher(endpoint).matches()) {
                    throw TopicCall.invalid("Endpoint Reason: expected the ARN of a queue");
                }
            }
            case EMAIL, EMAIL_JSON -> {
                if (!MAIL.matcher(endpoint).matches()) {
                    throw TopicCall.invalid("Endpoint Reason: expected one mail address");
                }
                if (!receivers.takesMail()) {
                    throw TopicCall.invalid(
                            "Protocol Reason: Cairn sends mails when the setting mail.smtp-host names a mail server");
                }
            }
        }
    }

    private static String host(Protocol protocol, String endpoint) {
        try {
            var url = new URI(endpoint);
            if (protocol.wireName().equals(url.getScheme())
                    && url.getHost() != null
                    && url.getRawFragment() == null) {
                return url.getHost();
            }
        } catch (URISyntaxException _) {
            // Told below.
        }
        throw TopicCall.invalid(
                "Endpoint Reason: expected a URL that begins with %s://"
                        .formatted(protocol.wireName()));
    }

    private static boolean raw(Protocol protocol, String value) {
        var wanted =
                switch (value) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw TopicCall.invalid("Attributes Reason: RawMessageDelivery");
                };
        if (wanted && (protocol == Protocol.EMAIL || protocol == Protocol.EMAIL_JSON)) {
            throw TopicCall.invalid(
                    "Attributes Reason: Delivery protocol [%s] does not support raw message delivery."
                            .formatted(protocol.wireName()));
        }
        return wanted;
    }

    private static @Nullable String redrive(String value) {
        if (value.isEmpty()) {
            return null;
        }
        try {
            var queue = JSON.readTree(value).path("deadLetterTargetArn").asText("");
            if (QUEUE.matcher(queue).matches()) {
                return queue;
            }
        } catch (JsonProcessingException _) {
            // Told below.
        }
        throw TopicCall.invalid(
                "RedrivePolicy Reason: expected {\"deadLetterTargetArn\":\"arn:aws:sqs:…\"}");
    }

    private static Failure noAttribute(String name) {
        return switch (name) {
            case "DeliveryPolicy", "SubscriptionRoleArn", "ReplayPolicy" ->
                    TopicCall.invalid(
                            "Attributes Reason: Cairn does not do what %s asks for; docs/gaps.md says what is missing and why"
                                    .formatted(name));
            default -> TopicCall.invalid("AttributeName");
        };
    }

    ObjectNode confirm(Invocation call, Transaction tx) throws CatalogException {
        var confirmed =
                topics.confirm(
                        tx,
                        TopicCall.arn(call),
                        call.text("Token", ""),
                        true,
                        call.text("AuthenticateOnUnsubscribe", "").equals("true"),
                        call.now());
        return JsonNodeFactory.instance.objectNode().put("SubscriptionArn", confirmed.arn());
    }

    ObjectNode unsubscribe(Invocation call, Transaction tx) throws CatalogException {
        var subscription = topics.subscription(tx, call.text("SubscriptionArn", ""));
        if (subscription.isPresent()) {
            checkOwner(call, subscription.get());
            topics.unsubscribe(tx, subscription.get().arn());
        }
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode attributes(Invocation call) throws CatalogException {
        var subscription = owned(call, topics.subscription(call.text("SubscriptionArn", "")));
        var output = JsonNodeFactory.instance.objectNode();
        var attributes =
                output.putObject("Attributes")
                        .put("SubscriptionArn", subscription.arn())
                        .put("TopicArn", subscription.topic().toString())
                        .put("Protocol", subscription.protocol().wireName())
                        .put("Endpoint", subscription.endpoint())
                        .put("Owner", subscription.owner())
                        .put("RawMessageDelivery", Boolean.toString(subscription.terms().raw()))
                        .put("PendingConfirmation", Boolean.toString(!subscription.confirmed()))
                        .put(
                                "ConfirmationWasAuthenticated",
                                Boolean.toString(subscription.signedConfirmation()));
        var filter = subscription.terms().filter();
        if (filter.policy() != null) {
            attributes
                    .put("FilterPolicy", filter.policy())
                    .put("FilterPolicyScope", filter.scope().wireName());
        }
        if (subscription.terms().redrive() != null) {
            attributes.put(
                    "RedrivePolicy",
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("deadLetterTargetArn", subscription.terms().redrive())
                            .toString());
        }
        return output;
    }

    ObjectNode set(Invocation call, Transaction tx) throws CatalogException {
        var subscription = owned(call, topics.subscription(tx, call.text("SubscriptionArn", "")));
        var terms =
                with(
                        subscription.terms(),
                        subscription.protocol(),
                        call.text("AttributeName", ""),
                        call.text("AttributeValue", ""),
                        "");
        topics.set(tx, subscription.arn(), checked(terms, ""));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var after = TopicCall.after(call);
        return page(
                topics.subscriptions(
                        call.caller().account(),
                        call.region(),
                        after.isEmpty()
                                ? null
                                : topics.subscription(after)
                                        .orElseThrow(() -> TopicCall.invalid("NextToken")),
                        TopicCall.PAGE + 1),
                Subscription::arn);
    }

    ObjectNode listOfTopic(Invocation call) throws CatalogException {
        var arn = TopicCall.arn(call);
        if (topics.find(arn).isEmpty()) {
            throw Topics.noTopic();
        }
        return page(
                topics.subscriptions(arn, TopicCall.after(call), TopicCall.PAGE + 1),
                Subscription::id);
    }

    private static ObjectNode page(
            List<Subscription> found, java.util.function.Function<Subscription, String> mark) {
        var output = JsonNodeFactory.instance.objectNode();
        ArrayNode list = output.putArray("Subscriptions");
        found.stream()
                .limit(TopicCall.PAGE)
                .forEach(one ->
                        list.addObject()
                                .put(
                                        "SubscriptionArn",
                                        one.confirmed() ? one.arn() : "PendingConfirmation")
                                .put("Owner", one.owner())
                                .put("Protocol", one.protocol().wireName())
                                .put("Endpoint", one.endpoint())
                                .put("TopicArn", one.topic().toString()));
        if (found.size() > TopicCall.PAGE) {
            output.put("NextToken", NameToken.of(mark.apply(found.get(TopicCall.PAGE - 1))));
        }
        return output;
    }

    private static Subscription owned(Invocation call, Optional<Subscription> found) {
        var subscription = found.orElseThrow(Topics::noSubscription);
        checkOwner(call, subscription);
        return subscription;
    }

    /// A subscription belongs to who subscribed, and to who has the topic.
    private static void checkOwner(Invocation call, Subscription subscription) {
        var account = call.caller().account();
        if (!account.equals(subscription.owner())
                && !account.equals(subscription.topic().account())) {
            throw new Failure(
                    ErrorCode.AUTHORIZATION_ERROR,
                    "User: %s is not authorized to access this subscription"
                            .formatted(call.caller().arn()));
        }
    }
}
