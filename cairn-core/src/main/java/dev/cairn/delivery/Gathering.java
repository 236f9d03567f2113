package dev.cairn.delivery;

import dev.cairn.event.Category;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Glance;
import dev.cairn.event.Parsed;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.trail.TrailVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What one version of a trail takes of a range of positions, by the file it goes into. The same
/// ranges give the same files, however often they are gathered.
final class Gathering {
    /// The most that is gathered at once, and so the largest file, before packing: AWS's 50 MB.
    static final long BYTES_MAX = 50L * 1000 * 1000;

    private static final int SLICE_ITEMS = 2_000;
    private static final long SLICE_BYTES = 4L << 20;

    /// What may stand in a key. Anything else would be read as another key, or as none.
    private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,40}");

    /// A file's events belong to one place and one folder.
    record Group(Place place, Folder folder) {
        static final Comparator<Group> ORDER =
                Comparator.comparing((Group group) -> group.place().account())
                        .thenComparing(group -> group.place().region())
                        .thenComparing(Group::folder);
    }

    /// Positions that no file can take.
    record Aside(Position position, long count, String reason) {}

    private final Ledger ledger;
    private final TrailVersion version;
    private final long bytesMax;
    private final EventReader reader = EventReader.lenient();

    private final List<Long> to = new ArrayList<>();
    private final Map<Group, List<LogFile.Taken>> taken = new TreeMap<>(Group.ORDER);
    private final List<Aside> aside = new ArrayList<>();
    private long filtered;
    private long bytes;

    private Gathering(Ledger ledger, TrailVersion version, long bytesMax) {
        this.ledger = ledger;
        this.version = version;
        this.bytesMax = bytesMax;
    }

    /// Reads partition after partition, until all is read or enough is gathered.
    ///
    /// @param from by partition
    /// @param limits by partition: the first offset not to be read
    /// @param bytesMax stop behind the event that reaches so many bytes
    static Gathering of(
            Ledger ledger, TrailVersion version, List<Long> from, List<Long> limits, long bytesMax)
            throws LedgerException {
        Gathering gathering = new Gathering(ledger, version, bytesMax);
        for (int partition = 0; partition < from.size(); partition++) {
            gathering.to.add(gathering.read(partition, from.get(partition), limits.get(partition)));
        }
        return gathering;
    }

    /// How far it went, by partition.
    List<Long> to() {
        return to;
    }

    /// Whether it stopped because enough was gathered.
    boolean full() {
        return bytes >= bytesMax;
    }

    Map<Group, List<LogFile.Taken>> taken() {
        return taken;
    }

    List<Aside> aside() {
        return aside;
    }

    /// Events passed over because the version does not take them.
    long filtered() {
        return filtered;
    }

    long setAside() {
        return aside.stream().mapToLong(Aside::count).sum();
    }

    long bytes() {
        return bytes;
    }

    private long read(int partition, long from, long limit) throws LedgerException {
        // What lies before the version is covered by one that did not log.
        long start = Math.min(Math.max(from, version.from().get(partition)), limit);
        start = version.logging() ? start : limit;
        filtered += Math.max(0, start - from);
        long first = ledger.span(partition).first();
        long next = Math.max(from, start);
        if (next < Math.min(first, limit)) {
            long end = Math.min(first, limit);
            aside.add(
                    new Aside(
                            new Position(partition, next),
                            end - next,
                            "released by the ledger before delivery took it"));
            next = end;
        }
        while (next < limit && !full()) {
            Slice slice = ledger.read(new Position(partition, next), SLICE_ITEMS, SLICE_BYTES);
            next = take(slice, next, limit);
        }
        return next;
    }

    /// @return the offset behind the last item that was taken
    private long take(Slice slice, long from, long limit) {
        long next = from;
        for (Slice.Item item : slice.items()) {
            if (next >= limit || full()) {
                return next;
            }
            switch (item) {
                case Slice.Held held -> {
                    take(held);
                    next++;
                }
                case Slice.Lost lost -> {
                    long end = Math.min(lost.first().offset() + lost.count(), limit);
                    aside.add(
                            new Aside(
                                    new Position(slice.partition(), next),
                                    end - next,
                                    lost.reason()));
                    next = end;
                }
            }
        }
        return next;
    }

    private void take(Slice.Held held) {
        Entry entry = held.entry();
        Glance glance = Glance.of(entry.json());
        switch (version.judge(entry.origin(), entry.place(), entry.json(), glance)) {
            case REFUSED -> filtered++;
            case UNSURE -> read(held);
            case TAKEN -> {
                if (glance.time() == null || glance.category() == null) {
                    read(held);
                } else {
                    take(held, glance.time(), glance.category());
                }
            }
        }
    }

    /// Takes what the whole record decides.
    private void read(Slice.Held held) {
        Entry entry = held.entry();
        Parsed parsed =
                reader.read(
                        entry.json(),
                        Instant.EPOCH,
                        EventReader.Known.recorded(entry.place(), entry.id()));
        switch (parsed) {
            case Parsed.Read(Event event) -> {
                if (version.takes(entry.origin(), event)) {
                    take(held, event.time(), event.category());
                } else {
                    filtered++;
                }
            }
            case Parsed.Refused refused ->
                    aside.add(new Aside(held.position(), 1, refused.message()));
        }
    }

    private void take(Slice.Held held, Instant time, Category category) {
        Place place = held.entry().place();
        byte[] json = held.entry().json();
        if (!REGION.matcher(place.region()).matches()) {
            aside.add(new Aside(held.position(), 1, "its region cannot stand in a file's name"));
            return;
        }
        taken.computeIfAbsent(new Group(place, Folder.of(category)), _ -> new ArrayList<>())
                .add(new LogFile.Taken(held.position(), time, category, json));
        bytes += json.length;
    }
}
