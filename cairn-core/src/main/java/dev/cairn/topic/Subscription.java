package dev.cairn.topic;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Who is told of a topic's messages.
///
/// @param id a UUID: who knows it may end the subscription, unless `signedUnsubscribe`
/// @param owner the account that subscribed
/// @param endpoint a URL, an address or the ARN of a queue
/// @param token what confirms it; null when it is confirmed
/// @param asked when the token was made; it holds for [Topics#TOKEN_TTL]
/// @param signedConfirmation whether a signed call confirmed it
/// @param signedUnsubscribe whether only a signed call may end it
/// @param terms what is sent, and how
public record Subscription(
        TopicArn topic,
        String id,
        String owner,
        Protocol protocol,
        String endpoint,
        @Nullable String token,
        Instant asked,
        boolean signedConfirmation,
        boolean signedUnsubscribe,
        Terms terms) {

    /// What a subscriber is sent, and how: what may be changed later.
    ///
    /// @param raw whether the bare text is sent, without SNS's envelope
    /// @param redrive the ARN of the queue that takes what cannot be delivered; null for the list
    ///   of dead letters
    /// @param filter which messages
    public record Terms(boolean raw, @Nullable String redrive, Filter filter) {
        /// All messages, in SNS's envelope.
        public static final Terms DEFAULTS = new Terms(false, null, Filter.NONE);

        public Terms withRaw(boolean isRaw) {
            return new Terms(isRaw, redrive, filter);
        }

        public Terms withRedrive(@Nullable String redriveTo) {
            return new Terms(raw, redriveTo, filter);
        }

        public Terms withFilter(Filter other) {
            return new Terms(raw, redrive, other);
        }
    }

    /// How its messages travel.
    public enum Protocol {
        HTTP("http"),
        HTTPS("https"),
        SQS("sqs"),
        EMAIL("email"),
        EMAIL_JSON("email-json");

        private final String wireName;

        Protocol(String wireName) {
            this.wireName = wireName;
        }

        public String wireName() {
            return wireName;
        }
    }

    /// `{topic}:{id}`.
    public String arn() {
        return topic + ":" + id;
    }

    public boolean confirmed() {
        return token == null;
    }

    String key() {
        return topic.key() + '/' + id;
    }

    Subscription asked(String freshToken, Instant now) {
        return new Subscription(
                topic,
                id,
                owner,
                protocol,
                endpoint,
                freshToken,
                now,
                signedConfirmation,
                signedUnsubscribe,
                terms);
    }

    Subscription confirmed(boolean signed, boolean onlySignedUnsubscribe) {
        return new Subscription(
                topic,
                id,
                owner,
                protocol,
                endpoint,
                null,
                asked,
                signed,
                onlySignedUnsubscribe,
                terms);
    }

    Subscription with(Terms others) {
        return new Subscription(
                topic,
                id,
                owner,
                protocol,
                endpoint,
                token,
                asked,
                signedConfirmation,
                signedUnsubscribe,
                others);
    }

    static Subscription of(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        int end = document.key().lastIndexOf('/');
        return new Subscription(
                TopicArn.ofKey(document.key().substring(0, end)),
                document.key().substring(end + 1),
                fields.text("owner"),
                Protocol.valueOf(fields.text("protocol")),
                fields.text("endpoint"),
                fields.find("token").orElse(null),
                Instant.parse(fields.text("asked")),
                fields.find("signedConfirmation").isPresent(),
                fields.find("signedUnsubscribe").isPresent(),
                new Terms(
                        fields.find("raw").isPresent(),
                        fields.find("redrive").orElse(null),
                        new Filter(
                                fields.find("filterPolicy").orElse(null),
                                fields.find("filterScope")
                                        .map(Filter.Scope::valueOf)
                                        .orElse(Filter.NONE.scope()))));
    }

    String json() {
        Fields fields =
                Fields.none()
                        .with("owner", owner)
                        .with("protocol", protocol.name())
                        .with("endpoint", endpoint)
                        .with("asked", asked.toString());
        fields = token == null ? fields : fields.with("token", token);
        fields = signedConfirmation ? fields.with("signedConfirmation", "") : fields;
        fields = signedUnsubscribe ? fields.with("signedUnsubscribe", "") : fields;
        fields = terms.raw() ? fields.with("raw", "") : fields;
        fields = terms.redrive() == null ? fields : fields.with("redrive", terms.redrive());
        Filter filter = terms.filter();
        fields = filter.policy() == null ? fields : fields.with("filterPolicy", filter.policy());
        return (filter.scope() == Filter.NONE.scope()
                        ? fields
                        : fields.with("filterScope", filter.scope().name()))
                .json();
    }
}
