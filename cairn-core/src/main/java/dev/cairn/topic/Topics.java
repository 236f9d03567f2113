package dev.cairn.topic;

import dev.cairn.access.Policy;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.secret.Secrets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The topics of a catalog and their subscriptions. Any thread may call any method; those with a
/// transaction change things, or see what the transaction sees.
public final class Topics {
    /// How many topics an account may have in a region.
    public static final int TOPICS_MAX = 1000;

    /// How many subscriptions a topic may have: a message goes to all of them in one transaction.
    public static final int SUBSCRIPTIONS_MAX = 1000;

    /// How many subscriptions of a topic may have a filter policy: SNS's own limit.
    public static final int FILTERS_MAX = 200;

    public static final int TAGS_MAX = 50;

    /// For so long a subscription may be confirmed; then it is forgotten.
    public static final Duration TOKEN_TTL = Duration.ofDays(2);

    static final String SUBSCRIPTION = "topic-subscription";

    private static final String TOPIC = "topic";
    private static final String HEX = "0123456789abcdef";
    private static final int TOKEN_CHARS = 64;

    private final Catalog catalog;
    private final Publishing publishing;
    private final Secrets secrets;

    public Topics(Catalog catalog, Publishing publishing, Secrets secrets) {
        this.catalog = catalog;
        this.publishing = publishing;
        this.secrets = secrets;
    }

    /// To be called outside a transaction, before one that publishes, subscribes or unsubscribes.
    public void prepare(Instant now) throws CatalogException {
        publishing.prepare(now);
    }

    // Topics.

    public Optional<Topic> find(TopicArn arn) throws CatalogException {
        Optional<Document> document = catalog.get(TOPIC, arn.key());
        return document.isEmpty() ? Optional.empty() : Optional.of(Topic.of(document.get()));
    }

    public Optional<Topic> find(Transaction tx, TopicArn arn) throws CatalogException {
        Optional<Document> document = tx.get(TOPIC, arn.key());
        return document.isEmpty() ? Optional.empty() : Optional.of(Topic.of(document.get()));
    }

    /// @throws Failure NOT_FOUND
    public Topic expect(Transaction tx, TopicArn arn) throws CatalogException {
        return find(tx, arn).orElseThrow(Topics::noTopic);
    }

    /// SNS's words for a topic that is not there.
    public static Failure noTopic() {
        return new Failure(ErrorCode.NOT_FOUND, "Topic does not exist");
    }

    /// An account's topics of a region in order of name.
    ///
    /// @param after the name before the first one; empty for all
    public List<Topic> list(String account, String region, String after, int limit)
            throws CatalogException {
        String prefix = account + '/' + region + '/';
        List<Topic> topics = new ArrayList<>();
        for (Document document :
                catalog.list(TOPIC, prefix, after.isEmpty() ? "" : prefix + after, limit)) {
            topics.add(Topic.of(document));
        }
        return topics;
    }

    /// Makes a topic, or finds the one that is there with these attributes and tags.
    ///
    /// @throws Failure INVALID_PARAMETER when there is one with others; TOPIC_LIMIT_EXCEEDED
    public Topic create(
            Transaction tx,
            TopicArn arn,
            Map<TopicAttribute, String> attributes,
            Map<String, String> tags)
            throws CatalogException {
        Topic wanted = new Topic(arn, Map.of(), checked(tags), 0);
        for (Map.Entry<TopicAttribute, String> attribute : attributes.entrySet()) {
            attribute.getKey().check(attribute.getValue(), arn);
            wanted = wanted.withAttribute(attribute.getKey(), attribute.getValue());
        }
        Optional<Topic> there = find(tx, arn);
        if (there.isPresent()) {
            for (Map.Entry<String, String> attribute : wanted.attributes().entrySet()) {
                if (!attribute
                        .getValue()
                        .equals(there.get().attributes().get(attribute.getKey()))) {
                    throw invalid(
                            "Attributes Reason: Topic already exists with different attributes");
                }
            }
            if (!wanted.tags().isEmpty() && !wanted.tags().equals(there.get().tags())) {
                throw invalid("Tags Reason: Topic already exists with different tags");
            }
            return there.get();
        }
        if (tx.list(TOPIC, arn.account() + '/' + arn.region() + '/', "", TOPICS_MAX).size()
                >= TOPICS_MAX) {
            throw new Failure(
                    ErrorCode.TOPIC_LIMIT_EXCEEDED,
                    "An account has at most %d topics in a region".formatted(TOPICS_MAX));
        }
        tx.create(TOPIC, arn.key(), wanted.json());
        return wanted;
    }

    /// Removes a topic and its subscriptions, with what is still on its way; does nothing when
    /// there is none, as on AWS.
    public void delete(Transaction tx, TopicArn arn) throws CatalogException {
        Optional<Document> document = tx.get(TOPIC, arn.key());
        if (document.isPresent()) {
            for (Document subscription : documents(tx, arn)) {
                tx.delete(subscription);
            }
            tx.delete(document.get());
        }
    }

    /// @throws Failure NOT_FOUND, INVALID_PARAMETER
    public void set(Transaction tx, TopicArn arn, TopicAttribute attribute, String value)
            throws CatalogException {
        attribute.check(value, arn);
        replace(tx, expect(tx, arn).withAttribute(attribute, value));
    }

    /// @throws Failure RESOURCE_NOT_FOUND, TAG_LIMIT_EXCEEDED
    public void tag(Transaction tx, TopicArn arn, Map<String, String> tags)
            throws CatalogException {
        Topic topic = tagged(tx, arn);
        Map<String, String> all = new TreeMap<>(topic.tags());
        all.putAll(tags);
        replace(tx, topic.withTags(checked(all)));
    }

    public void untag(Transaction tx, TopicArn arn, Collection<String> keys)
            throws CatalogException {
        Topic topic = tagged(tx, arn);
        Map<String, String> rest = new TreeMap<>(topic.tags());
        keys.forEach(rest::remove);
        replace(tx, topic.withTags(rest));
    }

    private Topic tagged(Transaction tx, TopicArn arn) throws CatalogException {
        return find(tx, arn)
                .orElseThrow(
                        () -> new Failure(ErrorCode.RESOURCE_NOT_FOUND, "Resource does not exist"));
    }

    private static Map<String, String> checked(Map<String, String> tags) {
        if (tags.size() > TAGS_MAX) {
            throw new Failure(
                    ErrorCode.TAG_LIMIT_EXCEEDED,
                    "Could not complete request: tag quota of per resource exceeded");
        }
        return tags;
    }

    private static void replace(Transaction tx, Topic topic) throws CatalogException {
        tx.replace(tx.get(TOPIC, topic.arn().key()).orElseThrow(Topics::noTopic), topic.json());
    }

    // Messages.

    /// Passes a message on to everyone who subscribed: with the transaction it is published.
    ///
    /// @throws Failure NOT_FOUND
    public void publish(Transaction tx, Message message) throws CatalogException {
        Topic topic = expect(tx, message.topic());
        publishing.publish(tx, topic, read(documents(tx, topic.arn())), message);
    }

    /// A fresh message id.
    public String freshId() {
        return publishing.freshId();
    }

    /// Whether a service may publish for someone.
    ///
    /// @param service such as `cloudtrail.amazonaws.com`
    /// @param sourceArn for what it acts, such as a trail
    /// @param sourceAccount whose that is
    public static boolean lets(Topic topic, String service, String sourceArn, String sourceAccount)
            throws CatalogException {
        return topic.policy()
                        .judge(
                                new Policy.Request(
                                        new Policy.Principal.Service(service),
                                        "SNS:Publish",
                                        topic.arn().toString(),
                                        Map.of(
                                                "aws:sourcearn",
                                                List.of(sourceArn),
                                                "aws:sourceaccount",
                                                List.of(sourceAccount))))
                == Policy.Verdict.ALLOWED;
    }

    // Subscriptions.

    /// Who subscribed to a topic, in order of id, those that are not confirmed included.
    ///
    /// @param after the id before the first one; empty for all
    public List<Subscription> subscriptions(TopicArn arn, String after, int limit)
            throws CatalogException {
        String prefix = arn.key() + '/';
        return read(
                catalog.list(SUBSCRIPTION, prefix, after.isEmpty() ? "" : prefix + after, limit));
    }

    /// The subscriptions to all of an account's topics in a region.
    ///
    /// @param after the subscription before the first one; null for all
    public List<Subscription> subscriptions(
            String account, String region, @Nullable Subscription after, int limit)
            throws CatalogException {
        return read(
                catalog.list(
                        SUBSCRIPTION,
                        account + '/' + region + '/',
                        after == null ? "" : after.key(),
                        limit));
    }

    /// The subscription with that ARN.
    public Optional<Subscription> subscription(String arn) throws CatalogException {
        Optional<String> key = key(arn);
        Optional<Document> document =
                key.isEmpty() ? Optional.empty() : catalog.get(SUBSCRIPTION, key.get());
        return document.isEmpty() ? Optional.empty() : Optional.of(Subscription.of(document.get()));
    }

    /// The subscription with that ARN, as the transaction sees it.
    public Optional<Subscription> subscription(Transaction tx, String arn) throws CatalogException {
        Optional<Document> document = document(tx, arn);
        return document.isEmpty() ? Optional.empty() : Optional.of(Subscription.of(document.get()));
    }

    /// Subscribes, or finds the subscription that is there. One that must be confirmed is asked to.
    ///
    /// @param wanted without id and token
    /// @param confirmed whether its receiver need not confirm: an own queue of the same account
    /// @throws Failure NOT_FOUND, SUBSCRIPTION_LIMIT_EXCEEDED, FILTER_POLICY_LIMIT_EXCEEDED
    public Subscription subscribe(Transaction tx, Wanted wanted, boolean confirmed, Instant now)
            throws CatalogException {
        Topic topic = expect(tx, wanted.topic());
        List<Subscription> there = new ArrayList<>();
        for (Document document : documents(tx, topic.arn())) {
            Subscription one = Subscription.of(document);
            if (one.confirmed() || now.isBefore(one.asked().plus(TOKEN_TTL))) {
                there.add(one);
            } else {
                tx.delete(document);
            }
        }
        Optional<Subscription> same =
                there.stream()
                        .filter(one ->
                                one.protocol() == wanted.protocol()
                                        && one.endpoint().equals(wanted.endpoint()))
                        .findFirst();
        same.ifPresent(there::remove);
        checkFilters(there, wanted.terms());
        if (same.isPresent()) {
            return again(tx, topic, same.get(), wanted, now);
        }
        if (there.size() >= SUBSCRIPTIONS_MAX) {
            throw new Failure(
                    ErrorCode.SUBSCRIPTION_LIMIT_EXCEEDED,
                    "A topic has at most %d subscriptions".formatted(SUBSCRIPTIONS_MAX));
        }
        String token = confirmed ? null : secrets.letters(HEX, TOKEN_CHARS);
        Subscription made =
                new Subscription(
                        topic.arn(),
                        publishing.freshId(),
                        wanted.owner(),
                        wanted.protocol(),
                        wanted.endpoint(),
                        token,
                        now,
                        confirmed,
                        false,
                        wanted.terms());
        tx.create(SUBSCRIPTION, made.key(), made.json());
        if (token != null) {
            publishing.ask(tx, topic, made, token, now);
        }
        return made;
    }

    /// What is asked for by Subscribe.
    ///
    /// @param terms whose filter is one that SNS takes
    public record Wanted(
            TopicArn topic,
            String owner,
            Subscription.Protocol protocol,
            String endpoint,
            Subscription.Terms terms) {}

    /// @param others to the same topic
    private static void checkFilters(List<Subscription> others, Subscription.Terms terms) {
        if (terms.filter().policy() != null
                && others.stream().filter(one -> one.terms().filter().policy() != null).count()
                        >= FILTERS_MAX) {
            throw new Failure(
                    ErrorCode.FILTER_POLICY_LIMIT_EXCEEDED,
                    "A topic has at most %d filter policies".formatted(FILTERS_MAX));
        }
    }

    private Subscription again(
            Transaction tx, Topic topic, Subscription there, Wanted wanted, Instant now)
            throws CatalogException {
        if (there.confirmed()) {
            boolean filtered = wanted.terms().filter().policy() != null;
            if (there.terms().raw() != wanted.terms().raw()
                    || (filtered && !there.terms().filter().equals(wanted.terms().filter()))) {
                throw invalid(
                        "Attributes Reason: Subscription already exists with different attributes");
            }
            return there;
        }
        String token = secrets.letters(HEX, TOKEN_CHARS);
        Subscription asked = there.asked(token, now).with(wanted.terms());
        replace(tx, asked);
        publishing.ask(tx, topic, asked, token, now);
        return asked;
    }

    /// Confirms the subscription that a token was made for. A token that was used already confirms
    /// nothing more and is wrong.
    ///
    /// @param signed whether a signed call does so
    /// @param onlySignedUnsubscribe whether only a signed call may end it
    /// @throws Failure NOT_FOUND, INVALID_PARAMETER
    public Subscription confirm(
            Transaction tx,
            TopicArn arn,
            String token,
            boolean signed,
            boolean onlySignedUnsubscribe,
            Instant now)
            throws CatalogException {
        expect(tx, arn);
        for (Subscription one : read(documents(tx, arn))) {
            String asked = one.token();
            if (asked != null && same(asked, token) && now.isBefore(one.asked().plus(TOKEN_TTL))) {
                Subscription confirmed = one.confirmed(signed, onlySignedUnsubscribe);
                replace(tx, confirmed);
                return confirmed;
            }
        }
        throw invalid("Token");
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                other.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /// Ends a subscription; does nothing when there is none, as on AWS.
    public void unsubscribe(Transaction tx, String arn) throws CatalogException {
        Optional<Document> document = document(tx, arn);
        if (document.isPresent()) {
            tx.delete(document.get());
            countEnd(tx, Subscription.of(document.get()));
        }
    }

    /// Ends a subscription because whoever has its link asked to. Its receiver is told, and can
    /// take it back for [#TOKEN_TTL].
    ///
    /// @return false when only a signed call may end it
    public boolean unsubscribeByLink(Transaction tx, String arn, Instant now)
            throws CatalogException {
        Optional<Document> document = document(tx, arn);
        if (document.isEmpty()) {
            return true;
        }
        Subscription old = Subscription.of(document.get());
        if (old.signedUnsubscribe()) {
            return false;
        }
        if (!old.confirmed()) {
            return true;
        }
        String token = secrets.letters(HEX, TOKEN_CHARS);
        Subscription asked = old.asked(token, now);
        replace(tx, asked);
        countEnd(tx, asked);
        publishing.farewell(tx, expect(tx, old.topic()), asked, token, now);
        return true;
    }

    private static void countEnd(Transaction tx, Subscription ended) throws CatalogException {
        Optional<Document> topic = tx.get(TOPIC, ended.topic().key());
        if (topic.isPresent()) {
            tx.replace(topic.get(), Topic.of(topic.get()).withOneSubscriptionLess().json());
        }
    }

    /// Changes which of a topic's messages a subscription is sent, and how.
    ///
    /// @param terms whose filter is one that SNS takes
    /// @throws Failure NOT_FOUND, FILTER_POLICY_LIMIT_EXCEEDED
    public void set(Transaction tx, String arn, Subscription.Terms terms) throws CatalogException {
        Document document = document(tx, arn).orElseThrow(Topics::noSubscription);
        Subscription old = Subscription.of(document);
        if (old.terms().filter().policy() == null) {
            checkFilters(read(documents(tx, old.topic())), terms);
        }
        replace(tx, old.with(terms));
    }

    /// SNS's words for a subscription that is not there.
    public static Failure noSubscription() {
        return new Failure(ErrorCode.NOT_FOUND, "Subscription does not exist");
    }

    private static Optional<Document> document(Transaction tx, String arn) throws CatalogException {
        Optional<String> key = key(arn);
        return key.isEmpty() ? Optional.empty() : tx.get(SUBSCRIPTION, key.get());
    }

    private static void replace(Transaction tx, Subscription subscription) throws CatalogException {
        tx.replace(
                tx.get(SUBSCRIPTION, subscription.key()).orElseThrow(Topics::noSubscription),
                subscription.json());
    }

    /// The key of a subscription; empty when the text is not its ARN.
    private static Optional<String> key(String arn) {
        int end = arn.lastIndexOf(':');
        String id = arn.substring(end + 1);
        return end < 0 || !id.matches("[0-9a-f-]{36}")
                ? Optional.empty()
                : TopicArn.of(arn.substring(0, end)).map(topic -> topic.key() + '/' + id);
    }

    private static List<Document> documents(Transaction tx, TopicArn arn) throws CatalogException {
        return tx.list(SUBSCRIPTION, arn.key() + '/', "", SUBSCRIPTIONS_MAX);
    }

    private static List<Subscription> read(List<Document> documents) throws CatalogException {
        List<Subscription> subscriptions = new ArrayList<>();
        for (Document document : documents) {
            subscriptions.add(Subscription.of(document));
        }
        return subscriptions;
    }

    private static Failure invalid(String what) {
        return new Failure(ErrorCode.INVALID_PARAMETER, "Invalid parameter: " + what);
    }
}
