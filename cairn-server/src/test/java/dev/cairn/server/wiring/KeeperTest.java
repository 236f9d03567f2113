package dev.cairn.server.wiring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Keeping.Versioning;
import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.Retention;
import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.server.operation.TestArchive;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Lifecycle rules are followed, as far as locks let them.
class KeeperTest {
    private static final Instant START = Instant.parse("2026-11-21T08:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final BucketRegister buckets = new BucketRegister(catalog);
    private final List<Duration> jumps = new ArrayList<>();
    private boolean takesJumps = true;
    private Instant now = START;
    private long steady;
    private DiskArchive archive;
    private Keeper keeper;

    @BeforeEach
    void open() throws Exception {
        archive = TestArchive.open(buckets, () -> now);
        keeper = keeper();
    }

    private Keeper keeper() {
        return new Keeper(
                buckets,
                archive,
                HOUR,
                () -> now,
                () -> steady,
                (by, _) -> {
                    jumps.add(by);
                    return takesJumps;
                });
    }

    @AfterEach
    void close() {
        keeper.close();
        archive.close();
    }

    private void bucket(String name, Keeping keeping) throws Exception {
        catalog.<Boolean, CatalogException>write(tx -> {
            var bucket = new Bucket(name, "123456789012", "us-east-1", START, null, "", keeping);
            if (buckets.find(tx, name).isPresent()) {
                buckets.replace(tx, bucket);
            } else {
                buckets.create(tx, bucket);
            }
            return true;
        });
    }

    private Stored put(String bucket, String key, Lock lock) throws Exception {
        try (var draft = archive.draft(bucket)) {
            draft.write(key.getBytes(UTF_8), 0, key.length());
            return draft.commit(key, "e", Map.of(), new Condition.Always(), lock).orElseThrow();
        }
    }

    /// A whole round.
    private void round() throws Exception {
        now = now.plus(HOUR);
        steady += HOUR.toNanos();
        int steps = 0;
        while (keeper.step()) {
            assertThat(++steps).isLessThan(10_000);
        }
    }

    private List<String> versions(String bucket) throws Exception {
        return archive.versions(bucket, "", "", "", 1000).stream()
                .map(it ->
                        it.object().key()
                                + (it.object().version().marker() ? " marker" : "")
                                + (it.latest() ? " latest" : ""))
                .toList();
    }

    private static Keeping rules(Versioning versioning, String rules) {
        var keeping = versioning == Versioning.OFF ? Keeping.NONE : Keeping.NONE.with(versioning);
        return keeping.withLifecycle(rules.replace('\'', '"'));
    }

    @Test
    void what_a_rule_expires_is_gone_where_there_are_no_versions() throws Exception {
        bucket("a-none", Keeping.NONE);
        bucket(
                "box",
                rules(
                        Versioning.OFF,
                        "[{'ID':'1','Status':'Enabled','Filter':{'Prefix':'tmp/'},'Expiration':{'Days':1},'AbortIncompleteMultipartUpload':{'DaysAfterInitiation':2}}]"));
        put("a-none", "tmp/x", Lock.NONE);
        for (int i = 0; i < 1200; i++) {
            put("box", "tmp/%04d".formatted(i), Lock.NONE);
        }
        put("box", "kept", Lock.NONE);
        archive.startUpload("box", "tmp/up", "me", Map.of());
        archive.startUpload("box", "up", "me", Map.of());

        round();
        assertThat(archive.objects("box", "tmp/", "", 1000)).hasSize(1000);

        now = Instant.parse("2026-11-23T00:00:00Z");
        round();
        assertThat(versions("box")).containsExactly("kept latest");
        assertThat(archive.uploads("box", "", null, 10)).hasSize(2);
        now = Instant.parse("2026-11-24T00:00:00Z");
        round();
        assertThat(archive.uploads("box", "", null, 10))
                .extracting(upload -> upload.key())
                .containsExactly("up");
        assertThat(versions("a-none")).hasSize(1);
    }

    @Test
    void versions_go_one_after_the_other_and_their_marker_last() throws Exception {
        bucket(
                "box",
                rules(
                        Versioning.ENABLED,
                        "[{'ID':'1','Status':'Enabled','Filter':{},'Expiration':{'Days':1},'NoncurrentVersionExpiration':{'NoncurrentDays':1}},{'ID':'2','Status':'Enabled','Prefix':'','Expiration':{'ExpiredObjectDeleteMarker':true}}]"));
        put("box", "k", Lock.NONE);
        put("box", "k", Lock.NONE);
        put("box", "other", Lock.NONE);
        round();
        assertThat(versions("box")).containsExactly("k latest", "k", "other latest");

        now = Instant.parse("2026-11-23T00:00:00Z");
        round();
        // The old one is due; the others have just become old.
        assertThat(versions("box"))
                .containsExactly("k marker latest", "k", "other marker latest", "other");
        now = Instant.parse("2026-11-25T00:00:00Z");
        round();
        assertThat(versions("box")).containsExactly("k marker latest", "other marker latest");
        round();
        assertThat(versions("box")).isEmpty();
    }

    @Test
    void a_lock_keeps_what_a_rule_would_remove_until_its_time_has_come() throws Exception {
        var rules =
                "[{'ID':'1','Status':'Enabled','Filter':{},'Expiration':{'Days':1},'NoncurrentVersionExpiration':{'NoncurrentDays':1}}]"
                        .replace('\'', '"');
        bucket(
                "box",
                Keeping.NONE
                        .with(Versioning.ENABLED)
                        .locking(Optional.empty())
                        .withLifecycle(rules));
        var until = START.plus(Duration.ofDays(10));
        put(
                "box",
                "k",
                new Lock(Optional.of(new Retention(Retention.Mode.COMPLIANCE, until)), false));
        put("box", "held", Lock.NONE.held(true));
        for (int day = 1; day < 10; day++) {
            now = START.plus(Duration.ofDays(day));
            round();
            assertThat(versions("box")).contains("k" + (day == 1 ? " latest" : ""));
        }
        now = START.plus(Duration.ofDays(30));
        round();
        assertThat(versions("box"))
                .containsExactly("held marker latest", "held", "k marker latest");
    }

    @Test
    void a_clock_that_goes_on_at_once_is_told_of_until_somebody_has_heard() throws Exception {
        bucket("box", Keeping.NONE.with(Versioning.ENABLED).locking(Optional.empty()));
        round();
        round();
        assertThat(jumps).isEmpty();

        now = now.plus(Duration.ofDays(3650));
        takesJumps = false;
        round();
        takesJumps = true;
        round();
        round();
        assertThat(jumps).containsExactly(Duration.ofDays(3650), Duration.ofDays(3650));

        // Going back stops nothing, and is none.
        now = START;
        round();
        round();
        assertThat(jumps).hasSize(2);
    }

    @Test
    void a_clock_that_goes_on_by_small_steps_is_told_of_too() throws Exception {
        bucket("box", Keeping.NONE.with(Versioning.ENABLED).locking(Optional.empty()));
        round();
        var step = Duration.ofMinutes(59);
        for (int i = 0; i < 60; i++) {
            now = now.plus(step);
            round();
        }
        // Every second step they come to more than an hour.
        assertThat(jumps).hasSize(30).containsOnly(step.multipliedBy(2));
    }

    @Test
    void small_steps_add_up_over_starts() throws Exception {
        bucket("box", Keeping.NONE.with(Versioning.ENABLED).locking(Optional.empty()));
        round();
        for (int i = 0; i < 3; i++) {
            now = now.plus(Duration.ofMinutes(25));
            keeper.close();
            keeper = keeper();
            round();
        }
        assertThat(jumps).containsExactly(Duration.ofMinutes(75));
    }

    @Test
    void a_stop_adds_up_for_as_long_as_it_was_and_no_longer() throws Exception {
        bucket("box", Keeping.NONE.with(Versioning.ENABLED).locking(Optional.empty()));
        round();
        for (int i = 0; i < 3; i++) {
            var since = Duration.ofMinutes(50);
            now = now.plus(since);
            steady += since.toNanos();
            keeper.close();
            keeper = keeper();
            round();
        }
        assertThat(jumps).isEmpty();
    }

    @Test
    void the_time_before_there_were_locks_hides_no_jump() throws Exception {
        for (int i = 0; i < 30; i++) {
            round();
        }
        bucket("box", Keeping.NONE.with(Versioning.ENABLED).locking(Optional.empty()));
        archive.seeTime(Duration.ZERO);
        round();
        var jump = Duration.ofHours(20);
        now = now.plus(jump);
        round();
        assertThat(jumps).containsExactly(jump);
    }

    @Test
    void without_locks_no_time_is_written_down() throws Exception {
        bucket("box", Keeping.NONE);
        round();
        now = now.plus(Duration.ofDays(3650));
        round();
        assertThat(jumps).isEmpty();
        assertThat(archive.unseenTime()).isZero();
    }
}
