package dev.cairn.server.door;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.account.Caller;
import dev.cairn.aws.protocol.Codec;
import dev.cairn.aws.protocol.Codecs;
import dev.cairn.aws.protocol.Protocol;
import dev.cairn.aws.protocol.WireError;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.server.operation.Invocation;
import dev.cairn.server.operation.Operation;
import dev.cairn.server.operation.ServedService;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.server.own.OwnRecord;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.TopicKeys;
import dev.cairn.topic.Topics;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What receivers of topics' messages ask without a signature: to confirm or end a subscription, by
/// a link that only they were sent, and the certificate that messages are checked with.
///
/// Answers in the form that SNS gives to such links. A link is followed by GET alone: HEAD, which
/// those use who only look, does nothing.
public final class TopicDoor {
    private static final Logger LOG = LoggerFactory.getLogger(TopicDoor.class);

    private final Topics topics;
    private final TopicKeys keys;
    private final ServedService sns;
    private final OwnCalls ownCalls;
    private final InstantSource clock;
    private final Codec codec = new Codecs().of(Protocol.QUERY).orElseThrow();

    public TopicDoor(
            Topics topics,
            TopicKeys keys,
            ServedService sns,
            OwnCalls ownCalls,
            InstantSource clock) {
        this.topics = topics;
        this.keys = keys;
        this.sns = sns;
        this.ownCalls = ownCalls;
        this.clock = clock;
    }

    Reply certificate(Exchange exchange) {
        try {
            var name = exchange.head().rawPath().substring(TopicKeys.PATH.length());
            return keys.certificate(name)
                    .map(pem -> Reply.of(200, "application/x-pem-file", pem))
                    .orElseGet(() -> Reply.of(404, "text/plain", "no such certificate\n"));
        } catch (CatalogException failure) {
            LOG.error("a certificate cannot be read", failure);
            return Reply.of(503, "text/plain", "the catalog does not answer\n")
                    .with("Retry-After", "1");
        }
    }

    Reply confirm(Exchange exchange, String requestId) throws InterruptedException {
        if (!exchange.head().method().equals("GET")) {
            return Reply.of(405, "text/plain", "expected GET\n").with("Allow", "GET");
        }
        var asked = parameters(exchange.head().rawQuery());
        try {
            topics.prepare(clock.instant());
            return switch (asked.getOrDefault("Action", "")) {
                case "ConfirmSubscription" -> confirm(exchange, requestId, asked);
                case "Unsubscribe" -> unsubscribe(exchange, requestId, asked);
                default ->
                        throw new Failure(
                                ErrorCode.INVALID_PARAMETER,
                                "Invalid parameter: Action Reason: expected ConfirmSubscription or Unsubscribe");
            };
        } catch (Failure failure) {
            recordRefusal(exchange, requestId, asked, failure);
            return error(failure, requestId);
        } catch (CatalogException failure) {
            LOG.error("request {}: the catalog fails", requestId, failure);
            var unavailable =
                    new Failure(
                            ErrorCode.SERVICE_UNAVAILABLE,
                            "the catalog does not answer at the moment");
            ownCalls.orCounted(() -> recordRefusal(exchange, requestId, asked, unavailable));
            return error(unavailable, requestId).with("Retry-After", "1");
        }
    }

    private Reply confirm(Exchange exchange, String requestId, Map<String, String> asked)
            throws CatalogException {
        var arn = TopicArn.of(asked.getOrDefault("TopicArn", "")).orElseThrow(Topics::noTopic);
        return change(
                exchange,
                requestId,
                "ConfirmSubscription",
                arn,
                asked,
                (call, tx) ->
                        JsonNodeFactory.instance
                                .objectNode()
                                .put(
                                        "SubscriptionArn",
                                        topics.confirm(
                                                        tx,
                                                        arn,
                                                        asked.getOrDefault("Token", ""),
                                                        false,
                                                        false,
                                                        call.now())
                                                .arn()));
    }

    private Reply unsubscribe(Exchange exchange, String requestId, Map<String, String> asked)
            throws CatalogException {
        var subscription = asked.getOrDefault("SubscriptionArn", "");
        var found = topics.subscription(subscription).orElseThrow(Topics::noSubscription);
        return change(
                exchange,
                requestId,
                "Unsubscribe",
                found.topic(),
                asked,
                (call, tx) -> {
                    if (!topics.unsubscribeByLink(tx, subscription, call.now())) {
                        throw new Failure(
                                ErrorCode.AUTHORIZATION_ERROR,
                                "This subscription can only be ended by a signed call");
                    }
                    return JsonNodeFactory.instance.objectNode();
                });
    }

    private Reply change(
            Exchange exchange,
            String requestId,
            String name,
            TopicArn topic,
            Map<String, String> asked,
            Operation.Change change)
            throws CatalogException {
        var input = JsonNodeFactory.instance.objectNode();
        for (var member : new String[] {"TopicArn", "SubscriptionArn"}) {
            if (asked.containsKey(member)) {
                input.put(member, asked.get(member));
            }
        }
        var caller =
                new Caller(Caller.Type.ANONYMOUS, topic.account(), "", "", null, null, null, null);
        var operation = sns.model().operation(name).orElseThrow();
        var call =
                new Invocation(
                        caller,
                        topic.region(),
                        input,
                        SpooledBody.of(new byte[0]),
                        clock.instant());
        var output =
                ownCalls.change(
                        change,
                        call,
                        made ->
                                new OwnRecord(
                                        ownCalls.newEventId(),
                                        call.now(),
                                        caller,
                                        topic.region(),
                                        asked(name, OwnRecord.inStyle(input, operation.input())),
                                        exchange,
                                        requestId,
                                        OwnRecord.Outcome.succeeded(
                                                OwnRecord.inStyle(made, operation.output()))));
        return ServiceDoor.reply(codec.write(sns.model(), operation, output, requestId));
    }

    private void recordRefusal(
            Exchange exchange, String requestId, Map<String, String> asked, Failure failure)
            throws InterruptedException {
        var name = asked.getOrDefault("Action", "");
        ownCalls.stranger(
                exchange,
                requestId,
                "",
                asked(sns.model().operation(name).isPresent() ? name : "UnknownOperation", null),
                OwnRecord.Outcome.failed(failure.code().awsName(), failure.message()));
    }

    private OwnRecord.Asked asked(String operation, @Nullable JsonNode parameters) {
        return OwnRecord.Asked.management(
                sns.eventSource(),
                operation,
                sns.model().metadata().apiVersion(),
                false,
                parameters);
    }

    private Reply error(Failure failure, String requestId) {
        return ServiceDoor.reply(
                codec.writeError(
                        sns.model(),
                        WireError.of(
                                failure.code().awsName(),
                                failure.code().status(),
                                failure.message()),
                        requestId));
    }

    /// The first of each name counts.
    private static Map<String, String> parameters(String query) {
        var parameters = new HashMap<String, String>();
        for (var pair : query.split("&", -1)) {
            var middle = pair.indexOf('=');
            if (middle > 0) {
                try {
                    parameters.putIfAbsent(
                            pair.substring(0, middle),
                            URLDecoder.decode(pair.substring(middle + 1), StandardCharsets.UTF_8));
                } catch (IllegalArgumentException _) {
                    LOG.debug("a link with a broken escape");
                }
            }
        }
        return parameters;
    }
}
