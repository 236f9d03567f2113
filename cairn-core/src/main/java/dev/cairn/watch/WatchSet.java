package dev.cairn.watch;

import dev.cairn.bus.BusEvent;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.filter.FilterPattern;
import dev.cairn.filter.FilterPatternException;
import dev.cairn.filter.FilterSet;
import dev.cairn.filter.LogMessage;
import dev.cairn.history.Condition;
import dev.cairn.history.SearchSet;
import dev.cairn.history.SearchTextException;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.log.LogEvent;
import dev.cairn.pattern.EventPatternException;
import dev.cairn.pattern.PatternSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Watches of one account, all asked at once about one event after the other: each language by its
/// own index. Any thread may ask. A set does not change: make a new one.
public final class WatchSet {
    private static final EventReader READER = EventReader.lenient();

    private final List<Watch> searching = new ArrayList<>();
    private final SearchSet searches;
    private final List<Watch> filtering = new ArrayList<>();
    private final FilterSet filters;
    private final Map<String, Watch> matching = new HashMap<>();
    private final PatternSet patterns;
    private final List<Watch> ruling = new ArrayList<>();

    private WatchSet(List<Watch> watches)
            throws SearchTextException, FilterPatternException, EventPatternException {
        List<Condition> conditions = new ArrayList<>();
        List<FilterPattern> compiled = new ArrayList<>();
        Map<String, String> texts = new HashMap<>();
        for (Watch watch : watches) {
            switch (watch.condition()) {
                case WatchCondition.Search search -> {
                    searching.add(watch);
                    conditions.add(search.condition());
                }
                case WatchCondition.Filter filter -> {
                    filtering.add(watch);
                    compiled.add(filter.pattern());
                }
                case WatchCondition.Pattern(String json) -> {
                    matching.put(watch.name().name(), watch);
                    texts.put(watch.name().name(), json);
                }
                case WatchCondition.BuiltIn _ -> ruling.add(watch);
            }
        }
        searches = SearchSet.of(conditions);
        filters = FilterSet.of(compiled);
        patterns = new PatternSet(texts);
    }

    /// @param watches whose conditions were checked, each name once
    public static WatchSet of(List<Watch> watches) {
        try {
            return new WatchSet(watches);
        } catch (SearchTextException | FilterPatternException | EventPatternException e) {
            throw new IllegalStateException("a condition was read once and not again", e);
        }
    }

    public int size() {
        return searching.size() + filtering.size() + matching.size() + ruling.size();
    }

    /// What is to be said of an event.
    ///
    /// @param taking watches that take it
    /// @param unasked why some could not be asked about it; empty when all were
    /// @param event as it was read; empty when nobody takes it
    public record Verdict(List<Watch> taking, String unasked, Optional<Event> event) {
        public Verdict {
            taking = List.copyOf(taking);
        }
    }

    /// Asks all watches about an event, as if it had been recorded just now by a producer.
    public Verdict judge(Entry entry) {
        String region = entry.place().region();
        List<Watch> taking = new ArrayList<>();
        TreeSet<String> unasked = new TreeSet<>();
        Optional<Event> event = Optional.empty();
        if (!searching.isEmpty() || !ruling.isEmpty()) {
            switch (read(entry)) {
                case Parsed.Read(Event read) -> {
                    event = Optional.of(read);
                    if (!ruling.isEmpty() && BucketOpening.opens(read)) {
                        taking.addAll(ruling);
                    }
                    SearchSet.Verdict verdict = searches.judge(read);
                    verdict.taking().forEach(id -> taking.add(searching.get(id)));
                    verdict.tooComplex()
                            .forEach(id ->
                                    unasked.add(
                                            "it has too much to look at to ask "
                                                    + searching.get(id).name().name()));
                }
                case Parsed.Refused refused -> unasked.add(refused.message());
            }
        }
        if (!filtering.isEmpty() || !matching.isEmpty()) {
            askPatterns(entry, taking, unasked);
        }
        taking.removeIf(watch -> watch.region().filter(only -> !only.equals(region)).isPresent());
        if (!taking.isEmpty() && event.isEmpty()) {
            switch (read(entry)) {
                case Parsed.Read(Event read) -> event = Optional.of(read);
                case Parsed.Refused refused -> {
                    unasked.add(refused.message());
                    taking.clear();
                }
            }
        }
        return new Verdict(taking, unasked.isEmpty() ? "" : unasked.getFirst(), event);
    }

    private static Parsed read(Entry entry) {
        return READER.read(
                entry.json(), Instant.EPOCH, EventReader.Known.recorded(entry.place(), entry.id()));
    }

    private void askPatterns(Entry entry, List<Watch> taking, Set<String> unasked) {
        if (entry.json().length > LogEvent.BYTES_MAX) {
            unasked.add(
                    "%d bytes, where patterns are asked of at most %d"
                            .formatted(entry.json().length, LogEvent.BYTES_MAX));
            return;
        }
        for (int id : filters.taking(LogMessage.of(entry.json()))) {
            taking.add(filtering.get(id));
        }
        if (matching.isEmpty()) {
            return;
        }
        Entry produced = new Entry(entry.place(), entry.id(), Origin.INTAKE, entry.json());
        switch (BusEvent.ofRecord(produced)) {
            case BusEvent.Made.Nothing() -> {}
            case BusEvent.Made.Unfit(String reason) -> unasked.add(reason);
            case BusEvent.Made.Event(BusEvent made) -> {
                PatternSet.Verdict verdict = patterns.judge(made.json());
                verdict.taken().stream().sorted().forEach(name -> taking.add(matching.get(name)));
                verdict.tooComplex()
                        .forEach(name ->
                                unasked.add(
                                        "it has too many values, or too long ones, to ask "
                                                + name));
            }
        }
    }
}
