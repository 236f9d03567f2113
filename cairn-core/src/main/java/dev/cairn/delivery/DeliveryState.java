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
    /// @param records events in those of its files that are not delivered yet
    public record Cut(List<Long> from, Instant time, long records) {
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
        return cut == null ? cursors.get(partition) : cut.from().get(partition);
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
                                Long.parseLong(fields.text("cut.records"))),
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
        }
        if (lastDelivery != null) {
            fields = fields.with("lastDelivery", lastDelivery.toString());
        }
        if (lastDigest != null) {
            fields = fields.with("lastDigest", lastDigest.toString());
        }
        return fields.json();
    }

    DeliveryState withVersion(int number) {
        return new DeliveryState(
                number,
                cursors,
                clock,
                cut,
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
                delivered,
                filtered,
                setAside,
                lastDelivery,
                lastDigest);
    }

    /// @param files null when nothing that was passed over goes into a file
    DeliveryState passed(List<Long> to, @Nullable Cut files, long notTaken, long aside) {
        return new DeliveryState(
                version,
                to,
                files == null ? clock : files.time(),
                files,
                delivered,
                filtered + notTaken,
                setAside + aside,
                lastDelivery,
                lastDigest);
    }

    /// @param rest null when every file of the cut is delivered now
    /// @param aside events that could not go into their file after all
    DeliveryState withDelivered(long records, long aside, @Nullable Cut rest, Instant now) {
        return new DeliveryState(
                version,
                cursors,
                clock,
                rest,
                delivered + records,
                filtered,
                setAside + aside,
                records > 0 ? now : lastDelivery,
                lastDigest);
    }

    DeliveryState withDigest(Instant end) {
        return new DeliveryState(
                version,
                cursors,
                clock,
                cut,
                delivered,
                filtered,
                setAside,
                lastDelivery,
                lastDigest == null || end.isAfter(lastDigest) ? end : lastDigest);
    }

    private static String text(List<Long> offsets) {
        return offsets.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static List<Long> offsets(String text) {
        return Arrays.stream(text.split(",", -1)).map(Long::valueOf).toList();
    }
}
