package dev.cairn.topic;

import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.pattern.EventPatterns;
import dev.cairn.queue.MessageAttribute;
import dev.cairn.queue.Outgoing;
import dev.cairn.secret.Secrets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Passes messages on to subscribers, within a transaction: own queues have them when it ends, for
/// all others rows of [Outbound] are made.
///
/// Its [Signing] is to be prepared before the transaction begins.
public final class Publishing {
    private final Outbound outbound;
    private final Signing signing;
    private final Supplier<String> url;
    private final Secrets secrets;
    private final EventPatterns patterns = new EventPatterns();

    /// @param url of this server, for links, such as `http://127.0.0.1:4580`
    public Publishing(Outbound outbound, Signing signing, Supplier<String> url, Secrets secrets) {
        this.outbound = outbound;
        this.signing = signing;
        this.url = url;
        this.secrets = secrets;
    }

    /// To be called outside a transaction before one in which something is sent.
    public void prepare(Instant now) throws CatalogException {
        signing.prepare(now);
    }

    /// A fresh UUID, for a message or a subscription.
    public String freshId() {
        return secrets.uuid();
    }

    void publish(Transaction tx, Topic topic, List<Subscription> subscriptions, Message message)
            throws CatalogException {
        for (Subscription to : subscriptions) {
            if (to.confirmed()) {
                offer(tx, topic, to, message);
            }
        }
    }

    private void offer(Transaction tx, Topic topic, Subscription to, Message message)
            throws CatalogException {
        String text = message.textFor(to.protocol());
        switch (to.terms().filter().judge(patterns, message, text)) {
            case TAKEN -> pass(tx, topic, to, message);
            case LEFT -> {}
            case TOO_COMPLEX ->
                    outbound.dead(
                            tx,
                            to,
                            letter(topic, to, message),
                            "it has too many values for the subscription's filter policy",
                            message.time());
        }
    }

    /// Asks a subscriber to confirm.
    void ask(Transaction tx, Topic topic, Subscription to, String token, Instant now)
            throws CatalogException {
        String id = secrets.uuid();
        String body =
                to.protocol() == Subscription.Protocol.EMAIL
                        ? "You have chosen to subscribe to the topic:\n%s\n\nTo confirm this subscription, click or visit the link below (If this was in error no action is necessary):\n%s\n"
                                .formatted(topic.arn(), envelope().subscribeUrl(to, token))
                        : envelope().confirmation(to, token, id, now, topic.signatureVersion());
        send(
                tx,
                to,
                new Outbound.Letter(
                        id,
                        "SubscriptionConfirmation",
                        false,
                        subject(to, topic.displayName() + " - Subscription Confirmation"),
                        body),
                Map.of(),
                now);
    }

    /// Tells a subscriber that someone who gave no name ended the subscription.
    void farewell(Transaction tx, Topic topic, Subscription to, String token, Instant now)
            throws CatalogException {
        String id = secrets.uuid();
        String body =
                to.protocol() == Subscription.Protocol.EMAIL
                        ? "Your subscription to the topic below has been deactivated:\n%s\n\nIf this was in error, click or visit the link below to subscribe again:\n%s\n"
                                .formatted(topic.arn(), envelope().subscribeUrl(to, token))
                        : envelope().farewell(to, token, id, now, topic.signatureVersion());
        send(
                tx,
                to,
                new Outbound.Letter(
                        id,
                        "UnsubscribeConfirmation",
                        false,
                        subject(to, topic.displayName() + " - Unsubscribe Confirmation"),
                        body),
                Map.of(),
                now);
    }

    private void pass(Transaction tx, Topic topic, Subscription to, Message message)
            throws CatalogException {
        send(
                tx,
                to,
                letter(topic, to, message),
                to.terms().raw() ? message.attributes() : Map.of(),
                message.time());
    }

    private Outbound.Letter letter(Topic topic, Subscription to, Message message) {
        String text = message.textFor(to.protocol());
        boolean raw = to.terms().raw();
        String body =
                to.protocol() == Subscription.Protocol.EMAIL
                        ? text
                                + "\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n%s\n"
                                        .formatted(envelope().unsubscribeUrl(to))
                        : raw
                                ? text
                                : envelope().notification(message, to, topic.signatureVersion());
        String subject = message.subject() == null ? "Notification Message" : message.subject();
        return new Outbound.Letter(message.id(), "Notification", raw, subject(to, subject), body);
    }

    private void send(
            Transaction tx,
            Subscription to,
            Outbound.Letter letter,
            Map<String, MessageAttribute> attributes,
            Instant now)
            throws CatalogException {
        switch (to.protocol()) {
            case SQS -> {
                Optional<String> refusal =
                        outbound.refusal(
                                tx,
                                to.endpoint(),
                                to.topic(),
                                new Outgoing(letter.body(), attributes, null, null),
                                now);
                if (refusal.isPresent()) {
                    outbound.dead(tx, to, letter, refusal.get(), now);
                }
            }
            case HTTP, HTTPS, EMAIL, EMAIL_JSON -> outbound.put(tx, to, letter, now);
        }
    }

    private static @Nullable String subject(Subscription to, String subject) {
        return switch (to.protocol()) {
            case EMAIL, EMAIL_JSON -> subject;
            case HTTP, HTTPS, SQS -> null;
        };
    }

    private Envelope envelope() {
        return new Envelope(signing, url.get());
    }
}
