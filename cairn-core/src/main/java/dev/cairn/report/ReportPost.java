package dev.cairn.report;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.topic.Courier;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reports on their way to people, in the catalog: first an *order*, which says of which week and
/// for whom, then, when it is written, a *letter* for each of them.
///
/// A week's order and the note that the week is ordered are one transaction, and so are an order's
/// end and its letters: whatever the process dies on, each week is ordered once, and a letter goes
/// out at least once, with the same id on every try. What a mail server does not take is tried
/// again with growing pauses, for as long as messages of topics are, and once when that is over.
/// Then it is a *dead letter*, of which the newest [#DEAD_MAX] are kept to be seen.
public final class ReportPost {
    /// So many orders may wait.
    public static final int ORDERS_MAX = 100;

    /// So many people get a report.
    public static final int RECEIVERS_MAX = 10;

    /// So many that were given up are known.
    public static final int DEAD_MAX = 100;

    static final Duration PAUSE_MIN = Duration.ofSeconds(10);
    static final Duration PAUSE_MAX = Duration.ofMinutes(30);

    private static final String ORDER = "report-order";
    private static final String LETTER = "report-letter";
    private static final String DEAD = "report-dead-letter";
    private static final String SCHEDULE = "report-schedule";
    private static final String WEEKLY = "weekly";
    private static final int REASON_MAX = 500;

    private final Catalog catalog;
    private final Duration retryFor;
    private final Runnable wake;

    /// @param retryFor for so long an order or a letter is tried
    /// @param wake run when there is something new to do; quick, and throws nothing
    public ReportPost(Catalog catalog, Duration retryFor, Runnable wake) {
        this.catalog = catalog;
        this.retryFor = retryFor;
        this.wake = wake;
    }

    /// Whether that may be somebody's mail address. Such ones go into headers of mails.
    public static boolean isAddress(String text) {
        return text.length() <= 254
                && text.matches("[^\\s@<>(),;:\"\\\\\\p{Cntrl}]{1,64}@[A-Za-z0-9.-]{1,190}");
    }

    /// A report that is to be written.
    public static final class Order {
        private final Document row;
        private final Fields fields;

        private Order(Document row) throws CatalogException {
            this.row = row;
            this.fields = Fields.of(row);
        }

        /// The week it is about, of all accounts.
        public Weeks.Asked asked() throws CatalogException {
            return new Weeks.Asked(
                    null, Instant.parse(fields.text("to")), ZoneId.of(fields.text("zone")));
        }
    }

    /// A report that is to be carried.
    public static final class Letter {
        private final Document row;
        private final Fields fields;

        private Letter(Document row) throws CatalogException {
            this.row = row;
            this.fields = Fields.of(row);
        }

        /// The same on every try.
        public String id() throws CatalogException {
            return fields.text("id");
        }

        public String receiver() throws CatalogException {
            return fields.text("receiver");
        }

        public WeekLetter content() throws CatalogException {
            return new WeekLetter(fields.text("subject"), fields.text("html"), fields.text("text"));
        }
    }

    /// An order or a letter that was given up.
    ///
    /// @param id the letter's, the same as on every try, or the order's
    /// @param receivers whose it was
    /// @param since when it was given up
    public record DeadLetter(String id, List<String> receivers, Instant since, String reason) {
        private static DeadLetter of(Document document) throws CatalogException {
            Fields fields = Fields.of(document);
            return new DeadLetter(
                    fields.text("id"),
                    List.of(fields.text("receivers").split("\n", -1)),
                    Instant.parse(fields.text("since")),
                    fields.text("reason"));
        }
    }

    /// How the weekly report stands.
    ///
    /// @param ordered the newest week that was ordered ends then; null before the first
    /// @param sent when a mail server last took one; null when none has
    /// @param failure why the newest that failed did; null when the last one did not
    /// @param dead those that were given up, oldest first
    public record Standing(
            @Nullable Instant ordered,
            @Nullable Instant sent,
            @Nullable String failure,
            int orders,
            int letters,
            List<DeadLetter> dead) {}

    // Who orders.

    /// Orders the newest week that has ended, unless it is ordered already. Weeks that ended before
    /// anybody asked for weekly reports are not; of several that were missed, the newest.
    ///
    /// @return whether it did
    public boolean order(WeeklyTime weekly, List<String> receivers, Instant now)
            throws CatalogException {
        Instant newest = weekly.latest(now);
        Optional<Document> known = catalog.get(SCHEDULE, WEEKLY);
        if (known.isPresent()
                && ordered(known.get()).filter(last -> !last.isBefore(newest)).isPresent()) {
            return false;
        }
        return catalog.<Boolean, CatalogException>write(tx -> {
            Optional<Document> document = tx.get(SCHEDULE, WEEKLY);
            Fields fields = document.isPresent() ? Fields.of(document.get()) : Fields.none();
            boolean first = fields.find("ordered").isEmpty();
            if (!first && !Instant.parse(fields.text("ordered")).isBefore(newest)) {
                return false;
            }
            keep(tx, document, fields.with("ordered", newest.toString()));
            if (!first) {
                put(tx, "weekly-" + newest.getEpochSecond(), newest, weekly.zone(), receivers, now);
            }
            return !first;
        });
    }

    private static Optional<Instant> ordered(Document document) throws CatalogException {
        return Fields.of(document).find("ordered").map(Instant::parse);
    }

    /// Orders the report of the seven days that end at a time.
    ///
    /// @param id that nobody else has
    /// @throws Failure when too many wait
    public void order(
            Transaction tx, String id, Instant to, ZoneId zone, List<String> receivers, Instant now)
            throws CatalogException {
        if (tx.list(ORDER, "", "", ORDERS_MAX).size() >= ORDERS_MAX) {
            throw new Failure(
                    ErrorCode.LIMIT_EXCEEDED,
                    "At most %d reports may wait to be written.".formatted(ORDERS_MAX));
        }
        put(tx, id, to, zone, receivers, now);
    }

    private void put(
            Transaction tx, String id, Instant to, ZoneId zone, List<String> receivers, Instant now)
            throws CatalogException {
        tx.create(
                ORDER,
                key(now, id),
                Fields.none()
                        .with("id", id)
                        .with("to", to.toString())
                        .with("zone", zone.getId())
                        .with("receivers", String.join("\n", receivers))
                        .with("first", now.toString())
                        .with("attempts", "0")
                        .json());
        tx.atEnd(wake);
    }

    // Who writes.

    /// The order that has waited longest, if it is due.
    public Optional<Order> order(Instant now) throws CatalogException {
        Optional<Document> first = first(ORDER, now);
        return first.isPresent() ? Optional.of(new Order(first.get())) : Optional.empty();
    }

    /// Puts what was written in an order's place.
    public void written(Order order, WeekLetter content, Instant now) throws CatalogException {
        catalog.<Boolean, CatalogException>write(tx -> {
            Optional<Document> row = tx.get(ORDER, order.row.key());
            if (row.isEmpty()) {
                return false;
            }
            tx.delete(row.get());
            int number = 0;
            for (String receiver : order.fields.text("receivers").split("\n", -1)) {
                number++;
                String id = order.fields.text("id") + "-" + number;
                tx.create(
                        LETTER,
                        key(now, id),
                        Fields.none()
                                .with("id", id)
                                .with("receiver", receiver)
                                .with("subject", content.subject())
                                .with("html", content.html())
                                .with("text", content.text())
                                .with("first", now.toString())
                                .with("attempts", "0")
                                .json());
            }
            return true;
        });
    }

    /// Has an order wait that could not be written.
    public void failed(Order order, String reason, Instant now) throws CatalogException {
        later(ORDER, order.row, reason, now);
    }

    // Who carries.

    /// The letter that has waited longest, if it is due.
    public Optional<Letter> letter(Instant now) throws CatalogException {
        Optional<Document> first = first(LETTER, now);
        return first.isPresent() ? Optional.of(new Letter(first.get())) : Optional.empty();
    }

    /// Writes down what became of a letter.
    public void done(Letter letter, Courier.Outcome outcome, Instant now) throws CatalogException {
        switch (outcome) {
            case Courier.Outcome.Taken() ->
                    catalog.<Boolean, CatalogException>write(tx -> {
                        Optional<Document> row = tx.get(LETTER, letter.row.key());
                        if (row.isPresent()) {
                            tx.delete(row.get());
                        }
                        Optional<Document> document = tx.get(SCHEDULE, WEEKLY);
                        Fields fields =
                                document.isPresent() ? Fields.of(document.get()) : Fields.none();
                        keep(tx, document, fields.with("sent", now.toString()).without("failure"));
                        return true;
                    });
            case Courier.Outcome.Failed(String reason) -> later(LETTER, letter.row, reason, now);
            case Courier.Outcome.Refused(String reason) -> givenUp(LETTER, letter.row, reason, now);
        }
    }

    // Books.

    /// How it stands.
    public Standing standing() throws CatalogException {
        Optional<Document> document = catalog.get(SCHEDULE, WEEKLY);
        Fields fields = document.isPresent() ? Fields.of(document.get()) : Fields.none();
        List<DeadLetter> dead = new ArrayList<>();
        for (Document one : catalog.list(DEAD, "", "", DEAD_MAX)) {
            dead.add(DeadLetter.of(one));
        }
        return new Standing(
                fields.find("ordered").map(Instant::parse).orElse(null),
                fields.find("sent").map(Instant::parse).orElse(null),
                fields.find("failure").orElse(null),
                catalog.list(ORDER, "", "", Catalog.LIMIT_MAX).size(),
                catalog.list(LETTER, "", "", Catalog.LIMIT_MAX).size(),
                dead);
    }

    private Optional<Document> first(String kind, Instant now) throws CatalogException {
        List<Document> rows = catalog.list(kind, "", "", 1);
        if (rows.isEmpty()) {
            return Optional.empty();
        }
        Instant due = due(rows.getFirst());
        // One that is due later than any pause takes is due at once: the clock went back.
        return due.isAfter(now) && !due.isAfter(now.plus(PAUSE_MAX))
                ? Optional.empty()
                : Optional.of(rows.getFirst());
    }

    private static Instant due(Document row) {
        return Instant.ofEpochMilli(Long.parseLong(row.key().substring(0, 15)));
    }

    private void later(String kind, Document row, String reason, Instant now)
            throws CatalogException {
        Fields fields = Fields.of(row);
        Instant last =
                Instant.parse(fields.text("first")).plus(retryFor).truncatedTo(ChronoUnit.MILLIS);
        // When this try was due, not when it ended: the clock may have jumped meanwhile.
        if (!due(row).isBefore(last)) {
            givenUp(kind, row, reason, now);
            return;
        }
        int attempts = Integer.parseInt(fields.text("attempts"));
        Instant pause = now.plus(pause(attempts));
        Instant next = now.isBefore(last) && pause.isAfter(last) ? last : pause;
        catalog.<Boolean, CatalogException>write(tx -> {
            Optional<Document> found = tx.get(kind, row.key());
            if (found.isEmpty()) {
                return false;
            }
            tx.delete(found.get());
            tx.create(
                    kind,
                    key(next, fields.text("id")),
                    fields.with("attempts", Integer.toString(attempts + 1)).json());
            note(tx, reason);
            return true;
        });
    }

    private void givenUp(String kind, Document row, String reason, Instant now)
            throws CatalogException {
        catalog.<Boolean, CatalogException>write(tx -> {
            Optional<Document> found = tx.get(kind, row.key());
            if (found.isPresent()) {
                tx.delete(found.get());
                dead(tx, Fields.of(found.get()), reason, now);
            }
            note(tx, "given up: " + reason);
            return true;
        });
    }

    private static void dead(Transaction tx, Fields given, String reason, Instant now)
            throws CatalogException {
        List<Document> there = tx.list(DEAD, "", "", DEAD_MAX);
        if (there.size() == DEAD_MAX) {
            tx.delete(there.getFirst());
        }
        String id = given.text("id");
        Optional<String> receiver = given.find("receiver");
        tx.create(
                DEAD,
                key(now, id),
                Fields.none()
                        .with("id", id)
                        .with(
                                "receivers",
                                receiver.isPresent() ? receiver.get() : given.text("receivers"))
                        .with("since", now.toString())
                        .with("reason", told(reason))
                        .json());
    }

    private static String told(String reason) {
        return reason.length() <= REASON_MAX ? reason : reason.substring(0, REASON_MAX);
    }

    private static void note(Transaction tx, String reason) throws CatalogException {
        Optional<Document> document = tx.get(SCHEDULE, WEEKLY);
        Fields fields = document.isPresent() ? Fields.of(document.get()) : Fields.none();
        keep(tx, document, fields.with("failure", told(reason)));
    }

    private static void keep(Transaction tx, Optional<Document> old, Fields fields)
            throws CatalogException {
        if (old.isPresent()) {
            tx.replace(old.get(), fields.json());
        } else {
            tx.create(SCHEDULE, WEEKLY, fields.json());
        }
    }

    static Duration pause(int attempts) {
        Duration pause = PAUSE_MIN.multipliedBy(1L << Math.min(attempts, 20));
        return pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX;
    }

    private static String key(Instant due, String id) {
        return "%015d/%s".formatted(due.toEpochMilli(), id);
    }
}
