package dev.cairn.testkit.history;

import dev.cairn.event.Event;
import dev.cairn.event.EventFields;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.history.Filter;
import dev.cairn.history.History;
import dev.cairn.history.Page;
import dev.cairn.history.Query;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A history in a list: what history means, without any of what makes one fast.
///
/// Expires to the millisecond, where others may let whole days go together; no search can tell.
public final class MemoryHistory implements History {
    private static final EventReader READER = EventReader.lenient();

    /// Newest first, then by id, then by place, each in order of its bytes.
    private static final Comparator<Page.Hit> ORDER =
            Comparator.<Page.Hit>comparingLong(hit -> -hit.event().time().toEpochMilli())
                    .thenComparing(hit -> bytes(hit.event().id()), Arrays::compareUnsigned)
                    .thenComparing(
                            hit -> bytes(hit.event().place().account()), Arrays::compareUnsigned)
                    .thenComparing(
                            hit -> bytes(hit.event().place().region()), Arrays::compareUnsigned);

    /// What outlives a crash. Give it to the next one.
    public static final class Durable {
        private State state = new State();
    }

    private static final class State {
        final List<Page.Hit> hits = new ArrayList<>();
        final Map<Integer, Long> taken = new HashMap<>();
        final Map<Integer, Long> filtered = new HashMap<>();
        final List<SetAside> asides = new ArrayList<>();

        State copy() {
            State copy = new State();
            copy.hits.addAll(hits);
            copy.taken.putAll(taken);
            copy.filtered.putAll(filtered);
            copy.asides.addAll(asides);
            return copy;
        }
    }

    private final Durable durable;
    private final InstantSource clock;
    private final @Nullable Duration retention;
    private final boolean expireImported;
    private State state;
    private List<Page.Hit> visible;

    public MemoryHistory(
            Durable durable,
            InstantSource clock,
            @Nullable Duration retention,
            boolean expireImported) {
        this.durable = durable;
        this.clock = clock;
        this.retention = retention;
        this.expireImported = expireImported;
        this.state = durable.state.copy();
        this.visible = List.copyOf(state.hits);
    }

    @Override
    public synchronized long position(int partition) {
        return durable.state.taken.getOrDefault(partition, 0L);
    }

    @Override
    public synchronized void begin(int partition, long first) {
        if (state.taken.containsKey(partition)) {
            throw new IllegalStateException("expected a partition that nothing was taken of");
        }
        state.taken.put(partition, first);
        state.filtered.put(partition, first);
    }

    @Override
    public synchronized void take(Slice slice) {
        for (Slice.Item item : slice.items()) {
            switch (item) {
                case Slice.Held held -> take(held);
                case Slice.Lost(var first, var count, var reason) -> take(first, count, reason);
            }
        }
    }

    private void take(Slice.Held held) {
        Position position = held.position();
        if (position.offset() < state.taken.getOrDefault(position.partition(), 0L)) {
            return;
        }
        Entry entry = held.entry();
        Parsed parsed =
                READER.read(
                        entry.json(),
                        held.recordedAt(),
                        EventReader.Known.recorded(entry.place(), entry.id()));
        switch (parsed) {
            case Parsed.Read(Event event) -> {
                if (isOld(event, entry.origin(), clock.instant())) {
                    state.filtered.merge(position.partition(), 1L, Long::sum);
                } else {
                    state.hits.add(new Page.Hit(position, entry.origin(), event));
                }
            }
            case Parsed.Refused(var code, var message) ->
                    state.asides.add(
                            new SetAside(
                                    position.partition(),
                                    position.offset(),
                                    1,
                                    code + ": " + message));
        }
        state.taken.put(position.partition(), position.offset() + 1);
    }

    private void take(Position first, long count, String reason) {
        long from = Math.max(first.offset(), state.taken.getOrDefault(first.partition(), 0L));
        long end = first.offset() + count;
        if (from < end) {
            state.asides.add(new SetAside(first.partition(), from, end - from, reason));
            state.taken.put(first.partition(), end);
        }
    }

    private boolean isOld(Event event, Origin origin, Instant now) {
        return retention != null
                && (origin != Origin.IMPORT || expireImported)
                && event.time().isBefore(now.minus(retention));
    }

    @Override
    public synchronized void refresh() {
        visible = List.copyOf(state.hits);
    }

    @Override
    public synchronized void commit() {
        durable.state = state.copy();
    }

    @Override
    public synchronized void expire(Instant now) {
        List<Page.Hit> old =
                state.hits.stream().filter(hit -> isOld(hit.event(), hit.origin(), now)).toList();
        old.forEach(hit -> state.filtered.merge(hit.position().partition(), 1L, Long::sum));
        state.hits.removeAll(old);
        refresh();
        commit();
    }

    @Override
    public synchronized Page search(Query query) {
        Filter filter = Filter.of(query.where());
        Instant now = clock.instant();
        List<Page.Hit> found =
                visible.stream()
                        .filter(hit -> !isOld(hit.event(), hit.origin(), now))
                        .filter(hit -> isAsked(query, hit.event()))
                        .filter(hit -> filter.test(hit.event()))
                        .sorted(ORDER)
                        .filter(hit -> isBehind(query.after(), hit))
                        .limit(query.limit() + 1L)
                        .toList();
        if (found.size() <= query.limit()) {
            return new Page(found, null, null);
        }
        List<Page.Hit> hits = found.subList(0, query.limit());
        Event last = hits.getLast().event();
        return new Page(hits, new Query.Cursor(last.time(), last.id(), last.place()), null);
    }

    private static boolean isAsked(Query query, Event event) {
        long time = event.time().toEpochMilli();
        return time >= query.from().toEpochMilli()
                && time <= query.to().toEpochMilli()
                && (query.places() == null || query.places().contains(event.place()))
                && (query.accounts() == null || query.accounts().contains(event.place().account()));
    }

    private static boolean isBehind(Query.@Nullable Cursor after, Page.Hit hit) {
        if (after == null) {
            return true;
        }
        Event event = hit.event();
        Event last =
                new Event(
                        event.json(),
                        after.id(),
                        after.place(),
                        after.time(),
                        event.version(),
                        event.source(),
                        event.name(),
                        event.type(),
                        event.category(),
                        event.readOnly(),
                        event.username(),
                        event.principalArn(),
                        event.accessKeyId(),
                        event.sourceIpAddress(),
                        event.errorCode(),
                        event.resources());
        return ORDER.compare(new Page.Hit(hit.position(), hit.origin(), last), hit) < 0;
    }

    @Override
    public synchronized List<String> values(String path, String after, int limit) {
        TreeSet<String> values =
                new TreeSet<>((one, other) -> Arrays.compareUnsigned(bytes(one), bytes(other)));
        for (Page.Hit hit : visible) {
            EventFields.walk(
                    hit.event().json(),
                    (at, _, value) -> {
                        if (at.equals(path)) {
                            values.add(value);
                        }
                    });
        }
        return values.tailSet(after, false).stream().limit(limit).toList();
    }

    @Override
    public synchronized long lowestHeld(int partition) {
        return state.hits.stream()
                .filter(hit -> hit.position().partition() == partition)
                .mapToLong(hit -> hit.position().offset())
                .min()
                .stream()
                .map(lowest -> Math.min(lowest, position(partition)))
                .findFirst()
                .orElse(position(partition));
    }

    @Override
    public synchronized Account account(int partition) {
        return new Account(
                state.taken.getOrDefault(partition, 0L),
                state.hits.stream().filter(hit -> hit.position().partition() == partition).count(),
                state.filtered.getOrDefault(partition, 0L),
                state.asides.stream()
                        .filter(aside -> aside.partition() == partition)
                        .mapToLong(SetAside::count)
                        .sum());
    }

    @Override
    public synchronized List<SetAside> setAside(int limit) {
        int size = state.asides.size();
        return List.copyOf(state.asides.subList(Math.max(0, size - limit), size));
    }

    @Override
    public void close() {
        // What was not committed is gone with this object.
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
