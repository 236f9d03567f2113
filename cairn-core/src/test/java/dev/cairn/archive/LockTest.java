package dev.cairn.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.archive.Keeping.DefaultRetention;
import dev.cairn.archive.Keeping.Versioning;
import dev.cairn.archive.Retention.Mode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LockTest {
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

    /// @param hours from now
    private static Optional<Retention> retention(String mode, int hours) {
        return mode.equals("-")
                ? Optional.empty()
                : Optional.of(new Retention(Mode.valueOf(mode), NOW.plus(Duration.ofHours(hours))));
    }

    @ParameterizedTest(name = "{0} for {1} h, held {2}")
    @CsvSource({
        // protects; protects from who bypasses
        "-,          0,  false, false, false",
        "-,          0,  true,  true,  true",
        "GOVERNANCE, 1,  false, true,  false",
        "GOVERNANCE, 1,  true,  true,  true",
        "GOVERNANCE, 0,  false, false, false",
        "COMPLIANCE, 1,  false, true,  true",
        "COMPLIANCE, 0,  false, false, false",
        "COMPLIANCE, -1, true,  true,  true",
    })
    void a_version_stays_while_its_lock_binds(
            String mode, int hours, boolean held, boolean protects, boolean bypassed) {
        var lock = new Lock(retention(mode, hours), held);
        assertThat(lock.protects(NOW, false)).isEqualTo(protects);
        assertThat(lock.protects(NOW, true)).isEqualTo(bypassed);
    }

    @ParameterizedTest(name = "{0} for {1} h to {2} for {3} h")
    @CsvSource({
        // may; may who bypasses
        "-,          0,  COMPLIANCE, 1, true,  true",
        "-,          0,  -,          0, true,  true",
        "GOVERNANCE, 2,  GOVERNANCE, 3, true,  true",
        "GOVERNANCE, 2,  GOVERNANCE, 2, true,  true",
        "GOVERNANCE, 2,  GOVERNANCE, 1, false, true",
        "GOVERNANCE, 2,  COMPLIANCE, 3, false, true",
        "GOVERNANCE, 2,  -,          0, false, true",
        "GOVERNANCE, 0,  -,          0, true,  true",
        "COMPLIANCE, 2,  COMPLIANCE, 3, true,  true",
        "COMPLIANCE, 2,  COMPLIANCE, 2, true,  true",
        "COMPLIANCE, 2,  COMPLIANCE, 1, false, false",
        "COMPLIANCE, 2,  GOVERNANCE, 3, false, false",
        "COMPLIANCE, 2,  -,          0, false, false",
        "COMPLIANCE, -1, GOVERNANCE, 1, true,  true",
    })
    void a_retention_that_binds_may_only_be_made_longer(
            String mode, int hours, String other, int its, boolean may, boolean bypassed) {
        for (boolean held : new boolean[] {false, true}) {
            var lock = new Lock(retention(mode, hours), held);
            assertThat(lock.mayBecome(retention(other, its), NOW, false)).isEqualTo(may);
            assertThat(lock.mayBecome(retention(other, its), NOW, true)).isEqualTo(bypassed);
        }
    }

    @Test
    void a_default_retention_counts_days_and_years_of_the_calendar() {
        assertThat(new DefaultRetention(Mode.COMPLIANCE, 10, DefaultRetention.Unit.DAYS).from(NOW))
                .isEqualTo(new Retention(Mode.COMPLIANCE, Instant.parse("2026-12-01T08:00:00Z")));
        assertThat(new DefaultRetention(Mode.GOVERNANCE, 2, DefaultRetention.Unit.YEARS).from(NOW))
                .isEqualTo(new Retention(Mode.GOVERNANCE, Instant.parse("2028-11-21T08:00:00Z")));
    }

    @Test
    void there_is_no_lock_without_versions() {
        var locked = Keeping.NONE.with(Versioning.ENABLED).locking(Optional.empty());
        assertThatThrownBy(() -> locked.with(Versioning.SUSPENDED))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Keeping.NONE.locking(Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
