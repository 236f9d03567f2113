package dev.cairn.server.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which worker a query gets, and which are left.
class IdleWorkersTest {
    private final AtomicInteger names = new AtomicInteger();

    @TempDir private Path folder = Path.of("");

    private IdleWorkers workers() {
        return new IdleWorkers(folder, () -> "w" + names.incrementAndGet());
    }

    @Test
    void a_query_gets_the_one_that_waits_and_no_two_the_same() throws Exception {
        try (var workers = workers()) {
            workers.prepare();
            workers.prepare();
            assertThat(names).as("started").hasValue(1);

            var first = workers.take("111111111111");
            var second = workers.take("111111111111");
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

            var taken = workers.take("111111111111");
            assertThat(taken.process().isAlive()).isTrue();
            assertThat(taken.folder()).isEqualTo(folder.resolve("w2"));
            taken.end();
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void one_that_answered_is_for_its_account_alone() throws Exception {
        try (var workers = workers()) {
            var first = workers.take("111111111111");
            workers.giveBack(first, "111111111111");

            var other = workers.take("222222222222");
            var again = workers.take("111111111111");
            assertThat(other.process().pid()).isNotEqualTo(first.process().pid());
            assertThat(again.process().pid()).isEqualTo(first.process().pid());

            workers.giveBack(again, "111111111111");
            workers.giveBack(other, "222222222222");
            assertThat(again.process().isAlive()).as("one is idle at most").isFalse();
            assertThat(workers.take("222222222222").process().pid())
                    .isEqualTo(other.process().pid());
            other.end();
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void nothing_of_a_query_is_left_for_the_next() throws Exception {
        try (var workers = workers()) {
            var worker = workers.take("111111111111");
            Files.createDirectories(worker.scratch());
            Files.writeString(worker.scratch().resolve("tail"), "of the first");

            workers.giveBack(worker, "111111111111");
            assertThat(workers.take("111111111111").scratch()).doesNotExist();
            worker.end();
        }
    }

    @Test
    void one_answers_a_hundred_questions() throws Exception {
        try (var workers = workers()) {
            var first = workers.take("111111111111");
            for (var question = 1; question < 100; question++) {
                workers.giveBack(first, "111111111111");
                assertThat(first.process().isAlive()).isTrue();
                first = workers.take("111111111111");
            }
            workers.giveBack(first, "111111111111");
            assertThat(first.process().isAlive()).isFalse();
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
