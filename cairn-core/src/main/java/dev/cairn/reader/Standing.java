package dev.cairn.reader;

import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.ledger.Ledger;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// Where a reader stands. Each position that it has dealt with is delivered, filtered or set aside.
///
/// @param cursors by partition, the first offset not dealt with
/// @param delivered events that are in its output
/// @param filtered events that it left out by rule
/// @param setAside events that it could not take
/// @param asides how often something was set aside
public record Standing(
        List<Long> cursors, long delivered, long filtered, long setAside, long asides) {
    public Standing {
        cursors = List.copyOf(cursors);
    }

    /// Of a reader that begins: what is recorded already is none of its concern.
    public static Standing beginning(List<Ledger.Span> spans) {
        List<Long> ends = ends(spans);
        return new Standing(ends, 0, ends.stream().mapToLong(Long::longValue).sum(), 0, 0);
    }

    /// How many positions it has dealt with.
    public long taken() {
        return cursors.stream().mapToLong(Long::longValue).sum();
    }

    /// Whether it has dealt with all that the ledger holds.
    public boolean isAt(List<Ledger.Span> spans) {
        return cursors.equals(ends(spans));
    }

    private static List<Long> ends(List<Ledger.Span> spans) {
        return spans.stream().map(Ledger.Span::end).toList();
    }

    /// After a step.
    ///
    /// @param asides how often something was set aside now
    public Standing after(Taker step, long asides) {
        return new Standing(
                step.to(),
                delivered + step.delivered(),
                filtered + step.filtered(),
                setAside + step.setAside(),
                asides);
    }

    /// As documents have it.
    public Fields fields() {
        return Fields.none()
                .with(
                        "cursors",
                        cursors.stream().map(String::valueOf).collect(Collectors.joining(",")))
                .with("delivered", Long.toString(delivered))
                .with("filtered", Long.toString(filtered))
                .with("setAside", Long.toString(setAside))
                .with("asides", Long.toString(asides));
    }

    /// @throws CatalogException CORRUPT when the document has no such fields
    public static Standing of(Fields fields) throws CatalogException {
        return new Standing(
                Arrays.stream(fields.text("cursors").split(",", -1)).map(Long::valueOf).toList(),
                Long.parseLong(fields.text("delivered")),
                Long.parseLong(fields.text("filtered")),
                Long.parseLong(fields.text("setAside")),
                Long.parseLong(fields.text("asides")));
    }
}
