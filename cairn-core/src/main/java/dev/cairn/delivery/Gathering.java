package dev.cairn.delivery;

import dev.cairn.event.Category;
import dev.cairn.event.Place;
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
final class Gathering implements Walk.Hands {
    /// The most that is gathered at once, and so the largest file, before packing: AWS's 50 MB.
    static final long BYTES_MAX = 50L * 1000 * 1000;

    /// What may stand in a key. Anything else would be read as another key, or as none.
    static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,40}");

    /// A file's events belong to one place and one folder.
    record Group(Place place, Folder folder) {
        static final Comparator<Group> ORDER =
                Comparator.comparing((Group group) -> group.place().account())
                        .thenComparing(group -> group.place().region())
                        .thenComparing(Group::folder);
    }

    /// Positions that no file can take.
    record Aside(Position position, long count, String reason) {}

    private final long bytesMax;

    private final List<Long> to = new ArrayList<>();
    private final Map<Group, List<LogFile.Taken>> taken = new TreeMap<>(Group.ORDER);
    private final List<Aside> aside = new ArrayList<>();
    private long filtered;
    private long bytes;

    private Gathering(long bytesMax) {
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
        Gathering gathering = new Gathering(bytesMax);
        Walk walk = new Walk(ledger, version, gathering);
        for (int partition = 0; partition < from.size(); partition++) {
            gathering.to.add(walk.through(partition, from.get(partition), limits.get(partition)));
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

    @Override
    public void filter(long count) {
        filtered += count;
    }

    @Override
    public void setAside(Position position, long count, String reason) {
        aside.add(new Aside(position, count, reason));
    }

    @Override
    public boolean full(int partition, long offset) {
        return full();
    }

    @Override
    public void take(Slice.Held held, Instant time, Category category) {
        Place place = held.entry().place();
        byte[] json = held.entry().json();
        if (!REGION.matcher(place.region()).matches()) {
            setAside(held.position(), 1, "its region cannot stand in a file's name");
            return;
        }
        taken.computeIfAbsent(new Group(place, Folder.of(category)), _ -> new ArrayList<>())
                .add(new LogFile.Taken(held.position(), time, category, json));
        bytes += json.length;
    }
}
