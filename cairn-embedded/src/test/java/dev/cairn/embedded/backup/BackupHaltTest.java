package dev.cairn.embedded.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.disk.Disk;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.testkit.fault.HaltingDisk;
import dev.cairn.testkit.fault.HaltingDisk.When;
import dev.cairn.testkit.fault.OwnProcess;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process halted at every operation on the disk it backs up to, or restores to: what is there is
/// a whole backup or none, a restored folder counts when it is whole, and the next run goes on.
///
/// [BackupTest] loses what was not forced as well; here it is a real process and real folders.
final class BackupHaltTest {
    private static final List<When> WHENS = List.of(When.values());

    @TempDir private Path temp = Path.of("");

    @Test
    @Tag("long")
    void a_backup_halted_at_any_operation_does_no_harm_to_the_next() throws Exception {
        var whole = Files.createDirectory(temp.resolve("whole"));
        long operations = operations(run(0, When.AFTER, 0, "backup", whole.toString()));
        for (long n = 1; n <= operations; n++) {
            When when = when(n);
            var place = Files.createDirectory(temp.resolve("place-" + n));
            run(n, when, HaltingDisk.HALTED, "backup", place.toString());
            String as = "halted %s operation %d".formatted(when, n);
            var disk = new RealDisk(place);
            var folder = BackupWork.folder(new SimulatedDisk());
            var parts = folder.parts(disk);
            for (String name : parts.place().backups()) {
                assertThat(Restore.check(parts.place(), name, _ -> {}).files())
                        .as(as)
                        .isGreaterThan(5);
            }
            isWhole(folder, restored(disk, Backup.run(parts).name()), as);
        }
    }

    @Test
    @Tag("long")
    void a_restore_halted_at_any_operation_counts_when_it_is_whole() throws Exception {
        var place = Files.createDirectory(temp.resolve("place"));
        var folder = BackupWork.folder(new SimulatedDisk());
        String name = Backup.run(folder.parts(new RealDisk(place))).name();
        var whole = Files.createDirectory(temp.resolve("whole"));
        long operations =
                operations(
                        run(0, When.AFTER, 0, "restore", place.toString(), name, whole.toString()));
        isWhole(folder, new RealDisk(whole), "not halted");
        for (long n = 1; n <= operations; n++) {
            When when = when(n);
            var to = Files.createDirectory(temp.resolve("to-" + n));
            run(n, when, HaltingDisk.HALTED, "restore", place.toString(), name, to.toString());
            var disk = new RealDisk(to);
            if (!disk.exists("format") || disk.exists("restoring")) {
                restore(new RealDisk(place), name, disk);
            }
            isWhole(folder, disk, "halted %s operation %d".formatted(when, n));
        }
    }

    private static When when(long n) {
        return WHENS.get((int) (n % WHENS.size()));
    }

    private static Disk restored(Disk place, String name) throws BackupException {
        var to = new SimulatedDisk();
        restore(place, name, to);
        return to;
    }

    private static void restore(Disk place, String name, Disk to) throws BackupException {
        var _ =
                Restore.run(
                        new Restore.Parts(
                                Folder.place(place),
                                name,
                                to,
                                Optional.empty(),
                                () -> {},
                                _ -> {}));
    }

    private static void isWhole(Folder folder, Disk restored, String as) throws Exception {
        assertThat(Folder.events(restored)).as(as).isEqualTo(Folder.events(folder.disk));
        assertThat(folder.objects(restored))
                .as(as)
                .containsExactly("a: content of a", "b: content of b", "c: content of c");
        assertThat(restored.exists("restoring")).as(as).isFalse();
    }

    private static long operations(List<String> output) {
        String last = output.getLast();
        long operations = Long.parseLong(last.substring("operations ".length()));
        assertThat(operations).isGreaterThan(30);
        return operations;
    }

    private List<String> run(long nth, When when, int exit, String... words) throws Exception {
        var arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of(Long.toString(nth), when.name()));
        OwnProcess process =
                OwnProcess.run(List.of(), temp, BackupWork.class, arguments.toArray(String[]::new));
        assertThat(process.exit()).as(process.errors()).isEqualTo(exit);
        return process.output();
    }
}
