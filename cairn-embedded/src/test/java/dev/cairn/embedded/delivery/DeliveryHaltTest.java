package dev.cairn.embedded.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.testkit.delivery.BucketCheck;
import dev.cairn.testkit.fault.HaltingDisk;
import dev.cairn.testkit.fault.HaltingDisk.When;
import dev.cairn.testkit.fault.OwnProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process halted at the nth operation of delivering and sealing, for every n of a fixed story:
/// whoever goes on after it leaves every event in exactly one file, and every file in exactly one
/// digest of a whole chain; and who proves the bucket finds no fault.
final class DeliveryHaltTest {
    private static final int SAMPLE = 5;

    @TempDir Path temp;

    @BeforeEach
    void makeKeys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        DeliveryWork.write(generator.generateKeyPair(), temp);
    }

    @Test
    void a_process_halted_around_every_fifth_operation_delivers_each_event_once() throws Exception {
        long operations = operations();
        for (long n = 1; n <= operations; n += SAMPLE) {
            // Both sides of an operation take turns: five does not divide what a step does.
            halt(n, n % 2 == 0 ? When.BEFORE : When.AFTER);
        }
    }

    @Test
    @Tag("long")
    void a_process_halted_around_or_amid_any_operation_delivers_each_event_once() throws Exception {
        long operations = operations();
        for (long n = 1; n <= operations; n++) {
            for (When when : When.values()) {
                halt(n, when);
            }
        }
    }

    /// How many operations the story takes when nobody halts it.
    private long operations() throws Exception {
        Path folder = Files.createDirectory(temp.resolve("whole"));
        List<String> output = run(folder, 0, When.AFTER, 0);
        check(folder);
        String last = output.getLast();
        assertThat(last).startsWith("operations ");
        long operations = Long.parseLong(last.substring("operations ".length()));
        assertThat(operations).isGreaterThan(50);
        return operations;
    }

    private void halt(long n, When when) throws Exception {
        Path folder = Files.createDirectory(temp.resolve(n + "-" + when));
        run(folder, n, when, HaltingDisk.HALTED);
        try {
            HaltingDisk counting = new HaltingDisk(new RealDisk(folder), 0, When.AFTER);
            try (DeliveryWork again = new DeliveryWork(folder, counting, 2)) {
                again.play();
            }
            check(folder);
        } catch (AssertionError e) {
            throw new AssertionError("halted " + when + " operation " + n, e);
        }
    }

    private void check(Path folder) throws Exception {
        Map<String, Boolean> expected = new HashMap<>();
        for (int part : new int[] {0, 1, 3}) {
            DeliveryWork.ids(part).forEach(id -> expected.put(id, true));
        }
        KeyPair pair = DeliveryWork.pair(temp);
        HaltingDisk disk = new HaltingDisk(new RealDisk(folder), 0, When.AFTER);
        try (DeliveryWork after = new DeliveryWork(folder, disk, 3)) {
            BucketCheck.of(
                            after.archive(),
                            DeliveryWork.BUCKET,
                            DeliveryWork.PREFIX,
                            pair.getPublic())
                    .check(expected);
            assertThat(after.judge().judge(DeliveryWork.BUCKET)).isPositive();
        }
    }

    private List<String> run(Path folder, long nth, When when, int exit) throws Exception {
        OwnProcess process =
                OwnProcess.run(
                        List.of(),
                        temp,
                        DeliveryWork.class,
                        folder.toString(),
                        Long.toString(nth),
                        when.name());
        assertThat(process.exit()).as(process.errors()).isEqualTo(exit);
        return process.output();
    }
}
