package dev.cairn.embedded.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.archive.ColdFiles;
import dev.cairn.testkit.archive.ColdFilesContract;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The colder place as a folder.
class DiskColdFilesTest extends ColdFilesContract {
    private SimulatedDisk disk = new SimulatedDisk();

    @Override
    protected ColdFiles newPlace() {
        disk = new SimulatedDisk();
        return samePlace();
    }

    @Override
    protected ColdFiles samePlace() {
        return new DiskColdFiles(disk);
    }

    @Override
    protected void leftNothing() {
        assertThat(disk.files()).isEmpty();
    }

    @Test
    void what_is_finished_outlasts_a_power_cut() throws Exception {
        try (var files = newPlace()) {
            files.mark("cairn cold 1 x");
            write(files, NAME, new byte[100]);
        }
        disk = disk.crash(new Random(1));
        try (var files = samePlace();
                var file = files.open(NAME)) {
            assertThat(file.size()).isEqualTo(100);
            assertThat(files.mark()).isEqualTo("cairn cold 1 x");
        }
    }
}
