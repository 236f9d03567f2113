package dev.cairn.embedded.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskFile;
import dev.cairn.embedded.backup.BackupException.Kind;
import dev.cairn.testkit.fault.FaultyDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Backups of a folder whose disks go down at every operation, and whose files go while they are
/// copied.
final class BackupTest {
    private final SimulatedDisk disk = new SimulatedDisk();
    private final SimulatedDisk place = new SimulatedDisk();
    private Folder folder;

    @BeforeEach
    void fill() throws Exception {
        folder = new Folder(disk);
        folder.record(20);
        folder.put("a", "b", "c");
    }

    private static BackupManifest restore(Disk from, String name, Disk to) throws BackupException {
        return Restore.run(
                new Restore.Parts(
                        Folder.place(from), name, to, Optional.empty(), () -> {}, _ -> {}));
    }

    private void isWhole(Disk restored, int events) throws Exception {
        assertThat(Folder.events(restored))
                .hasSize(events)
                .containsExactlyElementsOf(Folder.events(disk).subList(0, events));
        assertThat(folder.objects(restored))
                .containsExactly("a: content of a", "b: content of b", "c: content of c");
        assertThat(text(restored, "format")).isEqualTo("cairn data 3\n");
        assertThat(text(restored, "catalog.db")).isEqualTo("a copy, backup/catalog.db");
        assertThat(text(restored, "archive/index.db")).isEqualTo("a copy, backup/index.db");
        assertThat(text(restored, "keys/master")).isEqualTo("a master key");
        assertThat(text(restored, "gateway/begun-1")).isEqualTo("calls in its hands");
        assertThat(restored.list("lake/tables/t1/metadata")).containsExactly("v1.metadata.json");
        assertThat(restored.exists("history")).isFalse();
        assertThat(restored.exists("restoring")).isFalse();
    }

    private static String text(Disk disk, String name) throws Exception {
        try (DiskFile file = disk.open(name)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(bytes, 0);
            return UTF_8.decode(bytes.flip()).toString();
        }
    }

    @Test
    void what_is_restored_is_what_was_there() throws Exception {
        var report = Backup.run(folder.parts(place));
        var to = new SimulatedDisk();
        assertThat(restore(place, report.name(), to)).isEqualTo(report.manifest());
        isWhole(to, 20);
        assertThat(Restore.check(Folder.place(place), report.name(), _ -> {}).files())
                .isEqualTo(to.files().size());
    }

    @Test
    void a_file_of_more_than_one_chunk_is_restored() throws Exception {
        String rows = "0123456789abcdef".repeat(BackupPlace.CHUNK_BYTES / 16) + "the end";
        folder.write("lake/tables/t1/data/2.parquet", rows);
        var report = Backup.run(folder.parts(place));
        var to = new SimulatedDisk();
        restore(place, report.name(), to);
        assertThat(text(to, "lake/tables/t1/data/2.parquet").equals(rows)).isTrue();
        assertThat(Backup.run(folder.parts(place)).written()).isZero();
    }

    @Test
    void without_an_index_of_the_archives_objects_there_is_no_backup() throws Exception {
        folder.indexed = false;
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> Backup.run(folder.parts(place)))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("cairn rebuild --archive");
            folder.makeEmptyIndex();
            folder.indexed = true;
        }
        assertThat(Folder.place(place).backups()).isEmpty();
    }

    @Test
    void a_colder_place_in_a_folder_is_in_the_backup() throws Exception {
        folder.cool("b");
        assertThatThrownBy(() -> Backup.run(folder.parts(place)))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
                .hasMessageContaining("say where it is");
        folder.cold = new Backup.Cold.Folder(new SimulatedDisk());
        assertThatThrownBy(() -> Backup.run(folder.parts(place)))
                .hasMessageContaining("is it mounted?");
        folder.cold = new Backup.Cold.Folder(folder.colder);
        var report = Backup.run(folder.parts(place));
        assertThat(report.elsewhere()).isZero();
        var to = new SimulatedDisk();
        assertThatThrownBy(() -> restore(place, report.name(), to))
                .hasMessageContaining("the backup has files of the colder place");
        var cold = new SimulatedDisk();
        Restore.run(
                new Restore.Parts(
                        Folder.place(place),
                        report.name(),
                        to,
                        Optional.of(cold),
                        () -> {},
                        _ -> {}));
        assertThat(folder.objects(to, cold)).contains("b: content of b").hasSize(3);
    }

    @Test
    void a_colder_place_that_is_empty_is_known_again_after_a_restore() throws Exception {
        folder.put("d");
        folder.cool("d");
        folder.remove("d");
        folder.cold = new Backup.Cold.Folder(folder.colder);
        var report = Backup.run(folder.parts(place));
        var to = new SimulatedDisk();
        var cold = new SimulatedDisk();
        Restore.run(
                new Restore.Parts(
                        Folder.place(place),
                        report.name(),
                        to,
                        Optional.of(cold),
                        () -> {},
                        _ -> {}));
        assertThat(cold.files()).isEqualTo(List.of("place"));
        assertThat(text(cold, "place")).isEqualTo(text(folder.colder, "place"));
        // Nobody says where it is: it has nothing that would be missing.
        folder.cold = new Backup.Cold.Unknown();
        assertThat(Backup.run(folder.parts(place)).manifest().files())
                .isEqualTo(report.manifest().files() - 1);
    }

    @Test
    void a_colder_place_on_an_s3_stays_where_it_is_and_is_counted() throws Exception {
        folder.cool("b");
        folder.cold = new Backup.Cold.Elsewhere();
        var report = Backup.run(folder.parts(place));
        assertThat(report.elsewhere()).isEqualTo(1);
        var to = new SimulatedDisk();
        restore(place, report.name(), to);
        assertThat(folder.objects(to, folder.colder)).contains("b: content of b").hasSize(3);
    }

    @Test
    void a_second_backup_stores_what_is_new() throws Exception {
        var first = Backup.run(folder.parts(place));
        assertThat(first.written()).isGreaterThan(5_000);
        int files = place.files().size();
        assertThat(files).isGreaterThan(12);
        var same = Backup.run(folder.parts(place));
        assertThat(same.written()).isZero();
        assertThat(place.files()).hasSize(files + 1);
        assertThat(same.name()).isGreaterThan(first.name());

        folder.record(1);
        folder.put("d");
        var second = Backup.run(folder.parts(place));
        // A segment that was sealed, the one that is written to, object, list, and manifest.
        assertThat(place.files()).hasSize(files + 1 + 5);
        assertThat(Folder.place(place).backups())
                .containsExactly(first.name(), same.name(), second.name());

        var to = new SimulatedDisk();
        restore(place, second.name(), to);
        assertThat(Folder.events(to)).hasSize(21);
        assertThat(folder.objects(to)).hasSize(4);
        var old = new SimulatedDisk();
        restore(place, first.name(), old);
        assertThat(Folder.events(old)).hasSize(20);
    }

    @Test
    void a_disk_of_backups_that_goes_down_at_any_operation_has_whole_backups_only()
            throws Exception {
        long operations = backUpUntilDown(Long.MAX_VALUE, 0);
        assertThat(operations).isGreaterThan(60);
        for (long at = 1; at <= operations; at++) {
            backUpUntilDown(at, at);
        }
    }

    private long backUpUntilDown(long downAt, long seed) throws Exception {
        var target = new SimulatedDisk();
        var faulty = new FaultyDisk(target, new Random(seed));
        faulty.downAfter(downAt);
        boolean acknowledged = false;
        try {
            Backup.run(folder.parts(faulty));
            acknowledged = true;
        } catch (BackupException e) {
            assertThat(e.kind()).as("%s", e).isEqualTo(Kind.UNAVAILABLE);
            assertThat(faulty.down()).isTrue();
        }
        SimulatedDisk after = target.crash(new Random(seed));
        var parts = folder.parts(after);
        List<String> whole = parts.place().backups();
        assertThat(whole.size())
                .as("down at %d", downAt)
                .isGreaterThanOrEqualTo(acknowledged ? 1 : 0);
        for (String name : whole) {
            Restore.check(parts.place(), name, _ -> {});
        }
        var report = Backup.run(parts);
        var to = new SimulatedDisk();
        restore(after, report.name(), to);
        isWhole(to, 20);
        return faulty.operations();
    }

    @Test
    void a_restored_folder_counts_only_when_it_is_whole_whenever_its_disk_goes_down()
            throws Exception {
        String name = Backup.run(folder.parts(place)).name();
        long operations = restoreUntilDown(name, Long.MAX_VALUE, 0);
        assertThat(operations).isGreaterThan(60);
        for (long at = 1; at <= operations; at++) {
            restoreUntilDown(name, at, at);
        }
    }

    private long restoreUntilDown(String name, long downAt, long seed) throws Exception {
        var target = new SimulatedDisk();
        var faulty = new FaultyDisk(target, new Random(seed));
        faulty.downAfter(downAt);
        boolean acknowledged = false;
        try {
            restore(place, name, faulty);
            acknowledged = true;
        } catch (BackupException e) {
            assertThat(e.kind()).as("%s", e).isEqualTo(Kind.UNAVAILABLE);
            assertThat(faulty.down()).isTrue();
        }
        SimulatedDisk after = target.crash(new Random(seed));
        boolean counts = after.exists("format");
        assertThat(counts || !acknowledged).as("down at %d", downAt).isTrue();
        if (!counts || after.exists("restoring")) {
            restore(place, name, after);
        }
        isWhole(after, 20);
        return faulty.operations();
    }

    @Test
    void a_process_that_is_killed_while_it_restores_is_gone_on_with() throws Exception {
        String name = Backup.run(folder.parts(place)).name();
        for (long at = 1; at < 60; at += 3) {
            var target = new SimulatedDisk();
            var faulty = new FaultyDisk(target, new Random(at));
            faulty.downAfter(at);
            assertThatThrownBy(() -> restore(place, name, faulty))
                    .isInstanceOf(BackupException.class);
            restore(place, name, target);
            isWhole(target, 20);
        }
    }

    @Test
    void another_key_opens_nothing_and_writes_nothing() throws Exception {
        Backup.run(folder.parts(place));
        var before = place.files();
        byte[] other = Folder.KEY.clone();
        other[0]++;
        for (boolean create : new boolean[] {true, false}) {
            assertThatThrownBy(
                            () -> {
                                var _ =
                                        create
                                                ? BackupPlace.openOrCreate(
                                                        place, other, Folder.secrets(3))
                                                : BackupPlace.open(place, other, Folder.secrets(3));
                            })
                    .isInstanceOfSatisfying(
                            BackupException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.WRONG_KEY));
        }
        assertThat(place.files()).isEqualTo(before);
    }

    @Test
    void a_bit_that_flips_anywhere_is_found_and_no_folder_counts() throws Exception {
        String name = Backup.run(folder.parts(place)).name();
        var random = new Random(5);
        for (String file : place.files()) {
            if (file.equals("cairn-backup")) {
                continue;
            }
            long bit = random.nextLong(size(file) * 8);
            place.flip(file, bit);
            assertThatThrownBy(() -> Restore.check(Folder.place(place), name, _ -> {}))
                    .as(file)
                    .isInstanceOfSatisfying(
                            BackupException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.CORRUPT));
            var to = new SimulatedDisk();
            assertThatThrownBy(() -> restore(place, name, to))
                    .as(file)
                    .isInstanceOfSatisfying(
                            BackupException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.CORRUPT));
            assertThat(to.exists("format")).isFalse();
            place.flip(file, bit);
        }
        Restore.check(Folder.place(place), name, _ -> {});
    }

    @Test
    void chunks_that_rot_are_set_aside_and_written_anew() throws Exception {
        var first = Backup.run(folder.parts(place));
        List<String> list = first.manifest().chunks();
        int others = 0;
        for (String file : place.files()) {
            String name = file.substring(file.lastIndexOf('/') + 1);
            if (!file.startsWith("chunks/") || list.contains(name)) {
                continue;
            }
            others++;
            place.flip(file, 200);
            assertThat(Restore.setAside(Folder.place(place), first.name())).isEqualTo(1);
            assertThat(Restore.setAside(Folder.place(place), first.name())).isZero();
            var next = Backup.run(folder.parts(place));
            assertThat(next.written()).isPositive();
            assertThat(next.former()).isEmpty();
            Restore.check(Folder.place(place), next.name(), _ -> {});
        }
        assertThat(others).isGreaterThan(10);
        Restore.check(Folder.place(place), first.name(), _ -> {});
    }

    @Test
    void a_last_backup_that_is_damaged_does_not_hinder_the_next() throws Exception {
        var first = Backup.run(folder.parts(place));
        String chunk = first.manifest().chunks().getFirst();
        String list = "chunks/" + chunk.substring(0, 2) + "/" + chunk;
        place.flip(list, 200);
        var second = Backup.run(folder.parts(place));
        assertThat(second.former())
                .hasValueSatisfying(damage -> assertThat(damage).contains(first.name()));
        Restore.check(Folder.place(place), second.name(), _ -> {});

        place.flip("backups/" + second.name(), 200);
        var third = Backup.run(folder.parts(place));
        assertThat(third.former())
                .hasValueSatisfying(damage -> assertThat(damage).contains(second.name()));
        Restore.check(Folder.place(place), third.name(), _ -> {});
        assertThat(Backup.run(folder.parts(place)).former()).isEmpty();
    }

    private long size(String file) throws Exception {
        try (DiskFile open = place.open(file)) {
            return open.size();
        }
    }

    @Test
    void a_backup_lets_nobody_read_what_is_in_it() throws Exception {
        Backup.run(folder.parts(place));
        for (String file : place.files()) {
            assertThat(text(place, file))
                    .as(file)
                    .doesNotContain("master", "id-", "region", "a copy");
        }
    }

    @Test
    void folders_that_hold_something_are_left_alone() throws Exception {
        String name = Backup.run(folder.parts(place)).name();
        var taken = new SimulatedDisk();
        taken.create("letter").close();
        assertThatThrownBy(() -> restore(place, name, taken))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FOREIGN))
                .hasMessageContaining("letter");
        assertThatThrownBy(() -> folder.parts(taken))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FOREIGN));
        assertThat(taken.files()).containsExactly("letter");

        var to = new SimulatedDisk();
        restore(place, name, to);
        var before = to.files();
        assertThatThrownBy(() -> restore(place, name, to))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FOREIGN));
        assertThat(to.files()).isEqualTo(before);
    }

    @Test
    void an_object_that_is_deleted_while_the_backup_is_made_is_not_missed() throws Exception {
        folder.put("d");
        var attempts = new int[1];
        folder.afterSnapshot =
                () -> {
                    if (attempts[0]++ == 0) {
                        folder.remove("d");
                    }
                };
        var report = Backup.run(folder.parts(place));
        assertThat(attempts[0]).isEqualTo(2);
        var to = new SimulatedDisk();
        restore(place, report.name(), to);
        isWhole(to, 20);
    }

    @Test
    void when_something_is_deleted_under_every_attempt_there_is_no_backup() throws Exception {
        var attempts = new int[1];
        folder.afterSnapshot =
                () -> {
                    folder.put("e" + ++attempts[0]);
                    folder.remove("e" + (attempts[0] - 1));
                };
        folder.put("e0");
        assertThatThrownBy(() -> Backup.run(folder.parts(place)))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CHANGING));
        assertThat(Folder.place(place).backups()).isEmpty();
    }

    @Test
    void keys_that_change_while_the_backup_is_made_are_those_of_the_catalog() throws Exception {
        var attempts = new int[1];
        folder.afterSnapshot =
                () -> {
                    if (attempts[0]++ == 0) {
                        disk.delete("keys/master");
                        folder.write("keys/master", "another key");
                    }
                };
        var report = Backup.run(folder.parts(place));
        assertThat(attempts[0]).isEqualTo(2);
        var to = new SimulatedDisk();
        restore(place, report.name(), to);
        assertThat(text(to, "keys/master")).isEqualTo("another key");
    }

    @Test
    void a_wrapped_master_key_goes_along_as_that_of_the_catalog() throws Exception {
        var attempts = new int[1];
        disk.delete("keys/master");
        folder.write("keys/master.wrapped", "wrapped");
        folder.afterSnapshot =
                () -> {
                    if (attempts[0]++ == 0) {
                        folder.write("keys/master.wrapped.next", "wrapped anew");
                    }
                };
        var report = Backup.run(folder.parts(place));
        assertThat(attempts[0]).isEqualTo(2);
        var to = new SimulatedDisk();
        restore(place, report.name(), to);
        assertThat(to.exists("keys/master")).isFalse();
        assertThat(text(to, "keys/master.wrapped")).isEqualTo("wrapped");
        assertThat(text(to, "keys/master.wrapped.next")).isEqualTo("wrapped anew");
    }

    @Test
    void all_that_lies_with_the_keys_goes_along() throws Exception {
        folder.write("keys/prod", "a master key of another name");
        folder.write("keys/tls/server.pem", "a certificate");
        folder.write("keys/tls-ca", "another");
        var attempts = new int[1];
        folder.afterSnapshot =
                () -> {
                    if (attempts[0]++ == 0) {
                        disk.delete("keys/prod");
                        folder.write("keys/prod", "another key");
                    }
                };
        var report = Backup.run(folder.parts(place));
        assertThat(attempts[0]).isEqualTo(2);
        assertThat(Backup.run(folder.parts(place)).written()).isZero();
        var to = new SimulatedDisk();
        restore(place, report.name(), to);
        assertThat(text(to, "keys/prod")).isEqualTo("another key");
        assertThat(text(to, "keys/tls/server.pem")).isEqualTo("a certificate");
        assertThat(text(to, "keys/tls-ca")).isEqualTo("another");

        folder.write("keys/of\ntwo lines", "x");
        assertThatThrownBy(() -> Backup.run(folder.parts(place)))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FOREIGN));
    }

    @Test
    void segments_that_are_released_while_the_backup_is_made_leave_no_hole() throws Exception {
        var first = new long[1];
        Disk meddled =
                meddling(
                        "ledger/0/",
                        2,
                        () -> {
                            try (var ledger = Folder.ledger(disk)) {
                                ledger.release(0, ledger.span(0).end() - 1);
                                first[0] = ledger.span(0).first();
                            }
                        });
        var report = Backup.run(folder.parts(meddled, place));
        assertThat(first[0]).isGreaterThan(5);
        var to = new SimulatedDisk();
        restore(place, report.name(), to);
        assertThat(Folder.events(to)).containsExactlyElementsOf(Folder.events(disk));
        assertThat(Folder.events(to).getFirst()).isEqualTo("id-" + first[0]);
    }

    @Test
    void a_segment_that_is_sealed_while_the_backup_is_made_is_in_it() throws Exception {
        Disk meddled = meddling(".segment", 1, () -> folder.record(20));
        var report = Backup.run(folder.parts(meddled, place));
        assertThat(disk.list("ledger/0")).filteredOn(name -> name.endsWith(".segment")).hasSize(1);
        var to = new SimulatedDisk();
        restore(place, report.name(), to);
        assertThat(Folder.events(to)).containsExactlyElementsOf(Folder.events(disk)).hasSize(40);
    }

    /// The folder's disk, on which something happens just before the nth file is opened whose name
    /// has that part.
    private Disk meddling(String part, int nth, Folder.Act act) {
        var opened = new int[1];
        return (Disk)
                Proxy.newProxyInstance(
                        Disk.class.getClassLoader(),
                        new Class<?>[] {Disk.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("open")
                                    && ((String) arguments[0]).contains(part)
                                    && ++opened[0] == nth) {
                                act.run();
                            }
                            try {
                                return method.invoke(disk, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
