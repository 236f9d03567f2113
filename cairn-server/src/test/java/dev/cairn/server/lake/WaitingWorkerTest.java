package dev.cairn.server.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which worker a query gets, and which are left.
class WaitingWorkerTest {
    private final AtomicInteger names = new AtomicInteger();

    @TempDir private Path folder = Path.of("");

    private WaitingWorker workers() {
        return new WaitingWorker(folder, () -> "w" + names.incrementAndGet());
    }

    @Test
    void a_query_gets_the_one_that_waits_and_no_two_the_same() throws Exception {
        try (var workers = workers()) {
            workers.prepare();
            workers.prepare();
            assertThat(names).as("started").hasValue(1);

            var first = workers.take();
            var second = workers.take();
            assertThat(first.folder()).isEqualTo(folder.resolve("w1"));
            assertThat(second.folder()).isEqualTo(folder.resolve("w2"));
            first.end();
            second.end();
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void one_that_has_died_is_given_to_nobody() throws Exception {
        try (var workers = workers()) {
            workers.prepare();
            ProcessHandle.current()
                    .children()
                    .filter(ProcessHandle::isAlive)
                    .forEach(child -> {
                        child.destroyForcibly();
                        child.onExit().join();
                    });

            var taken = workers.take();
            assertThat(taken.process().isAlive()).isTrue();
            assertThat(taken.folder()).isEqualTo(folder.resolve("w2"));
            taken.end();
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void none_is_left_when_it_is_closed() throws Exception {
        var workers = workers();
        workers.prepare();
        workers.close();

        assertThat(folder).isEmptyDirectory();
        workers.prepare();
        assertThat(folder).isEmptyDirectory();
    }
}
