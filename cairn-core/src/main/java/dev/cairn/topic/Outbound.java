package dev.cairn.topic;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.queue.Messages;
import dev.cairn.queue.Outgoing;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Messages on their way to receivers outside, each a row until its receiver has it.
///
/// A row is made in the transaction that publishes the message and removed when the receiver has
/// taken it, so a message arrives at least once, and with the same message id each time. One that
/// fails is tried again after a pause that doubles from [#PAUSE_MIN] to [#PAUSE_MAX], the last time
/// when `topic.retry-for` is over, however far the clock has jumped during a try. What is refused,
/// or fails then, too, goes to the queue of the subscription's redrive policy, or else to the list
/// of *dead letters*, where it is seen and can be sent again. One that is due later than any pause
/// takes is due at once: the clock went back.
///
/// Bounds, for each subscription: [#WAITING_MAX] messages and [#WAITING_BYTES_MAX] wait, what comes
/// on top is a dead letter at once; [#DEAD_MAX] dead letters are kept, beyond it the oldest is
/// dropped and counted. So no receiver, however slow, stops who publishes.
public final class Outbound {
    /// More than a watch tells in a day at its usual pace, so that a mail server may be away for
    /// one.
    public static final int WAITING_MAX = 20_000;

    public static final long WAITING_BYTES_MAX = 64L << 20;
    public static final int DEAD_MAX = 1_000;
    public static final Duration PAUSE_MIN = Duration.ofSeconds(1);
    public static final Duration PAUSE_MAX = Duration.ofMinutes(5);

    private static final String WAITING = "topic-letter";
    private static final String DEAD = "topic-dead-letter";
    private static final String BACKLOG = "topic-backlog";
    private static final int PURGE = 100;
    private static final int LOOKED_AT = 20;

    private final Catalog catalog;
    private final Messages queues;
    private final Duration retryFor;
    private final Runnable wake;

    /// @param queues the own queues
    /// @param retryFor for so long a message is tried (`topic.retry-for`)
    /// @param wake run when there is something new to carry; quick, and throws nothing
    public Outbound(Catalog catalog, Messages queues, Duration retryFor, Runnable wake) {
        this.catalog = catalog;
        this.queues = queues;
        this.retryFor = retryFor;
        this.wake = wake;
    }

    /// What a receiver is to get.
    ///
    /// @param type `Notification`, `SubscriptionConfirmation` or `UnsubscribeConfirmation`
    /// @param raw whether the body is the bare text
    /// @param subject of a mail; null elsewhere
    record Letter(
            String messageId, String type, boolean raw, @Nullable String subject, String body) {
        private Fields fields() {
            Fields fields =
                    Fields.none()
                            .with("messageId", messageId)
                            .with("type", type)
                            .with("body", body);
            fields = raw ? fields.with("raw", "") : fields;
            return subject == null ? fields : fields.with("subject", subject);
        }

        private static Letter of(Fields fields) throws CatalogException {
            return new Letter(
                    fields.text("messageId"),
                    fields.text("type"),
                    fields.find("raw").isPresent(),
                    fields.find("subject").orElse(null),
                    fields.text("body"));
        }
    }

    /// A message that is due at its receiver.
    public static final class Parcel {
        private final Document row;
        private final Subscription to;
        private final Letter letter;
        private final int attempts;
        private final Instant first;

        private Parcel(Document row, Subscription to) throws CatalogException {
            Fields fields = Fields.of(row);
            this.row = row;
            this.to = to;
            this.letter = Letter.of(fields);
            this.attempts = Integer.parseInt(fields.text("attempts"));
            this.first = Instant.parse(fields.text("first"));
        }

        public Subscription to() {
            return to;
        }

        public String messageId() {
            return letter.messageId();
        }

        /// `Notification`, `SubscriptionConfirmation` or `UnsubscribeConfirmation`.
        public String type() {
            return letter.type();
        }

        public boolean raw() {
            return letter.raw();
        }

        /// Of a mail; empty elsewhere.
        public String subject() {
            return letter.subject() == null ? "" : letter.subject();
        }

        public String body() {
            return letter.body();
        }

        /// How often it was tried before.
        public int attempts() {
            return attempts;
        }

        /// When this try was due.
        private Instant due() {
            return Outbound.due(to.key(), row);
        }
    }

    /// When a row of a subscription is to be tried.
    private static Instant due(String to, Document row) {
        return Instant.ofEpochMilli(
                Long.parseLong(row.key().substring(to.length() + 1, to.length() + 16)));
    }

    /// A message that its receiver did not take.
    ///
    /// @param id names it among all dead letters
    public record DeadLetter(
            String id,
            String subscriptionArn,
            String endpoint,
            String messageId,
            Instant since,
            String reason,
            String body) {}

    /// How much is on its way to one receiver.
    private record Backlog(long waiting, long bytes, long dead, long dropped) {
        private static final Backlog NONE = new Backlog(0, 0, 0, 0);

        private static Backlog of(Document document) throws CatalogException {
            Fields fields = Fields.of(document);
            return new Backlog(
                    Long.parseLong(fields.text("waiting")),
                    Long.parseLong(fields.text("bytes")),
                    Long.parseLong(fields.text("dead")),
                    Long.parseLong(fields.text("dropped")));
        }

        private Backlog plus(long moreWaiting, long moreBytes, long moreDead, long moreDropped) {
            return new Backlog(
                    waiting + moreWaiting,
                    bytes + moreBytes,
                    dead + moreDead,
                    dropped + moreDropped);
        }

        private String json() {
            return Fields.none()
                    .with("waiting", Long.toString(waiting))
                    .with("bytes", Long.toString(bytes))
                    .with("dead", Long.toString(dead))
                    .with("dropped", Long.toString(dropped))
                    .json();
        }
    }

    // Who publishes.

    void put(Transaction tx, Subscription to, Letter letter, Instant now) throws CatalogException {
        Backlog backlog = backlog(tx, to.key());
        long bytes = bytes(letter);
        if (backlog.waiting() >= WAITING_MAX || backlog.bytes() + bytes > WAITING_BYTES_MAX) {
            dead(tx, to, letter, "too many messages wait for this receiver", now);
            return;
        }
        wait(tx, to.key(), letter, 0, now, now);
        keep(tx, to.key(), backlog.plus(1, bytes, 0, 0));
    }

    private void wait(
            Transaction tx,
            String to,
            Letter letter,
            int attempts,
            Instant first,
            Instant notBefore)
            throws CatalogException {
        tx.create(
                WAITING,
                "%s/%015d/%s".formatted(to, notBefore.toEpochMilli(), letter.messageId()),
                letter.fields()
                        .with("attempts", Integer.toString(attempts))
                        .with("first", first.toString())
                        .json());
        tx.atEnd(wake);
    }

    /// Takes a message out of the way, for someone to see to.
    void dead(Transaction tx, Subscription to, Letter letter, String reason, Instant now)
            throws CatalogException {
        if (to.terms().redrive() != null
                && refusal(tx, to.terms().redrive(), to.topic(), Outgoing.of(letter.body()), now)
                        .isEmpty()) {
            return;
        }
        Backlog backlog = backlog(tx, to.key());
        long dropped = 0;
        if (backlog.dead() >= DEAD_MAX) {
            tx.delete(tx.list(DEAD, to.key() + '/', "", 1).getFirst());
            dropped = 1;
        }
        tx.create(
                DEAD,
                "%s/%015d/%s".formatted(to.key(), now.toEpochMilli(), letter.messageId()),
                letter.fields().with("reason", reason).with("since", now.toString()).json());
        keep(tx, to.key(), backlog.plus(0, 0, 1 - dropped, dropped));
    }

    /// Puts a topic's message into an own queue.
    ///
    /// @return why not; empty when it is there once the transaction is durable
    Optional<String> refusal(
            Transaction tx, String queueArn, TopicArn from, Outgoing message, Instant now)
            throws CatalogException {
        Messages.Service service =
                new Messages.Service("sns.amazonaws.com", from.account(), from.toString());
        return switch (queues.send(tx, queueArn, service, message, now)) {
            case Messages.Sent.Accepted _ -> Optional.empty();
            case Messages.Sent.Refused(var _, String reason) -> Optional.of(reason);
        };
    }

    // Who carries.

    /// What is due, at most one message for each receiver, so that a slow one has one connection.
    ///
    /// @param busy whether a subscription's receiver is being served, by ARN
    /// @param limit at most this many
    public List<Parcel> due(Instant now, Predicate<String> busy, int limit)
            throws CatalogException {
        List<Parcel> due = new ArrayList<>();
        String after = "";
        List<Document> page;
        do {
            page = catalog.list(BACKLOG, "", after, Catalog.LIMIT_MAX);
            for (Document document : page) {
                after = document.key();
                Optional<Document> subscription = catalog.get(Topics.SUBSCRIPTION, after);
                if (subscription.isEmpty()) {
                    purge(after);
                } else if (Backlog.of(document).waiting() > 0) {
                    Subscription to = Subscription.of(subscription.get());
                    if (!busy.test(to.arn())) {
                        first(to, now).ifPresent(due::add);
                    }
                }
                if (due.size() >= limit) {
                    return due;
                }
            }
        } while (page.size() == Catalog.LIMIT_MAX);
        return due;
    }

    private Optional<Parcel> first(Subscription to, Instant now) throws CatalogException {
        List<Document> rows = catalog.list(WAITING, to.key() + '/', "", 1);
        if (rows.isEmpty()) {
            return Optional.empty();
        }
        Document row = rows.getFirst();
        Instant due = due(to.key(), row);
        return due.isAfter(now) && !due.isAfter(now.plus(PAUSE_MAX))
                ? Optional.empty()
                : Optional.of(new Parcel(row, to));
    }

    /// Writes down what became of a message.
    public void done(Parcel parcel, Courier.Outcome outcome, Instant now) throws CatalogException {
        catalog.<Boolean, RuntimeException>write(tx -> {
            Optional<Document> row = tx.get(WAITING, parcel.row.key());
            if (row.isEmpty()) {
                return false; // The subscription was ended meanwhile.
            }
            tx.delete(row.get());
            switch (outcome) {
                case Courier.Outcome.Taken() -> forget(tx, parcel);
                case Courier.Outcome.Refused(String reason) -> {
                    forget(tx, parcel);
                    dead(tx, parcel.to(), parcel.letter, reason, now);
                }
                case Courier.Outcome.Failed(String reason) -> {
                    Instant last = parcel.first.plus(retryFor).truncatedTo(ChronoUnit.MILLIS);
                    if (parcel.due().isBefore(last)) {
                        Instant next = now.plus(pause(parcel.attempts()));
                        wait(
                                tx,
                                parcel.to().key(),
                                parcel.letter,
                                parcel.attempts() + 1,
                                parcel.first,
                                now.isBefore(last) && next.isAfter(last) ? last : next);
                    } else {
                        forget(tx, parcel);
                        dead(tx, parcel.to(), parcel.letter, reason, now);
                    }
                }
            }
            return true;
        });
    }

    static Duration pause(int attempts) {
        Duration pause = PAUSE_MIN.multipliedBy(1L << Math.min(attempts, 20));
        return pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX;
    }

    private void forget(Transaction tx, Parcel parcel) throws CatalogException {
        String to = parcel.to().key();
        keep(tx, to, backlog(tx, to).plus(-1, -bytes(parcel.letter), 0, 0));
    }

    /// Removes what was on its way to a subscription that is no more, a part at a time.
    private void purge(String to) throws CatalogException {
        catalog.<Boolean, RuntimeException>write(tx -> {
            List<Document> rows = new ArrayList<>(tx.list(WAITING, to + '/', "", PURGE));
            rows.addAll(tx.list(DEAD, to + '/', "", PURGE));
            for (Document row : rows) {
                tx.delete(row);
            }
            if (rows.isEmpty()) {
                keep(tx, to, Backlog.NONE);
            }
            return true;
        });
    }

    // Who looks after receivers.

    /// How a receiver takes its messages.
    ///
    /// @param waiting messages on their way to it
    /// @param attempts how often the one of them that was tried most was tried, without success
    /// @param dead messages that it did not take, and that are kept as dead letters
    public record Standing(long waiting, int attempts, long dead) {
        /// Whether something did not reach it, so far or for good.
        public boolean failing() {
            return attempts > 0 || dead > 0;
        }
    }

    /// How the receiver of a subscription takes its messages, judged by those that are due first.
    public Standing standing(Subscription to) throws CatalogException {
        Optional<Document> document = catalog.get(BACKLOG, to.key());
        Backlog backlog = document.isEmpty() ? Backlog.NONE : Backlog.of(document.get());
        int attempts = 0;
        if (backlog.waiting() > 0) {
            for (Document row : catalog.list(WAITING, to.key() + '/', "", LOOKED_AT)) {
                attempts = Math.max(attempts, Integer.parseInt(Fields.of(row).text("attempts")));
            }
        }
        return new Standing(backlog.waiting(), attempts, backlog.dead());
    }

    // Who looks after dead letters.

    /// How many dead letters of an account and region were dropped, to keep newer ones.
    public long dropped(String account, String region) throws CatalogException {
        String prefix = account + '/' + region + '/';
        long dropped = 0;
        String after = "";
        List<Document> page;
        do {
            page = catalog.list(BACKLOG, prefix, after, Catalog.LIMIT_MAX);
            for (Document document : page) {
                after = document.key();
                dropped += Backlog.of(document).dropped();
            }
        } while (page.size() == Catalog.LIMIT_MAX);
        return dropped;
    }

    /// Dead letters of an account and region, behind `after`.
    public List<DeadLetter> deadLetters(String account, String region, String after, int limit)
            throws CatalogException {
        List<DeadLetter> letters = new ArrayList<>();
        for (Document document : catalog.list(DEAD, account + '/' + region + '/', after, limit)) {
            Optional<Document> to = catalog.get(Topics.SUBSCRIPTION, subscription(document));
            if (to.isPresent()) {
                Subscription subscription = Subscription.of(to.get());
                Fields fields = Fields.of(document);
                letters.add(
                        new DeadLetter(
                                document.key(),
                                subscription.arn(),
                                subscription.endpoint(),
                                fields.text("messageId"),
                                Instant.parse(fields.text("since")),
                                fields.text("reason"),
                                fields.text("body")));
            }
        }
        return letters;
    }

    /// Sends dead letters of an account and region once more: those of one subscription, or all, at
    /// most [Catalog#LIMIT_MAX] at a time, oldest first.
    ///
    /// @param subscriptionArn empty for all
    /// @return how many; less than there are when there is no room or they are many
    public int retry(
            Transaction tx, String account, String region, String subscriptionArn, Instant now)
            throws CatalogException {
        int count = 0;
        for (Document document :
                tx.list(DEAD, account + '/' + region + '/', "", Catalog.LIMIT_MAX)) {
            Optional<Document> to = tx.get(Topics.SUBSCRIPTION, subscription(document));
            if (to.isEmpty()) {
                continue;
            }
            Subscription subscription = Subscription.of(to.get());
            if (subscriptionArn.isEmpty() || subscription.arn().equals(subscriptionArn)) {
                count += again(tx, subscription, document, now) ? 1 : 0;
            }
        }
        return count;
    }

    private boolean again(Transaction tx, Subscription to, Document document, Instant now)
            throws CatalogException {
        Letter letter = Letter.of(Fields.of(document));
        Backlog backlog = backlog(tx, to.key());
        long bytes = bytes(letter);
        if (to.protocol() == Subscription.Protocol.SQS) {
            if (refusal(tx, to.endpoint(), to.topic(), Outgoing.of(letter.body()), now)
                    .isPresent()) {
                return false;
            }
            tx.delete(document);
            keep(tx, to.key(), backlog.plus(0, 0, -1, 0));
            return true;
        }
        if (backlog.waiting() >= WAITING_MAX || backlog.bytes() + bytes > WAITING_BYTES_MAX) {
            return false;
        }
        tx.delete(document);
        wait(tx, to.key(), letter, 0, now, now);
        keep(tx, to.key(), backlog.plus(1, bytes, -1, 0));
        return true;
    }

    /// `account/region/topic/id/time/message` without the last two.
    private static String subscription(Document row) {
        String rest = row.key().substring(0, row.key().lastIndexOf('/'));
        return rest.substring(0, rest.lastIndexOf('/'));
    }

    // Books.

    private static long bytes(Letter letter) {
        return letter.body().getBytes(UTF_8).length;
    }

    private static Backlog backlog(Transaction tx, String to) throws CatalogException {
        Optional<Document> document = tx.get(BACKLOG, to);
        return document.isEmpty() ? Backlog.NONE : Backlog.of(document.get());
    }

    private static void keep(Transaction tx, String to, Backlog backlog) throws CatalogException {
        Optional<Document> old = tx.get(BACKLOG, to);
        if (backlog.equals(Backlog.NONE)) {
            if (old.isPresent()) {
                tx.delete(old.get());
            }
        } else if (old.isPresent()) {
            tx.replace(old.get(), backlog.json());
        } else {
            tx.create(BACKLOG, to, backlog.json());
        }
    }
}
