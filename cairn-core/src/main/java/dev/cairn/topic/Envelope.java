package dev.cairn.topic;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import dev.cairn.queue.MessageAttribute;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/// The JSON bodies that SNS sends, signed: member for member and space for space.
///
/// Source: Amazon SNS Developer Guide, "Parsing Amazon SNS message formats" and "Verifying the
/// signatures of Amazon SNS messages".
///
/// @param url of this server, such as `http://127.0.0.1:4580`
record Envelope(Signing signing, String url) {
    private static final JsonFactory JSON = new JsonFactory();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /// A message for a subscriber.
    String notification(Message message, Subscription to, String signatureVersion) {
        Map<String, String> signed = new LinkedHashMap<>();
        signed.put("Message", message.textFor(to.protocol()));
        signed.put("MessageId", message.id());
        if (message.subject() != null) {
            signed.put("Subject", message.subject());
        }
        signed.put("Timestamp", TIME.format(message.time()));
        signed.put("TopicArn", message.topic().toString());
        signed.put("Type", "Notification");
        Map<String, String> members = new LinkedHashMap<>();
        members.put("Type", "Notification");
        members.put("MessageId", message.id());
        members.put("TopicArn", message.topic().toString());
        if (message.subject() != null) {
            members.put("Subject", message.subject());
        }
        members.put("Message", message.textFor(to.protocol()));
        members.put("Timestamp", TIME.format(message.time()));
        sign(members, signed, signatureVersion);
        members.put("UnsubscribeURL", unsubscribeUrl(to));
        return json(members, message.attributes());
    }

    /// What asks a subscriber to confirm.
    String confirmation(Subscription of, String token, String id, Instant time, String version) {
        return question(
                "SubscriptionConfirmation",
                "You have chosen to subscribe to the topic %s.\nTo confirm the subscription, visit the SubscribeURL included in this message."
                        .formatted(of.topic()),
                of,
                token,
                id,
                time,
                version);
    }

    /// What tells a subscriber that someone ended the subscription.
    String farewell(Subscription of, String token, String id, Instant time, String version) {
        return question(
                "UnsubscribeConfirmation",
                "You have chosen to deactivate subscription %s.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message."
                        .formatted(of.arn()),
                of,
                token,
                id,
                time,
                version);
    }

    String subscribeUrl(Subscription of, String token) {
        return url
                + "/confirm?Action=ConfirmSubscription&TopicArn="
                + of.topic()
                + "&Token="
                + token;
    }

    String unsubscribeUrl(Subscription of) {
        return url + "/confirm?Action=Unsubscribe&SubscriptionArn=" + of.arn();
    }

    private String question(
            String type,
            String text,
            Subscription of,
            String token,
            String id,
            Instant time,
            String version) {
        String at = TIME.format(time);
        Map<String, String> signed = new LinkedHashMap<>();
        signed.put("Message", text);
        signed.put("MessageId", id);
        signed.put("SubscribeURL", subscribeUrl(of, token));
        signed.put("Timestamp", at);
        signed.put("Token", token);
        signed.put("TopicArn", of.topic().toString());
        signed.put("Type", type);
        Map<String, String> members = new LinkedHashMap<>();
        members.put("Type", type);
        members.put("MessageId", id);
        members.put("Token", token);
        members.put("TopicArn", of.topic().toString());
        members.put("Message", text);
        members.put("SubscribeURL", subscribeUrl(of, token));
        members.put("Timestamp", at);
        sign(members, signed, version);
        return json(members, Map.of());
    }

    /// Name and value in lines of their own, names in order of the alphabet.
    private void sign(Map<String, String> members, Map<String, String> signed, String version) {
        StringBuilder text = new StringBuilder();
        signed.forEach((name, value) -> text.append(name).append('\n').append(value).append('\n'));
        members.put("SignatureVersion", version);
        members.put("Signature", signing.sign(version, text.toString()));
        members.put("SigningCertURL", url + signing.certificatePath());
    }

    private static String json(
            Map<String, String> members, Map<String, MessageAttribute> attributes) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            DefaultIndenter lines = new DefaultIndenter("  ", "\n");
            json.setPrettyPrinter(
                    new DefaultPrettyPrinter(
                                    Separators.createDefaultInstance()
                                            .withObjectFieldValueSpacing(Separators.Spacing.BOTH))
                            .withObjectIndenter(lines));
            json.writeStartObject();
            for (Map.Entry<String, String> member : members.entrySet()) {
                json.writeStringField(member.getKey(), member.getValue());
            }
            if (!attributes.isEmpty()) {
                json.writeObjectFieldStart("MessageAttributes");
                for (Map.Entry<String, MessageAttribute> attribute :
                        new TreeMap<>(attributes).entrySet()) {
                    json.writeObjectFieldStart(attribute.getKey());
                    json.writeStringField("Type", attribute.getValue().type());
                    json.writeStringField("Value", attribute.getValue().value());
                    json.writeEndObject();
                }
                json.writeEndObject();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does no I/O", e);
        }
        return text.toString();
    }
}
