package dev.cairn.report;

import dev.cairn.history.Condition;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.history.Page;
import dev.cairn.history.Query;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes reports of weeks from event history: reads the week and the one before, newest first, and
/// asks what was there earlier by single questions.
public final class Weeks {
    /// So many events are read for a report, of both weeks together.
    public static final long EVENTS_MAX = 10_000_000;

    static final Duration WEEK = Duration.ofDays(7);

    private final History history;
    private final long eventsMax;

    public Weeks(History history) {
        this(history, EVENTS_MAX);
    }

    Weeks(History history, long eventsMax) {
        this.history = history;
        this.eventsMax = eventsMax;
    }

    /// Hears how far a report is.
    @FunctionalInterface
    public interface Listener {
        /// @param part of the two weeks that is read, from 0 to 1
        /// @return whether to go on
        boolean at(double part, long events);
    }

    /// What a report is about.
    ///
    /// @param accounts whose events; null for all
    /// @param to where the week ends, exclusive
    /// @param zone in which its hours and times are
    public record Asked(@Nullable Set<String> accounts, Instant to, ZoneId zone) {
        Instant from() {
            return to.minus(WEEK);
        }
    }

    /// @return null when the listener did not want to go on
    public @Nullable WeekReport report(Asked asked, Listener listener) throws HistoryException {
        WeekCount count = new WeekCount(asked.from(), asked.to(), asked.zone());
        Instant earliest = asked.from().minus(WEEK);
        List<String> notes = new ArrayList<>();
        boolean whole = true;
        Query.Cursor after = null;
        long events = 0;
        do {
            Page page =
                    history.search(
                            query(
                                    asked,
                                    new Condition.All(),
                                    earliest,
                                    asked.to(),
                                    after,
                                    Query.LIMIT_MAX));
            for (Page.Hit hit : page.hits()) {
                count.add(hit.event());
            }
            events += page.hits().size();
            after = page.next();
            if (after != null) {
                if (!listener.at(part(asked.to(), after.time()), events)) {
                    return null;
                }
                if (events >= eventsMax) {
                    whole = false;
                    notes.add(missing(asked, after.time(), events));
                    after = null;
                }
            }
        } while (after != null);
        return count.report(new Before(asked), whole, notes);
    }

    private static double part(Instant to, Instant reached) {
        return (double) Duration.between(reached, to).toMillis() / WEEK.multipliedBy(2).toMillis();
    }

    private static String missing(Asked asked, Instant reached, long events) {
        return reached.isBefore(asked.from())
                ? "There were so many events that the week before was not counted."
                : "There were so many events that only the newest %,d were counted: those since %s."
                        .formatted(events, reached);
    }

    private static Query query(
            Asked asked,
            Condition where,
            Instant from,
            Instant to,
            Query.@Nullable Cursor after,
            int limit) {
        return new Query(where, null, asked.accounts(), from, to.minusMillis(1), after, limit);
    }

    /// What happened before the week.
    private final class Before implements WeekCount.Past {
        private final Asked asked;

        Before(Asked asked) {
            this.asked = asked;
        }

        /// Who is asked for by a wildcard that could not be followed to its end counts as known.
        private boolean any(Condition where) throws HistoryException {
            Page page = history.search(query(asked, where, Query.EARLIEST, asked.from(), null, 1));
            return !page.hits().isEmpty() || page.cut() != null;
        }

        @Override
        public boolean knowsCaller(String arn) throws HistoryException {
            String role = role(arn);
            return any(
                    role.isEmpty()
                            ? new Condition.Is("userIdentity.arn", arn)
                            : new Condition.Like("userIdentity.arn", literal(role) + "*"));
        }

        @Override
        public boolean knowsRegion(String region) throws HistoryException {
            return any(new Condition.Is("region", region));
        }

        @Override
        public boolean knowsCall(String source, String name) throws HistoryException {
            return any(
                    new Condition.And(
                            List.of(
                                    new Condition.Is("eventSource", source),
                                    new Condition.Is("eventName", name))));
        }

        @Override
        public boolean isThere() throws HistoryException {
            return any(new Condition.All());
        }
    }

    /// What the ARNs of all sessions of a role begin with; empty for others.
    static String role(String arn) {
        String[] parts = arn.split(":", 6);
        return parts.length == 6 && parts[5].startsWith("assumed-role/")
                ? arn.substring(0, arn.lastIndexOf('/') + 1)
                : "";
    }

    private static String literal(String text) {
        return text.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?");
    }
}
