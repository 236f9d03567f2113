package dev.cairn.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.queue.Messages;
import dev.cairn.queue.Outgoing;
import dev.cairn.topic.Message;
import dev.cairn.topic.Topic;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/// Passes messages of log groups on to those who subscribed: queues and topics of Cairn's.
///
/// What is passed on is in the transaction that counts the messages, so into own queues each
/// message comes once. A body is what CloudWatch Logs gives to its own destinations: JSON, packed
/// by gzip, in base64. What a destination does not take is counted and named ([#refused]): it holds
/// up nobody. Documents: `log-subscription-refused` under `ACCOUNT/REGION/GROUP:NAME`.
///
/// Source: Amazon CloudWatch Logs User Guide, "Real-time processing of log data with
/// subscriptions".
public final class Subscribers {
    private static final String KIND = "log-subscription-refused";
    private static final String COUNT = "count";
    private static final String REASON = "reason";
    private static final String SERVICE = "logs.amazonaws.com";
    private static final JsonFactory JSON = new JsonFactory();

    /// Of the messages of one body, before they are packed.
    private static final int PLAIN_CHARS_MAX = 400_000;

    /// Room for a topic's envelope stays below what a queue takes.
    private static final int BODY_CHARS_MAX = 200_000;

    private final Messages queues;
    private final Topics topics;

    public Subscribers(Messages queues, Topics topics) {
        this.queues = queues;
        this.topics = topics;
    }

    /// To be called outside a transaction, before one in which something is passed on.
    public void prepare(Instant now) throws CatalogException {
        topics.prepare(now);
    }

    /// Messages for a filter's destination, ready to send.
    ///
    /// @param body empty when a message is too long to be passed on
    /// @param events how many they are
    record Parcel(SubscriptionFilter filter, String body, int events) {}

    /// Packs messages. To be called outside a transaction, which others wait for.
    ///
    /// @param events of one stream
    static List<Parcel> pack(SubscriptionFilter filter, List<LogEvent> events) {
        List<Parcel> parcels = new ArrayList<>();
        int from = 0;
        while (from < events.size()) {
            int to = from;
            long chars = 0;
            do {
                chars += events.get(to).message().length();
                to++;
            } while (to < events.size()
                    && chars + events.get(to).message().length() <= PLAIN_CHARS_MAX);
            pack(filter, events.subList(from, to), parcels);
            from = to;
        }
        return parcels;
    }

    private static void pack(
            SubscriptionFilter filter, List<LogEvent> events, List<Parcel> parcels) {
        String body = packed(json -> data(json, filter, events));
        if (body.length() <= BODY_CHARS_MAX) {
            parcels.add(new Parcel(filter, body, events.size()));
        } else if (events.size() == 1) {
            parcels.add(new Parcel(filter, "", 1));
        } else {
            int half = events.size() / 2;
            pack(filter, events.subList(0, half), parcels);
            pack(filter, events.subList(half, events.size()), parcels);
        }
    }

    /// Passes messages on.
    void pass(Transaction tx, Parcel parcel, Instant now) throws CatalogException {
        Optional<String> refusal =
                parcel.body().isEmpty()
                        ? Optional.of("a message is too long to be passed on")
                        : send(tx, parcel.filter(), parcel.body(), now);
        if (refusal.isPresent()) {
            refused(tx, parcel.filter(), parcel.events(), refusal.get());
        }
    }

    /// @return why it is not taken; empty when it is
    private Optional<String> send(
            Transaction tx, SubscriptionFilter filter, String body, Instant now)
            throws CatalogException {
        LogGroupName group = filter.group();
        String source = group.arn() + ":*";
        Optional<TopicArn> arn = TopicArn.of(filter.destination());
        if (arn.isEmpty()) {
            return switch (queues.send(
                    tx,
                    filter.destination(),
                    new Messages.Service(SERVICE, group.account(), source),
                    Outgoing.of(body),
                    now)) {
                case Messages.Sent.Accepted _ -> Optional.empty();
                case Messages.Sent.Refused(var _, String reason) -> Optional.of(reason);
            };
        }
        Optional<Topic> topic = topics.find(tx, arn.get());
        if (topic.isEmpty()) {
            return Optional.of("There is no topic %s.".formatted(arn.get()));
        }
        if (!arn.get().account().equals(group.account())
                && !Topics.lets(topic.get(), SERVICE, source, group.account())) {
            return Optional.of(
                    "The policy of the topic %s does not let %s publish for %s."
                            .formatted(arn.get(), SERVICE, source));
        }
        topics.publish(tx, Message.of(topics.freshId(), arn.get(), body, now));
        return Optional.empty();
    }

    /// Asks a destination whether it takes anything, as CloudWatch Logs does when a filter is put.
    ///
    /// @throws Failure INVALID_PARAMETER when it does not
    void test(Transaction tx, SubscriptionFilter filter, Instant now) throws CatalogException {
        Optional<String> refusal =
                send(tx, filter, packed(json -> control(json, filter.destination(), now)), now);
        if (refusal.isPresent()) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Could not deliver test message to specified destination. " + refusal.get());
        }
    }

    private static void control(JsonGenerator json, String destination, Instant now)
            throws IOException {
        head(json, "CONTROL_MESSAGE", "CloudwatchLogs", "", "");
        json.writeArrayFieldStart("subscriptionFilters");
        json.writeEndArray();
        json.writeArrayFieldStart("logEvents");
        event(
                json,
                "",
                now,
                "CWL CONTROL MESSAGE: Checking health of destination " + destination + ".");
        json.writeEndArray();
    }

    private static void data(JsonGenerator json, SubscriptionFilter filter, List<LogEvent> events)
            throws IOException {
        LogGroupName group = filter.group();
        head(json, "DATA_MESSAGE", group.account(), group.name(), events.getFirst().stream());
        json.writeArrayFieldStart("subscriptionFilters");
        json.writeString(filter.name());
        json.writeEndArray();
        json.writeArrayFieldStart("logEvents");
        for (LogEvent one : events) {
            event(json, one.id(), one.time(), one.message());
        }
        json.writeEndArray();
    }

    private static void head(
            JsonGenerator json, String type, String owner, String group, String stream)
            throws IOException {
        json.writeStringField("messageType", type);
        json.writeStringField("owner", owner);
        json.writeStringField("logGroup", group);
        json.writeStringField("logStream", stream);
    }

    private static void event(JsonGenerator json, String id, Instant time, String message)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("id", id);
        json.writeNumberField("timestamp", time.toEpochMilli());
        json.writeStringField("message", message);
        json.writeEndObject();
    }

    private interface Content {
        void to(JsonGenerator json) throws IOException;
    }

    private static String packed(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes);
                JsonGenerator json = JSON.createGenerator(zip)) {
            json.writeStartObject();
            content.to(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("memory does no I/O", e);
        }
        return new String(Base64.getEncoder().encode(bytes.toByteArray()), UTF_8);
    }

    // What was not taken.

    /// Messages that a destination did not take.
    ///
    /// @param filter as `GROUP:NAME`
    /// @param reason of the last of them
    public record Refused(String filter, long count, String reason) {}

    private static void refused(Transaction tx, SubscriptionFilter filter, int count, String reason)
            throws CatalogException {
        String key = filter.group().key() + ':' + filter.name();
        Optional<Document> document = tx.get(KIND, key);
        long before =
                document.isEmpty() ? 0 : Long.parseLong(Fields.of(document.get()).text(COUNT));
        String json =
                Fields.none()
                        .with(COUNT, Long.toString(before + count))
                        .with(REASON, reason)
                        .json();
        if (document.isEmpty()) {
            tx.create(KIND, key, json);
        } else {
            tx.replace(document.get(), json);
        }
    }

    /// Forgets what a filter's destination did not take: with the filter.
    static void forget(Transaction tx, LogGroupName group, String name) throws CatalogException {
        Optional<Document> document = tx.get(KIND, group.key() + ':' + name);
        if (document.isPresent()) {
            tx.delete(document.get());
        }
    }

    /// Filters of whose messages some were not taken, the first of them.
    public static List<Refused> refused(Catalog catalog, int limit) throws CatalogException {
        List<Refused> refused = new ArrayList<>();
        for (Document document : catalog.list(KIND, "", "", limit)) {
            Fields fields = Fields.of(document);
            refused.add(
                    new Refused(
                            document.key(),
                            Long.parseLong(fields.text(COUNT)),
                            fields.text(REASON)));
        }
        return refused;
    }
}
