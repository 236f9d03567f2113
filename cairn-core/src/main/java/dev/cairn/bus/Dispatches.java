package dev.cairn.bus;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.queue.MessageAttribute;
import dev.cairn.queue.Messages;
import dev.cairn.queue.Outgoing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/// Events on their way to the targets of rules, each a row until its target has it.
///
/// A row is made in the transaction in which the event was matched, and removed in the one that
/// tells the target: a target of this server is told once. One outside is told by a [Courier]
/// first, and its row removed then: it is told at least once, under the same id each time. What is
/// refused is tried again after a pause that doubles from [#PAUSE_MIN] to [#PAUSE_MAX], for as long
/// and as often as the target's retry policy says. Then it goes to the target's dead-letter queue,
/// or is given up and counted. What no try can mend goes to a dead-letter queue at once, as on AWS.
///
/// Bounds: [#WAITING_MAX] events and [#WAITING_BYTES_MAX] wait for a target, and [#PLACE_BYTES_MAX]
/// for all targets of an account and region; what comes on top is treated as what was tried in
/// vain.
///
/// Documents: `event-dispatch` under `TARGET/DUE/NUMBER`, `event-backlog` under a target's key and
/// an account and region, `event-given-up` and `event-unasked` under `count`. Any thread may call
/// any method.
public final class Dispatches {
    public static final int WAITING_MAX = 10_000;
    public static final long WAITING_BYTES_MAX = 64L << 20;
    public static final long PLACE_BYTES_MAX = 256L << 20;
    public static final Duration PAUSE_MIN = Duration.ofSeconds(1);

    /// Long enough for 185 tries to take the 24 hours that there are.
    public static final Duration PAUSE_MAX = Duration.ofMinutes(9);

    static final String SERVICE = "events.amazonaws.com";

    private static final String WAITING = "event-dispatch";
    private static final String BACKLOG = "event-backlog";
    private static final String GIVEN_UP = "event-given-up";
    private static final String UNASKED = "event-unasked";
    private static final String REASON = "reason";
    private static final String COUNT = "count";
    private static final int BATCH = 20;

    /// How much of what waits for a target outside is looked at at once.
    private static final long CARRIED_CHARS_MAX = 8L << 20;

    /// So many events that are too old for a target outside are ended at once.
    private static final int OLD_BATCH = 100;

    private static final String AGE = "MaximumEventAgeInSeconds";
    private static final Refusal TOO_OLD =
            new Refusal(
                    "SDK_CLIENT_ERROR",
                    "The event grew older than the target's retry policy allows before it could be told",
                    false);
    private static final Refusal NOT_WRITTEN =
            new Refusal("INTERNAL_ERROR", "What became of it could not be written down", false);

    private static final Refusal TOO_LONG =
            new Refusal(
                    "InvalidParameter",
                    "What its template makes of the event has more than %d characters"
                            .formatted(TargetInput.CHARS_MAX),
                    true);

    private final Catalog catalog;
    private final EventBuses buses;
    private final RuleBook book;
    private final Telling telling;
    private final Messages queues;
    private final Reactions.Book reactions;
    private final Runnable wake;

    /// @param telling how targets are told
    /// @param queues for dead letters
    /// @param reactions hears what came of the reactions of watches
    /// @param wake run when there is something new to tell; quick, and throws nothing
    public Dispatches(
            Catalog catalog,
            EventBuses buses,
            RuleBook book,
            Telling telling,
            Messages queues,
            Reactions.Book reactions,
            Runnable wake) {
        this.catalog = catalog;
        this.buses = buses;
        this.book = book;
        this.telling = telling;
        this.queues = queues;
        this.reactions = reactions;
        this.wake = wake;
    }

    /// How much waits for a target, or in an account and region.
    ///
    /// @param next the number of the next row
    private record Backlog(long waiting, long bytes, long next) {
        static Backlog of(Transaction tx, String key) throws CatalogException {
            Optional<Document> document = tx.get(BACKLOG, key);
            if (document.isEmpty()) {
                return new Backlog(0, 0, 0);
            }
            Fields fields = Fields.of(document.get());
            return new Backlog(
                    Long.parseLong(fields.text("waiting")),
                    Long.parseLong(fields.text("bytes")),
                    Long.parseLong(fields.text("next")));
        }

        Backlog plus(long moreWaiting, long moreBytes) {
            return new Backlog(
                    waiting + moreWaiting, bytes + moreBytes, next + Math.max(0, moreWaiting));
        }

        void write(Transaction tx, String key) throws CatalogException {
            Optional<Document> document = tx.get(BACKLOG, key);
            String json =
                    Fields.none()
                            .with("waiting", Long.toString(waiting))
                            .with("bytes", Long.toString(bytes))
                            .with("next", Long.toString(next))
                            .json();
            if (document.isEmpty()) {
                tx.create(BACKLOG, key, json);
            } else if (waiting == 0) {
                tx.delete(document.get());
            } else {
                tx.replace(document.get(), json);
            }
        }
    }

    /// An event that waits.
    ///
    /// @param attempts how often it was tried
    /// @param first when it was matched
    /// @param forwarded whether it came from another bus: it goes to no third one, as on AWS
    private record Row(String event, String id, int attempts, Instant first, boolean forwarded) {
        static Row of(Document document) throws CatalogException {
            Fields fields = Fields.of(document);
            return new Row(
                    fields.text("event"),
                    fields.text("id"),
                    Integer.parseInt(fields.text("attempts")),
                    Instant.parse(fields.text("first")),
                    fields.find("forwarded").isPresent());
        }

        long bytes() {
            return event.getBytes(UTF_8).length;
        }

        Row again() {
            return new Row(event, id, attempts + 1, first, forwarded);
        }

        String json() {
            Fields fields =
                    Fields.none()
                            .with("event", event)
                            .with("id", id)
                            .with("attempts", Integer.toString(attempts))
                            .with("first", first.toString());
            return (forwarded ? fields.with("forwarded", "") : fields).json();
        }
    }

    // Who matches.

    /// Has targets told of an event.
    ///
    /// @param targets of rules that want it
    public void put(Transaction tx, List<Target> targets, BusEvent event, Instant now)
            throws CatalogException {
        put(tx, targets, new Row(event.json(), event.id(), 0, now, false), now);
    }

    /// Has those told who want an event of a bus, and notes that some rules could not be asked
    /// about it ([#unasked()]): for events that no reader sets aside.
    public void put(
            Transaction tx, BusName bus, RuleBook.Page.Wanted wanted, BusEvent event, Instant now)
            throws CatalogException {
        unasked(tx, bus, wanted, event);
        put(tx, wanted.targets(), event, now);
    }

    private void put(Transaction tx, List<Target> targets, Row row, Instant now)
            throws CatalogException {
        for (Target target : targets) {
            if (!(row.forwarded() && target.destination() instanceof Destination.ToBus)) {
                put(tx, target, row, now);
            }
        }
    }

    private void put(Transaction tx, Target target, Row row, Instant now) throws CatalogException {
        String key = target.name().key();
        String place = BusName.prefix(target.name().rule().bus().place());
        Backlog backlog = Backlog.of(tx, key);
        Backlog all = Backlog.of(tx, place);
        long bytes = row.bytes();
        if (backlog.waiting() >= WAITING_MAX
                || backlog.bytes() + bytes > WAITING_BYTES_MAX
                || all.bytes() + bytes > PLACE_BYTES_MAX) {
            end(
                    tx,
                    target,
                    row,
                    new Refusal("BacklogFull", "too many events wait for this target", true),
                    "",
                    now);
            return;
        }
        tx.create(WAITING, key(key, now, backlog.next()), row.json());
        backlog.plus(1, bytes).write(tx, key);
        all.plus(1, bytes).write(tx, place);
        tx.atEnd(wake);
    }

    private static String key(String target, Instant due, long number) {
        return "%s/%015d/%016d".formatted(target, due.toEpochMilli(), number);
    }

    // Who tells.

    /// The targets for which events wait.
    public List<TargetName> waiting() throws CatalogException {
        List<TargetName> names = new ArrayList<>();
        String after = "";
        List<Document> next = catalog.list(WAITING, "", after, 1);
        while (!next.isEmpty()) {
            String target = target(next.getFirst());
            names.add(TargetName.ofKey(target));
            // Behind every key of this target: '0' follows '/'.
            after = target + '0';
            next = catalog.list(WAITING, "", after, 1);
        }
        return names;
    }

    private static String target(Document row) {
        String key = row.key();
        int number = key.lastIndexOf('/');
        return key.substring(0, key.lastIndexOf('/', number - 1));
    }

    private static Instant due(Document row) {
        String key = row.key();
        int number = key.lastIndexOf('/');
        return Instant.ofEpochMilli(
                Long.parseLong(key.substring(key.lastIndexOf('/', number - 1) + 1, number)));
    }

    /// Whether it is time for a row, also when the clock went back behind the time it came: nobody
    /// waits for a clock.
    private static boolean isDue(Document row, Instant now) throws CatalogException {
        Instant due = due(row);
        return !due.isAfter(now)
                || (due.isAfter(now.plus(PAUSE_MAX)) && Row.of(row).first().isAfter(now));
    }

    /// What telling a target came to.
    ///
    /// @param more whether there may be more to tell now
    /// @param refusal why it was not told; empty when it was
    public record Told(boolean more, Optional<String> refusal) {}

    private static final Told NOTHING = new Told(false, Optional.empty());

    private static Optional<Target> target(Optional<Document> document) throws CatalogException {
        return document.isEmpty()
                ? Optional.empty()
                : Optional.of(BusDocuments.target(document.get()));
    }

    private static boolean isOutside(Optional<Target> target) {
        return target.isPresent() && target.get().destination().isOutside();
    }

    /// Hears of targets that were not told.
    public interface Refusals {
        void refused(TargetName target, String words);

        /// @param failure a mistake of ours, which holds up no other target
        void failed(TargetName target, RuntimeException failure);
    }

    /// Tells each target that waits of its oldest events that are due, one transaction each: who is
    /// told without pause is no reason for others to wait.
    ///
    /// @return whether there may be more to tell now
    public boolean round(Instant now, Refusals refusals) throws CatalogException {
        boolean more = false;
        for (TargetName target : waiting()) {
            try {
                Told told = step(target, now);
                told.refusal().ifPresent(words -> refusals.refused(target, words));
                more |= told.more();
            } catch (RuntimeException failure) {
                refusals.failed(target, failure);
            }
        }
        return more;
    }

    /// Tells a target of the oldest events that are due, unless it is outside.
    public Told step(TargetName name, Instant now) throws CatalogException {
        String key = name.key();
        List<Document> first = catalog.list(WAITING, key + '/', "", 1);
        if (first.isEmpty()
                || !isDue(first.getFirst(), now)
                || isOutside(target(catalog.get(BusDocuments.TARGET, key)))) {
            return NOTHING;
        }
        telling.prepare(now);
        return catalog.<Told, RuntimeException>write(tx -> {
            Optional<Target> target = target(tx.get(BusDocuments.TARGET, key));
            if (isOutside(target)) {
                return NOTHING;
            }
            Optional<String> refusal = Optional.empty();
            int done = 0;
            for (Document row : tx.list(WAITING, key + '/', "", BATCH)) {
                if (!isDue(row, now)) {
                    break;
                }
                Optional<Refusal> refused = take(tx, name, target, row, now);
                if (refused.isPresent()) {
                    refusal = Optional.of(refused.get().words());
                }
                done++;
            }
            return new Told(done == BATCH, refusal);
        });
    }

    /// Deals with one row: nobody is told any more when the target is removed.
    private Optional<Refusal> take(
            Transaction tx,
            TargetName name,
            Optional<Target> target,
            Document document,
            Instant now)
            throws CatalogException {
        Row row = Row.of(document);
        tx.delete(document);
        Optional<Refusal> refusal =
                target.isEmpty() ? Optional.empty() : tell(tx, target.get(), row, now);
        if (refusal.isEmpty()) {
            forget(tx, name, row);
            if (target.isPresent()) {
                note(tx, target.get(), row.again(), refusal, now);
            }
        } else {
            refused(tx, target.orElseThrow(), document, refusal.get(), now, now);
        }
        return refusal;
    }

    /// Writes down what came of an event, where its target is a watch's reaction.
    private void note(
            Transaction tx, Target target, Row ended, Optional<Refusal> refusal, Instant now)
            throws CatalogException {
        Optional<String> watch = Reactions.watch(target.name());
        if (watch.isPresent()) {
            reactions.note(
                    tx,
                    new Reactions.Came(
                            target.name().rule().bus().place(),
                            watch.get(),
                            target.arn(),
                            ended.id(),
                            ended.attempts(),
                            refusal),
                    now);
        }
    }

    /// Has a row that is removed already be tried again, or ends it.
    ///
    /// @param notBefore when it is tried again at the earliest
    private void refused(
            Transaction tx,
            Target target,
            Document document,
            Refusal refusal,
            Instant notBefore,
            Instant now)
            throws CatalogException {
        Row tried = Row.of(document).again();
        Optional<String> end = end(target, tried, refusal, now);
        if (end.isPresent()) {
            end(tx, target, tried, refusal, end.get(), now);
            forget(tx, target.name(), tried);
            return;
        }
        String number = document.key().substring(document.key().lastIndexOf('/') + 1);
        Instant pause = now.plus(pause(tried.attempts()));
        Instant wanted = notBefore.isAfter(pause) ? notBefore : pause;
        // The clock went back: what is due later than any pause takes would be due at once.
        Instant last = tried.first().isAfter(now) ? now.plus(PAUSE_MAX) : oldest(target, tried);
        Instant due = wanted.isBefore(last) ? wanted : last;
        tx.create(WAITING, key(target.name().key(), due, Long.parseLong(number)), tried.json());
    }

    /// Nothing waits for this row any more.
    private static void forget(Transaction tx, TargetName name, Row row) throws CatalogException {
        String place = BusName.prefix(name.rule().bus().place());
        Backlog.of(tx, name.key()).plus(-1, -row.bytes()).write(tx, name.key());
        Backlog.of(tx, place).plus(-1, -row.bytes()).write(tx, place);
    }

    static Duration pause(int attempts) {
        Duration pause = PAUSE_MIN.multipliedBy(1L << Math.min(attempts - 1, 16));
        return pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX;
    }

    private Optional<Refusal> tell(Transaction tx, Target target, Row row, Instant now)
            throws CatalogException {
        if (target.destination() instanceof Destination.ToBus(BusName bus)) {
            if (bus.isDefault() || tx.get(BusDocuments.BUS, bus.key()).isPresent()) {
                BusEvent event = new BusEvent(row.id(), row.event(), false);
                RuleBook.Page.Wanted wanted = book.page(tx, buses, bus).wanted(event);
                unasked(tx, bus, wanted, event);
                put(tx, wanted.targets(), new Row(row.event(), row.id(), 0, now, true), now);
                return Optional.empty();
            }
            return Optional.of(
                    new Refusal("NO_RESOURCE", "There is no event bus " + bus.arn(), true));
        }
        Optional<String> text = target.input().text(target.name().rule(), row.event(), row.first());
        return text.isEmpty() ? Optional.of(TOO_LONG) : telling.tell(tx, target, text.get(), now);
    }

    // Who carries outside.

    /// An event that is due at a target outside.
    ///
    /// @param target as it was when this was made
    /// @param key of its row
    /// @param id names it at the target: the same on each try, and no other event's
    /// @param text what is told
    /// @param http what the target adds to a request, for this event
    public record Parcel(Target target, String key, String id, String text, Target.Http http) {}

    /// What is due outside, oldest first for each target, as far as the pace lets. What is given is
    /// begun there, and is not given again before [Pace#end]. What is too old for its target is
    /// ended without another try, also while the target rests; what only a jump of the clock made
    /// too old gets one more. One thread asks.
    ///
    /// @param limit at most this many
    /// @param refusals hears of targets whose turn failed, which holds up no other
    public List<Parcel> due(Instant now, Pace pace, int limit, Refusals refusals)
            throws CatalogException {
        pace.look(now);
        List<Parcel> due = new ArrayList<>();
        boolean given = false;
        try {
            for (TargetName name : pace.inTurn(waiting())) {
                if (due.size() >= limit) {
                    break;
                }
                try {
                    due(name, now, pace, limit, due, refusals);
                } catch (CatalogException failure) {
                    refusals.refused(name, failure.toString());
                } catch (RuntimeException failure) {
                    refusals.failed(name, failure);
                }
            }
            given = true;
            return due;
        } finally {
            if (!given) {
                due.forEach(pace::end); // Nobody carries them.
            }
        }
    }

    private void due(
            TargetName name, Instant now, Pace pace, int limit, List<Parcel> due, Refusals refusals)
            throws CatalogException {
        Optional<Target> found = target(catalog.get(BusDocuments.TARGET, name.key()));
        if (!isOutside(found)) {
            return;
        }
        Target target = found.orElseThrow();
        // Asked before the rows are read: one that is told meanwhile is among them all the same.
        Set<String> underWay = pace.underWay(name);
        endOld(target, underWay, now, pace, refusals);
        int room = Math.min(limit - due.size(), pace.room(target, now));
        if (room <= 0) {
            return;
        }
        for (Document row :
                catalog.list(WAITING, rows(name), room + underWay.size(), CARRIED_CHARS_MAX)) {
            if (room == 0 || !isDue(row, now)) {
                return;
            }
            if (!underWay.contains(row.key()) && !isOld(target, Row.of(row), now, pace)) {
                Optional<Parcel> parcel = parcel(target, row, now);
                if (parcel.isPresent()) {
                    pace.begin(parcel.get());
                    due.add(parcel.get());
                    room--;
                }
            }
        }
    }

    private static Catalog.Range rows(TargetName target) {
        // Behind every key of this target: '0' follows '/'.
        return new Catalog.Range(target.key() + '/', target.key() + '0', false);
    }

    /// Ends the first events that are too old, as far as nobody is telling them.
    private void endOld(
            Target target, Set<String> underWay, Instant now, Pace pace, Refusals refusals)
            throws CatalogException {
        TargetName name = target.name();
        List<Document> first = catalog.list(WAITING, name.key() + '/', "", 1);
        if (first.isEmpty() || !isOld(target, Row.of(first.getFirst()), now, pace)) {
            return;
        }
        List<String> old = new ArrayList<>();
        for (Document row : catalog.list(WAITING, rows(name), OLD_BATCH, CARRIED_CHARS_MAX)) {
            if (!underWay.contains(row.key()) && isOld(target, Row.of(row), now, pace)) {
                old.add(row.key());
            }
        }
        if (old.isEmpty()) {
            return;
        }
        catalog.<Boolean, RuntimeException>write(tx -> {
            Optional<Target> there = target(tx.get(BusDocuments.TARGET, name.key()));
            if (isOutside(there)) {
                for (String key : old) {
                    endOld(tx, there.get(), key, now, pace);
                }
            }
            return true;
        });
        refusals.refused(name, TOO_OLD.words());
    }

    private void endOld(Transaction tx, Target target, String key, Instant now, Pace pace)
            throws CatalogException {
        Optional<Document> document = tx.get(WAITING, key);
        if (document.isPresent()) {
            Row row = Row.of(document.get());
            if (isOld(target, row, now, pace)) {
                tx.delete(document.get());
                end(tx, target, row, TOO_OLD, AGE, now);
                forget(tx, target.name(), row);
            }
        }
    }

    /// Empty when there is nothing that could be told: then that is seen to.
    private Optional<Parcel> parcel(Target target, Document document, Instant now)
            throws CatalogException {
        Row row = Row.of(document);
        Optional<String> text = target.input().text(target.name().rule(), row.event(), row.first());
        if (text.isEmpty()) {
            ended(document.key(), new Courier.Outcome.Refused(TOO_LONG), now);
            return Optional.empty();
        }
        String names = target.name().key() + '/' + row.id() + '/' + row.first();
        return Optional.of(
                new Parcel(
                        target,
                        document.key(),
                        UUID.nameUUIDFromBytes(names.getBytes(UTF_8)).toString(),
                        text.get(),
                        target.http().of(row.event())));
    }

    /// Writes down what became of a parcel, which is under way until [Pace#end]. When that cannot
    /// be written the target rests: it would be told the same again and again.
    public void done(Parcel parcel, Courier.Outcome outcome, Pace pace, Instant now)
            throws CatalogException {
        Courier.Outcome came = new Courier.Outcome.Failed(NOT_WRITTEN, now.plus(Pace.REST_MAX));
        try {
            ended(parcel.key(), outcome, now);
            came = outcome;
        } finally {
            pace.came(parcel, came, now);
        }
    }

    private void ended(String key, Courier.Outcome outcome, Instant now) throws CatalogException {
        catalog.<Boolean, RuntimeException>write(tx -> {
            Optional<Document> document = tx.get(WAITING, key);
            if (document.isEmpty()) {
                return false; // Its target was removed meanwhile.
            }
            TargetName name = TargetName.ofKey(target(document.get()));
            Optional<Target> target = target(tx.get(BusDocuments.TARGET, name.key()));
            tx.delete(document.get());
            if (target.isEmpty()) {
                forget(tx, name, Row.of(document.get()));
                return true;
            }
            switch (outcome) {
                case Courier.Outcome.Taken() -> {
                    Row told = Row.of(document.get()).again();
                    forget(tx, name, told);
                    note(tx, target.get(), told, Optional.empty(), now);
                }
                case Courier.Outcome.Failed(Refusal refusal, Instant notBefore) ->
                        refused(tx, target.get(), document.get(), refusal, notBefore, now);
                case Courier.Outcome.Refused(Refusal refusal) -> {
                    Row tried = Row.of(document.get()).again();
                    end(tx, target.get(), tried, refusal, "", now);
                    forget(tx, name, tried);
                }
            }
            return true;
        });
    }

    // What cannot be told.

    /// Why there is no further try, in EventBridge's word; empty when there is one.
    private static Optional<String> end(Target target, Row tried, Refusal refusal, Instant now) {
        if (refusal.lasting() && target.deadLetters().isPresent()) {
            return Optional.of("");
        }
        if (tried.attempts() > target.retry().attemptsMax()) {
            return Optional.of("MaximumRetryAttempts");
        }
        return isOld(target, tried, now) ? Optional.of(AGE) : Optional.empty();
    }

    private static boolean isOld(Target target, Row row, Instant now) {
        return !now.isBefore(oldest(target, row));
    }

    private static boolean isOld(Target target, Row row, Instant now, Pace pace) {
        return isOld(target, row, pace.judged(row.first(), now));
    }

    /// From when on there is no further try.
    private static Instant oldest(Target target, Row row) {
        return row.first().plus(target.retry().ageMax());
    }

    private void end(
            Transaction tx, Target target, Row row, Refusal refusal, String exhausted, Instant now)
            throws CatalogException {
        note(tx, target, row, Optional.of(refusal), now);
        Optional<String> dead = target.deadLetters();
        if (dead.isPresent() && isDead(tx, target, dead.get(), row, refusal, exhausted, now)) {
            return;
        }
        Optional<Document> document = tx.get(GIVEN_UP, COUNT);
        String json = Fields.none().with(COUNT, Long.toString(givenUp(document) + 1)).json();
        if (document.isEmpty()) {
            tx.create(GIVEN_UP, COUNT, json);
        } else {
            tx.replace(document.get(), json);
        }
    }

    /// Whether the dead-letter queue has it now.
    ///
    /// Source: Amazon EventBridge User Guide, "Using dead-letter queues to process undelivered
    /// events".
    private boolean isDead(
            Transaction tx,
            Target target,
            String queue,
            Row row,
            Refusal refusal,
            String exhausted,
            Instant now)
            throws CatalogException {
        RuleName rule = target.name().rule();
        Map<String, MessageAttribute> attributes =
                new TreeMap<>(
                        Map.of(
                                "RULE_ARN", text(rule.arn()),
                                "TARGET_ARN", text(target.arn()),
                                "ERROR_CODE", text(refusal.code()),
                                "ERROR_MESSAGE", text(refusal.words()),
                                "RETRY_ATTEMPTS",
                                        text(Integer.toString(Math.max(0, row.attempts() - 1)))));
        if (!exhausted.isEmpty()) {
            attributes.put("EXHAUSTED_RETRY_CONDITION", text(exhausted));
        }
        return queues.send(
                        tx,
                        queue,
                        new Messages.Service(SERVICE, rule.bus().place().account(), rule.arn()),
                        new Outgoing(row.event(), attributes, null, null),
                        now)
                instanceof Messages.Sent.Accepted;
    }

    private static MessageAttribute text(String value) {
        return new MessageAttribute("String", value);
    }

    /// How many events were given up: their target did not take them, and no dead-letter queue did.
    public long givenUp() throws CatalogException {
        return givenUp(catalog.get(GIVEN_UP, COUNT));
    }

    private static long givenUp(Optional<Document> document) throws CatalogException {
        return document.isEmpty() ? 0 : Long.parseLong(Fields.of(document.get()).text(COUNT));
    }

    // What could not be asked.

    /// Events about which some rules could not be asked: they have too many values.
    ///
    /// @param count how many
    /// @param reason names the last of them, and one of the rules
    public record Unasked(long count, String reason) {}

    private static void unasked(
            Transaction tx, BusName bus, RuleBook.Page.Wanted wanted, BusEvent event)
            throws CatalogException {
        List<String> rules = wanted.tooComplex();
        if (rules.isEmpty()) {
            return;
        }
        Optional<Document> document = tx.get(UNASKED, COUNT);
        long before =
                document.isEmpty() ? 0 : Long.parseLong(Fields.of(document.get()).text(COUNT));
        String json =
                Fields.none()
                        .with(COUNT, Long.toString(before + 1))
                        .with(
                                REASON,
                                "event %s has too many values, or too long ones, to ask %d rules of %s about it, %s among them"
                                        .formatted(
                                                event.id(),
                                                rules.size(),
                                                bus.arn(),
                                                rules.getFirst()))
                        .json();
        if (document.isEmpty()) {
            tx.create(UNASKED, COUNT, json);
        } else {
            tx.replace(document.get(), json);
        }
    }

    /// Events that were put, or passed on by a bus, and that some rules could not be asked about.
    public Optional<Unasked> unasked() throws CatalogException {
        Optional<Document> document = catalog.get(UNASKED, COUNT);
        if (document.isEmpty()) {
            return Optional.empty();
        }
        Fields fields = Fields.of(document.get());
        return Optional.of(new Unasked(Long.parseLong(fields.text(COUNT)), fields.text(REASON)));
    }
}
