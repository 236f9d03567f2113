package dev.cairn.server.wiring;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.ledger.LedgerException;
import dev.cairn.log.FilterReader;
import dev.cairn.log.StoredEvents;
import dev.cairn.log.Subscribers;
import dev.cairn.reader.Asides.Aside;
import dev.cairn.reader.Standing;
import dev.cairn.reader.Step;
import dev.cairn.reader.Unreadable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The asking of metric and subscription filters, to be stepped, and how it shows in status.
record AlertingReader(Catalog catalog, FilterReader reader) implements StepReader.Steps {
    /// How many subscription filters are named.
    private static final int REFUSED_MAX = 10;

    @Override
    public Step step(Instant now, Unreadable unreadable) throws LedgerException, CatalogException {
        return reader.step(now, unreadable);
    }

    @Override
    public Optional<Standing> standing() throws CatalogException {
        return FilterReader.standing(catalog);
    }

    @Override
    public Optional<String> loss() throws CatalogException {
        var uncounted = FilterReader.uncounted(catalog) + StoredEvents.uncounted(catalog);
        var losses = new ArrayList<String>();
        if (uncounted > 0) {
            losses.add(
                    "%d values were not counted: there are too many metrics, too many different values in one batch, or they came too late"
                            .formatted(uncounted));
        }
        for (var refused : Subscribers.refused(catalog, REFUSED_MAX)) {
            losses.add(
                    "%d messages for the subscription filter %s were not passed on: %s"
                            .formatted(refused.count(), refused.filter(), refused.reason()));
        }
        return losses.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", losses));
    }

    @Override
    public List<Aside> setAside(int limit) throws CatalogException {
        return FilterReader.setAside(catalog, limit);
    }
}
