package dev.cairn.queue;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.secret.Secrets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The queues of a catalog: made, changed, found and deleted; [Messages] has what is in them.
///
/// Documents: `queue`, one for each queue, under `ACCOUNT/REGION/NAME`; `queue-left`, one for each
/// store of messages that a deletion or a purge left behind, until [Messages#sweep] has removed it.
/// Any thread may call any method.
public final class Queues {
    /// The most tags of a queue.
    public static final int TAGS_MAX = 50;

    static final String LEFT = "queue-left";

    private static final String QUEUE = "queue";
    private static final String ATTRIBUTE = "attribute.";
    private static final String TAG = "tag.";

    private final Catalog catalog;
    private final Secrets secrets;
    private final int limitPerRegion;

    /// @param limitPerRegion how many queues an account may have in a region, at most
    ///   [Catalog#LIMIT_MAX] (setting `queue.limit-per-region`)
    public Queues(Catalog catalog, Secrets secrets, int limitPerRegion) {
        this.catalog = catalog;
        this.secrets = secrets;
        this.limitPerRegion = limitPerRegion;
    }

    /// A queue as it stands.
    public Optional<Queue> find(QueueName name) throws CatalogException {
        return read(catalog.get(QUEUE, name.key()));
    }

    /// As [#find], within a transaction.
    public Optional<Queue> find(Transaction tx, QueueName name) throws CatalogException {
        return read(tx.get(QUEUE, name.key()));
    }

    /// A queue that must be there.
    ///
    /// @throws Failure QUEUE_DOES_NOT_EXIST
    public Queue expect(Transaction tx, QueueName name) throws CatalogException {
        return find(tx, name).orElseThrow(() -> new Failure(ErrorCode.QUEUE_DOES_NOT_EXIST));
    }

    /// Queues of an account and region in order of name.
    ///
    /// @param prefix of their names; empty for all
    /// @param after the last name of the page before; empty for the first page
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    public List<Queue> list(String account, String region, String prefix, String after, int limit)
            throws CatalogException {
        String place = new QueueName(account, region, "").place();
        return read(
                catalog.list(QUEUE, place + prefix, after.isEmpty() ? "" : place + after, limit));
    }

    /// All queues there are, in order of account, region and name.
    ///
    /// @param after the last one of the page before; null for the first page
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    public List<Queue> all(Optional<QueueName> after, int limit) throws CatalogException {
        return read(catalog.list(QUEUE, "", after.map(QueueName::key).orElse(""), limit));
    }

    /// Makes a queue, or finds the one of that name when it has these attributes already.
    ///
    /// @throws Failure INVALID_PARAMETER_VALUE, QUEUE_NAME_EXISTS, or one of an attribute's;
    ///   OVER_LIMIT when there are as many as there may be
    public Queue create(
            Transaction tx,
            QueueName name,
            Map<String, String> attributes,
            Map<String, String> tags,
            Instant now)
            throws CatalogException {
        if (name.name().endsWith(".fifo")) {
            throw QueueAttributes.fifo();
        }
        if (!QueueName.isName(name.name())) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER_VALUE,
                    "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
        }
        QueueAttributes.check(attributes);
        Optional<Queue> known = find(tx, name);
        if (known.isPresent()) {
            for (Map.Entry<String, String> wanted : attributes.entrySet()) {
                if (!known.get().attribute(wanted.getKey()).equals(wanted.getValue())) {
                    throw new Failure(
                            ErrorCode.QUEUE_NAME_EXISTS,
                            "A queue already exists with the same name and a different value for attribute %s"
                                    .formatted(wanted.getKey()));
                }
            }
            return known.get();
        }
        if (tx.list(QUEUE, name.place(), "", limitPerRegion).size() >= limitPerRegion) {
            throw new Failure(
                    ErrorCode.OVER_LIMIT,
                    "The account has %d queues in %s, as many as it may have (queue.limit-per-region)."
                            .formatted(limitPerRegion, name.region()));
        }
        checkRedrive(tx, name, attributes);
        Queue queue =
                new Queue(
                        name,
                        secrets.uuid(),
                        0,
                        now,
                        now,
                        withoutEmpty(attributes),
                        checkedTags(tags));
        tx.create(QUEUE, name.key(), json(queue));
        return queue;
    }

    /// Sets attributes; the others stay.
    ///
    /// @throws Failure of an attribute
    public void setAttributes(
            Transaction tx, Queue queue, Map<String, String> attributes, Instant now)
            throws CatalogException {
        QueueAttributes.check(attributes);
        checkRedrive(tx, queue.name(), attributes);
        Map<String, String> all = new LinkedHashMap<>(queue.attributes());
        all.putAll(attributes);
        replace(
                tx,
                new Queue(
                        queue.name(),
                        queue.id(),
                        queue.generation(),
                        queue.created(),
                        now,
                        withoutEmpty(all),
                        queue.tags()));
    }

    /// Puts these tags in the place of all.
    ///
    /// @throws Failure INVALID_PARAMETER_VALUE when there are more than [#TAGS_MAX]
    public void setTags(Transaction tx, Queue queue, Map<String, String> tags)
            throws CatalogException {
        replace(
                tx,
                new Queue(
                        queue.name(),
                        queue.id(),
                        queue.generation(),
                        queue.created(),
                        queue.modified(),
                        queue.attributes(),
                        checkedTags(tags)));
    }

    /// Removes a queue with all that is in it.
    public void delete(Transaction tx, Queue queue) throws CatalogException {
        tx.delete(there(tx, queue.name()));
        tx.create(LEFT, queue.store(), "{}");
    }

    /// Removes all that is in a queue, messages in flight too.
    public void purge(Transaction tx, Queue queue) throws CatalogException {
        tx.create(LEFT, queue.store(), "{}");
        replace(
                tx,
                new Queue(
                        queue.name(),
                        queue.id(),
                        queue.generation() + 1,
                        queue.created(),
                        queue.modified(),
                        queue.attributes(),
                        queue.tags()));
    }

    private void checkRedrive(Transaction tx, QueueName source, Map<String, String> attributes)
            throws CatalogException {
        Optional<Redrive> redrive = Redrive.of(attributes.getOrDefault("RedrivePolicy", ""));
        if (redrive.isEmpty()) {
            return;
        }
        QueueName target = redrive.get().target();
        if (!target.place().equals(source.place()) || target.equals(source)) {
            throw QueueAttributes.invalid(
                    "RedrivePolicy",
                    "the dead-letter queue must be another queue of the same account and region");
        }
        Optional<Queue> found = find(tx, target);
        if (found.isEmpty()) {
            throw QueueAttributes.invalid(
                    "RedrivePolicy",
                    "the dead-letter queue %s does not exist".formatted(target.arn()));
        }
        if (!found.get().mayBeDeadLetterQueueOf(source)) {
            throw QueueAttributes.invalid(
                    "RedrivePolicy",
                    "the RedriveAllowPolicy of %s does not allow it".formatted(target.arn()));
        }
    }

    private static Map<String, String> withoutEmpty(Map<String, String> attributes) {
        Map<String, String> kept = new LinkedHashMap<>(attributes);
        kept.values().removeIf(String::isEmpty);
        return kept;
    }

    private static Map<String, String> checkedTags(Map<String, String> tags) {
        if (tags.size() > TAGS_MAX) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER_VALUE,
                    "Too many tags added for queue: expected at most %d, got %d."
                            .formatted(TAGS_MAX, tags.size()));
        }
        tags.forEach((key, value) -> {
            if (key.isEmpty()
                    || key.length() > 128
                    || value.length() > 256
                    || key.startsWith("aws:")) {
                throw new Failure(
                        ErrorCode.INVALID_PARAMETER_VALUE,
                        "The tag with the key %s is not valid.".formatted(key));
            }
        });
        return tags;
    }

    private static void replace(Transaction tx, Queue queue) throws CatalogException {
        tx.replace(there(tx, queue.name()), json(queue));
    }

    private static Document there(Transaction tx, QueueName name) throws CatalogException {
        return tx.get(QUEUE, name.key())
                .orElseThrow(() ->
                        new CatalogException(
                                CatalogException.Kind.CONFLICT,
                                "expected the queue " + name.arn()));
    }

    private static String json(Queue queue) {
        Fields fields =
                Fields.none()
                        .with("id", queue.id())
                        .with("generation", Integer.toString(queue.generation()))
                        .with("created", queue.created().toString())
                        .with("modified", queue.modified().toString());
        for (Map.Entry<String, String> attribute : queue.attributes().entrySet()) {
            fields = fields.with(ATTRIBUTE + attribute.getKey(), attribute.getValue());
        }
        for (Map.Entry<String, String> tag : queue.tags().entrySet()) {
            fields = fields.with(TAG + tag.getKey(), tag.getValue());
        }
        return fields.json();
    }

    private static Optional<Queue> read(Optional<Document> document) throws CatalogException {
        return document.isEmpty() ? Optional.empty() : Optional.of(read(document.get()));
    }

    private static List<Queue> read(List<Document> documents) throws CatalogException {
        List<Queue> queues = new ArrayList<>();
        for (Document document : documents) {
            queues.add(read(document));
        }
        return List.copyOf(queues);
    }

    private static Queue read(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        Map<String, String> attributes = new LinkedHashMap<>();
        Map<String, String> tags = new LinkedHashMap<>();
        for (String name : fields.names()) {
            if (name.startsWith(ATTRIBUTE)) {
                attributes.put(name.substring(ATTRIBUTE.length()), fields.text(name));
            } else if (name.startsWith(TAG)) {
                tags.put(name.substring(TAG.length()), fields.text(name));
            }
        }
        String[] key = document.key().split("/", 3);
        return new Queue(
                new QueueName(key[0], key[1], Objects.requireNonNull(key[2])),
                fields.text("id"),
                Integer.parseInt(fields.text("generation")),
                Instant.parse(fields.text("created")),
                Instant.parse(fields.text("modified")),
                attributes,
                tags);
    }
}
