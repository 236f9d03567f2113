package dev.cairn.metric;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.event.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// The metrics of all accounts and their values. Any thread may call any method.
///
/// Values are added within a transaction of whoever has them, so that what was counted and how far
/// it was counted are never apart. What is added in one call is gathered first: a transaction
/// writes one document for each metric and quarter of an hour that it has values of, however many
/// there are.
///
/// Documents: `metric` under `ACCOUNT/REGION/NAMESPACE|NAME|ID`, one for each metric that has
/// values ([Listed]); `metrics-count` under `ACCOUNT/REGION`; and [Block]s.
public final class Metrics {
    /// How many metrics an account may have in a region: dimensions can take any value that an
    /// event has.
    public static final int METRICS_MAX = 100_000;

    static final String KIND = "metric";
    static final String COUNTS = "metrics-count";
    private static final String COUNT = "count";

    /// A metric's newest time is written down again when it is this much newer.
    private static final Duration NEWER = Duration.ofMinutes(5);

    private final Catalog catalog;
    private final int metricsMax;
    private final Consumer<Map<Metric, Times>> changed;

    /// @param metricsMax for each account and region, usually [#METRICS_MAX]
    /// @param changed is told, when a transaction has ended, which metrics it may have added to,
    ///   and values of when; must not throw
    public Metrics(Catalog catalog, int metricsMax, Consumer<Map<Metric, Times>> changed) {
        this.catalog = catalog;
        this.metricsMax = metricsMax;
        this.changed = changed;
    }

    /// Adds values.
    ///
    /// @param data in any order; what is past every age is left out
    /// @return those that were left out, because they are too old or because their metric would be
    ///   one more than an account may have in a region
    public List<Datum> add(Transaction tx, List<Datum> data, Instant now) throws CatalogException {
        Map<Metric, List<Datum>> byMetric = new LinkedHashMap<>();
        for (Datum datum : data) {
            byMetric.computeIfAbsent(datum.metric(), _ -> new ArrayList<>()).add(datum);
        }
        List<Datum> left = new ArrayList<>();
        for (Map.Entry<Metric, List<Datum>> one : byMetric.entrySet()) {
            add(tx, one.getKey(), one.getValue(), now, left);
        }
        Map<Metric, Times> touched = new HashMap<>();
        byMetric.forEach((metric, of) -> touched.put(metric, times(of)));
        tx.atEnd(() -> changed.accept(touched));
        return left;
    }

    private static Times times(List<Datum> data) {
        Times times = new Times(data.getFirst().time(), data.getFirst().time());
        for (Datum datum : data) {
            times = times.and(new Times(datum.time(), datum.time()));
        }
        return times;
    }

    private void add(Transaction tx, Metric metric, List<Datum> data, Instant now, List<Datum> left)
            throws CatalogException {
        Map<Block.Key, List<Datum>> byBlock = new LinkedHashMap<>();
        Instant newest = Instant.MIN;
        String prefix = metric.valuesPrefix();
        for (Datum datum : data) {
            long second = datum.time().getEpochSecond();
            Optional<Resolution> resolution = Resolution.of(second, datum.fine(), now);
            if (second < 0 || resolution.isEmpty()) {
                left.add(datum);
                continue;
            }
            long start = resolution.get().blockOf(second);
            byBlock.computeIfAbsent(
                            new Block.Key(prefix, resolution.get(), start, datum.unit()),
                            _ -> new ArrayList<>())
                    .add(datum);
            newest = datum.time().isAfter(newest) ? datum.time() : newest;
        }
        if (byBlock.isEmpty()) {
            return;
        }
        if (!list(tx, metric, newest)) {
            byBlock.values().forEach(left::addAll);
            return;
        }
        List<Datum> late = data.stream().filter(datum -> LateValues.isLate(datum, now)).toList();
        if (!late.isEmpty()) {
            LateValues.note(tx, metric, times(late));
        }
        for (Map.Entry<Block.Key, List<Datum>> one : byBlock.entrySet()) {
            merge(
                    tx,
                    one.getKey(),
                    block -> {
                        for (Datum datum : one.getValue()) {
                            block.add(datum.time().getEpochSecond(), datum.values());
                        }
                    });
        }
    }

    /// Changes a block, which may not be there yet.
    static void merge(Transaction tx, Block.Key key, Consumer<Block> change)
            throws CatalogException {
        Optional<Document> document = tx.get(key.resolution().kind(), key.text());
        if (document.isEmpty()) {
            Block block = new Block(key);
            change.accept(block);
            tx.create(key.resolution().kind(), key.text(), block.json());
        } else {
            Block block = Block.of(key, document.get());
            change.accept(block);
            tx.replace(document.get(), block.json());
        }
    }

    /// Has a metric listed, with its newest time.
    ///
    /// @return false when there are too many
    private boolean list(Transaction tx, Metric metric, Instant newest) throws CatalogException {
        Optional<Document> document = tx.get(KIND, metric.key());
        if (document.isPresent()) {
            Listed listed = Listed.of(document.get());
            if (newest.isAfter(listed.newest().plus(NEWER))) {
                tx.replace(document.get(), new Listed(metric, newest).json());
            }
            return true;
        }
        if (!count(tx, metric.place(), 1, metricsMax)) {
            return false;
        }
        tx.create(KIND, metric.key(), new Listed(metric, newest).json());
        return true;
    }

    /// @return false when there would be more than `max`
    static boolean count(Transaction tx, Place place, int more, int max) throws CatalogException {
        String key = place.account() + '/' + place.region();
        Optional<Document> document = tx.get(COUNTS, key);
        if (document.isEmpty()) {
            tx.create(COUNTS, key, Fields.none().with(COUNT, Integer.toString(more)).json());
            return true;
        }
        Fields fields = Fields.of(document.get());
        int count = Integer.parseInt(fields.text(COUNT)) + more;
        if (count > max) {
            return false;
        }
        tx.replace(document.get(), fields.with(COUNT, Integer.toString(count)).json());
        return true;
    }

    /// A metric that has values.
    ///
    /// @param newest the newest time that it has a value of, at most five minutes too early
    public record Listed(Metric metric, Instant newest) {
        private static final String NAMESPACE = "namespace";
        private static final String NAME = "name";
        private static final String NEWEST = "newest";
        private static final String DIMENSION = "dimension.";

        String json() {
            Fields fields =
                    Fields.none()
                            .with(NAMESPACE, metric.namespace())
                            .with(NAME, metric.name())
                            .with(NEWEST, newest.toString());
            for (Map.Entry<String, String> dimension : metric.dimensions().entrySet()) {
                fields = fields.with(DIMENSION + dimension.getKey(), dimension.getValue());
            }
            return fields.json();
        }

        static Listed of(Document document) throws CatalogException {
            Fields fields = Fields.of(document);
            Map<String, String> dimensions = new HashMap<>();
            for (String field : fields.names()) {
                if (field.startsWith(DIMENSION)) {
                    dimensions.put(field.substring(DIMENSION.length()), fields.text(field));
                }
            }
            String[] place = document.key().split("/", 3);
            return new Listed(
                    new Metric(
                            new Place(place[0], place[1]),
                            fields.text(NAMESPACE),
                            fields.text(NAME),
                            dimensions),
                    Instant.parse(fields.text(NEWEST)));
        }

        /// Names the place in a list behind this one.
        public String mark() {
            String key = metric.key();
            return key.substring(Metric.prefix(metric.place()).length());
        }
    }

    /// An account's metrics of a region, those of a namespace and a name together.
    ///
    /// @param namespace empty for all
    /// @param name empty for all of the namespace; without a namespace it must be empty, too
    /// @param after the [Listed#mark] of the last one of the page before; empty for the first page
    public List<Listed> list(Place place, String namespace, String name, String after, int limit)
            throws CatalogException {
        String prefix =
                namespace.isEmpty()
                        ? Metric.prefix(place)
                        : name.isEmpty()
                                ? Metric.prefix(place, namespace)
                                : Metric.prefix(place, namespace, name);
        List<Listed> found = new ArrayList<>();
        for (Document document :
                catalog.list(
                        KIND, prefix, after.isEmpty() ? "" : Metric.prefix(place) + after, limit)) {
            found.add(Listed.of(document));
        }
        return found;
    }

    /// What is asked of a metric's values.
    ///
    /// @param unit empty for all
    /// @param from where the first period begins; whole seconds
    /// @param to values at this moment and later are left out
    /// @param period whole seconds, at least one
    public record Query(
            Metric metric, Optional<String> unit, Instant from, Instant to, Duration period) {}

    /// The values of a metric, summed up for each period that has some, by unit and by the start of
    /// the period in seconds since 1970. Values that are kept by more than a period are left out.
    public Map<String, SortedMap<Long, StatisticSet>> read(Query query) throws CatalogException {
        Map<String, SortedMap<Long, StatisticSet>> found = new TreeMap<>();
        for (Resolution resolution : Resolution.values()) {
            if (resolution.step() <= query.period().toSeconds()) {
                read(query, resolution, found);
            }
        }
        return found;
    }

    /// The values of a metric, of all units together, by the start of their period.
    public SortedMap<Long, StatisticSet> sets(Query query) throws CatalogException {
        SortedMap<Long, StatisticSet> together = new TreeMap<>();
        for (SortedMap<Long, StatisticSet> ofUnit : read(query).values()) {
            ofUnit.forEach((time, set) -> together.merge(time, set, StatisticSet::with));
        }
        return together;
    }

    private void read(
            Query query, Resolution resolution, Map<String, SortedMap<Long, StatisticSet>> into)
            throws CatalogException {
        String prefix = query.metric().valuesPrefix();
        long from = query.from().getEpochSecond();
        long to = query.to().getEpochSecond();
        // Behind all that ends before: a block's key goes on after its time.
        String after = prefix + Block.Key.time(Math.max(0, resolution.blockOf(from)));
        while (true) {
            List<Document> page = catalog.list(resolution.kind(), prefix, after, Catalog.LIMIT_MAX);
            for (Document document : page) {
                Block.Key key = Block.Key.of(resolution, prefix, document);
                if (key.start() >= to) {
                    return;
                }
                if (query.unit().filter(unit -> !unit.equals(key.unit())).isEmpty()) {
                    sum(query, Block.of(key, document), into);
                }
            }
            if (page.size() < Catalog.LIMIT_MAX) {
                return;
            }
            after = page.getLast().key();
        }
    }

    private static void sum(
            Query query, Block block, Map<String, SortedMap<Long, StatisticSet>> into) {
        long from = query.from().getEpochSecond();
        long to = query.to().getEpochSecond();
        long period = query.period().toSeconds();
        block.sets()
                .forEach((second, values) -> {
                    if (second >= from && second < to) {
                        into.computeIfAbsent(block.unit(), _ -> new TreeMap<>())
                                .merge(
                                        from + (second - from) / period * period,
                                        values,
                                        StatisticSet::with);
                    }
                });
    }
}
