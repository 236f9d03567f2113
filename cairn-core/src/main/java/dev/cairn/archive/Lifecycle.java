package dev.cairn.archive;

import dev.cairn.archive.ObjectStore.Stored;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// When what lies in a bucket is to go, or to move to a colder place
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html). It says what
/// is due; whether a lock keeps it all the same is asked when it is done.
///
/// @param small whether objects of less than [#SMALL] bytes move, too, where no filter names sizes
public record Lifecycle(List<Rule> rules, boolean small) {
    /// What is smaller stays where it is unless that is asked for, as on AWS.
    public static final long SMALL = 128 << 10;

    public Lifecycle {
        rules = List.copyOf(rules);
    }

    /// Rules by which small objects stay where they are.
    public Lifecycle(List<Rule> rules) {
        this(rules, false);
    }

    /// One rule of several; each is followed by itself.
    ///
    /// @param enabled one that is not is kept, and does nothing
    /// @param abort days after which an upload in parts is given up
    /// @param transitions when what a key holds moves
    /// @param noncurrentTransitions when an older version moves
    public record Rule(
            String id,
            boolean enabled,
            Filter filter,
            Optional<Expiration> expiration,
            Optional<Noncurrent> noncurrent,
            Optional<Integer> abort,
            List<Transition> transitions,
            List<NoncurrentTransition> noncurrentTransitions) {
        public Rule {
            transitions = List.copyOf(transitions);
            noncurrentTransitions = List.copyOf(noncurrentTransitions);
        }

        /// A rule by which nothing moves.
        public Rule(
                String id,
                boolean enabled,
                Filter filter,
                Optional<Expiration> expiration,
                Optional<Noncurrent> noncurrent,
                Optional<Integer> abort) {
            this(id, enabled, filter, expiration, noncurrent, abort, List.of(), List.of());
        }
    }

    /// Which objects a rule is for: all that is said of them must be so.
    ///
    /// @param prefix empty for all
    /// @param above in bytes; -1 for none
    /// @param below in bytes; [Long#MAX_VALUE] for none
    public record Filter(String prefix, Map<String, String> tags, long above, long below) {
        public Filter {
            tags = Map.copyOf(tags);
        }

        boolean takes(Stored object, Map<String, String> its) {
            return object.key().startsWith(prefix)
                    && object.length() > above
                    && object.length() < below
                    && its.entrySet().containsAll(tags.entrySet());
        }
    }

    /// When what a key holds is deleted.
    public sealed interface Expiration {
        /// So many days after it was stored.
        record After(int days) implements Expiration {}

        /// From that day on.
        record From(Instant day) implements Expiration {}

        /// Never, but a delete marker that has nothing behind it any more is removed.
        record LoneMarkers() implements Expiration {}
    }

    /// When an older version is removed for good.
    ///
    /// @param days since a newer one took its place
    /// @param newer how many older versions stay besides, the newest of them
    public record Noncurrent(int days, int newer) {}

    /// When what a key holds moves to a colder class.
    public sealed interface Transition {
        Storage.Type to();

        /// So many days after it was stored.
        record After(int days, Storage.Type to) implements Transition {}

        /// From that day on.
        record From(Instant day, Storage.Type to) implements Transition {}
    }

    /// When an older version moves to a colder class.
    ///
    /// @param days since a newer one took its place
    /// @param newer how many older versions stay besides, the newest of them
    public record NoncurrentTransition(int days, int newer, Storage.Type to) {}

    /// The coldest class that what a key holds is to be in by now, where that is colder than the
    /// one it is in.
    ///
    /// @param tags the object's
    public Optional<Storage.Type> moves(Stored object, Map<String, String> tags, Instant now) {
        Storage.Type coldest = object.storage().type();
        for (Rule rule : rules) {
            if (isFor(rule, object, tags)) {
                for (Transition transition : rule.transitions()) {
                    boolean due =
                            switch (transition) {
                                case Transition.After(int days, _) ->
                                        isDue(object.stored(), days, now);
                                case Transition.From(Instant day, _) -> !day.isAfter(now);
                            };
                    coldest = due ? colder(coldest, transition.to()) : coldest;
                }
            }
        }
        return Optional.of(coldest).filter(type -> type != object.storage().type());
    }

    /// As [#moves(Stored, Map, Instant)], of an older version.
    ///
    /// @param since when a newer one took its place
    /// @param newer how many older versions of its key are newer than it
    public Optional<Storage.Type> moves(
            Stored object, Map<String, String> tags, Instant since, int newer, Instant now) {
        Storage.Type coldest = object.storage().type();
        for (Rule rule : rules) {
            if (isFor(rule, object, tags)) {
                for (NoncurrentTransition transition : rule.noncurrentTransitions()) {
                    boolean due =
                            newer >= transition.newer() && isDue(since, transition.days(), now);
                    coldest = due ? colder(coldest, transition.to()) : coldest;
                }
            }
        }
        return Optional.of(coldest).filter(type -> type != object.storage().type());
    }

    private boolean isFor(Rule rule, Stored object, Map<String, String> tags) {
        Filter filter = rule.filter();
        boolean sizes = filter.above() >= 0 || filter.below() != Long.MAX_VALUE;
        return rule.enabled()
                && filter.takes(object, tags)
                && (small || sizes || object.length() >= SMALL);
    }

    private static Storage.Type colder(Storage.Type one, Storage.Type other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /// Whether what a key holds is to be deleted.
    ///
    /// @param tags the object's
    public boolean expires(Stored object, Map<String, String> tags, Instant now) {
        for (Rule rule : rules) {
            if (rule.enabled()
                    && rule.expiration().isPresent()
                    && rule.filter().takes(object, tags)) {
                boolean due =
                        switch (rule.expiration().get()) {
                            case Expiration.After(int days) -> isDue(object.stored(), days, now);
                            case Expiration.From(Instant day) -> !day.isAfter(now);
                            case Expiration.LoneMarkers() -> false;
                        };
                if (due) {
                    return true;
                }
            }
        }
        return false;
    }

    /// Whether a delete marker with nothing behind it is to be removed.
    public boolean removesLone(Stored marker, Instant now) {
        for (Rule rule : rules) {
            if (rule.enabled()
                    && rule.expiration().isPresent()
                    && marker.key().startsWith(rule.filter().prefix())
                    && rule.filter().tags().isEmpty()) {
                boolean due =
                        switch (rule.expiration().get()) {
                            case Expiration.After(int days) -> isDue(marker.stored(), days, now);
                            case Expiration.From(Instant day) -> !day.isAfter(now);
                            case Expiration.LoneMarkers() -> true;
                        };
                if (due) {
                    return true;
                }
            }
        }
        return false;
    }

    /// Whether an older version is to be removed for good.
    ///
    /// @param since when a newer one took its place
    /// @param newer how many older versions of its key are newer than it
    public boolean removes(
            Stored object, Map<String, String> tags, Instant since, int newer, Instant now) {
        for (Rule rule : rules) {
            if (rule.enabled()
                    && rule.noncurrent().isPresent()
                    && rule.filter().takes(object, tags)
                    && newer >= rule.noncurrent().get().newer()
                    && isDue(since, rule.noncurrent().get().days(), now)) {
                return true;
            }
        }
        return false;
    }

    /// Whether an upload in parts is to be given up.
    public boolean aborts(ObjectStore.Upload upload, Instant now) {
        for (Rule rule : rules) {
            if (rule.enabled()
                    && rule.abort().isPresent()
                    && upload.key().startsWith(rule.filter().prefix())
                    && isDue(upload.started(), rule.abort().get(), now)) {
                return true;
            }
        }
        return false;
    }

    /// Days end at midnight UTC: what is stored in the course of a day is due at the end of one.
    static boolean isDue(Instant since, int days, Instant now) {
        Instant exact = since.plus(days, ChronoUnit.DAYS);
        Instant midnight = exact.truncatedTo(ChronoUnit.DAYS);
        Instant due = midnight.equals(exact) ? midnight : midnight.plus(1, ChronoUnit.DAYS);
        return !due.isAfter(now);
    }
}
