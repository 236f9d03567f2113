package dev.cairn.store;

import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Glance;
import dev.cairn.event.Parsed;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What an event data store takes of the positions from some on. The same positions give the same
/// events, however often and whenever they are asked for.
public final class StoreFilling {
    private static final int SLICE_ITEMS = 2_000;
    private static final long SLICE_BYTES = 1L << 20;

    private final StoreCourse course;
    private final EventReader reader = EventReader.lenient();
    private final List<Long> to = new ArrayList<>();
    private final List<byte[]> taken = new ArrayList<>();
    private final List<Aside> aside = new ArrayList<>();
    private final boolean more;
    private long filtered;

    /// Positions that the store cannot take (invariant I9).
    ///
    /// @param count how many from the first on
    public record Aside(Position position, long count, String reason) {}

    /// What to do about events that the disk does not give back at the moment.
    public enum Unreadable {
        /// Fail: it may come back.
        WAIT,
        /// Set them aside.
        SET_ASIDE
    }

    private StoreFilling(StoreCourse course, boolean more) {
        this.course = course;
        this.more = more;
    }

    /// Reads and decides.
    ///
    /// @param from by partition
    /// @param bytesMax how many bytes of records are read at most, a slice of each partition aside
    /// @return empty when the store is gone
    public static Optional<StoreFilling> of(
            Ledger ledger,
            EventDataStores stores,
            EventDataStore store,
            List<Long> from,
            long bytesMax,
            Unreadable unreadable)
            throws LedgerException, CatalogException {
        List<Slice> slices = new ArrayList<>();
        List<Long> to = new ArrayList<>();
        boolean more = false;
        for (int partition = 0; partition < from.size(); partition++) {
            long next = from.get(partition);
            long end = ledger.span(partition).end();
            long bytes = 0;
            while (next < end && bytes < bytesMax / from.size()) {
                Slice slice = slice(ledger, new Position(partition, next), unreadable);
                slices.add(slice);
                bytes += bytes(slice);
                next = slice.next();
            }
            more |= next < end;
            to.add(next);
        }
        // Only now: whoever changes the store from here on does so behind what was read.
        Optional<StoreCourse> course = stores.course(store);
        if (course.isEmpty()) {
            return Optional.empty();
        }
        StoreFilling filling = new StoreFilling(course.get(), more);
        filling.to.addAll(to);
        slices.forEach(filling::take);
        return Optional.of(filling);
    }

    /// Hands out what a store takes of the positions from some on, up to the end of the ledger as
    /// it is now, without holding all of it.
    ///
    /// @param from by partition
    /// @param bytesMax how many bytes of records are read at once
    /// @throws LedgerException also where the disk does not give back an event at the moment
    public static void each(
            Ledger ledger,
            EventDataStores stores,
            EventDataStore store,
            List<Long> from,
            long bytesMax,
            Taker taker)
            throws LedgerException, CatalogException, IOException {
        List<Long> ends = new ArrayList<>();
        for (int partition = 0; partition < from.size(); partition++) {
            ends.add(ledger.span(partition).end());
        }
        List<Long> next = from;
        boolean more = true;
        while (more) {
            Optional<StoreFilling> filling =
                    of(ledger, stores, store, next, bytesMax, Unreadable.WAIT);
            if (filling.isEmpty()) {
                return;
            }
            for (byte[] event : filling.get().taken()) {
                taker.take(event);
            }
            next = filling.get().to();
            more = false;
            for (int partition = 0; partition < ends.size(); partition++) {
                more |= next.get(partition) < ends.get(partition);
            }
        }
    }

    /// Takes the records that a store takes, one after the other.
    @FunctionalInterface
    public interface Taker {
        void take(byte[] event) throws IOException;
    }

    private static Slice slice(Ledger ledger, Position from, Unreadable unreadable)
            throws LedgerException {
        long first = ledger.span(from.partition()).first();
        if (from.offset() < first) {
            return new Slice(
                    from.partition(),
                    List.of(
                            new Slice.Lost(
                                    from,
                                    first - from.offset(),
                                    "released by the ledger before the event data store took it")),
                    first);
        }
        try {
            return ledger.read(from, SLICE_ITEMS, SLICE_BYTES);
        } catch (LedgerException failure) {
            Slice.Lost lost = failure.unreadable();
            if (lost == null || unreadable == Unreadable.WAIT) {
                throw failure;
            }
            return new Slice(from.partition(), List.of(lost), from.offset() + lost.count());
        }
    }

    private static long bytes(Slice slice) {
        long bytes = 0;
        for (Slice.Item item : slice.items()) {
            if (item instanceof Slice.Held held) {
                bytes += held.entry().json().length;
            }
        }
        return bytes;
    }

    private void take(Slice slice) {
        for (Slice.Item item : slice.items()) {
            switch (item) {
                case Slice.Held held -> take(held);
                case Slice.Lost lost ->
                        aside.add(new Aside(lost.first(), lost.count(), lost.reason()));
            }
        }
    }

    private void take(Slice.Held held) {
        Optional<StoreVersion> version = course.at(held.position());
        if (version.isEmpty()) {
            filtered++;
            return;
        }
        Entry entry = held.entry();
        switch (version.get()
                .judge(entry.origin(), entry.place(), entry.json(), Glance.of(entry.json()))) {
            case REFUSED -> filtered++;
            case TAKEN -> taken.add(entry.json());
            case UNSURE -> read(held, version.get());
        }
    }

    /// Takes what the whole record decides.
    private void read(Slice.Held held, StoreVersion version) {
        Entry entry = held.entry();
        Parsed parsed =
                reader.read(
                        entry.json(),
                        Instant.EPOCH,
                        EventReader.Known.recorded(entry.place(), entry.id()));
        switch (parsed) {
            case Parsed.Read(Event event) -> {
                if (version.takes(entry.origin(), event)) {
                    taken.add(entry.json());
                } else {
                    filtered++;
                }
            }
            case Parsed.Refused refused ->
                    aside.add(new Aside(held.position(), 1, refused.message()));
        }
    }

    /// What the store is now.
    public StoreState state() {
        return course.state();
    }

    /// How far it was read, by partition: the first offsets not dealt with.
    public List<Long> to() {
        return List.copyOf(to);
    }

    /// Whether more was recorded than was read.
    public boolean more() {
        return more;
    }

    /// The records that the store takes, in order within a partition.
    public List<byte[]> taken() {
        return taken;
    }

    /// How many it does not take.
    public long filtered() {
        return filtered;
    }

    public List<Aside> aside() {
        return List.copyOf(aside);
    }
}
