package dev.cairn.history;

import dev.cairn.event.Event;
import dev.cairn.event.EventFields;
import dev.cairn.event.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The values an event can be asked for, by path: the record's own, as [EventFields] gives them,
/// and the derived ones.
public final class EventValues {

    private final Event event;
    private final Map<String, List<String>> own = new HashMap<>();
    private final Map<String, List<String>> derived = new HashMap<>();
    private final Map<String, Long> chars = new HashMap<>();
    private @Nullable NavigableSet<String> inOrder;
    private final boolean complete;

    private EventValues(Event event) {
        this.event = event;
        complete = EventFields.walk(event.json(), (path, _, value) -> add(own, path, value));
        derive(event, (path, value) -> add(derived, path, value));
    }

    public static EventValues of(Event event) {
        return new EventValues(event);
    }

    /// Tells a consumer the derived paths and values of an event. They stand beside the record's
    /// own: an event may name the same pair twice.
    public static void derive(Event event, BiConsumer<String, String> consumer) {
        if (event.username() != null) {
            consumer.accept("username", event.username());
        }
        if (event.accessKeyId() != null) {
            consumer.accept("accessKeyId", event.accessKeyId());
        }
        for (Resource resource : event.resources()) {
            consumer.accept("resourceName", resource.name());
            if (!resource.type().isEmpty()) {
                consumer.accept("resourceType", resource.type());
            }
        }
        consumer.accept("account", event.place().account());
        consumer.accept("region", event.place().region());
        consumer.accept("category", event.category().wireName());
        consumer.accept("readOnly", Boolean.toString(event.readOnly()));
        // The id is the ledger's where the record has none, and LookupEvents asks for it.
        consumer.accept("eventID", event.id());
    }

    Event event() {
        return event;
    }

    /// Tells a consumer all paths and values, the record's own and the derived ones.
    void each(BiConsumer<String, String> consumer) {
        own.forEach((path, all) -> all.forEach(value -> consumer.accept(path, value)));
        derived.forEach((path, all) -> all.forEach(value -> consumer.accept(path, value)));
    }

    /// Whether all values of the record are there: some are passed over when it has very many.
    boolean isComplete() {
        return complete;
    }

    /// How long the values of a path are together.
    long chars(String path) {
        return path.equals(Condition.ANY)
                ? event.json().length
                : chars.computeIfAbsent(
                        path, asked -> chars(own.get(asked)) + chars(derived.get(asked)));
    }

    private static long chars(@Nullable List<String> values) {
        long chars = 0;
        if (values != null) {
            for (String value : values) {
                chars += 1 + value.length();
            }
        }
        return chars;
    }

    boolean anyAt(String path, Predicate<String> test) {
        if (path.equals(Condition.ANY)) {
            return own.values().stream().flatMap(List::stream).anyMatch(test);
        }
        return anyOf(own.get(path), test) || anyOf(derived.get(path), test);
    }

    /// Whether a path and a value of the record's own pass.
    boolean anyOwn(BiPredicate<String, String> test) {
        return own.entrySet().stream()
                .anyMatch(entry ->
                        entry.getValue().stream()
                                .anyMatch(value -> test.test(entry.getKey(), value)));
    }

    boolean has(String path) {
        return path.equals(Condition.ANY)
                || own.containsKey(path)
                || derived.containsKey(path)
                || isAbove(path + '.');
    }

    /// Whether some path begins so. Their order is made once, and only when it is asked for.
    private boolean isAbove(String beginning) {
        NavigableSet<String> paths = inOrder;
        if (paths == null) {
            paths = new TreeSet<>(own.keySet());
            inOrder = paths;
        }
        String next = paths.ceiling(beginning);
        return next != null && next.startsWith(beginning);
    }

    private static boolean anyOf(@Nullable List<String> values, Predicate<String> test) {
        return values != null && values.stream().anyMatch(test);
    }

    private static void add(Map<String, List<String>> map, String path, String value) {
        map.computeIfAbsent(path, _ -> new ArrayList<>(1)).add(value);
    }
}
