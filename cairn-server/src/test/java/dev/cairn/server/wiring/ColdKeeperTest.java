package dev.cairn.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.DataKey;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Keeping.Versioning;
import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.Removal;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.Retention;
import dev.cairn.archive.Storage;
import dev.cairn.archive.WrappedKey;
import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.server.operation.TestArchive;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What lifecycle rules move to a colder place.
class ColdKeeperTest {
    private static final Instant START = Instant.parse("2026-11-21T08:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int LARGE = 128 << 10;

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final BucketRegister buckets = new BucketRegister(catalog);
    private final FaultyDisk cold = new FaultyDisk(new SimulatedDisk(), new Random(1));
    private Instant now = START;
    private DiskArchive archive;
    private Keeper keeper;

    @BeforeEach
    void open() throws Exception {
        archive = TestArchive.open(buckets, () -> now, Optional.of(cold));
        keeper = new Keeper(buckets, archive, HOUR, () -> now, () -> 0, (_, _) -> true);
    }

    @AfterEach
    void close() {
        keeper.close();
        archive.close();
    }

    private void bucket(String name, Keeping keeping) throws Exception {
        catalog.<Boolean, CatalogException>write(tx -> {
            buckets.create(
                    tx, new Bucket(name, "123456789012", "us-east-1", START, null, "", keeping));
            return true;
        });
    }

    private static Keeping rules(Keeping keeping, String rules) {
        return keeping.withLifecycle(rules.replace('\'', '"'));
    }

    private Stored put(String key, int length, Lock lock) throws Exception {
        try (var draft = archive.draft("box")) {
            draft.write(new byte[length], 0, length);
            return draft.commit(key, "e", Map.of(), new Condition.Always(), lock).orElseThrow();
        }
    }

    /// Puts one under a KMS key; there is no KMS here that would open it.
    private void putSealed(String key) throws Exception {
        var wrapped =
                new WrappedKey("arn:aws:kms:us-east-1:123456789012:key/none", "YQ==", Map.of());
        try (var draft = archive.draft("box", Optional.of(new DataKey(new byte[32], wrapped)))) {
            draft.write(new byte[LARGE], 0, LARGE);
            assertThat(draft.commit(key, "e", Map.of(), new Condition.Always())).isPresent();
        }
    }

    private void roundAt(String time) throws Exception {
        now = Instant.parse(time);
        int steps = 0;
        while (keeper.step()) {
            assertThat(++steps).isLessThan(10_000);
        }
    }

    private List<String> classes() throws Exception {
        return archive.versions("box", "", "", "", 1000).stream()
                .map(one -> one.object().key() + " " + one.object().storage().type())
                .toList();
    }

    @Test
    void what_its_kms_key_does_not_open_stays_and_is_not_in_the_way() throws Exception {
        bucket(
                "box",
                rules(
                        Keeping.NONE,
                        "[{'ID':'1','Status':'Enabled','Filter':{},'Transitions':[{'Days':1,'StorageClass':'GLACIER'}]}]"));
        putSealed("a");
        put("k", LARGE, Lock.NONE);
        roundAt("2026-11-23T00:00:00Z");
        assertThat(classes()).containsExactly("a STANDARD", "k GLACIER");
    }

    @Test
    void what_is_old_and_large_enough_moves_and_moves_on() throws Exception {
        bucket(
                "box",
                rules(
                        Keeping.NONE,
                        "[{'ID':'1','Status':'Enabled','Filter':{'Prefix':'k'},'Transitions':[{'Days':1,'StorageClass':'GLACIER'},{'Days':3,'StorageClass':'DEEP_ARCHIVE'}],'Expiration':{'Days':5}}]"));
        put("k", LARGE, Lock.NONE);
        put("ksmall", LARGE - 1, Lock.NONE);
        put("other", LARGE, Lock.NONE);
        roundAt("2026-11-22T23:00:00Z");
        assertThat(classes()).containsExactly("k STANDARD", "ksmall STANDARD", "other STANDARD");
        roundAt("2026-11-23T00:00:00Z");
        assertThat(classes()).containsExactly("k GLACIER", "ksmall STANDARD", "other STANDARD");
        roundAt("2026-11-25T00:00:00Z");
        assertThat(classes())
                .containsExactly("k DEEP_ARCHIVE", "ksmall STANDARD", "other STANDARD");
        roundAt("2026-11-27T00:00:00Z");
        assertThat(classes()).containsExactly("other STANDARD");
    }

    @Test
    void small_ones_move_where_the_rules_say_so() throws Exception {
        bucket(
                "box",
                rules(
                        Keeping.NONE,
                        "{'rules':[{'ID':'1','Status':'Enabled','Filter':{},'Transitions':[{'Days':0,'StorageClass':'GLACIER'}]}]}"));
        put("k", 1, Lock.NONE);
        roundAt("2026-11-22T00:00:00Z");
        assertThat(classes()).containsExactly("k GLACIER");
    }

    @Test
    void older_versions_move_and_locks_go_with_them() throws Exception {
        bucket(
                "box",
                rules(
                        Keeping.NONE.with(Versioning.ENABLED).locking(Optional.empty()),
                        "[{'ID':'1','Status':'Enabled','Filter':{},'NoncurrentVersionTransitions':[{'NoncurrentDays':1,'StorageClass':'GLACIER'}],'NoncurrentVersionExpiration':{'NoncurrentDays':2}}]"));
        var lock =
                new Lock(
                        Optional.of(
                                new Retention(
                                        Retention.Mode.COMPLIANCE,
                                        START.plus(Duration.ofDays(100)))),
                        false);
        Stored old = put("k", LARGE, lock);
        put("k", LARGE, Lock.NONE);
        roundAt("2026-11-23T00:00:00Z");
        assertThat(classes()).containsExactly("k STANDARD", "k GLACIER");
        roundAt("2026-11-30T00:00:00Z");
        assertThat(classes()).containsExactly("k STANDARD", "k GLACIER");
        assertThat(archive.remove("box", "k", old.version().id(), true))
                .isEqualTo(new Removal.Protected());
    }

    @Test
    void a_place_that_is_away_keeps_nothing_from_expiring() throws Exception {
        bucket(
                "box",
                rules(
                        Keeping.NONE,
                        "[{'ID':'1','Status':'Enabled','Filter':{},'Transitions':[{'Days':1,'StorageClass':'GLACIER'}]},{'ID':'2','Status':'Enabled','Filter':{'Prefix':'z'},'Expiration':{'Days':1}}]"));
        put("k", LARGE, Lock.NONE);
        put("z", LARGE, Lock.NONE);
        cold.odds(1);
        roundAt("2026-11-23T00:00:00Z");
        assertThat(classes()).containsExactly("k STANDARD");
        cold.odds(0);
        roundAt("2026-11-23T02:00:00Z");
        assertThat(classes()).containsExactly("k GLACIER");
        assertThat(archive.find("box", "k").orElseThrow().storage())
                .isEqualTo(Storage.of(Storage.Type.GLACIER));
    }
}
