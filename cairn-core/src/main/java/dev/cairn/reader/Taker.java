package dev.cairn.reader;

import dev.cairn.catalog.CatalogException;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.reader.Asides.Aside;
import java.util.ArrayList;
import java.util.List;

/// What a reader took in one step, and what it came to.
public abstract class Taker {
    private final List<Long> to = new ArrayList<>();
    private final List<Aside> asides = new ArrayList<>();
    private boolean asked;
    private boolean more;
    private long delivered;
    private long filtered;
    private long setAside;

    /// Takes an event, and says what became of it by [#deliver], [#filter] or [#setAside].
    protected abstract void take(Slice.Held held) throws CatalogException;

    /// How much is to be written for what was taken; it is written in one transaction.
    protected abstract long made();

    /// The step ends when this much was made. Each partition has its share.
    protected abstract long madeMax();

    protected final void deliver() {
        delivered++;
    }

    protected final void filter() {
        filtered++;
    }

    /// Says of events that were delivered that they are filtered after all.
    protected final void filterDelivered(long events) {
        delivered -= events;
        filtered += events;
    }

    /// Events that cannot be taken.
    protected final void setAside(Position first, long count, String reason) {
        setAside += count;
        asides.add(new Aside(first.toString(), count, reason));
    }

    void passed(long cursor, long end) {
        filtered += end - cursor;
        to.add(end);
    }

    void walked(long next, Ledger.Span span) {
        asked = true;
        to.add(next);
        more |= next < span.end();
    }

    /// What was set aside.
    public final List<Aside> asides() {
        return List.copyOf(asides);
    }

    List<Long> to() {
        return to;
    }

    long delivered() {
        return delivered;
    }

    long filtered() {
        return filtered;
    }

    long setAside() {
        return setAside;
    }

    /// @param kept whether it was written
    Step step(boolean kept) {
        return !kept || more ? Step.MORE : asked ? Step.IDLE : Step.PASSED;
    }
}
