package dev.cairn.queue;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Where a message of a store stands, and the documents that say so.
///
/// Documents of a message, each under the store:
/// - `queue-body` `STORE/ID`: what was sent; never changed, and read only when it is handed out;
/// - `queue-message` `STORE/ID`: this record;
/// - `queue-ready` `STORE/ID` while it may be received, or `queue-hidden` `STORE/UNTIL-ID` while it
///   may not: delayed, or in flight.
///
/// An id is the message's time in milliseconds, then its message id: so what is ready is in order
/// of age, and what is hidden in order of its return.
///
/// @param id `MILLIS-UUID`
/// @param hiddenUntil in milliseconds; 0 when it may be received
/// @param receives how often it was received, in all queues it was in
/// @param receivesBefore how often before it came into this queue
/// @param firstReceived in milliseconds; 0 when it never was
/// @param lastReceived in milliseconds; 0 when it never was
/// @param deadLetterSource the ARN of the queue that it was moved from; null when it was not
record Held(
        String id,
        long hiddenUntil,
        int receives,
        int receivesBefore,
        long firstReceived,
        long lastReceived,
        @Nullable String deadLetterSource) {
    static final String MESSAGE = "queue-message";
    static final String READY = "queue-ready";
    static final String HIDDEN = "queue-hidden";

    private static final String BODY = "queue-body";
    private static final int MILLIS_DIGITS = 15;

    static String id(Instant sent, String messageId) {
        return digits(sent.toEpochMilli()) + "-" + messageId;
    }

    String messageId() {
        return id.substring(MILLIS_DIGITS + 1);
    }

    Instant sent() {
        return sent(id);
    }

    static Instant sent(String id) {
        return Instant.ofEpochMilli(Long.parseLong(id.substring(0, MILLIS_DIGITS)));
    }

    boolean expired(Duration retention, Instant now) {
        return expired(id, retention, now);
    }

    static boolean expired(String id, Duration retention, Instant now) {
        return !sent(id).plus(retention).isAfter(now);
    }

    /// When what a key of HIDDEN names comes back, in milliseconds.
    static long until(String hiddenKey) {
        int start = hiddenKey.indexOf('/') + 1;
        return Long.parseLong(hiddenKey.substring(start, start + MILLIS_DIGITS));
    }

    /// The id in a key of HIDDEN.
    static String hiddenId(String hiddenKey) {
        return hiddenKey.substring(hiddenKey.indexOf('/') + 1 + MILLIS_DIGITS + 1);
    }

    boolean hidden() {
        return hiddenUntil > 0;
    }

    /// Whether it is hidden because someone received it, rather than delayed.
    boolean inFlight() {
        return hidden() && receives > receivesBefore;
    }

    Held ready() {
        return new Held(
                id, 0, receives, receivesBefore, firstReceived, lastReceived, deadLetterSource);
    }

    Held hiddenUntil(Instant until) {
        return new Held(
                id,
                until.toEpochMilli(),
                receives,
                receivesBefore,
                firstReceived,
                lastReceived,
                deadLetterSource);
    }

    Held received(Instant now, Instant until) {
        return new Held(
                id,
                until.toEpochMilli(),
                receives + 1,
                receivesBefore,
                firstReceived == 0 ? now.toEpochMilli() : firstReceived,
                now.toEpochMilli(),
                deadLetterSource);
    }

    /// Puts a new message into a store.
    void create(Transaction tx, String store, String body) throws CatalogException {
        tx.create(BODY, store + "/" + id, body);
        tx.create(MESSAGE, store + "/" + id, json());
        index(tx, store);
    }

    /// Takes the place of what the document says.
    void replace(Transaction tx, String store, Document document) throws CatalogException {
        read(document).unindex(tx, store);
        tx.replace(document, json());
        index(tx, store);
    }

    /// Removes a message with its body.
    static void delete(Transaction tx, String store, Document document) throws CatalogException {
        Held held = read(document);
        held.unindex(tx, store);
        tx.delete(document);
        // Never changed, so that it need not be read.
        tx.delete(new Document(BODY, store + "/" + held.id, 1, ""));
    }

    private void index(Transaction tx, String store) throws CatalogException {
        tx.create(hidden() ? HIDDEN : READY, indexKey(store), "{}");
    }

    private void unindex(Transaction tx, String store) throws CatalogException {
        tx.delete(new Document(hidden() ? HIDDEN : READY, indexKey(store), 1, "{}"));
    }

    private String indexKey(String store) {
        return store + "/" + (hidden() ? digits(hiddenUntil) + "-" + id : id);
    }

    private String json() {
        Fields fields =
                Fields.none()
                        .with("hiddenUntil", Long.toString(hiddenUntil))
                        .with("receives", Integer.toString(receives))
                        .with("receivesBefore", Integer.toString(receivesBefore))
                        .with("firstReceived", Long.toString(firstReceived))
                        .with("lastReceived", Long.toString(lastReceived));
        return (deadLetterSource == null
                        ? fields
                        : fields.with("deadLetterSource", deadLetterSource))
                .json();
    }

    static Held read(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new Held(
                document.key().substring(document.key().indexOf('/') + 1),
                Long.parseLong(fields.text("hiddenUntil")),
                Integer.parseInt(fields.text("receives")),
                Integer.parseInt(fields.text("receivesBefore")),
                Long.parseLong(fields.text("firstReceived")),
                Long.parseLong(fields.text("lastReceived")),
                fields.find("deadLetterSource").orElse(null));
    }

    /// What was sent, as its document has it.
    static String body(Outgoing message, String sender) {
        Fields fields = Fields.none().with("body", message.body()).with("sender", sender);
        if (message.traceHeader() != null) {
            fields = fields.with("traceHeader", message.traceHeader());
        }
        for (Map.Entry<String, MessageAttribute> attribute : message.attributes().entrySet()) {
            fields =
                    fields.with("type." + attribute.getKey(), attribute.getValue().type())
                            .with("value." + attribute.getKey(), attribute.getValue().value());
        }
        return fields.json();
    }

    /// The document with what was sent.
    Document bodyDocument(Transaction tx, String store) throws CatalogException {
        return tx.get(BODY, store + "/" + id)
                .orElseThrow(() ->
                        new CatalogException(
                                CatalogException.Kind.CORRUPT,
                                "expected the body of the message %s/%s".formatted(store, id)));
    }

    /// What was sent.
    static Outgoing outgoing(Fields body) throws CatalogException {
        Map<String, MessageAttribute> attributes = new TreeMap<>();
        for (String name : body.names()) {
            if (name.startsWith("type.")) {
                String attribute = name.substring("type.".length());
                attributes.put(
                        attribute,
                        new MessageAttribute(body.text(name), body.text("value." + attribute)));
            }
        }
        return new Outgoing(
                body.text("body"), attributes, body.find("traceHeader").orElse(null), null);
    }

    /// At least one message of a store, or none when it is empty.
    static List<Document> some(Transaction tx, String store, int limit) throws CatalogException {
        return tx.list(MESSAGE, store + "/", "", Math.min(limit, Catalog.LIMIT_MAX));
    }

    private static String digits(long millis) {
        if (millis < 0) {
            throw new IllegalArgumentException("expected a time since 1970, got " + millis);
        }
        return String.format(Locale.ROOT, "%0" + MILLIS_DIGITS + "d", millis);
    }
}
