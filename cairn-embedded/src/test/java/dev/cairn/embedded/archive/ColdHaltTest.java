package dev.cairn.embedded.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.testkit.fault.HaltingDisk;
import dev.cairn.testkit.fault.HaltingDisk.When;
import dev.cairn.testkit.fault.OwnProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process halted at every operation of putting, moving to the colder place, bringing back and
/// removing: whatever it had put is whole, it goes on to the same end, and leaves nothing behind.
///
/// [ColdArchiveFaultTest] loses what was not forced as well; here it is a real process, a real
/// folder and a real index.
final class ColdHaltTest {
    private static final List<When> WHENS = List.of(When.values());

    @TempDir private Path temp = Path.of("");

    @Test
    @Tag("long")
    void a_process_halted_at_any_operation_loses_nothing_and_leaves_nothing() throws Exception {
        long operations = operations();
        for (long n = 1; n <= operations; n++) {
            halt(n, WHENS.get((int) (n % WHENS.size())));
        }
    }

    /// How many operations the story takes when nobody halts it.
    private long operations() throws Exception {
        Path folder = Files.createDirectory(temp.resolve("whole"));
        String last = run(folder, 0, When.AFTER, 0).getLast();
        check(folder, "not halted");
        long operations = Long.parseLong(last.substring("operations ".length()));
        assertThat(operations).isGreaterThan(100);
        return operations;
    }

    private void halt(long n, When when) throws Exception {
        Path folder = Files.createDirectory(temp.resolve(n + "-" + when));
        run(folder, n, when, HaltingDisk.HALTED);
        check(folder, "halted " + when + " operation " + n);
    }

    private static void check(Path folder, String as) throws Exception {
        var disk = new HaltingDisk(new RealDisk(folder), 0, When.AFTER);
        try (var again = new ColdWork(folder, disk, 2)) {
            assertThat(again.objects()).as(as).doesNotContainValue("other bytes");
            again.play();
            assertThat(again.objects()).as(as).isEqualTo(Map.of("end", "", "sealed", ""));
        }
        try (var last = new ColdWork(folder, disk, 3)) {
            last.clear();
        }
        assertThat(files(folder.resolve("archive"))).as("%s: files left", as).isEmpty();
        assertThat(files(folder.resolve("objects")))
                .as("%s: files left in the colder place", as)
                .isEmpty();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private List<String> run(Path folder, long nth, When when, int exit) throws Exception {
        OwnProcess process =
                OwnProcess.run(
                        List.of(),
                        temp,
                        ColdWork.class,
                        folder.toString(),
                        Long.toString(nth),
                        when.name());
        assertThat(process.exit()).as(process.errors()).isEqualTo(exit);
        return process.output();
    }
}
