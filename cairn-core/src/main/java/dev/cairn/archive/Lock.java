package dev.cairn.archive;

import java.time.Instant;
import java.util.Optional;

/// What keeps a version of an object from being removed.
///
/// @param hold a legal hold: binds without end, whatever the retention, until it is taken off
public record Lock(Optional<Retention> retention, boolean hold) {
    /// Nothing does.
    public static final Lock NONE = new Lock(Optional.empty(), false);

    /// Whether a version with this lock must stay.
    ///
    /// @param bypass whether the caller may bypass governance and said so
    public boolean protects(Instant now, boolean bypass) {
        return hold || binding(now).filter(bound -> !freed(bound, bypass)).isPresent();
    }

    /// Whether the retention may become another one: a binding one may only be made longer, unless
    /// it is of governance and bypassed.
    ///
    /// @param wanted empty for none
    /// @param bypass as for [#protects]
    public boolean mayBecome(Optional<Retention> wanted, Instant now, boolean bypass) {
        Optional<Retention> bound = binding(now);
        return bound.isEmpty()
                || freed(bound.get(), bypass)
                || wanted.filter(more -> isLonger(more, bound.get())).isPresent();
    }

    private Optional<Retention> binding(Instant now) {
        return retention.filter(one -> one.binds(now));
    }

    private static boolean freed(Retention bound, boolean bypass) {
        return bypass && bound.mode() == Retention.Mode.GOVERNANCE;
    }

    private static boolean isLonger(Retention wanted, Retention bound) {
        return wanted.mode() == bound.mode() && !wanted.until().isBefore(bound.until());
    }

    /// This lock with another retention.
    public Lock with(Optional<Retention> other) {
        return new Lock(other, hold);
    }

    /// This lock with or without a legal hold.
    public Lock held(boolean on) {
        return new Lock(retention, on);
    }
}
