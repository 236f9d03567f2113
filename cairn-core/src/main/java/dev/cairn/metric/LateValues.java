package dev.cairn.metric;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Values that came so late that nobody who looks at the newest ones sees them: noted in the
/// transaction that adds them, until they were seen to. So a kill in between loses none of them.
///
/// Documents: `metric-late` under the key of the metric. Any thread may call any method.
public final class LateValues {
    /// Younger ones are not late: who looks back least looks back three minutes, or three periods
    /// of ten seconds where values are kept by the second. The rest is for looking late.
    private static final Duration AGE = Duration.ofMinutes(2);

    private static final Duration FINE_AGE = Duration.ofSeconds(20);

    private static final String KIND = "metric-late";
    private static final String FIRST = "first";
    private static final String LAST = "last";

    private final Catalog catalog;

    public LateValues(Catalog catalog) {
        this.catalog = catalog;
    }

    /// Values of a metric.
    public record Late(Metric metric, Times times) {}

    static void note(Transaction tx, Metric metric, Times times) throws CatalogException {
        Optional<Document> document = tx.get(KIND, metric.key());
        if (document.isEmpty()) {
            tx.create(KIND, metric.key(), json(times));
        } else {
            Times all = times(document.get()).and(times);
            if (!all.equals(times(document.get()))) {
                tx.replace(document.get(), json(all));
            }
        }
    }

    static boolean isLate(Datum datum, Instant now) {
        return datum.time().isBefore(now.minus(datum.fine() ? FINE_AGE : AGE));
    }

    /// Whether values of a time may be late: those that are kept by the second are.
    public static boolean mayBeLate(Instant time, Instant now) {
        return time.isBefore(now.minus(FINE_AGE));
    }

    /// Forgets a metric's: it has no values any more.
    static void forget(Transaction tx, Metric metric) throws CatalogException {
        Optional<Document> document = tx.get(KIND, metric.key());
        if (document.isPresent()) {
            tx.delete(document.get());
        }
    }

    private static String json(Times times) {
        return Fields.none()
                .with(FIRST, times.first().toString())
                .with(LAST, times.last().toString())
                .json();
    }

    private static Times times(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new Times(Instant.parse(fields.text(FIRST)), Instant.parse(fields.text(LAST)));
    }

    /// All that were not seen to yet.
    public List<Late> list() throws CatalogException {
        List<Late> found = new ArrayList<>();
        String after = "";
        List<Document> page;
        do {
            page = catalog.list(KIND, "", after, Catalog.LIMIT_MAX);
            for (Document document : page) {
                after = document.key();
                Optional<Document> listed = catalog.get(Metrics.KIND, document.key());
                if (listed.isPresent()) {
                    found.add(new Late(Metrics.Listed.of(listed.get()).metric(), times(document)));
                }
            }
        } while (page.size() == Catalog.LIMIT_MAX);
        return found;
    }

    /// Strikes off what was seen to, unless more has come.
    public void seen(List<Late> late) throws CatalogException {
        if (late.isEmpty()) {
            return;
        }
        catalog.<Boolean, RuntimeException>write(tx -> {
            for (Late one : late) {
                Optional<Document> document = tx.get(KIND, one.metric().key());
                if (document.isPresent() && times(document.get()).equals(one.times())) {
                    tx.delete(document.get());
                }
            }
            return true;
        });
    }
}
