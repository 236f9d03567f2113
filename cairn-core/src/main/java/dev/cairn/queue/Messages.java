package dev.cairn.queue;

import dev.cairn.access.Policy;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.secret.Secrets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How messages come and go.
///
/// Every method is a step of bounded size in a transaction of the caller's: nothing has happened
/// until that is durable. A message is in one queue, once, until it is deleted, expires or moves to
/// a dead-letter queue. It is received again when its visibility timeout ends before it is deleted:
/// at least once, and never by two at a time.
///
/// The queue that is handed in must have been read in the same transaction.
public final class Messages {
    /// How many messages of a queue may be in flight on SQS
    /// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html).
    public static final int IN_FLIGHT_MAX = 120_000;

    /// The longest that a message is kept from others, since it was received.
    public static final Duration VISIBILITY_MAX = Duration.ofHours(12);

    /// How many messages one step looks at.
    static final int STEP_MAX = 100;

    private static final int COUNT_STEPS_MAX = 10;

    private final Catalog catalog;
    private final Queues queues;
    private final Secrets secrets;
    private final Consumer<QueueName> arrivals;
    private final int inFlightMax;

    /// With SQS's bound on messages in flight.
    ///
    /// @param arrivals told after a transaction in which messages came into a queue, made or not:
    ///   whoever waits there should look; must be quick and not throw
    public Messages(Catalog catalog, Queues queues, Secrets secrets, Consumer<QueueName> arrivals) {
        this(catalog, queues, secrets, arrivals, IN_FLIGHT_MAX);
    }

    /// @param inFlightMax how many messages of a queue may be in flight
    Messages(
            Catalog catalog,
            Queues queues,
            Secrets secrets,
            Consumer<QueueName> arrivals,
            int inFlightMax) {
        this.catalog = catalog;
        this.queues = queues;
        this.secrets = secrets;
        this.arrivals = arrivals;
        this.inFlightMax = inFlightMax;
    }

    // Into a queue.

    /// A service that sends on behalf of something of an account's.
    ///
    /// @param principal such as `sns.amazonaws.com`
    /// @param account whose thing it is (`aws:SourceAccount`)
    /// @param sourceArn of the thing, such as a topic (`aws:SourceArn`)
    public record Service(String principal, String account, String sourceArn) {}

    /// What became of a service's message.
    public sealed interface Sent {
        /// It is in the queue once the transaction is durable.
        ///
        /// @param messageId the queue's own
        record Accepted(String messageId) implements Sent {}

        /// It is not in the queue, and will not be if it is sent again as things stand.
        ///
        /// @param code as the caller of SendMessage would be told
        /// @param reason for people
        record Refused(ErrorCode code, String reason) implements Sent {}
    }

    /// Puts a service's message into a queue, when the queue is there and its policy lets the
    /// service `sqs:SendMessage`. In the transaction in which the service notes that it has sent,
    /// this is exactly once.
    ///
    /// @param arn of any queue
    public Sent send(Transaction tx, String arn, Service from, Outgoing message, Instant now)
            throws CatalogException {
        Optional<QueueName> name = QueueName.ofArn(arn);
        Optional<Queue> queue = name.isEmpty() ? Optional.empty() : queues.find(tx, name.get());
        if (queue.isEmpty()) {
            return new Sent.Refused(
                    ErrorCode.QUEUE_DOES_NOT_EXIST, "There is no queue %s.".formatted(arn));
        }
        Optional<String> missing = missing(queue.get(), from);
        if (missing.isPresent()) {
            return new Sent.Refused(ErrorCode.ACCESS_DENIED, missing.get());
        }
        try {
            return new Sent.Accepted(send(tx, queue.get(), message, from.principal(), now));
        } catch (Failure failure) {
            return new Sent.Refused(failure.code(), failure.message());
        }
    }

    /// What is missing for a service to send to a queue; empty when nothing is.
    public static Optional<String> missing(Queue queue, Service from) {
        Policy.Verdict verdict =
                queue.policy()
                        .judge(
                                new Policy.Request(
                                        new Policy.Principal.Service(from.principal()),
                                        "sqs:SendMessage",
                                        queue.name().arn(),
                                        Map.of(
                                                "aws:sourcearn", List.of(from.sourceArn()),
                                                "aws:sourceaccount", List.of(from.account()),
                                                "aws:securetransport", List.of("true"),
                                                "aws:principalisawsservice", List.of("true"),
                                                "aws:principalservicename",
                                                        List.of(from.principal()))));
        return switch (verdict) {
            case ALLOWED, DELEGATED -> Optional.empty();
            case SILENT, DENIED ->
                    Optional.of(
                            """
                            The policy of the queue %s does not let %s do sqs:SendMessage for %s. Add this statement to it, and see that none denies it: {"Effect":"Allow","Principal":{"Service":"%s"},"Action":"sqs:SendMessage","Resource":"%s","Condition":{"ArnEquals":{"aws:SourceArn":"%s"}}}\
                            """
                                    .formatted(
                                            queue.name().arn(),
                                            from.principal(),
                                            from.sourceArn(),
                                            from.principal(),
                                            queue.name().arn(),
                                            from.sourceArn()));
        };
    }

    /// Puts a message into a queue.
    ///
    /// @param sender the `principalId` of who sends
    /// @return the message id
    /// @throws Failure INVALID_PARAMETER_VALUE when it is larger than the queue allows;
    ///   INVALID_MESSAGE_CONTENTS when it has characters that XML has not
    public String send(Transaction tx, Queue queue, Outgoing message, String sender, Instant now)
            throws CatalogException {
        int bytes = message.bytes();
        if (bytes > queue.messageBytesMax()) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER_VALUE,
                    "One or more parameters are invalid. Reason: Message must be shorter than %d bytes, got %d."
                            .formatted(queue.messageBytesMax(), bytes));
        }
        checkContents(message);
        Duration delay = message.delay() == null ? queue.delay() : message.delay();
        String messageId = secrets.uuid();
        Held held =
                new Held(
                        Held.id(now, messageId),
                        delay.isZero() ? 0 : now.plus(delay).toEpochMilli(),
                        0,
                        0,
                        0,
                        0,
                        null);
        held.create(tx, queue.store(), Held.body(message, sender));
        counts(tx, queue.store()).with(held).write(tx, queue.store());
        tx.atEnd(() -> arrivals.accept(queue.name()));
        return messageId;
    }

    /// https://www.w3.org/TR/REC-xml/#charsets: what SQS lets through.
    private static void checkContents(Outgoing message) {
        check(message.body());
        message.attributes().values().forEach(attribute -> check(attribute.value()));
    }

    private static void check(String text) {
        text.codePoints()
                .filter(c ->
                        (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
                                || (c >= 0xD800 && c <= 0xDFFF)
                                || c == 0xFFFE
                                || c == 0xFFFF)
                .findFirst()
                .ifPresent(c -> {
                    throw new Failure(
                            ErrorCode.INVALID_MESSAGE_CONTENTS,
                            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF; got #x%X"
                                    .formatted(c));
                });
    }

    // Out of a queue.

    /// What a reception gave.
    ///
    /// @param messages oldest first; may be none though the queue has some
    /// @param again whether the step ended at its bound and not at the queue's end: there may be
    ///   more at once
    public record Reception(List<Received> messages, boolean again) {}

    /// Whether a reception might give something now. To be asked outside of a transaction, so that
    /// an empty queue costs no writer's turn.
    public boolean mayReceive(Queue queue, Instant now) throws CatalogException {
        return !catalog.list(Held.READY, queue.store() + "/", "", 1).isEmpty()
                || nextReturn(queue).map(next -> !next.isAfter(now)).orElse(false);
    }

    /// When the first message comes out of hiding, if any is hidden.
    public Optional<Instant> nextReturn(Queue queue) throws CatalogException {
        return catalog.list(Held.HIDDEN, queue.store() + "/", "", 1).stream()
                .findFirst()
                .map(document -> Instant.ofEpochMilli(Held.until(document.key())));
    }

    /// Receives messages: they are hidden from others until deleted or the visibility timeout ends.
    ///
    /// @param max at most this many, 1 to 10
    /// @param visibility null for the queue's
    /// @throws Failure OVER_LIMIT when as many are in flight as may be
    public Reception receive(
            Transaction tx, Queue queue, int max, @Nullable Duration visibility, Instant now)
            throws CatalogException {
        String store = queue.store();
        Counts counts = wake(tx, queue, now);
        if (counts.inFlight() >= inFlightMax) {
            throw new Failure(
                    ErrorCode.OVER_LIMIT,
                    "Too many messages are in flight: %d of the queue %s were received and not deleted."
                            .formatted(counts.inFlight(), queue.name().arn()));
        }
        Instant until = now.plus(visibility == null ? queue.visibilityTimeout() : visibility);
        Optional<Redrive> redrive = queue.redrive();
        Optional<Queue> deadLetters =
                redrive.isEmpty() ? Optional.empty() : queues.find(tx, redrive.get().target());
        List<Received> messages = new ArrayList<>();
        List<Document> ready = tx.list(Held.READY, store + "/", "", STEP_MAX);
        int looked = 0;
        for (Document listed : ready) {
            if (messages.size() == max || counts.inFlight() >= inFlightMax) {
                break;
            }
            looked++;
            Document document = message(tx, listed.key());
            Held held = Held.read(document);
            if (held.expired(queue.retention(), now)) {
                Held.delete(tx, store, document);
                counts = counts.without(held);
            } else if (deadLetters.isPresent()
                    && held.receives() - held.receivesBefore() >= redrive.get().receivesMax()) {
                move(tx, queue, document, deadLetters.get());
                counts = counts.without(held);
            } else {
                Held taken = held.received(now, until);
                // A timeout of nothing leaves it where it is, for all to receive.
                taken = until.equals(now) ? taken.ready() : taken;
                taken.replace(tx, store, document);
                counts = counts.without(held).with(taken);
                messages.add(received(tx, store, taken));
            }
        }
        counts.write(tx, store);
        return new Reception(List.copyOf(messages), messages.isEmpty() && looked == STEP_MAX);
    }

    /// Brings back what was hidden long enough.
    private static Counts wake(Transaction tx, Queue queue, Instant now) throws CatalogException {
        String store = queue.store();
        Counts counts = counts(tx, store);
        for (Document hidden : tx.list(Held.HIDDEN, store + "/", "", STEP_MAX)) {
            if (Held.until(hidden.key()) > now.toEpochMilli()) {
                break;
            }
            Document document = message(tx, store + "/" + Held.hiddenId(hidden.key()));
            Held held = Held.read(document);
            Held ready = held.ready();
            ready.replace(tx, store, document);
            counts = counts.without(held).with(ready);
        }
        return counts;
    }

    private void move(Transaction tx, Queue from, Document document, Queue to)
            throws CatalogException {
        Held held = Held.read(document);
        Held moved =
                new Held(
                        held.id(),
                        0,
                        held.receives(),
                        held.receives(),
                        held.firstReceived(),
                        held.lastReceived(),
                        from.name().arn());
        String body = held.bodyDocument(tx, from.store()).json();
        Held.delete(tx, from.store(), document);
        moved.create(tx, to.store(), body);
        counts(tx, to.store()).with(moved).write(tx, to.store());
        tx.atEnd(() -> arrivals.accept(to.name()));
    }

    private static Received received(Transaction tx, String store, Held held)
            throws CatalogException {
        Fields body = Fields.of(held.bodyDocument(tx, store));
        return new Received(
                held.messageId(),
                new Receipt(store, held.id(), held.receives()).handle(),
                Held.outgoing(body),
                body.text("sender"),
                held.sent(),
                held.receives(),
                Instant.ofEpochMilli(held.firstReceived()),
                held.deadLetterSource());
    }

    /// Deletes a message that was received. Does nothing when it was received again since, or is
    /// gone.
    ///
    /// @throws Failure RECEIPT_HANDLE_IS_INVALID when the handle is none of this queue
    public void delete(Transaction tx, Queue queue, String handle) throws CatalogException {
        Receipt receipt = Receipt.of(handle, queue);
        Optional<Document> document = latest(tx, queue, receipt);
        if (document.isPresent()) {
            Held held = Held.read(document.get());
            Held.delete(tx, queue.store(), document.get());
            counts(tx, queue.store()).without(held).write(tx, queue.store());
        }
    }

    /// Has a message that is in flight come back at another time.
    ///
    /// @param visibility counted from now; nothing for at once
    /// @throws Failure RECEIPT_HANDLE_IS_INVALID when the handle is none of this queue;
    ///   INVALID_PARAMETER_VALUE when the message is gone, was received again, or would be hidden
    ///   for more than [#VISIBILITY_MAX] since it was received; MESSAGE_NOT_INFLIGHT when it has
    ///   come back
    public void changeVisibility(
            Transaction tx, Queue queue, String handle, Duration visibility, Instant now)
            throws CatalogException {
        Receipt receipt = Receipt.of(handle, queue);
        Document document =
                latest(tx, queue, receipt)
                        .orElseThrow(() ->
                                new Failure(
                                        ErrorCode.INVALID_PARAMETER_VALUE,
                                        "Value %s for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change."
                                                .formatted(handle)));
        Held held = Held.read(document);
        if (!held.inFlight() || held.hiddenUntil() <= now.toEpochMilli()) {
            throw new Failure(ErrorCode.MESSAGE_NOT_INFLIGHT);
        }
        Instant until = now.plus(visibility);
        if (until.isAfter(Instant.ofEpochMilli(held.lastReceived()).plus(VISIBILITY_MAX))) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER_VALUE,
                    "Value %d for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]."
                            .formatted(visibility.toSeconds()));
        }
        Held changed = visibility.isZero() ? held.ready() : held.hiddenUntil(until);
        changed.replace(tx, queue.store(), document);
        counts(tx, queue.store()).without(held).with(changed).write(tx, queue.store());
        tx.atEnd(() -> arrivals.accept(queue.name()));
    }

    /// The message of a receipt, if that is from its latest reception.
    private static Optional<Document> latest(Transaction tx, Queue queue, Receipt receipt)
            throws CatalogException {
        if (!receipt.store().equals(queue.store())) {
            return Optional.empty();
        }
        Optional<Document> document = tx.get(Held.MESSAGE, queue.store() + "/" + receipt.id());
        return document.isPresent() && Held.read(document.get()).receives() == receipt.receives()
                ? document
                : Optional.empty();
    }

    // All of a queue.

    /// How many messages a queue holds. What has come out of hiding is counted so, as far as some
    /// steps reach.
    ///
    /// @throws Failure QUEUE_DOES_NOT_EXIST
    public Counts counts(QueueName name, Instant now) throws CatalogException {
        for (int step = 0; step < COUNT_STEPS_MAX; step++) {
            Queue queue = expect(name);
            if (nextReturn(queue).filter(next -> !next.isAfter(now)).isEmpty()) {
                return counts(queue);
            }
            catalog.<Queue, RuntimeException>write(tx -> {
                Queue there = queues.expect(tx, name);
                wake(tx, there, now).write(tx, there.store());
                return there;
            });
        }
        return counts(expect(name));
    }

    /// The same as it is noted: what has come out of hiding since the last reception counts as
    /// hidden.
    Counts counts(Queue queue) throws CatalogException {
        return Counts.read(catalog.get(Counts.KIND, queue.store()));
    }

    private Queue expect(QueueName name) throws CatalogException {
        return queues.find(name).orElseThrow(() -> new Failure(ErrorCode.QUEUE_DOES_NOT_EXIST));
    }

    /// Removes some of what has expired, and of what deleted and purged queues left behind: at most
    /// [#STEP_MAX] messages in a transaction, each its own.
    ///
    /// @return whether there may be more to remove
    public boolean sweep(Instant now) throws CatalogException {
        boolean more = false;
        for (Document left : catalog.list(Queues.LEFT, "", "", STEP_MAX)) {
            more |= catalog.<Boolean, RuntimeException>write(tx -> sweepLeft(tx, left.key()));
        }
        Optional<QueueName> after = Optional.empty();
        List<Queue> page;
        do {
            page = queues.all(after, STEP_MAX);
            for (Queue queue : page) {
                if (oldestExpired(queue, now)) {
                    more |=
                            catalog.<Boolean, RuntimeException>write(
                                    tx -> sweepExpired(tx, queue.name(), now));
                }
                after = Optional.of(queue.name());
            }
        } while (page.size() == STEP_MAX);
        return more;
    }

    private boolean oldestExpired(Queue queue, Instant now) throws CatalogException {
        return catalog.list(Held.READY, queue.store() + "/", "", 1).stream()
                .anyMatch(listed -> Held.expired(id(listed), queue.retention(), now));
    }

    private boolean sweepExpired(Transaction tx, QueueName name, Instant now)
            throws CatalogException {
        Optional<Queue> queue = queues.find(tx, name);
        if (queue.isEmpty()) {
            return false;
        }
        String store = queue.get().store();
        Counts counts = counts(tx, store);
        int removed = 0;
        for (Document listed : tx.list(Held.READY, store + "/", "", STEP_MAX)) {
            if (!Held.expired(id(listed), queue.get().retention(), now)) {
                break;
            }
            Document document = message(tx, listed.key());
            Held held = Held.read(document);
            Held.delete(tx, store, document);
            counts = counts.without(held);
            removed++;
        }
        counts.write(tx, store);
        return removed == STEP_MAX;
    }

    private static boolean sweepLeft(Transaction tx, String store) throws CatalogException {
        List<Document> some = Held.some(tx, store, STEP_MAX);
        for (Document document : some) {
            Held.delete(tx, store, document);
        }
        if (some.size() == STEP_MAX) {
            return true;
        }
        Optional<Document> count = tx.get(Counts.KIND, store);
        if (count.isPresent()) {
            tx.delete(count.get());
        }
        Optional<Document> left = tx.get(Queues.LEFT, store);
        if (left.isPresent()) {
            tx.delete(left.get());
        }
        return false;
    }

    private static Counts counts(Transaction tx, String store) throws CatalogException {
        return Counts.read(tx.get(Counts.KIND, store));
    }

    private static Document message(Transaction tx, String key) throws CatalogException {
        return tx.get(Held.MESSAGE, key)
                .orElseThrow(() ->
                        new CatalogException(
                                CatalogException.Kind.CORRUPT, "expected the message " + key));
    }

    private static String id(Document listed) {
        return Objects.requireNonNull(listed.key()).substring(listed.key().indexOf('/') + 1);
    }
}
