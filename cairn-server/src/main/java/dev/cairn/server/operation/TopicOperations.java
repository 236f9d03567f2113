package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.topic.Subscription;
import dev.cairn.topic.Topic;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.TopicAttribute;
import dev.cairn.topic.Topics;
import java.util.EnumMap;
import java.util.TreeSet;

/// SNS's operations on topics themselves: CreateTopic, DeleteTopic, ListTopics, Get- and
/// SetTopicAttributes, TagResource, UntagResource and ListTagsForResource.
///
/// Source: Amazon SNS API Reference.
final class TopicOperations {
    private final Topics topics;

    TopicOperations(Topics topics) {
        this.topics = topics;
    }

    ObjectNode create(Invocation call, Transaction tx) throws CatalogException {
        var name = call.text("Name", "");
        if (name.endsWith(".fifo") || call.input().path("Attributes").has("FifoTopic")) {
            throw TopicCall.invalid(
                    "Topic Name Reason: Cairn has no FIFO topics; docs/gaps.md says what is missing and why");
        }
        if (!TopicArn.isName(name)) {
            throw TopicCall.invalid("Topic Name");
        }
        if (!call.text("DataProtectionPolicy", "").isEmpty()) {
            throw TopicCall.invalid(
                    "DataProtectionPolicy Reason: Cairn does not do what it asks for");
        }
        var attributes = new EnumMap<TopicAttribute, String>(TopicAttribute.class);
        call.input()
                .path("Attributes")
                .properties()
                .forEach(set ->
                        attributes.put(TopicAttribute.of(set.getKey()), set.getValue().asText()));
        var arn = new TopicArn(call.region(), call.caller().account(), name);
        var topic = topics.create(tx, arn, attributes, TopicCall.tags(call.input().path("Tags")));
        return JsonNodeFactory.instance.objectNode().put("TopicArn", topic.arn().toString());
    }

    ObjectNode delete(Invocation call, Transaction tx) throws CatalogException {
        topics.delete(tx, TopicCall.arn(call));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var page =
                topics.list(
                        call.caller().account(),
                        call.region(),
                        TopicCall.after(call),
                        TopicCall.PAGE + 1);
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("Topics");
        page.stream()
                .limit(TopicCall.PAGE)
                .forEach(topic -> list.addObject().put("TopicArn", topic.arn().toString()));
        if (page.size() > TopicCall.PAGE) {
            output.put("NextToken", NameToken.of(page.get(TopicCall.PAGE - 1).arn().name()));
        }
        return output;
    }

    ObjectNode attributes(Invocation call) throws CatalogException {
        var topic = expect(call);
        var subscriptions = topics.subscriptions(topic.arn(), "", Topics.SUBSCRIPTIONS_MAX);
        var confirmed = subscriptions.stream().filter(Subscription::confirmed).count();
        var output = JsonNodeFactory.instance.objectNode();
        var attributes = output.putObject("Attributes");
        attributes
                .put("Policy", topic.policyText())
                .put("Owner", topic.arn().account())
                .put("SubscriptionsPending", Long.toString(subscriptions.size() - confirmed))
                .put("TopicArn", topic.arn().toString())
                .put("SubscriptionsConfirmed", Long.toString(confirmed))
                .put("SubscriptionsDeleted", Long.toString(topic.subscriptionsDeleted()))
                .put("DisplayName", "")
                .put("SignatureVersion", topic.signatureVersion());
        topic.attributes().forEach(attributes::put);
        return output;
    }

    ObjectNode set(Invocation call, Transaction tx) throws CatalogException {
        topics.set(
                tx,
                TopicCall.arn(call),
                TopicAttribute.of(call.text("AttributeName", "")),
                call.text("AttributeValue", ""));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode tag(Invocation call, Transaction tx) throws CatalogException {
        topics.tag(tx, TopicCall.arn(call), TopicCall.tags(call.input().path("Tags")));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode untag(Invocation call, Transaction tx) throws CatalogException {
        var keys = new TreeSet<String>();
        call.input().path("TagKeys").forEach(key -> keys.add(key.asText()));
        topics.untag(tx, TopicCall.arn(call), keys);
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode tags(Invocation call) throws CatalogException {
        var topic =
                topics.find(TopicCall.arn(call))
                        .orElseThrow(() ->
                                new Failure(
                                        ErrorCode.RESOURCE_NOT_FOUND, "Resource does not exist"));
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("Tags");
        topic.tags().keySet().stream()
                .sorted()
                .forEach(key ->
                        list.addObject().put("Key", key).put("Value", topic.tags().get(key)));
        return output;
    }

    private Topic expect(Invocation call) throws CatalogException {
        return topics.find(TopicCall.arn(call)).orElseThrow(Topics::noTopic);
    }
}
