package dev.cairn.log;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.event.Place;
import dev.cairn.metric.Datum;
import dev.cairn.metric.Metric;
import dev.cairn.metric.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Minutes in which messages came into a group and a filter took none of them: one with a default
/// value counts that, once for the minute.
///
/// **Why once, whatever the process dies on.** A minute is *open* from the transaction that counts
/// its first message until the one that counts the default values and closes it. What comes for a
/// minute that is closed belongs to the next one that is not. Minutes are those in which messages
/// came, whatever time they say they are of: nothing then comes for one that is long over.
///
/// Documents: `log-minutes` under `ACCOUNT/REGION/GROUP`, for groups that have such filters.
final class QuietMinutes {
    private static final String KIND = "log-minutes";
    private static final String CLOSED = "closed";
    private static final long SECONDS = 60;

    /// While the reader of filters is behind, minutes wait; no more than these.
    private static final int OPEN_MAX = 60;

    /// How many one transaction closes: each may have a value for every filter of the group.
    private static final int CLOSED_AT_ONCE = 5;

    /// What was recorded at the end of a minute is seen some moments later.
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Catalog catalog;
    private final LogGroups groups;
    private final Metrics metrics;

    QuietMinutes(Catalog catalog, LogGroups groups, Metrics metrics) {
        this.catalog = catalog;
        this.groups = groups;
        this.metrics = metrics;
    }

    /// The minute of a moment, counted from 1970.
    static long of(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), SECONDS);
    }

    /// The first minute that is not over.
    static long until(Instant now) {
        return of(now.minus(GRACE));
    }

    /// Notes that messages came, in the transaction that counts them.
    ///
    /// @param came by minute, the filters with a default value that took some of them
    void came(Transaction tx, LogGroupName group, Map<Long, Set<String>> came, Instant now)
            throws CatalogException {
        Optional<Document> document = tx.get(KIND, group.key());
        Minutes minutes = document.isEmpty() ? new Minutes() : Minutes.of(document.get());
        if (!minutes.add(came)) {
            return;
        }
        while (minutes.open.size() > OPEN_MAX) {
            close(tx, group, minutes, now);
        }
        if (document.isEmpty()) {
            tx.create(KIND, group.key(), minutes.json());
        } else {
            tx.replace(document.get(), minutes.json());
        }
    }

    /// Closes all minutes that are over. To be called when everything recorded is counted.
    void settle(Instant now) throws CatalogException {
        long until = until(now);
        String after = "";
        List<Document> page;
        do {
            page = catalog.list(KIND, "", after, Catalog.LIMIT_MAX);
            for (Document document : page) {
                after = document.key();
                boolean more = Minutes.of(document).isOpenBefore(until);
                while (more) {
                    more =
                            catalog.<Boolean, RuntimeException>write(
                                    tx -> settle(tx, document.key(), until, now));
                }
            }
        } while (page.size() == Catalog.LIMIT_MAX);
    }

    /// @return whether more are to be closed
    private boolean settle(Transaction tx, String key, long until, Instant now)
            throws CatalogException {
        Optional<Document> document = tx.get(KIND, key);
        if (document.isEmpty()) {
            return false;
        }
        Minutes minutes = Minutes.of(document.get());
        for (int i = 0; i < CLOSED_AT_ONCE && minutes.isOpenBefore(until); i++) {
            close(tx, LogGroupName.ofKey(key), minutes, now);
        }
        tx.replace(document.get(), minutes.json());
        return minutes.isOpenBefore(until);
    }

    /// Closes the first open minute.
    private void close(Transaction tx, LogGroupName group, Minutes minutes, Instant now)
            throws CatalogException {
        Map.Entry<Long, Set<String>> minute =
                Objects.requireNonNull(minutes.open.pollFirstEntry(), "an open minute");
        minutes.closed = minute.getKey();
        List<Datum> data = new ArrayList<>();
        for (MetricFilter filter : groups.filters().of(tx, group)) {
            MetricFilter.Transformation made = filter.transformation();
            if (made.otherwise().isPresent()
                    && MetricFilter.isDefault(made.otherwise().get())
                    && GroupFilters.canCount(filter)
                    && !minute.getValue().contains(filter.name())) {
                data.add(
                        Datum.of(
                                new Metric(
                                        new Place(group.account(), group.region()),
                                        made.namespace(),
                                        made.metric(),
                                        Map.of()),
                                Instant.ofEpochSecond(minute.getKey() * SECONDS),
                                made.unit().orElse(Datum.NO_UNIT),
                                made.otherwise().get()));
            }
        }
        if (!data.isEmpty()) {
            metrics.add(tx, data, now);
        }
    }

    /// Forgets a group's minutes: with the group.
    static void forget(Transaction tx, LogGroupName group) throws CatalogException {
        Optional<Document> document = tx.get(KIND, group.key());
        if (document.isPresent()) {
            tx.delete(document.get());
        }
    }

    /// The minutes of a group. Fields: `closed`, each open minute, and each with a space and the
    /// name of a filter that took something in it.
    private static final class Minutes {
        private final NavigableMap<Long, Set<String>> open = new TreeMap<>();
        private long closed = Long.MIN_VALUE;

        static Minutes of(Document document) throws CatalogException {
            Minutes minutes = new Minutes();
            Fields fields = Fields.of(document);
            minutes.closed = Long.parseLong(fields.text(CLOSED));
            for (String name : fields.names()) {
                if (!name.equals(CLOSED)) {
                    int space = name.indexOf(' ');
                    Set<String> took =
                            minutes.open.computeIfAbsent(
                                    Long.valueOf(space < 0 ? name : name.substring(0, space)),
                                    _ -> new HashSet<>());
                    if (space > 0) {
                        took.add(name.substring(space + 1));
                    }
                }
            }
            return minutes;
        }

        /// @return whether this says more than before
        boolean add(Map<Long, Set<String>> came) {
            boolean more = false;
            for (Map.Entry<Long, Set<String>> one : came.entrySet()) {
                long minute =
                        closed == Long.MIN_VALUE
                                ? one.getKey()
                                : Math.max(one.getKey(), closed + 1);
                Set<String> took = open.get(minute);
                if (took == null) {
                    took = new HashSet<>();
                    open.put(minute, took);
                    more = true;
                }
                more |= took.addAll(one.getValue());
            }
            return more;
        }

        boolean isOpenBefore(long minute) {
            return !open.isEmpty() && open.firstKey() < minute;
        }

        String json() {
            Map<String, String> texts = new LinkedHashMap<>();
            texts.put(CLOSED, Long.toString(closed));
            for (Map.Entry<Long, Set<String>> one : open.entrySet()) {
                texts.put(Long.toString(one.getKey()), "");
                for (String name : one.getValue()) {
                    texts.put("%d %s".formatted(one.getKey(), name), "");
                }
            }
            return Fields.of(texts).json();
        }
    }
}
