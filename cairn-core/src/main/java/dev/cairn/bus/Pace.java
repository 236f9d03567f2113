package dev.cairn.bus;

import dev.cairn.bus.Dispatches.Parcel;
import dev.cairn.catalog.CatalogException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How fast targets outside are told, so that none is told faster than it wants and none that is
/// slow holds up others: at most [#AT_ONCE] events at a time for a target, [#AT_ONCE_OF_ACCOUNT]
/// for an account, and as many a second as an API destination says.
///
/// A target that failed [#FAILURES] times running rests, longer each time, and is tried with one
/// event then. One that says when it wants to be asked again rests until then.
///
/// Known to this process alone: after a start everyone is asked as if for the first time. Any
/// thread may call any method.
public final class Pace {
    public static final int AT_ONCE = 16;
    public static final int AT_ONCE_OF_ACCOUNT = 64;
    static final int FAILURES = 3;

    /// So long a target rests at most: it is noticed when it is back.
    static final Duration REST_MAX = Duration.ofMinutes(1);

    /// Who looks does so each second: when it is so much later, the clock has jumped.
    static final Duration JUMP_MIN = Duration.ofHours(1);

    /// Of so many destinations is known when they were asked last.
    private static final int KNOWN_MAX = 10_000;

    private final Rates rates;

    /// The keys of the rows of which a target is being told.
    private final Map<TargetName, Set<String>> ofTarget = new HashMap<>();

    private final Map<String, Integer> ofAccount = new HashMap<>();
    private final Map<TargetName, Rest> rests = known();
    private final Map<String, Allowance> allowances = known();
    private @Nullable TargetName last;
    private @Nullable Instant looked;
    private Jump jump = new Jump(Instant.MIN, Duration.ZERO);

    /// The clock went forward, all at once.
    ///
    /// @param to when it was that after it
    private record Jump(Instant to, Duration by) {}

    /// How many requests a second a destination takes.
    @FunctionalInterface
    public interface Rates {
        /// @return 1 or more
        int perSecond(Destination destination) throws CatalogException;
    }

    /// @param failures so often running
    /// @param until nobody asks it before
    private record Rest(int failures, Instant until) {}

    /// What a destination may be asked without waiting.
    ///
    /// @param requests of which parts grow with time, at most a second's worth
    private record Allowance(double requests, Instant at) {
        Allowance later(int perSecond, Instant now) {
            double passed = Math.max(0, Duration.between(at, now).toNanos() / 1e9);
            return new Allowance(Math.min(perSecond, requests + passed * perSecond), now);
        }
    }

    public Pace(Rates rates) {
        this.rates = rates;
    }

    private static <K, V> Map<K, V> known() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > KNOWN_MAX;
            }
        };
    }

    /// Notes that somebody looks what is due.
    synchronized void look(Instant now) {
        Instant before = looked;
        if (before != null && Duration.between(before, now).compareTo(JUMP_MIN) >= 0) {
            jump = new Jump(now, Duration.between(before, now));
        }
        looked = now;
    }

    /// By when the age is to be judged of what came at a time: a jump of the clock makes nothing
    /// older that waited then.
    synchronized Instant judged(Instant came, Instant now) {
        return came.isBefore(jump.to()) ? now.minus(jump.by()) : now;
    }

    /// The same targets, those first that come after the one that had the last turn, be it among
    /// them or not.
    ///
    /// @param targets in the order of their rows' keys
    synchronized List<TargetName> inTurn(List<TargetName> targets) {
        int at = 0;
        String after = last == null ? "" : rows(last);
        while (at < targets.size() && rows(targets.get(at)).compareTo(after) <= 0) {
            at++;
        }
        List<TargetName> turned = new ArrayList<>(targets.subList(at, targets.size()));
        turned.addAll(targets.subList(0, at));
        return turned;
    }

    /// What the keys of a target's rows begin with.
    private static String rows(TargetName target) {
        return target.key() + '/';
    }

    /// How many more events the target may be told of now.
    synchronized int room(Target target, Instant now) throws CatalogException {
        Rest rest = rests.get(target.name());
        if (rest != null && now.isBefore(rest.until())) {
            return 0;
        }
        int most = rest != null && rest.failures() >= FAILURES ? 1 : AT_ONCE;
        int room =
                Math.min(
                        most - underWay(target.name()).size(),
                        AT_ONCE_OF_ACCOUNT - ofAccount.getOrDefault(account(target), 0));
        if (room <= 0) {
            return 0;
        }
        int perSecond = rates.perSecond(target.destination());
        Allowance there = allowances.get(target.arn());
        Allowance left =
                there == null ? new Allowance(perSecond, now) : there.later(perSecond, now);
        allowances.put(target.arn(), left);
        return Math.min(room, (int) left.requests());
    }

    /// The keys of the rows of which a target is being told at this moment.
    synchronized Set<String> underWay(TargetName target) {
        return Set.copyOf(ofTarget.getOrDefault(target, Set.of()));
    }

    synchronized void begin(Parcel parcel) {
        Target target = parcel.target();
        last = target.name();
        ofTarget.computeIfAbsent(target.name(), _ -> new HashSet<>()).add(parcel.key());
        ofAccount.merge(account(target), 1, Integer::sum);
        allowances.computeIfPresent(
                target.arn(), (_, left) -> new Allowance(left.requests() - 1, left.at()));
    }

    /// The parcel is not under way any more, whatever became of it; nothing when it was not.
    public synchronized void end(Parcel parcel) {
        Target target = parcel.target();
        Set<String> rows = ofTarget.get(target.name());
        if (rows == null || !rows.remove(parcel.key())) {
            return;
        }
        if (rows.isEmpty()) {
            ofTarget.remove(target.name());
        }
        ofAccount.computeIfPresent(account(target), (_, count) -> count == 1 ? null : count - 1);
    }

    /// Lets a target rest that failed, and one that did not go on. The parcel stays under way until
    /// [#end].
    synchronized void came(Parcel parcel, Courier.Outcome outcome, Instant now) {
        Target target = parcel.target();
        switch (outcome) {
            case Courier.Outcome.Taken _, Courier.Outcome.Refused _ -> rests.remove(target.name());
            case Courier.Outcome.Failed(var _, Instant notBefore) -> {
                Rest rest = rests.get(target.name());
                int failures = rest == null ? 1 : rest.failures() + 1;
                Instant until =
                        failures < FAILURES
                                ? now
                                : now.plus(Dispatches.pause(failures - FAILURES + 1));
                rests.put(
                        target.name(),
                        new Rest(failures, atMost(later(until, notBefore), now.plus(REST_MAX))));
            }
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static Instant atMost(Instant time, Instant most) {
        return time.isBefore(most) ? time : most;
    }

    private static String account(Target target) {
        return target.name().rule().bus().place().account();
    }
}
