package dev.cairn.archive;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/// How a bucket keeps what is put into it, and what is replaced and deleted there.
///
/// @param locked whether versions in it may be locked; never ends once it began
/// @param retention what a version gets that is put without one; only where `locked`
/// @param lifecycle its rules, in a form of the front that takes and tells them; empty for none
public record Keeping(
        Versioning versioning,
        boolean locked,
        Optional<DefaultRetention> retention,
        String lifecycle) {
    /// Nothing of a key is kept but what was put last.
    public static final Keeping NONE = new Keeping(Versioning.OFF, false, Optional.empty(), "");

    public Keeping {
        if (locked && versioning != Versioning.ENABLED) {
            throw new IllegalArgumentException("expected versions where objects are locked");
        }
        if (retention.isPresent() && !locked) {
            throw new IllegalArgumentException("expected a lock where there is a retention");
        }
    }

    /// Whether replaced and deleted objects stay as versions.
    public enum Versioning {
        /// They do not, and never did.
        OFF,
        ENABLED,
        /// They do not, but those of before are there. It never becomes [#OFF] again.
        SUSPENDED
    }

    /// A retention that begins when a version is stored.
    ///
    /// @param mode who may end it early
    /// @param count of units, 1 to 36,500 days or 1 to 100 years
    public record DefaultRetention(Retention.Mode mode, int count, Unit unit) {
        public static final int DAYS_MAX = 36_500;
        public static final int YEARS_MAX = 100;

        /// What is counted.
        public enum Unit {
            DAYS,
            YEARS
        }

        public DefaultRetention {
            int max = unit == Unit.DAYS ? DAYS_MAX : YEARS_MAX;
            if (count < 1 || count > max) {
                throw new IllegalArgumentException(
                        "expected 1 to %d %s, got %d".formatted(max, unit, count));
            }
        }

        /// The retention of what is stored now.
        public Retention from(Instant stored) {
            var time = stored.atOffset(ZoneOffset.UTC);
            return new Retention(
                    mode,
                    switch (unit) {
                        case DAYS -> time.plusDays(count).toInstant();
                        case YEARS -> time.plusYears(count).toInstant();
                    });
        }
    }

    public Keeping with(Versioning other) {
        return new Keeping(other, locked, retention, lifecycle);
    }

    /// With locks, and what versions get that are put without one.
    public Keeping locking(Optional<DefaultRetention> other) {
        return new Keeping(versioning, true, other, lifecycle);
    }

    public Keeping withLifecycle(String rules) {
        return new Keeping(versioning, locked, retention, rules);
    }
}
