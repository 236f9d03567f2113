package dev.cairn.bus;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Range;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/// Rules that fire by themselves: when each is due, and the firing.
///
/// A slot is told once: the transaction that writes down who is to be told of it ([Dispatches])
/// moves the rule on to the first slot behind it. A kill before it changes nothing; a clock that
/// goes back finds the rule waiting for a slot that is still to come. Of the slots that passed
/// while nobody looked the newest is told, once, however long ago it was.
///
/// The event goes to the targets of the rule itself. Its id is made of the rule and the slot.
///
/// Documents: `event-schedule` under a rule's key, and, while it is to fire, `event-due` under
/// `DUE/RULE`: what is due is found by the first of them, however many rules there are. Any thread
/// may call any method; [#fire] is for one at a time.
public final class Schedules {
    private static final String KIND = "event-schedule";
    private static final String DUE = "event-due";
    private static final String EXPRESSION = "expression";
    private static final String BEGAN = "began";
    private static final String TOLD = "told";
    private static final String NEXT = "due";
    private static final long PAGE_CHARS_MAX = 1L << 20;

    /// A slot that is told later than this was missed.
    private static final Duration LATE = Duration.ofMinutes(1);

    private final Catalog catalog;
    private final Dispatches dispatches;

    public Schedules(Catalog catalog, Dispatches dispatches) {
        this.catalog = catalog;
        this.dispatches = dispatches;
    }

    /// How far a rule has come with its schedule.
    ///
    /// @param expression as it was put
    /// @param began when the rule got it, in whole seconds
    /// @param told the slot that was told last
    /// @param due the slot that is next; empty while the rule is disabled, and when there is none
    private record Beat(
            String expression, Instant began, Optional<Instant> told, Optional<Instant> due) {
        static Beat of(Document document) throws CatalogException {
            Fields fields = Fields.of(document);
            return new Beat(
                    fields.text(EXPRESSION),
                    Instant.parse(fields.text(BEGAN)),
                    fields.find(TOLD).map(Instant::parse),
                    fields.find(NEXT).map(Instant::parse));
        }

        Optional<Instant> next(Instant moment) {
            Instant last = told.filter(moment::isBefore).orElse(moment);
            return Schedule.of(expression).next(began, last);
        }

        Beat withDue(Optional<Instant> slot) {
            return new Beat(expression, began, told, slot);
        }

        Beat withTold(Instant slot) {
            return new Beat(expression, began, Optional.of(slot), due);
        }

        String json() {
            Fields fields =
                    Fields.none().with(EXPRESSION, expression).with(BEGAN, began.toString());
            if (told.isPresent()) {
                fields = fields.with(TOLD, told.get().toString());
            }
            return (due.isPresent() ? fields.with(NEXT, due.get().toString()) : fields).json();
        }
    }

    // As rules change.

    /// Takes note of a rule that was put or switched. One whose expression stays the same keeps its
    /// beat, and what it has told.
    ///
    /// @throws Failure VALIDATION when the expression is none
    static void follow(Transaction tx, Rule rule, Instant now) throws CatalogException {
        Optional<Document> document = tx.get(KIND, rule.name().key());
        Optional<Beat> before = Optional.empty();
        if (document.isPresent()) {
            before = Optional.of(Beat.of(document.get()));
            unschedule(tx, rule.name(), before.get());
        }
        if (rule.schedule().isEmpty()) {
            if (document.isPresent()) {
                tx.delete(document.get());
            }
            return;
        }
        String expression = rule.schedule().get();
        Beat beat =
                before.filter(one -> one.expression().equals(expression))
                        .orElseGet(() ->
                                new Beat(
                                        expression,
                                        now.truncatedTo(ChronoUnit.SECONDS),
                                        Optional.empty(),
                                        Optional.empty()));
        Optional<Instant> next = beat.due().or(() -> beat.next(now));
        schedule(
                tx,
                rule.name(),
                beat.withDue(rule.state() == Rule.State.DISABLED ? Optional.empty() : next));
    }

    /// Takes note of a rule that is deleted.
    static void forget(Transaction tx, RuleName rule) throws CatalogException {
        Optional<Document> document = tx.get(KIND, rule.key());
        if (document.isPresent()) {
            unschedule(tx, rule, Beat.of(document.get()));
            tx.delete(document.get());
        }
    }

    private static void unschedule(Transaction tx, RuleName rule, Beat beat)
            throws CatalogException {
        if (beat.due().isPresent()) {
            Optional<Document> due = tx.get(DUE, key(beat.due().get(), rule));
            if (due.isPresent()) {
                tx.delete(due.get());
            }
        }
    }

    private static void schedule(Transaction tx, RuleName rule, Beat beat) throws CatalogException {
        Optional<Document> document = tx.get(KIND, rule.key());
        if (document.isPresent()) {
            tx.replace(document.get(), beat.json());
        } else {
            tx.create(KIND, rule.key(), beat.json());
        }
        if (beat.due().isPresent()) {
            tx.create(DUE, key(beat.due().get(), rule), Fields.none().json());
        }
    }

    private static String key(Instant due, RuleName rule) {
        return key(due) + rule.key();
    }

    /// What the keys of all rules begin with that are due in a second.
    private static String key(Instant due) {
        return "%012d/".formatted(due.getEpochSecond());
    }

    private static Instant due(String key) {
        return Instant.ofEpochSecond(Long.parseLong(key.substring(0, key.indexOf('/'))));
    }

    private static RuleName rule(String key) {
        return RuleName.ofKey(key.substring(key.indexOf('/') + 1));
    }

    // As time passes.

    /// Hears of rules that did not fire as they should.
    public interface Mishaps {
        /// Slots passed while nobody looked: from one of them to another, which alone is told; the
        /// same one when it is a single slot, told more than a minute late.
        void missed(RuleName rule, Instant from, Instant told);

        /// @param failure a mistake of ours, or a damaged document, which holds up no other rule
        void failed(RuleName rule, Exception failure);
    }

    /// Fires the rules that are due, the one that has been for longest first, in one transaction
    /// each.
    ///
    /// @param closing asked before each: whether to leave the others to the next look
    /// @throws CatalogException when the catalog does not answer; what fired until then has fired
    public void fire(Instant now, Mishaps mishaps, BooleanSupplier closing)
            throws CatalogException {
        String later = key(now.plusSeconds(1));
        String after = "";
        List<Document> page;
        do {
            page =
                    catalog.list(
                            DUE, new Range(after, later, false), Catalog.LIMIT_MAX, PAGE_CHARS_MAX);
            for (Document row : page) {
                if (closing.getAsBoolean()) {
                    return;
                }
                fire(row.key(), now, mishaps);
                after = row.key();
            }
        } while (!page.isEmpty());
    }

    private void fire(String key, Instant now, Mishaps mishaps) throws CatalogException {
        RuleName rule = rule(key);
        try {
            Optional<Instant> told =
                    catalog.<Optional<Instant>, RuntimeException>write(tx -> fire(tx, key, now));
            if (told.isPresent()
                    && (told.get().isAfter(due(key)) || told.get().isBefore(now.minus(LATE)))) {
                mishaps.missed(rule, due(key), told.get());
            }
        } catch (CatalogException failure) {
            if (failure.kind() != CatalogException.Kind.CORRUPT) {
                throw failure;
            }
            mishaps.failed(rule, failure);
        } catch (RuntimeException failure) {
            mishaps.failed(rule, failure);
        }
    }

    /// @return the slot that is told; empty when the rule is not due any more
    private Optional<Instant> fire(Transaction tx, String key, Instant now)
            throws CatalogException {
        Optional<Document> row = tx.get(DUE, key);
        if (row.isEmpty()) {
            return Optional.empty();
        }
        tx.delete(row.get());
        RuleName rule = rule(key);
        Beat beat =
                Beat.of(
                        tx.get(KIND, rule.key())
                                .orElseThrow(() ->
                                        new IllegalStateException(
                                                "expected the schedule of " + rule.arn())));
        Instant slot = Schedule.of(beat.expression()).newest(beat.began(), due(key), now);
        dispatches.put(tx, targets(tx, rule), event(rule, slot), now);
        Beat told = beat.withTold(slot);
        schedule(tx, rule, told.withDue(told.next(slot)));
        return Optional.of(slot);
    }

    private static List<Target> targets(Transaction tx, RuleName rule) throws CatalogException {
        List<Target> targets = new ArrayList<>();
        for (Document document :
                tx.list(BusDocuments.TARGET, TargetName.prefix(rule), "", EventBuses.TARGETS_MAX)) {
            targets.add(BusDocuments.target(document));
        }
        return targets;
    }

    /// Source: Amazon EventBridge User Guide, "Scheduled events".
    private static BusEvent event(RuleName rule, Instant slot) {
        return BusEvent.of(
                new BusEvent.Head(
                        UUID.nameUUIDFromBytes((rule.arn() + ' ' + slot).getBytes(UTF_8))
                                .toString(),
                        "Scheduled Event",
                        "aws.events",
                        rule.bus().place(),
                        slot,
                        List.of(rule.arn())),
                "{}");
    }
}
