package dev.cairn.server.wiring;

import dev.cairn.catalog.CatalogException;
import dev.cairn.delivery.DeliveryState;
import dev.cairn.delivery.TrailDelivery;
import dev.cairn.ledger.Ledger;
import dev.cairn.server.operation.OldestPending;
import dev.cairn.server.operation.ReaderView;
import dev.cairn.trail.Trail;
import dev.cairn.trail.TrailCourse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The delivery of one trail as status shows it. Events of files that are decided and not in the
/// bucket yet are pending.
final class TrailView implements ReaderView {
    private final Ledger ledger;
    private final TrailDelivery.Parts parts;
    private final DeliveryReader deliveries;
    private final TrailCourse course;

    TrailView(TrailDelivery.Parts parts, DeliveryReader deliveries, TrailCourse course) {
        this.ledger = parts.ledger();
        this.parts = parts;
        this.deliveries = deliveries;
        this.course = course;
    }

    private Trail trail() {
        return course.latest().trail();
    }

    @Override
    public String name() {
        return trail().arn();
    }

    @Override
    public Optional<String> account() {
        return Optional.of(trail().account());
    }

    @Override
    public Snapshot snapshot() throws CatalogException {
        var trouble = deliveries.trouble(course.id());
        var state = TrailDelivery.state(parts.catalog(), course.id());
        // Before its first step: what was recorded before the trail was made is none of its.
        var taken =
                state
                        .map(DeliveryState::cursors)
                        .orElse(course.versions().getFirst().from())
                        .stream()
                        .mapToLong(Long::longValue)
                        .sum();
        return new Snapshot(
                taken - state.map(DeliveryState::open).orElse(0L),
                state.map(DeliveryState::delivered).orElse(0L),
                state.map(DeliveryState::filtered).orElse(taken),
                state.map(DeliveryState::setAside).orElse(0L),
                oldestPending(state),
                trouble.map(DeliveryReader.Trouble::words).orElse(null),
                trouble.map(DeliveryReader.Trouble::time).orElse(null),
                trouble.map(DeliveryReader.Trouble::lasting).orElse(false));
    }

    private @Nullable Instant oldestPending(Optional<DeliveryState> state) {
        var next = new ArrayList<Long>();
        for (var partition = 0; partition < ledger.partitions(); partition++) {
            next.add(
                    state.isPresent()
                            ? state.get().lowest(partition)
                            : course.versions().getFirst().from().get(partition));
        }
        return OldestPending.of(ledger, next);
    }

    @Override
    public List<SetAside> setAside(int limit) throws CatalogException {
        return TrailDelivery.setAside(parts.catalog(), course.id(), limit).stream()
                .map(aside -> new SetAside(aside.position(), aside.count(), aside.reason()))
                .toList();
    }
}
