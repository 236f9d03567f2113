package dev.cairn.delivery;

import dev.cairn.aggregation.Tally;
import dev.cairn.delivery.Gathering.Group;
import dev.cairn.event.Category;
import dev.cairn.event.Place;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.trail.TrailVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// One round of aggregation: counts the data events whose windows have ended since the last one,
/// and those that came late. The same round gives the same records, however often it is made.
///
/// Events that no file can take are none of its business: the cut that passes over their positions
/// sets them aside.
final class Round implements Walk.Hands {
    /// How many counts one round holds; some tens of megabytes at most.
    static final int COUNTERS_MAX = 50_000;

    /// What a round is of: enough to make it again.
    ///
    /// @param before how far aggregation had come
    /// @param to by partition: where the round ends
    /// @param closes windows that end here or before are counted
    record Of(Aggregated before, List<Long> to, Instant closes) {
        Of {
            to = List.copyOf(to);
        }
    }

    private final Aggregated before;
    private final Instant closes;
    private final Tally tally;
    private final List<Long> low = new ArrayList<>();
    private final List<Long> to = new ArrayList<>();

    /// The first offset of the partition gone through that waits for its window to end.
    private long waiting;

    private Round(TrailVersion version, Aggregated before, Instant closes, int countersMax) {
        this.before = before;
        this.closes = closes;
        this.tally = new Tally(version.templates(), countersMax);
    }

    /// Counts.
    ///
    /// @param round its `to` is where to end at the latest
    /// @param countersMax [#COUNTERS_MAX], but in tests
    static Round of(Ledger ledger, TrailVersion version, Of round, int countersMax)
            throws LedgerException {
        Round made = new Round(version, round.before(), round.closes(), countersMax);
        Walk walk = new Walk(ledger, version, made);
        for (int partition = 0; partition < round.to().size(); partition++) {
            made.waiting = Long.MAX_VALUE;
            long from = round.before().low().get(partition);
            long end = walk.through(partition, from, round.to().get(partition));
            made.to.add(end);
            made.low.add(Math.min(made.waiting, end));
        }
        return made;
    }

    /// What was counted, to make it again.
    Of done() {
        return new Of(before, to, closes);
    }

    /// How far aggregation has come with it.
    Aggregated after() {
        return new Aggregated(low, to, closes, tally.full());
    }

    /// The files of aggregated events, one for each place.
    ///
    /// @param id of the trail
    Map<Group, LogFile> files(String id) {
        String seed = "%s\n%s\n%s".formatted(id, closes, DeliveryState.text(to));
        Map<Group, List<LogFile.Taken>> records = new TreeMap<>(Group.ORDER);
        for (Tally.Aggregate aggregate : tally.aggregates(before.closed(), seed)) {
            Place place = aggregate.place();
            List<LogFile.Taken> file =
                    records.computeIfAbsent(
                            new Group(place, Folder.AGGREGATED), _ -> new ArrayList<>());
            file.add(
                    new LogFile.Taken(
                            new Position(0, file.size()), // They have none: this keeps the order.
                            aggregate.windowStart(),
                            Category.AGGREGATED,
                            aggregate.json()));
        }
        Map<Group, LogFile> files = new TreeMap<>(Group.ORDER);
        records.forEach((group, taken) -> files.put(group, LogFile.of(taken)));
        return files;
    }

    @Override
    public void take(Slice.Held held, Instant time, Category category) {
        Place place = held.entry().place();
        if (category != Category.DATA || !Gathering.REGION.matcher(place.region()).matches()) {
            return;
        }
        Position position = held.position();
        Instant ends = Aggregated.ends(time, held.recordedAt());
        if (ends.isAfter(closes)) {
            waiting = Math.min(waiting, position.offset());
        } else if (!before.counted(position.partition(), position.offset(), ends)) {
            tally.count(place, time, held.entry().json());
        }
    }

    @Override
    public void filter(long count) {}

    @Override
    public void setAside(Position position, long count, String reason) {}

    /// What was read by the round before is read to the end, for what waited there must not be read
    /// a third time; that it is not too much, [Tally] sees to.
    @Override
    public boolean full(int partition, long offset) {
        return offset >= before.seen().get(partition) && tally.full();
    }
}
