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
import java.util.ArrayList;
import java.util.List;

/// What happened to alarms, kept for 30 days. Documents: `alarm-history` under
/// `ACCOUNT/REGION/TIME/NUMBER`. Any thread may call any method.
public final class AlarmHistory {
    /// How long entries are kept.
    public static final Duration KEPT = Duration.ofDays(30);

    /// What one reading looks at, at most; a shorter time finds what is beyond.
    public static final int READ_MAX = 10_000;

    private static final String KIND = "alarm-history";
    private static final int SWEEP_MAX = 500;

    private final Catalog catalog;

    public AlarmHistory(Catalog catalog) {
        this.catalog = catalog;
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

    void add(Transaction tx, Entry entry) throws CatalogException {
        String prefix = time(entry.alarm().place(), entry.time()) + '/';
        List<Document> there = tx.list(KIND, prefix, "", Catalog.LIMIT_MAX);
        int number =
                there.isEmpty()
                        ? 0
                        : Integer.parseInt(there.getLast().key().substring(prefix.length())) + 1;
        tx.create(
                KIND,
                prefix + "%06d".formatted(number),
                Fields.none()
                        .with("alarm", entry.alarm().name())
                        .with("type", entry.type())
                        .with("kind", entry.kind().name())
                        .with("summary", entry.summary())
                        .with("data", entry.data())
                        .json());
    }

    private static String time(Place place, Instant time) {
        return AlarmArn.prefix(place) + "%013d".formatted(Math.max(0, time.toEpochMilli()));
    }

    /// The entries of a time, in order; the newest [#READ_MAX] of them.
    ///
    /// @param to entries at this moment are left out
    public List<Entry> read(Place place, Instant from, Instant to) throws CatalogException {
        List<Entry> found = new ArrayList<>();
        String after = time(place, from);
        String end = time(place, to.truncatedTo(ChronoUnit.MILLIS));
        while (true) {
            List<Document> page =
                    catalog.list(KIND, AlarmArn.prefix(place), after, Catalog.LIMIT_MAX);
            for (Document document : page) {
                if (document.key().compareTo(end) >= 0) {
                    return found;
                }
                if (found.size() == READ_MAX) {
                    found.subList(0, Catalog.LIMIT_MAX).clear();
                }
                found.add(entry(place, document));
            }
            if (page.size() < Catalog.LIMIT_MAX) {
                return found;
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

    /// Forgets entries that are too old, some of each place.
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
            List<Document> old =
                    catalog.list(KIND, AlarmArn.prefix(place), "", SWEEP_MAX).stream()
                            .filter(document -> document.key().compareTo(oldest) < 0)
                            .toList();
            if (!old.isEmpty()) {
                catalog.<Boolean, RuntimeException>write(tx -> {
                    for (Document document : old) {
                        tx.delete(document);
                    }
                    return true;
                });
            }
            // Behind all digits: the next place.
            after = AlarmArn.prefix(place) + '~';
        }
    }
}
