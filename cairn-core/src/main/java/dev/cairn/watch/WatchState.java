package dev.cairn.watch;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What came of a watch so far. Each event that it took is told by a message of its own, held, or
/// was told as one of those that a later message counts.
///
/// @param taken events that it took
/// @param told messages that were published
/// @param times of the last messages, as many as its [AtMost] asks about
/// @param held what is to be told yet
/// @param last the newest event that it took
/// @param refused why the last message was not published; empty when it was
public record WatchState(
        long taken,
        long told,
        List<Instant> times,
        Optional<Held> held,
        Optional<Sighting> last,
        String refused) {
    /// Of a watch that took nothing yet.
    public static final WatchState NONE =
            new WatchState(0, 0, List.of(), Optional.empty(), Optional.empty(), "");

    public WatchState {
        times = List.copyOf(times);
    }

    /// Events that are to be told yet.
    ///
    /// @param count how many
    /// @param since when the first of them was taken
    /// @param due when they are told at the latest
    public record Held(long count, Instant since, Instant due) {}

    static WatchState of(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        String times = fields.text("times");
        return new WatchState(
                Long.parseLong(fields.text("taken")),
                Long.parseLong(fields.text("told")),
                times.isEmpty()
                        ? List.of()
                        : Arrays.stream(times.split(",", -1)).map(Instant::parse).toList(),
                fields.find("held").isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                new Held(
                                        Long.parseLong(fields.text("held")),
                                        Instant.parse(fields.text("since")),
                                        Instant.parse(fields.text("due")))),
                fields.find("id").isEmpty() ? Optional.empty() : Optional.of(Sighting.of(fields)),
                fields.text("refused"));
    }

    String json() {
        Fields fields =
                Fields.none()
                        .with("taken", Long.toString(taken))
                        .with("told", Long.toString(told))
                        .with(
                                "times",
                                times.stream()
                                        .map(Instant::toString)
                                        .collect(Collectors.joining(",")))
                        .with("refused", refused);
        if (held.isPresent()) {
            fields =
                    fields.with("held", Long.toString(held.get().count()))
                            .with("since", held.get().since().toString())
                            .with("due", held.get().due().toString());
        }
        return (last.isPresent() ? last.get().in(fields) : fields).json();
    }

    WatchState take(long more, Sighting newest) {
        return new WatchState(taken + more, told, times, held, Optional.of(newest), refused);
    }

    WatchState hold(long more, Instant since, Instant due, String reason) {
        Held now =
                held.isPresent()
                        ? new Held(held.get().count() + more, held.get().since(), due)
                        : new Held(more, since, due);
        return new WatchState(taken, told, times, Optional.of(now), last, reason);
    }

    WatchState tell(AtMost atMost, Instant now) {
        List<Instant> all = new java.util.ArrayList<>(times);
        all.add(now);
        return new WatchState(taken, told + 1, atMost.last(all), Optional.empty(), last, "");
    }
}
