package dev.cairn.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.archive.Lifecycle.Expiration;
import dev.cairn.archive.Lifecycle.Filter;
import dev.cairn.archive.Lifecycle.Noncurrent;
import dev.cairn.archive.Lifecycle.Rule;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Upload;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LifecycleTest {
    private static final Filter ALL = new Filter("", Map.of(), -1, Long.MAX_VALUE);
    private static final Instant STORED = Instant.parse("2014-01-15T10:30:00Z");

    private static Stored object(String key, long length) {
        return new Stored(key, length, STORED, "00000001/ab/ab", "e", Map.of());
    }

    private static Lifecycle of(Filter filter, Expiration expiration) {
        return new Lifecycle(
                List.of(
                        new Rule(
                                "one",
                                true,
                                filter,
                                Optional.of(expiration),
                                Optional.empty(),
                                Optional.empty())));
    }

    @ParameterizedTest
    @CsvSource({
        // The first is the example of AWS's guide.
        "2014-01-15T10:30:00Z, 3, 2014-01-19T00:00:00Z",
        "2014-01-15T00:00:00Z, 3, 2014-01-18T00:00:00Z",
        "2014-01-15T23:59:59.999Z, 1, 2014-01-17T00:00:00Z",
        "2024-02-28T12:00:00Z, 1, 2024-03-01T00:00:00Z",
    })
    void days_end_at_midnight(Instant since, int days, Instant due) {
        assertThat(Lifecycle.isDue(since, days, due)).isTrue();
        assertThat(Lifecycle.isDue(since, days, due.minusMillis(1))).isFalse();
    }

    @Test
    void a_rule_is_for_what_its_filter_takes_altogether() {
        var filter = new Filter("logs/", Map.of("a", "1", "b", "2"), 10, 20);
        var rules = of(filter, new Expiration.After(1));
        Instant late = Instant.parse("2020-01-01T00:00:00Z");
        var tags = Map.of("a", "1", "b", "2", "c", "3");
        assertThat(rules.expires(object("logs/x", 11), tags, late)).isTrue();
        assertThat(rules.expires(object("logs/x", 19), tags, late)).isTrue();
        assertThat(rules.expires(object("logs/x", 10), tags, late)).isFalse();
        assertThat(rules.expires(object("logs/x", 20), tags, late)).isFalse();
        assertThat(rules.expires(object("log/x", 11), tags, late)).isFalse();
        assertThat(rules.expires(object("logs/x", 11), Map.of("a", "1"), late)).isFalse();
        assertThat(rules.expires(object("logs/x", 11), Map.of("a", "1", "b", "3"), late)).isFalse();
    }

    @Test
    void a_day_is_for_all_from_then_on() {
        Instant day = Instant.parse("2014-02-01T00:00:00Z");
        var rules = of(ALL, new Expiration.From(day));
        assertThat(rules.expires(object("k", 1), Map.of(), day)).isTrue();
        assertThat(rules.expires(object("k", 1), Map.of(), day.minusMillis(1))).isFalse();
    }

    @Test
    void older_versions_go_when_enough_newer_ones_stay() {
        var rules =
                new Lifecycle(
                        List.of(
                                new Rule(
                                        "one",
                                        true,
                                        ALL,
                                        Optional.empty(),
                                        Optional.of(new Noncurrent(3, 2)),
                                        Optional.of(7))));
        Instant due = Instant.parse("2014-01-19T00:00:00Z");
        assertThat(rules.removes(object("k", 1), Map.of(), STORED, 2, due)).isTrue();
        assertThat(rules.removes(object("k", 1), Map.of(), STORED, 1, due)).isFalse();
        assertThat(rules.removes(object("k", 1), Map.of(), STORED, 2, due.minusMillis(1)))
                .isFalse();
        assertThat(rules.expires(object("k", 1), Map.of(), due)).isFalse();
        var upload = new Upload("b", "k", "id", STORED, "me", Map.of());
        assertThat(rules.aborts(upload, Instant.parse("2014-01-23T00:00:00Z"))).isTrue();
        assertThat(rules.aborts(upload, Instant.parse("2014-01-22T23:00:00Z"))).isFalse();
    }

    @Test
    void a_rule_that_is_off_does_nothing() {
        var rules =
                new Lifecycle(
                        List.of(
                                new Rule(
                                        "one",
                                        false,
                                        ALL,
                                        Optional.of(new Expiration.After(1)),
                                        Optional.of(new Noncurrent(1, 0)),
                                        Optional.of(1))));
        Instant late = Instant.parse("2020-01-01T00:00:00Z");
        assertThat(rules.expires(object("k", 1), Map.of(), late)).isFalse();
        assertThat(rules.removes(object("k", 1), Map.of(), STORED, 9, late)).isFalse();
        assertThat(rules.removesLone(object("k", 0), late)).isFalse();
        assertThat(rules.aborts(new Upload("b", "k", "id", STORED, "me", Map.of()), late))
                .isFalse();
    }
}
