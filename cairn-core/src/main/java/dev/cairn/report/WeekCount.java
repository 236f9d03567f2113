package dev.cairn.report;

import dev.cairn.event.Event;
import dev.cairn.event.Resource;
import dev.cairn.history.HistoryException;
import dev.cairn.report.WeekReport.Deed;
import dev.cairn.report.WeekReport.Kind;
import dev.cairn.report.WeekReport.Oddity;
import dev.cairn.report.WeekReport.Person;
import dev.cairn.report.WeekReport.Thing;
import dev.cairn.report.WeekReport.Totals;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeSet;

/// Counts the events of two weeks, the later one first, and tells what came of it. For one thread.
final class WeekCount {
    private static final int PEOPLE_MAX = 5_000;
    private static final int RESOURCES_MAX = 5_000;
    private static final int PAIRS_MAX = 20_000;
    private static final int CALLS_MAX = 5_000;
    private static final int NAME_MAX = 256;

    private static final int SHOWN = 25;
    private static final int DEEDS_SHOWN = 5;
    private static final int ASKED_MAX = 200;
    private static final int ODD_MAX = 20;

    /// Fewer errors than these are no news, however much they rose.
    private static final int ERRORS_MIN = 10;

    /// Who called less than this in the week before has no usual hours.
    private static final int USUAL_MIN = 20;

    private static final int HOURS = 24;

    private final Instant from;
    private final Instant to;
    private final ZoneId zone;
    private final Half week = new Half();
    private final Half before = new Half();

    /// What one of the weeks came to.
    private static final class Half {
        private final Count all = new Count();
        private final Tally<String, Count> people =
                new Tally<>(PEOPLE_MAX, Count::new, Count::weight);
        private final Tally<Resource, Count> resources =
                new Tally<>(RESOURCES_MAX, Count::new, Count::weight);
        private final Tally<Pair, Count> deeds = new Tally<>(PAIRS_MAX, Count::new, Count::weight);
        private final Tally<Pair, Count> by = new Tally<>(PAIRS_MAX, Count::new, Count::weight);
        private final Tally<Call, Count> calls = new Tally<>(CALLS_MAX, Count::new, Count::weight);
        private final Tally<String, Count> errors =
                new Tally<>(CALLS_MAX, Count::new, Count::weight);
        private final TreeSet<String> regions = new TreeSet<>();

        private Totals totals() {
            return new Totals(
                    all.calls, all.changes, all.errors, people.all().size(), regions.size());
        }

        private boolean isFull() {
            return people.isFull() || resources.isFull() || deeds.isFull() || by.isFull();
        }
    }

    /// Two names that occurred together.
    private record Pair(String one, String other) {}

    /// A kind of call.
    private record Call(String source, String name) {}

    private static final class Count {
        private long calls;
        private long changes;
        private long errors;
        private Instant last = Instant.MIN;
        private final int[] hours = new int[HOURS];

        private void add(Event event, int hour) {
            calls++;
            changes += event.readOnly() ? 0 : 1;
            errors += event.errorCode() == null ? 0 : 1;
            last = event.time().isAfter(last) ? event.time() : last;
            hours[hour]++;
        }

        /// Changes count for more than reads.
        private long weight() {
            return changes * 100 + calls;
        }
    }

    /// Asks history what happened before the two weeks and in the one before.
    interface Past {
        /// Whether there was a call by a caller of that ARN before the week; of an assumed role, in
        /// any of its sessions.
        boolean knowsCaller(String arn) throws HistoryException;

        boolean knowsRegion(String region) throws HistoryException;

        boolean knowsCall(String source, String name) throws HistoryException;

        /// Whether there was any call before the week.
        boolean isThere() throws HistoryException;
    }

    WeekCount(Instant from, Instant to, ZoneId zone) {
        this.from = from;
        this.to = to;
        this.zone = zone;
    }

    /// Counts an event of either week.
    void add(Event event) {
        Half half = event.time().isBefore(from) ? before : week;
        int hour = event.time().atZone(zone).getHour();
        String who = person(event);
        half.all.add(event, hour);
        half.people.of(who).add(event, hour);
        half.calls.of(new Call(cut(event.source()), cut(event.name()))).add(event, hour);
        if (half.regions.size() < CALLS_MAX) {
            half.regions.add(cut(event.place().region()));
        }
        if (event.errorCode() != null) {
            half.errors.of(cut(event.errorCode())).add(event, hour);
        }
        if (half == week) {
            week.deeds.of(new Pair(who, cut(event.name()))).add(event, hour);
            for (Resource resource : event.resources()) {
                Resource named = new Resource(cut(resource.type()), cut(resource.name()));
                week.resources.of(named).add(event, hour);
                week.by.of(new Pair(named.name(), who)).add(event, hour);
            }
        }
    }

    /// Who called: by ARN, by name, as a service, or by address.
    private static String person(Event event) {
        if (event.principalArn() != null) {
            return cut(event.principalArn());
        }
        if (event.username() != null) {
            return cut(event.username() + " (" + event.place().account() + ")");
        }
        String address = event.sourceIpAddress();
        if (address == null) {
            return "nobody named";
        }
        return address.endsWith(".amazonaws.com")
                ? cut(address)
                : cut("nobody named, from " + address);
    }

    private static String cut(String text) {
        return text.length() <= NAME_MAX ? text : text.substring(0, NAME_MAX - 1) + "…";
    }

    // ---- what came of it ----------------------------------------------------------------------

    /// @param whole whether all events of both weeks were counted
    /// @param notes what was not
    WeekReport report(Past past, boolean whole, List<String> notes) throws HistoryException {
        List<String> all = new ArrayList<>(notes);
        boolean there = past.isThere();
        boolean known = there && whole;
        if (!there) {
            all.add(
                    "History begins within this week, so nothing can be said of what is new or unusual.");
        }
        if (week.isFull()) {
            all.add(
                    "There were more different names than are counted one by one; those that came seldom are left out of the lists.");
        }
        return new WeekReport(
                from,
                to,
                zone,
                week.totals(),
                known ? before.totals() : null,
                people(),
                resources(),
                oddities(past, known),
                all);
    }

    private List<Person> people() {
        Map<String, List<Deed>> deeds = together(week.deeds);
        List<Person> people = new ArrayList<>();
        for (String name : week.people.first(SHOWN)) {
            Count count = week.people.of(name);
            Count earlier = before.people.all().get(name);
            people.add(
                    new Person(
                            name,
                            count.calls,
                            count.changes,
                            count.errors,
                            earlier == null ? 0 : earlier.calls,
                            count.last,
                            deeds.getOrDefault(name, List.of())));
        }
        return people;
    }

    private List<Thing> resources() {
        Map<String, List<Deed>> by = together(week.by);
        List<Thing> things = new ArrayList<>();
        for (Resource resource : week.resources.first(SHOWN)) {
            Count count = week.resources.of(resource);
            things.add(
                    new Thing(
                            resource.name(),
                            resource.type(),
                            count.calls,
                            count.changes,
                            count.errors,
                            by.getOrDefault(resource.name(), List.of())));
        }
        return things;
    }

    /// For each first name the other ones that came with it most.
    private static Map<String, List<Deed>> together(Tally<Pair, Count> pairs) {
        Map<String, List<Deed>> together = new LinkedHashMap<>();
        for (Pair pair : pairs.first(Integer.MAX_VALUE)) {
            List<Deed> deeds = together.computeIfAbsent(pair.one(), _ -> new ArrayList<>());
            if (deeds.size() < DEEDS_SHOWN) {
                deeds.add(new Deed(pair.other(), pairs.of(pair).calls));
            }
        }
        return together;
    }

    // ---- what is odd --------------------------------------------------------------------------

    private List<Oddity> oddities(Past past, boolean known) throws HistoryException {
        List<Oddity> found = new ArrayList<>();
        root(found);
        if (known) {
            callers(past, found);
            regions(past, found);
            errors(found);
            hours(found);
            calls(past, found);
        }
        return found;
    }

    private void root(List<Oddity> found) {
        for (String name : week.people.first(Integer.MAX_VALUE)) {
            if (name.startsWith("arn:") && name.endsWith(":root")) {
                Count count = week.people.of(name);
                odd(
                        found,
                        Kind.ROOT,
                        name,
                        "made %s, %s of them changes".formatted(calls(count.calls), count.changes));
            }
        }
    }

    private void callers(Past past, List<Oddity> found) throws HistoryException {
        for (String name : week.people.first(ASKED_MAX)) {
            boolean asked = name.startsWith("arn:") && !before.people.all().containsKey(name);
            if (asked && !past.knowsCaller(name)) {
                Count count = week.people.of(name);
                odd(
                        found,
                        Kind.NEW_CALLER,
                        name,
                        "made %s, %s of them changes".formatted(calls(count.calls), count.changes));
            }
        }
    }

    private void regions(Past past, List<Oddity> found) throws HistoryException {
        int asked = 0;
        for (String region : week.regions) {
            if (!before.regions.contains(region)
                    && asked++ < ASKED_MAX
                    && !past.knowsRegion(region)) {
                odd(found, Kind.NEW_REGION, region, "was never called in before");
            }
        }
    }

    private void errors(List<Oddity> found) {
        rising(found, "All calls", week.all.errors, before.all.errors);
        for (String code : week.errors.first(ASKED_MAX)) {
            Count earlier = before.errors.all().get(code);
            rising(found, code, week.errors.of(code).errors, earlier == null ? 0 : earlier.errors);
        }
        for (String name : week.people.first(ASKED_MAX)) {
            Count earlier = before.people.all().get(name);
            rising(found, name, week.people.of(name).errors, earlier == null ? 0 : earlier.errors);
        }
    }

    private static void rising(List<Oddity> found, String subject, long now, long earlier) {
        if (now >= ERRORS_MIN && now > 2 * earlier) {
            odd(found, Kind.ERRORS, subject, "%s errors, after %s".formatted(now, earlier));
        }
    }

    /// Calls at hours at which somebody with usual hours made none in the week before, nor in the
    /// hour before or after.
    private void hours(List<Oddity> found) {
        for (String name : week.people.first(ASKED_MAX)) {
            Count earlier = before.people.all().get(name);
            if (earlier == null || earlier.calls < USUAL_MIN) {
                continue;
            }
            int[] now = week.people.of(name).hours;
            long unusual = 0;
            StringJoiner at = new StringJoiner(", ");
            for (int hour = 0; hour < HOURS; hour++) {
                boolean usual =
                        earlier.hours[hour] > 0
                                || earlier.hours[(hour + 1) % HOURS] > 0
                                || earlier.hours[(hour + HOURS - 1) % HOURS] > 0;
                if (!usual && now[hour] > 0) {
                    unusual += now[hour];
                    at.add("%02d:00".formatted(hour));
                }
            }
            if (unusual > 0) {
                odd(
                        found,
                        Kind.HOURS,
                        name,
                        "made %s in the hours from %s, never seen the week before"
                                .formatted(calls(unusual), at));
            }
        }
    }

    /// Changes only: somebody always reads something new.
    private void calls(Past past, List<Oddity> found) throws HistoryException {
        int asked = 0;
        List<Call> changes =
                week.calls.all().entrySet().stream()
                        .filter(entry -> entry.getValue().changes > 0)
                        .map(Map.Entry::getKey)
                        .filter(call -> !before.calls.all().containsKey(call))
                        .sorted(Comparator.comparing(Call::source).thenComparing(Call::name))
                        .toList();
        for (Call call : changes) {
            if (asked++ < ASKED_MAX && !past.knowsCall(call.source(), call.name())) {
                odd(
                        found,
                        Kind.NEW_CALL,
                        call.name(),
                        "of %s, %s".formatted(call.source(), calls(week.calls.of(call).calls)));
            }
        }
    }

    private static String calls(long count) {
        return count == 1 ? "1 call" : count + " calls";
    }

    private static void odd(List<Oddity> found, Kind kind, String subject, String words) {
        long same = found.stream().filter(oddity -> oddity.kind() == kind).count();
        if (same < ODD_MAX) {
            found.add(new Oddity(kind, subject, words));
        }
    }
}
