package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.access.Action;
import dev.cairn.access.Policy;
import dev.cairn.access.Target;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.topic.Topic;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.Topics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What SNS's operations have in common: the topic that a call names, its policy, pages, refusals.
final class TopicCall {
    static final int PAGE = 100;

    private TopicCall() {}

    /// The topic that a call names, which must be of the region that is called.
    ///
    /// @throws Failure INVALID_PARAMETER
    static TopicArn arn(Invocation call) {
        var member = member(call);
        var text = call.text(member, "");
        var arn = TopicArn.of(text);
        if (arn.isEmpty() || !arn.get().region().equals(call.region())) {
            throw invalid(
                    "%s Reason: An ARN must be that of a topic of the region %s, got %s"
                            .formatted(member, call.region(), text));
        }
        return arn.get();
    }

    static Failure invalid(String what) {
        return new Failure(ErrorCode.INVALID_PARAMETER, "Invalid parameter: " + what);
    }

    /// An operation on the topic that the input names, whose policy has a say.
    static BuiltOperation onTopic(Topics topics, Action action, Operation operation) {
        return new BuiltOperation(
                action,
                call ->
                        TopicArn.of(call.text(member(call), ""))
                                .map(arn -> new Target(arn.account(), arn.toString()))
                                .orElseGet(() -> Target.account(call.caller().account())),
                _ -> false,
                operation,
                call -> policy(topics, call.text(member(call), "")));
    }

    /// The member that names the topic: what is judged must be what is acted on.
    static String member(Invocation call) {
        return Stream.of("TopicArn", "ResourceArn", "TargetArn")
                .filter(call.input()::hasNonNull)
                .findFirst()
                .orElse("TopicArn");
    }

    private static Policy policy(Topics topics, String arn) throws CatalogException {
        Optional<TopicArn> named = TopicArn.of(arn);
        Optional<Topic> topic = named.isEmpty() ? Optional.empty() : topics.find(named.get());
        return topic.isEmpty() ? Policy.NONE : topic.get().policy();
    }

    static Map<String, String> tags(JsonNode list) {
        var tags = new LinkedHashMap<String, String>();
        for (var tag : list) {
            var key = tag.path("Key").asText("");
            if (key.isEmpty()
                    || key.length() > 128
                    || key.startsWith("aws:")
                    || tag.path("Value").asText("").length() > 256
                    || tags.put(key, tag.path("Value").asText("")) != null) {
                throw invalid("Tags Reason: the tag with the key %s is not valid".formatted(key));
            }
        }
        return tags;
    }

    /// What the token of the page before says; empty for the first page.
    static String after(Invocation call) {
        return NameToken.read(call.text("NextToken", "")).orElseThrow(() -> invalid("NextToken"));
    }
}
