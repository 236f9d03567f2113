package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.filter.FilterPattern;
import dev.cairn.filter.FilterPatternException;
import dev.cairn.history.Condition;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.history.Page;
import dev.cairn.history.Query;
import dev.cairn.history.SearchTextException;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.topic.TopicArn;
import dev.cairn.watch.AtMost;
import dev.cairn.watch.Threshold;
import dev.cairn.watch.Watch;
import dev.cairn.watch.WatchCondition;
import dev.cairn.watch.WatchName;
import dev.cairn.watch.WatchSet;
import dev.cairn.watch.Watches;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Cairn's own TestWatch: which events of history a watch would have taken, newest first, imported
/// ones among them.
///
/// A call looks at a bounded part of history, and tells where to go on: who stops asking stops it.
/// A search is answered by the index, as every search; the other languages are asked about one
/// event after the other, filter patterns only about those that have what the pattern needs.
final class WatchTests {
    private static final int PAGE = 500;
    private static final int EXAMINED_MAX = 10_000;
    private static final long BYTES_MAX = 32 << 20;
    private static final int EVENTS_MAX = 500;

    /// How many steps regular expressions and wildcards take with a call, for all characters
    /// together: some seconds.
    private static final long STEPS_MAX = 2_000_000_000;

    /// So many calls ask at a time.
    private static final int ASKING_MAX = 2;

    private static final long TURN_SECONDS = 10;

    private final Semaphore asking = new Semaphore(ASKING_MAX);
    private final Watches watches;
    private final History history;
    private final Searches searches;

    WatchTests(Watches watches, History history, Searches searches) {
        this.watches = watches;
        this.history = history;
        this.searches = searches;
    }

    /// What is tried.
    private record Tried(
            WatchCondition condition, Optional<String> region, Optional<Threshold> threshold) {}

    ObjectNode test(Invocation call) throws CatalogException, HistoryException {
        var tried = tried(call);
        if (!hasTurn()) {
            throw new Failure(ErrorCode.THROTTLING);
        }
        try {
            return test(call, tried);
        } finally {
            asking.release();
        }
    }

    private boolean hasTurn() {
        try {
            return asking.tryAcquire(TURN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private ObjectNode test(Invocation call, Tried tried)
            throws CatalogException, HistoryException {
        var account = call.caller().account();
        var set = WatchSet.of(List.of(watch(account, tried)));
        var where = where(tried);
        var time = Searches.time(call);
        var question = "TestWatch " + account + " " + question(call);
        var token = call.text("nextToken", "");
        var after = token.isEmpty() ? null : PageToken.read(token, question);
        var behind = searches.behindSince(call);
        var output = JsonNodeFactory.instance.objectNode();
        var events = output.putArray("events");
        var examined = 0L;
        var unasked = 0L;
        var bytes = 0L;
        var eventsMax = tried.threshold().isEmpty() ? EVENTS_MAX : EXAMINED_MAX;
        var bytesMax = Math.min(BYTES_MAX, STEPS_MAX / (1 + tried.condition().steps()));
        var cut = "";
        while (true) {
            var page =
                    history.search(
                            new Query(
                                    where,
                                    null,
                                    Set.of(account),
                                    time.from(),
                                    time.to(),
                                    after,
                                    PAGE));
            for (var hit : page.hits()) {
                examined++;
                bytes += hit.event().json().length;
                if (hit.origin() != Origin.CHANNEL) {
                    var verdict = set.judge(entry(hit));
                    if (!verdict.taking().isEmpty()) {
                        events.add(found(hit, tried));
                    }
                    unasked += verdict.unasked().isEmpty() ? 0 : 1;
                }
            }
            cut = page.cut() == null ? cut : page.cut();
            after = page.next();
            if (after == null
                    || examined >= EXAMINED_MAX
                    || bytes >= bytesMax
                    || events.size() >= eventsMax) {
                break;
            }
        }
        output.put("examined", examined).put("unasked", unasked);
        if (after != null) {
            output.put("nextToken", PageToken.write(after, question));
            output.put("reached", after.time().getEpochSecond());
        }
        if (!cut.isEmpty()) {
            output.put("cut", cut);
        }
        if (behind != null) {
            output.put("behindSince", behind.getEpochSecond());
        }
        return output;
    }

    /// Of those that are counted only what counting takes: there may be very many.
    private static ObjectNode found(Page.Hit hit, Tried tried) {
        if (tried.threshold().isEmpty()) {
            return FoundEvent.json(hit.position(), hit.origin(), hit.event());
        }
        var found = FoundEvent.brief(hit.position(), hit.origin(), hit.event());
        var values = found.putArray("values");
        tried.threshold().get().values(hit.event()).forEach(values::add);
        return found;
    }

    private static Entry entry(Page.Hit hit) {
        var event = hit.event();
        return new Entry(event.place(), event.id(), Origin.INTAKE, event.json());
    }

    /// The condition that a call gives, or that of the watch it names.
    private Tried tried(Invocation call) throws CatalogException {
        var region = Optional.ofNullable(call.input().path("region").textValue());
        if (call.input().has("name") == call.input().has("kind")
                || call.input().has("kind") != call.input().has("text")) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "expected the name of a watch, or a condition's kind and text");
        }
        if (call.input().has("name")) {
            var watch = watches.expect(WatchOperations.name(call));
            return new Tried(
                    watch.condition(),
                    region.or(watch::region),
                    WatchOperations.threshold(call).or(watch::threshold));
        }
        var condition = WatchOperations.condition(call);
        condition.check();
        return new Tried(condition, region, WatchOperations.threshold(call));
    }

    private static Watch watch(String account, Tried tried) {
        return new Watch(
                new WatchName(account, "tried"),
                tried.condition(),
                tried.region(),
                new TopicArn("none", account, "none"),
                AtMost.DEFAULT,
                Optional.empty(),
                Optional.empty(),
                new Watch.Words("", "", ""),
                false,
                "",
                Instant.EPOCH);
    }

    /// What of it the index can answer.
    private static Condition where(Tried tried) {
        var parts = new ArrayList<Condition>();
        tried.region().ifPresent(region -> parts.add(new Condition.Is("region", region)));
        parts.add(narrowing(tried.condition()));
        return new Condition.And(parts);
    }

    /// A search that finds every event a condition takes, and perhaps others.
    static Condition narrowing(WatchCondition condition) {
        try {
            return switch (condition) {
                case WatchCondition.Search search -> search.condition();
                case WatchCondition.Filter filter ->
                        filter.pattern()
                                .needs()
                                .<Condition>map(needs ->
                                        new Condition.Or(
                                                needs.stream().map(WatchTests::having).toList()))
                                .orElseGet(Condition.All::new);
                case WatchCondition.Pattern _ -> new Condition.All();
                case WatchCondition.BuiltIn rule ->
                        new Condition.Or(
                                rule.names().stream()
                                        .sorted()
                                        .<Condition>map(name -> new Condition.Is("eventName", name))
                                        .toList());
            };
        } catch (SearchTextException | FilterPatternException e) {
            throw new IllegalStateException("a condition was read once and not again", e);
        }
    }

    private static Condition having(FilterPattern.Need need) {
        return need.whole()
                ? new Condition.Is(need.path(), need.text())
                : need.text().isEmpty()
                        ? new Condition.Exists(need.path())
                        : new Condition.Like(
                                need.path(), need.text().replaceAll("[*?\\\\]", "\\\\$0") + "*");
    }

    private static String question(Invocation call) {
        var same = call.input().deepCopy();
        same.remove("nextToken");
        return same.toString();
    }
}
