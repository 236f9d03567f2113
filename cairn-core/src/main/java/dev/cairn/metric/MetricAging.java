package dev.cairn.metric;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes values coarser when they are past an age, and forgets them when they are past all: each
/// block in one transaction, so that whatever the process dies on, a value is counted once. A
/// metric without values is listed no more.
///
/// It goes round all metrics, a page at each step. To be used by one thread.
public final class MetricAging {
    private static final int PAGE = 50;

    /// Blocks of a metric and a resolution that one step looks at. There is one more each quarter
    /// of an hour; many at once only after a long pause, and then the next rounds go on.
    private static final int BLOCKS_MAX = 8;

    private final Catalog catalog;
    private String after = "";

    public MetricAging(Catalog catalog) {
        this.catalog = catalog;
    }

    /// Looks at some metrics.
    ///
    /// @return whether the round goes on; the next step after that begins a new one
    public boolean step(Instant now) throws CatalogException {
        List<Document> page = catalog.list(Metrics.KIND, "", after, PAGE);
        for (Document document : page) {
            age(Metrics.Listed.of(document).metric(), now);
            after = document.key();
        }
        if (page.size() < PAGE) {
            after = "";
            return false;
        }
        return true;
    }

    private void age(Metric metric, Instant now) throws CatalogException {
        String prefix = metric.valuesPrefix();
        List<Block.Key> over = new ArrayList<>();
        boolean empty = true;
        for (Resolution resolution : Resolution.values()) {
            for (Document document : catalog.list(resolution.kind(), prefix, "", BLOCKS_MAX)) {
                empty = false;
                Block.Key key = Block.Key.of(resolution, prefix, document);
                if (!resolution.isOver(key.start(), now)) {
                    break;
                }
                over.add(key);
            }
        }
        for (Block.Key key : over) {
            catalog.<Optional<Void>, RuntimeException>write(tx -> {
                coarsen(tx, key);
                return Optional.empty();
            });
        }
        if (empty) {
            catalog.<Optional<Void>, RuntimeException>write(tx -> {
                forget(tx, metric);
                return Optional.empty();
            });
        }
    }

    private static void coarsen(Transaction tx, Block.Key key) throws CatalogException {
        Optional<Document> document = tx.get(key.resolution().kind(), key.text());
        if (document.isEmpty()) {
            return;
        }
        Optional<Resolution> coarser = key.resolution().coarser();
        if (coarser.isPresent()) {
            // A block never spans two of the coarser ones.
            Block.Key to =
                    new Block.Key(
                            key.prefix(),
                            coarser.get(),
                            coarser.get().blockOf(key.start()),
                            key.unit());
            Map<Long, StatisticSet> sets = Block.of(key, document.get()).sets();
            Metrics.merge(tx, to, block -> sets.forEach(block::add));
        }
        tx.delete(document.get());
    }

    private static void forget(Transaction tx, Metric metric) throws CatalogException {
        for (Resolution resolution : Resolution.values()) {
            if (!tx.list(resolution.kind(), metric.valuesPrefix(), "", 1).isEmpty()) {
                return;
            }
        }
        Optional<Document> document = tx.get(Metrics.KIND, metric.key());
        if (document.isPresent()) {
            tx.delete(document.get());
            LateValues.forget(tx, metric);
            Metrics.count(tx, metric.place(), -1, Integer.MAX_VALUE);
        }
    }
}
