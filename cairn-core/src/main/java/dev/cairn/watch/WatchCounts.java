package dev.cairn.watch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.event.Event;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What watches with a [Threshold] count: for each value of the member that they count by, when
/// there were how many events.
///
/// They are read while events are judged, and written in the transaction that moves the reader: an
/// event is counted once. A watch counts [#VALUES_MAX] values. When there are more, those that
/// nothing came of for two periods are forgotten, then those with the fewest events are given up,
/// which the watch says: so who brings in values by the thousand ends the counting of little ones,
/// and not of the one that matters.
///
/// Documents: `watch-count` under `ACCOUNT/NAME/HASH OF VALUE`, `watch-values` under
/// `ACCOUNT/NAME`.
final class WatchCounts {
    /// How many values are counted for a watch at a time. No more than one page of the catalog has.
    static final int VALUES_MAX = 900;

    /// So many values are left when there were too many.
    private static final int VALUES_LEFT = 700;

    /// About how much is written for a value.
    private static final long VALUE_CHARS = 300;

    private static final String COUNT = "watch-count";
    private static final String VALUES = "watch-values";

    private final Catalog catalog;
    private final Map<WatchName, Counting> counting = new LinkedHashMap<>();

    /// Of one step of the reader.
    WatchCounts(Catalog catalog) {
        this.catalog = catalog;
    }

    /// What one watch counted in a step.
    private record Counting(Watch watch, Map<String, BurstCount> counts) {}

    /// What an event came to.
    ///
    /// @param values those whose burst begins with it; when none does, those whose burst goes on
    /// @param written about how much is written for it
    record Counted(BurstCount.Seen seen, List<String> values, long written) {}

    /// Counts an event for each of its values. One of them that is over the threshold is enough.
    ///
    /// @param watch that has a threshold
    Counted count(Watch watch, Event event) throws CatalogException {
        Threshold threshold = watch.threshold().orElseThrow();
        Counting own =
                counting.computeIfAbsent(
                        watch.name(), _ -> new Counting(watch, new LinkedHashMap<>()));
        List<String> begin = new ArrayList<>();
        List<String> goOn = new ArrayList<>();
        long written = 0;
        for (String value : threshold.values(event)) {
            String key = key(watch.name(), value);
            BurstCount count = own.counts().get(key);
            if (count == null) {
                Optional<Document> document = catalog.get(COUNT, key);
                count =
                        document.isEmpty()
                                ? new BurstCount(threshold)
                                : read(threshold, document.get());
                own.counts().put(key, count);
                written += VALUE_CHARS;
            }
            switch (count.count(event.time())) {
                case BEGINS -> begin.add(value);
                case GOES_ON -> goOn.add(value);
                case BELOW -> {}
            }
        }
        if (!begin.isEmpty()) {
            return new Counted(BurstCount.Seen.BEGINS, begin, written);
        }
        return new Counted(
                goOn.isEmpty() ? BurstCount.Seen.BELOW : BurstCount.Seen.GOES_ON, goOn, written);
    }

    private static String prefix(WatchName name) {
        return name.key() + '/';
    }

    private static String key(WatchName name, String value) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(value.getBytes(UTF_8));
            return prefix(name) + HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static BurstCount read(Threshold threshold, Document document) throws CatalogException {
        return BurstCount.of(threshold, Fields.of(document).text("spans"));
    }

    /// Writes what was counted, but for watches that are gone, or others by now.
    void keep(Transaction tx, Watches watches, Instant now) throws CatalogException {
        for (Counting own : counting.values()) {
            if (watches.isStill(tx, own.watch())) {
                keep(tx, own, now);
            }
        }
    }

    private static void keep(Transaction tx, Counting own, Instant now) throws CatalogException {
        long made = 0;
        for (Map.Entry<String, BurstCount> one : own.counts().entrySet()) {
            String json =
                    Fields.none()
                            .with("spans", one.getValue().text())
                            .with("touched", now.toString())
                            .json();
            Optional<Document> there = tx.get(COUNT, one.getKey());
            if (there.isEmpty()) {
                tx.create(COUNT, one.getKey(), json);
                made++;
            } else {
                tx.replace(there.get(), json);
            }
        }
        if (made > 0) {
            Values before = Values.of(tx.get(VALUES, own.watch().name().key()));
            Values after = new Values(before.values() + made, before.givenUp());
            if (after.values() > VALUES_MAX) {
                after = giveUp(tx, own.watch(), after, now);
            }
            write(tx, own.watch().name(), after);
        }
    }

    /// How many values are counted, and how many were given up.
    private record Values(long values, long givenUp) {
        static Values of(Optional<Document> document) throws CatalogException {
            if (document.isEmpty()) {
                return new Values(0, 0);
            }
            Fields fields = Fields.of(document.get());
            return new Values(
                    Long.parseLong(fields.text("values")), Long.parseLong(fields.text("givenUp")));
        }
    }

    private static void write(Transaction tx, WatchName name, Values values)
            throws CatalogException {
        String json =
                Fields.none()
                        .with("values", Long.toString(values.values()))
                        .with("givenUp", Long.toString(values.givenUp()))
                        .json();
        Optional<Document> there = tx.get(VALUES, name.key());
        if (there.isEmpty()) {
            tx.create(VALUES, name.key(), json);
        } else {
            tx.replace(there.get(), json);
        }
    }

    /// A value that is counted.
    private record One(Document document, Instant touched, long events) {}

    private static Values giveUp(Transaction tx, Watch watch, Values before, Instant now)
            throws CatalogException {
        Threshold threshold = watch.threshold().orElseThrow();
        Duration rest = threshold.period().multipliedBy(2);
        List<One> live = new ArrayList<>();
        for (Document document : all(tx, watch.name())) {
            Instant touched = Instant.parse(Fields.of(document).text("touched"));
            if (touched.plus(rest).isBefore(now)) {
                tx.delete(document);
            } else {
                live.add(new One(document, touched, read(threshold, document).events()));
            }
        }
        long givenUp = before.givenUp();
        if (live.size() > VALUES_MAX) {
            live.sort(Comparator.comparingLong(One::events).thenComparing(One::touched));
            List<One> ended = live.subList(0, live.size() - VALUES_LEFT);
            for (One one : ended) {
                tx.delete(one.document());
            }
            givenUp += ended.size();
            ended.clear();
        }
        return new Values(live.size(), givenUp);
    }

    private static List<Document> all(Transaction tx, WatchName name) throws CatalogException {
        List<Document> all = new ArrayList<>();
        List<Document> page = tx.list(COUNT, prefix(name), "", Catalog.LIMIT_MAX);
        while (!page.isEmpty()) {
            all.addAll(page);
            page =
                    page.size() < Catalog.LIMIT_MAX
                            ? List.of()
                            : tx.list(COUNT, prefix(name), page.getLast().key(), Catalog.LIMIT_MAX);
        }
        return all;
    }

    /// How many values of a watch were given up, as there were too many.
    static long givenUp(Optional<Document> values) throws CatalogException {
        return Values.of(values).givenUp();
    }

    /// The document that [#givenUp] reads.
    static Optional<Document> values(Catalog catalog, WatchName name) throws CatalogException {
        return catalog.get(VALUES, name.key());
    }

    /// Forgets all that a watch counted.
    static void forget(Transaction tx, WatchName name) throws CatalogException {
        for (Document document : all(tx, name)) {
            tx.delete(document);
        }
        Optional<Document> values = tx.get(VALUES, name.key());
        if (values.isPresent()) {
            tx.delete(values.get());
        }
    }
}
