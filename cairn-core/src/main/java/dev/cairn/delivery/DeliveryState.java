package dev.cairn.delivery;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Where the delivery of one trail stands, as the catalog keeps it.
///
/// @param version the number of the trail's version that is being read
/// @param cursors by partition: everything before is decided, in a file or filtered or set aside
/// @param clock the delivery clock: never before anything that was timed by it
/// @param cut the files that are decided and not all delivered; null when all are
/// @param aggregated how far aggregation has come; null when the version that is read does not
///   aggregate, or nothing of it was cut yet
/// @param delivered events in files that are in the bucket
/// @param filtered events that the trail does not take
/// @param setAside events that no file could take
/// @param lastDelivery when a log file was delivered last; null when none was
/// @param lastDigest when a digest was delivered last; null when none was
public record DeliveryState(
        int version,
        List<Long> cursors,
        Instant clock,
        @Nullable Cut cut,
        @Nullable Aggregated aggregated,
        long delivered,
        long filtered,
        long setAside,
        @Nullable Instant lastDelivery,
        @Nullable Instant lastDigest) {

    public DeliveryState {
        cursors = List.copyOf(cursors);
    }

    /// Files that were decided together: what the trail takes of the positions from here to the
    /// cursors.
    ///
    /// @param from by partition
    /// @param time of delivery, in names and for digests; whole seconds
    /// @param records events in those of its files that are not delivered yet; aggregated ones are
    ///   not counted, for they have no position
    /// @param round what the files of aggregated events are made of; null when they hold the events
    ///   themselves
    public record Cut(List<Long> from, Instant time, long records, Round.@Nullable Of round) {
        public Cut {
            from = List.copyOf(from);
        }
    }

    /// Events decided and not delivered yet.
    public long open() {
        return cut == null ? 0 : cut.records();
    }

    /// The first offset of a partition that is still needed from the ledger.
    public long lowest(int partition) {
        long lowest = cut == null ? cursors.get(partition) : cut.from().get(partition);
        Aggregated needed = cut == null || cut.round() == null ? aggregated : cut.round().before();
        return needed == null ? lowest : Math.min(lowest, needed.low().get(partition));
    }

    static DeliveryState of(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        Optional<String> from = fields.find("cut.from");
        return new DeliveryState(
                Integer.parseInt(fields.text("version")),
                offsets(fields.text("cursors")),
                Instant.parse(fields.text("clock")),
                from.isEmpty()
                        ? null
                        : new Cut(
                                offsets(from.get()),
                                Instant.parse(fields.text("cut.time")),
                                Long.parseLong(fields.text("cut.records")),
                                round(fields)),
                Aggregated.read(fields, "aggregated."),
                Long.parseLong(fields.text("delivered")),
                Long.parseLong(fields.text("filtered")),
                Long.parseLong(fields.text("setAside")),
                fields.find("lastDelivery").map(Instant::parse).orElse(null),
                fields.find("lastDigest").map(Instant::parse).orElse(null));
    }

    String json() {
        Fields fields =
                Fields.none()
                        .with("version", Integer.toString(version))
                        .with("cursors", text(cursors))
                        .with("clock", clock.toString())
                        .with("delivered", Long.toString(delivered))
                        .with("filtered", Long.toString(filtered))
                        .with("setAside", Long.toString(setAside));
        if (cut != null) {
            fields =
                    fields.with("cut.from", text(cut.from()))
                            .with("cut.time", cut.time().toString())
                            .with("cut.records", Long.toString(cut.records()));
            if (cut.round() != null) {
                fields =
                        cut.round()
                                .before()
                                .write(fields, "cut.round.")
                                .with("cut.round.to", text(cut.round().to()))
                                .with("cut.round.closes", cut.round().closes().toString());
            }
        }
        if (aggregated != null) {
            fields = aggregated.write(fields, "aggregated.");
        }
        if (lastDelivery != null) {
            fields = fields.with("lastDelivery", lastDelivery.toString());
        }
        if (lastDigest != null) {
            fields = fields.with("lastDigest", lastDigest.toString());
        }
        return fields.json();
    }

    private static Round.@Nullable Of round(Fields fields) throws CatalogException {
        Aggregated before = Aggregated.read(fields, "cut.round.");
        return before == null
                ? null
                : new Round.Of(
                        before,
                        offsets(fields.text("cut.round.to")),
                        Instant.parse(fields.text("cut.round.closes")));
    }

    /// @param start of aggregation; null when the version does not aggregate
    DeliveryState withVersion(int number, @Nullable Aggregated start) {
        return new DeliveryState(
                number,
                cursors,
                clock,
                cut,
                start,
                delivered,
                filtered,
                setAside,
                lastDelivery,
                lastDigest);
    }

    DeliveryState withClock(Instant time) {
        return new DeliveryState(
                version,
                cursors,
                time,
                cut,
                aggregated,
                delivered,
                filtered,
                setAside,
                lastDelivery,
                lastDigest);
    }

    /// @param files null when nothing that was passed over goes into a file
    /// @param counted how far aggregation has come; null when the version does not aggregate
    DeliveryState passed(
            List<Long> to,
            @Nullable Cut files,
            @Nullable Aggregated counted,
            long notTaken,
            long aside) {
        return new DeliveryState(
                version,
                to,
                files == null ? clock : files.time(),
                files,
                counted,
                delivered,
                filtered + notTaken,
                setAside + aside,
                lastDelivery,
                lastDigest);
    }

    /// @param rest null when every file of the cut is delivered now
    /// @param aside events that could not go into their file after all
    /// @param last when a file was delivered last; null when none ever was
    DeliveryState withDelivered(
            long records, long aside, @Nullable Cut rest, @Nullable Instant last) {
        return new DeliveryState(
                version,
                cursors,
                clock,
                rest,
                aggregated,
                delivered + records,
                filtered,
                setAside + aside,
                last,
                lastDigest);
    }

    DeliveryState withDigest(Instant end) {
        return new DeliveryState(
                version,
                cursors,
                clock,
                cut,
                aggregated,
                delivered,
                filtered,
                setAside,
                lastDelivery,
                lastDigest == null || end.isAfter(lastDigest) ? end : lastDigest);
    }

    static String text(List<Long> offsets) {
        return offsets.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    static List<Long> offsets(String text) {
        return Arrays.stream(text.split(",", -1)).map(Long::valueOf).toList();
    }
}
