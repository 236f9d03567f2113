package dev.cairn.watch;

import dev.cairn.event.Event;
import dev.cairn.event.EventFields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.history.EventValues;
import java.text.NumberFormat;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.stream.Collectors;

/// How many events it takes for a watch to tell: more than so many within a time, by the events'
/// own times.
///
/// Times are counted by spans, of which a period has 60 at most, and none is shorter than a second:
/// of a period of a minute or less nothing is lost by it, as events have seconds; of a longer one a
/// sixtieth at most, so that nothing is told of that was not within the period.
///
/// @param more events than so many, 1 to [#MORE_MAX]
/// @param period a second to [AtMost#PERIOD_MAX], whole seconds
/// @param per the member whose values are counted each by itself, as searches name it; empty when
///   all events count together
public record Threshold(long more, Duration period, Optional<String> per) {
    public static final long MORE_MAX = 1_000_000;

    /// The longest name of a member.
    public static final int PER_CHARS_MAX = 200;

    /// An event is counted for so many of its values.
    static final int VALUES_MAX = 8;

    private static final int SPANS = 60;
    private static final long SPAN_MILLIS_MIN = 1_000;

    /// @throws Failure VALIDATION when it is out of bounds
    public static Threshold checked(long more, long seconds, Optional<String> per) {
        if (more < 1 || more > MORE_MAX) {
            throw invalid("expected more than 1 to %d events, got %d".formatted(MORE_MAX, more));
        }
        if (seconds < 1 || seconds > AtMost.PERIOD_MAX.toSeconds()) {
            throw invalid(
                    "expected a second to %d days, got %d seconds"
                            .formatted(AtMost.PERIOD_MAX.toDays(), seconds));
        }
        if (per.isPresent() && !per.get().matches("[A-Za-z0-9_.:/-]{1," + PER_CHARS_MAX + "}")) {
            throw invalid(
                    "expected a member such as userIdentity.accessKeyId, got '" + per.get() + "'");
        }
        return new Threshold(more, Duration.ofSeconds(seconds), per);
    }

    private static Failure invalid(String words) {
        return new Failure(ErrorCode.VALIDATION, "moreThan: " + words);
    }

    /// The values by which an event is counted, [#VALUES_MAX] at most: the member may be a list. An
    /// empty one when it has none.
    public SequencedSet<String> values(Event event) {
        SequencedSet<String> values = new LinkedHashSet<>();
        per.ifPresent(member -> {
            EventFields.walk(event.json(), (path, _, value) -> add(values, member, path, value));
            EventValues.derive(event, (path, value) -> add(values, member, path, value));
        });
        if (values.isEmpty()) {
            values.add("");
        }
        return values;
    }

    private static void add(SequencedSet<String> values, String per, String path, String value) {
        if (path.equals(per) && values.size() < VALUES_MAX) {
            values.add(value);
        }
    }

    long spanMillis() {
        return Math.max(SPAN_MILLIS_MIN, Math.ceilDiv(period.toMillis(), SPANS));
    }

    /// How many spans a period has.
    int spans() {
        return (int) (period.toMillis() / spanMillis());
    }

    /// In a sentence.
    ///
    /// @param values of the member, each of which is cut so that none is left out; an empty one for
    ///   events that have none
    String words(List<String> values) {
        String all =
                values.stream()
                        .map(value -> Sighting.clean(value, Sighting.CHARS_MAX / values.size()))
                        .collect(Collectors.joining(" and "));
        return "more than %s within %s%s"
                .formatted(
                        NumberFormat.getIntegerInstance(Locale.ROOT).format(more),
                        AtMost.written(period),
                        per.isEmpty()
                                ? ""
                                : all.isEmpty()
                                        ? ", without " + per.get()
                                        : ", with %s %s".formatted(per.get(), all));
    }

    /// As people write it: `1000/1m per userIdentity.accessKeyId`.
    @Override
    public String toString() {
        return more + "/" + AtMost.written(period) + per.map(field -> " per " + field).orElse("");
    }
}
