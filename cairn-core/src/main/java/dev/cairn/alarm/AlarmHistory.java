package dev.cairn.alarm;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.event.Place;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// What happened to alarms, kept for 30 days, of an account and region the newest [#ENTRIES_MAX].
/// Documents: `alarm-history` under `ACCOUNT/REGION/TIME/NUMBER`, and `alarm-histories` under
/// `ACCOUNT/REGION`: how many there are, and the next number. Any thread may call any method.
public final class AlarmHistory {
    /// How long entries are kept.
    public static final Duration KEPT = Duration.ofDays(30);

    /// What an account has in a region, at most: five thousand alarms may change each minute.
    public static final int ENTRIES_MAX = 50_000;

    /// What one reading finds, at most; a shorter time finds what is beyond.
    public static final int READ_MAX = 10_000;

    private static final String KIND = "alarm-history";
    private static final String COUNTS = "alarm-histories";
    private static final String NEXT = "next";
    private static final String COUNT = "count";
    private static final int SWEEP_MAX = 500;

    private final Catalog catalog;
    private final int entriesMax;

    public AlarmHistory(Catalog catalog) {
        this(catalog, ENTRIES_MAX);
    }

    /// @param entriesMax for each account and region
    AlarmHistory(Catalog catalog, int entriesMax) {
        this.catalog = catalog;
        this.entriesMax = entriesMax;
    }

    /// What an entry is of.
    public enum Kind {
        CONFIGURATION("ConfigurationUpdate"),
        STATE("StateUpdate"),
        ACTION("Action");

        private final String wireName;

        Kind(String wireName) {
            this.wireName = wireName;
        }

        /// As `HistoryItemType` has it.
        public String wireName() {
            return wireName;
        }
    }

    /// One thing that happened.
    ///
    /// @param type of the alarm
    /// @param summary for people
    /// @param data for programs, JSON
    public record Entry(
            AlarmArn alarm, String type, Instant time, Kind kind, String summary, String data) {}

    /// Adds an entry, in the place of the oldest one when there are too many.
    void add(Transaction tx, Entry entry) throws CatalogException {
        Place place = entry.alarm().place();
        Optional<Document> counts = tx.get(COUNTS, key(place));
        long next = counts.isEmpty() ? 0 : number(counts.get(), NEXT);
        long count = counts.isEmpty() ? 0 : number(counts.get(), COUNT);
        if (count >= entriesMax) {
            for (Document oldest : tx.list(KIND, AlarmArn.prefix(place), "", 1)) {
                tx.delete(oldest);
                count--;
            }
        }
        tx.create(
                KIND,
                "%s/%012d".formatted(time(place, entry.time()), next),
                Fields.none()
                        .with("alarm", entry.alarm().name())
                        .with("type", entry.type())
                        .with("kind", entry.kind().name())
                        .with("summary", entry.summary())
                        .with("data", entry.data())
                        .json());
        write(tx, place, counts, next + 1, count + 1);
    }

    private static void write(
            Transaction tx, Place place, Optional<Document> old, long next, long count)
            throws CatalogException {
        String json =
                Fields.none()
                        .with(NEXT, Long.toString(next))
                        .with(COUNT, Long.toString(count))
                        .json();
        if (old.isEmpty()) {
            tx.create(COUNTS, key(place), json);
        } else {
            tx.replace(old.get(), json);
        }
    }

    private static String key(Place place) {
        return place.account() + '/' + place.region();
    }

    private static long number(Document document, String field) throws CatalogException {
        return Long.parseLong(Fields.of(document).text(field));
    }

    private static String time(Place place, Instant time) {
        return AlarmArn.prefix(place) + "%013d".formatted(Math.max(0, time.toEpochMilli()));
    }

    /// The entries of a time that are wanted, in order; the newest [#READ_MAX] of them.
    ///
    /// @param to entries at this moment are left out
    public List<Entry> read(Place place, Instant from, Instant to, Predicate<Entry> wanted)
            throws CatalogException {
        Deque<Entry> found = new ArrayDeque<>();
        String after = time(place, from);
        String end = time(place, to.truncatedTo(ChronoUnit.MILLIS));
        while (true) {
            List<Document> page =
                    catalog.list(KIND, AlarmArn.prefix(place), after, Catalog.LIMIT_MAX);
            for (Document document : page) {
                if (document.key().compareTo(end) >= 0) {
                    return List.copyOf(found);
                }
                Entry entry = entry(place, document);
                if (!wanted.test(entry)) {
                    continue;
                }
                if (found.size() == READ_MAX) {
                    found.removeFirst();
                }
                found.add(entry);
            }
            if (page.size() < Catalog.LIMIT_MAX) {
                return List.copyOf(found);
            }
            after = page.getLast().key();
        }
    }

    private static Entry entry(Place place, Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        String[] parts = document.key().split("/", 4);
        return new Entry(
                new AlarmArn(place, fields.text("alarm")),
                fields.text("type"),
                Instant.ofEpochMilli(Long.parseLong(parts[2])),
                Kind.valueOf(fields.text("kind")),
                fields.text("summary"),
                fields.text("data"));
    }

    /// Forgets entries that are too old, in short transactions.
    void sweep(Instant now) throws CatalogException {
        String after = "";
        while (true) {
            List<Document> first = catalog.list(KIND, "", after, 1);
            if (first.isEmpty()) {
                return;
            }
            String[] parts = first.getFirst().key().split("/", 3);
            Place place = new Place(parts[0], parts[1]);
            String oldest = time(place, now.minus(KEPT));
            boolean more = first.getFirst().key().compareTo(oldest) < 0;
            while (more) {
                more = catalog.<Boolean, RuntimeException>write(tx -> sweep(tx, place, oldest));
            }
            // Behind all digits: the next place.
            after = AlarmArn.prefix(place) + '~';
        }
    }

    /// @return whether there may be more
    private static boolean sweep(Transaction tx, Place place, String oldest)
            throws CatalogException {
        int gone = 0;
        for (Document document : tx.list(KIND, AlarmArn.prefix(place), "", SWEEP_MAX)) {
            if (document.key().compareTo(oldest) >= 0) {
                break;
            }
            tx.delete(document);
            gone++;
        }
        Optional<Document> counts = gone == 0 ? Optional.empty() : tx.get(COUNTS, key(place));
        if (counts.isPresent()) {
            write(
                    tx,
                    place,
                    counts,
                    number(counts.get(), NEXT),
                    Math.max(0, number(counts.get(), COUNT) - gone));
        }
        return gone == SWEEP_MAX;
    }
}
