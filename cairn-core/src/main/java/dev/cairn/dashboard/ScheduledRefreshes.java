package dev.cairn.dashboard;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.catalog.Outbox;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Entry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The refreshes that are due by the schedules of dashboards.
///
/// Each slot of a schedule is refreshed once: what was begun and not ended, because the process
/// died or there was no room, is begun again under the same id. Of slots that were missed the
/// newest counts alone.
///
/// To be called by one thread.
public final class ScheduledRefreshes {
    /// A document for each dashboard whose schedule is enabled, under the dashboard's key.
    private static final String KIND = "dashboard-schedule";

    private static final String SCHEDULE = "schedule";

    /// The slot up to which nothing is due any more.
    private static final String DONE = "done";

    /// The slot whose refresh is begun and not ended, and the refresh's id.
    private static final String BEGUN = "begun";

    private static final String ID = "id";

    private final Catalog catalog;
    private final Outbox outbox;
    private final Dashboards dashboards;
    private final Events events;

    /// Makes the service's event of a refresh that nobody called for.
    @FunctionalInterface
    public interface Events {
        /// @param slot the time of day that it is of
        Entry refreshed(Dashboard dashboard, String refresh, Instant slot, Instant at);
    }

    /// A refresh that is to be.
    public record Due(Dashboard dashboard, Instant slot) {}

    /// A refresh that is begun.
    ///
    /// @param id the refresh's
    /// @param dashboard as it is now; it may have been changed since it was found to be due
    public record Begun(String id, Dashboard dashboard) {}

    public ScheduledRefreshes(
            Catalog catalog, Outbox outbox, Dashboards dashboards, Events events) {
        this.catalog = catalog;
        this.outbox = outbox;
        this.dashboards = dashboards;
        this.events = events;
    }

    /// Writes down what schedule a dashboard has, so that it is found; a new one counts from now
    /// on.
    static void note(Transaction tx, Dashboard dashboard, Instant now) throws CatalogException {
        Optional<Document> row = tx.get(KIND, Dashboards.key(dashboard));
        String schedule = dashboard.schedule().toString();
        if (!dashboard.schedule().enabled()) {
            forget(tx, dashboard);
        } else if (row.isEmpty()) {
            tx.create(KIND, Dashboards.key(dashboard), fresh(dashboard, now).json());
        } else if (!Fields.of(row.get()).text(SCHEDULE).equals(schedule)) {
            tx.replace(row.get(), fresh(dashboard, now).json());
        }
    }

    static void forget(Transaction tx, Dashboard dashboard) throws CatalogException {
        Optional<Document> row = tx.get(KIND, Dashboards.key(dashboard));
        if (row.isPresent()) {
            tx.delete(row.get());
        }
    }

    private static Fields fresh(Dashboard dashboard, Instant now) {
        return Fields.none()
                .with("account", dashboard.account())
                .with("region", dashboard.region())
                .with("name", dashboard.name())
                .with(SCHEDULE, dashboard.schedule().toString())
                .with(DONE, now.toString());
    }

    /// Those that are due.
    public List<Due> due(Instant now) throws CatalogException {
        List<Due> due = new ArrayList<>();
        String after = "";
        List<Document> page;
        do {
            page = catalog.list(KIND, "", after, Catalog.LIMIT_MAX);
            for (Document row : page) {
                after = row.key();
                Fields fields = Fields.of(row);
                Optional<Dashboard> dashboard =
                        dashboards.find(
                                fields.text("account"), fields.text("region"), fields.text("name"));
                if (dashboard.isPresent() && dashboard.get().schedule().enabled()) {
                    Instant slot = dashboard.get().schedule().slot(now);
                    if (isOpen(fields, slot)) {
                        due.add(new Due(dashboard.get(), slot));
                    }
                }
            }
        } while (page.size() == Catalog.LIMIT_MAX);
        return due;
    }

    private static boolean isOpen(Fields fields, Instant slot) throws CatalogException {
        return slot.isAfter(Instant.parse(fields.text(DONE)));
    }

    /// Begins a refresh, with its event, or goes on with it.
    ///
    /// @return empty when it is not due any more
    /// @throws Failure SERVICE_UNAVAILABLE, with nothing begun, when the ledger pushes back
    public Optional<Begun> begin(Due due, Instant now) throws CatalogException {
        Optional<String> id = id(due, now);
        Dashboard known = due.dashboard();
        Optional<Dashboard> dashboard =
                id.isEmpty()
                        ? Optional.empty()
                        : dashboards.find(known.account(), known.region(), known.name());
        return dashboard.map(current -> new Begun(id.orElseThrow(), current));
    }

    private Optional<String> id(Due due, Instant now) throws CatalogException {
        Optional<Document> row = catalog.get(KIND, Dashboards.key(due.dashboard()));
        if (row.isEmpty() || !isOpen(Fields.of(row.get()), due.slot())) {
            return Optional.empty();
        }
        Optional<String> begun = begun(Fields.of(row.get()), due);
        if (begun.isPresent()) {
            return begun;
        }
        try {
            return Optional.of(
                    outbox.<String, SupersededException>perform(tx -> begin(tx, due, now)));
        } catch (SupersededException _) {
            return Optional.empty();
        }
    }

    /// The dashboard was changed meanwhile, or is gone.
    private static final class SupersededException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private Outbox.Changed<String> begin(Transaction tx, Due due, Instant now)
            throws CatalogException, SupersededException {
        Optional<Document> row = tx.get(KIND, Dashboards.key(due.dashboard()));
        if (row.isEmpty() || !isOpen(Fields.of(row.get()), due.slot())) {
            throw new SupersededException();
        }
        String id = Dashboards.refresh(tx, due.dashboard(), now);
        tx.replace(
                row.get(),
                Fields.of(row.get()).with(BEGUN, due.slot().toString()).with(ID, id).json());
        return new Outbox.Changed<>(id, events.refreshed(due.dashboard(), id, due.slot(), now));
    }

    private static Optional<String> begun(Fields fields, Due due) throws CatalogException {
        Optional<String> slot = fields.find(BEGUN);
        return slot.isPresent() && slot.get().equals(due.slot().toString())
                ? Optional.of(fields.text(ID))
                : Optional.empty();
    }

    /// Ends a refresh that was begun: its queries are started, or cannot be.
    ///
    /// @param failure why they cannot be; null when they are
    public void end(Due due, @Nullable String failure) throws CatalogException {
        catalog.<Boolean, RuntimeException>write(tx -> {
            Optional<Document> row = tx.get(KIND, Dashboards.key(due.dashboard()));
            if (row.isEmpty() || begun(Fields.of(row.get()), due).isEmpty()) {
                return false;
            }
            if (failure != null) {
                Dashboards.failed(tx, due.dashboard(), Fields.of(row.get()).text(ID), failure);
            }
            tx.replace(
                    row.get(),
                    Fields.of(row.get())
                            .with(DONE, due.slot().toString())
                            .without(BEGUN)
                            .without(ID)
                            .json());
            return true;
        });
    }
}
