package dev.cairn.topic;

import dev.cairn.access.Policy;
import dev.cairn.access.PolicyException;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.util.Map;
import java.util.TreeMap;

/// A topic as it stands.
///
/// @param attributes those that were set, by SNS's names; see [TopicAttribute]
/// @param tags by key
/// @param subscriptionsDeleted how many subscriptions were ended
public record Topic(
        TopicArn arn,
        Map<String, String> attributes,
        Map<String, String> tags,
        long subscriptionsDeleted) {

    private static final String ATTRIBUTE = "attribute:";
    private static final String TAG = "tag:";
    private static final String DELETED = "subscriptionsDeleted";

    public Topic {
        attributes = Map.copyOf(attributes);
        tags = Map.copyOf(tags);
    }

    /// The policy that was set, or else SNS's default: the owner's account alone.
    public String policyText() {
        return attributes.getOrDefault(TopicAttribute.POLICY.wireName(), defaultPolicy());
    }

    /// @throws CatalogException CORRUPT when what is kept is no policy: it was read before
    public Policy policy() throws CatalogException {
        try {
            return Policy.of(policyText());
        } catch (PolicyException e) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT, "expected a policy of the topic " + arn, e);
        }
    }

    /// 1 (SHA-1) unless 2 (SHA-256) was set: SNS's default.
    public String signatureVersion() {
        return attributes.getOrDefault(TopicAttribute.SIGNATURE_VERSION.wireName(), "1");
    }

    /// The name that people see; the topic's own when none was set.
    public String displayName() {
        String name = attributes.getOrDefault(TopicAttribute.DISPLAY_NAME.wireName(), "");
        return name.isEmpty() ? arn.name() : name;
    }

    /// As SNS makes it with every topic
    /// (https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html).
    private String defaultPolicy() {
        return """
        {"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"%s","Condition":{"StringEquals":{"AWS:SourceOwner":"%s"}}}]}\
        """
                .formatted(arn, arn.account());
    }

    Topic withAttribute(TopicAttribute attribute, String value) {
        Map<String, String> changed = new TreeMap<>(attributes);
        changed.put(attribute.wireName(), value);
        return new Topic(arn, changed, tags, subscriptionsDeleted);
    }

    Topic withTags(Map<String, String> changed) {
        return new Topic(arn, attributes, changed, subscriptionsDeleted);
    }

    Topic withOneSubscriptionLess() {
        return new Topic(arn, attributes, tags, subscriptionsDeleted + 1);
    }

    static Topic of(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        Map<String, String> attributes = new TreeMap<>();
        Map<String, String> tags = new TreeMap<>();
        for (String name : fields.names()) {
            if (name.startsWith(ATTRIBUTE)) {
                attributes.put(name.substring(ATTRIBUTE.length()), fields.text(name));
            } else if (name.startsWith(TAG)) {
                tags.put(name.substring(TAG.length()), fields.text(name));
            }
        }
        return new Topic(
                TopicArn.ofKey(document.key()),
                attributes,
                tags,
                Long.parseLong(fields.text(DELETED)));
    }

    String json() {
        Fields fields = Fields.none().with(DELETED, Long.toString(subscriptionsDeleted));
        for (Map.Entry<String, String> attribute : new TreeMap<>(attributes).entrySet()) {
            fields = fields.with(ATTRIBUTE + attribute.getKey(), attribute.getValue());
        }
        for (Map.Entry<String, String> tag : new TreeMap<>(tags).entrySet()) {
            fields = fields.with(TAG + tag.getKey(), tag.getValue());
        }
        return fields.json();
    }
}
