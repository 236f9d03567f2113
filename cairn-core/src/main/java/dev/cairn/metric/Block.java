package dev.cairn.metric;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The statistic sets of one metric, unit and resolution over one span of time: a document under
/// `ACCOUNT/REGION/METRIC/START/UNIT`. Its fields are steps, by their number in the block.
///
/// To be used by one thread.
final class Block {

    /// Which block.
    ///
    /// @param prefix of the metric's keys
    /// @param start in seconds since 1970
    record Key(String prefix, Resolution resolution, long start, String unit) {
        String text() {
            return prefix + time(start) + '/' + unit;
        }

        /// Keys of moments are in the order of time.
        static String time(long start) {
            return "%010d".formatted(start);
        }

        static Key of(Resolution resolution, String prefix, Document document) {
            String[] parts = document.key().substring(prefix.length()).split("/", 2);
            return new Key(prefix, resolution, Long.parseLong(parts[0]), parts[1]);
        }
    }

    private final Key key;
    private final SortedMap<Long, StatisticSet> sets = new TreeMap<>();

    Block(Key key) {
        this.key = key;
    }

    static Block of(Key key, Document document) throws CatalogException {
        Block block = new Block(key);
        Fields fields = Fields.of(document);
        try {
            for (String step : fields.names()) {
                block.sets.put(
                        key.start() + Long.parseLong(step) * key.resolution().step(),
                        StatisticSet.ofText(fields.text(step)));
            }
        } catch (IllegalArgumentException e) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT,
                    "expected statistic sets in the document " + document.key(),
                    e);
        }
        return block;
    }

    /// Adds values.
    ///
    /// @param second a moment of this block
    void add(long second, StatisticSet values) {
        sets.merge(key.resolution().stepOf(second), values, StatisticSet::with);
    }

    String unit() {
        return key.unit();
    }

    /// By the start of their steps, in seconds since 1970.
    Map<Long, StatisticSet> sets() {
        return sets;
    }

    String json() {
        Fields fields = Fields.none();
        for (Map.Entry<Long, StatisticSet> set : sets.entrySet()) {
            long step = (set.getKey() - key.start()) / key.resolution().step();
            fields = fields.with(Long.toString(step), set.getValue().text());
        }
        return fields.json();
    }
}
