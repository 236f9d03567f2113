package dev.cairn.testkit.ledger;

import dev.cairn.event.Place;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Makes entries for tests, and reads ledgers whole.
public final class Entries {
    /// Where entries belong unless said otherwise.
    public static final Place PLACE = new Place("123456789012", "us-east-1");

    private Entries() {}

    /// An entry from the intake whose JSON holds its id.
    public static Entry entry(String id) {
        return entry(PLACE, id, "{\"eventID\":\"" + id + "\"}");
    }

    public static Entry entry(Place place, String id, String json) {
        return entry(place, id, Origin.INTAKE, json);
    }

    public static Entry entry(Place place, String id, Origin origin, String json) {
        return new Entry(place, id, origin, json.getBytes(StandardCharsets.UTF_8));
    }

    public static String json(Entry entry) {
        return new String(entry.json(), StandardCharsets.UTF_8);
    }

    /// The one outcome of appending one entry.
    public static Append append(Ledger ledger, Entry entry) throws InterruptedException {
        return ledger.append(List.of(entry)).getFirst();
    }

    /// The position of an entry that must be recorded.
    public static Position recorded(Ledger ledger, Entry entry) throws InterruptedException {
        Append outcome = append(ledger, entry);
        if (outcome instanceof Append.Recorded(Position position)) {
            return position;
        }
        throw new AssertionError("expected " + entry.id() + " to be recorded, got " + outcome);
    }

    /// All items of a partition, from the start of its span to the end.
    public static List<Slice.Item> all(Ledger ledger, int partition) throws LedgerException {
        List<Slice.Item> items = new ArrayList<>();
        Ledger.Span span = ledger.span(partition);
        long next = span.first();
        while (next < span.end()) {
            Slice slice = ledger.read(new Position(partition, next), 100, 1 << 20);
            if (slice.items().isEmpty()) {
                throw new AssertionError("nothing at " + next + " of " + span);
            }
            items.addAll(slice.items());
            next = slice.next();
        }
        return items;
    }

    /// The events of a partition, none of which may be lost.
    public static List<Slice.Held> held(Ledger ledger, int partition) throws LedgerException {
        List<Slice.Held> held = new ArrayList<>();
        for (Slice.Item item : all(ledger, partition)) {
            switch (item) {
                case Slice.Held event -> held.add(event);
                case Slice.Lost lost -> throw new AssertionError("lost: " + lost);
            }
        }
        return held;
    }
}
