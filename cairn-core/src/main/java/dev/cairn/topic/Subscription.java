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
/// @param raw whether the bare text is sent, without SNS's envelope
/// @param redrive the ARN of the queue that takes what cannot be delivered; null for the list of
///   dead letters
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
        boolean raw,
        @Nullable String redrive) {

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
                raw,
                redrive);
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
                raw,
                redrive);
    }

    Subscription with(boolean isRaw, @Nullable String redriveTo) {
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
                isRaw,
                redriveTo);
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
                fields.find("raw").isPresent(),
                fields.find("redrive").orElse(null));
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
        fields = raw ? fields.with("raw", "") : fields;
        return (redrive == null ? fields : fields.with("redrive", redrive)).json();
    }
}
