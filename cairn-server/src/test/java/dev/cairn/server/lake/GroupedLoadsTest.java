package dev.cairn.server.lake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.CatalogException;
import dev.cairn.server.operation.StoreImports.Loaded;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class GroupedLoadsTest {
    private static final long WAIT_SECONDS = 20;

    private final GroupedLoads loads = new GroupedLoads();
    private final List<List<Integer>> commits = new CopyOnWriteArrayList<>();
    private final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch others = new CountDownLatch(1);

    /// The first commit waits until all others have come.
    private List<Loaded> commit(List<List<byte[]>> parts) throws IOException, CatalogException {
        commits.add(parts.stream().map(List::size).toList());
        if (commits.size() == 1) {
            first.countDown();
            try {
                assertThat(others.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException interrupted) {
                throw new IOException(interrupted);
            }
        }
        return parts.stream()
                .map(part -> new Loaded(part.size(), 0, 0, List.of(), part.size()))
                .toList();
    }

    private static List<byte[]> events(int count) {
        var events = new ArrayList<byte[]>();
        for (var at = 0; at < count; at++) {
            events.add("{}".getBytes(UTF_8));
        }
        return events;
    }

    /// One load, and others while its commit goes on.
    private List<Long> together(GroupedLoads.Commit commit, List<List<byte[]>> other)
            throws InterruptedException, ExecutionException, TimeoutException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = new ArrayList<Future<Long>>();
            results.add(threads.submit(added(events(1), commit)));
            assertThat(first.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            for (var events : other) {
                var before = loads.waiting();
                results.add(threads.submit(added(events, commit)));
                while (loads.waiting() == before) {
                    Thread.onSpinWait();
                }
            }
            others.countDown();
            var added = new ArrayList<Long>();
            for (var result : results) {
                added.add(result.get(WAIT_SECONDS, TimeUnit.SECONDS));
            }
            return added;
        }
    }

    private Callable<Long> added(List<byte[]> events, GroupedLoads.Commit commit) {
        return () -> {
            try {
                return loads.load(events, commit).added();
            } catch (IOException _) {
                return -1L;
            }
        };
    }

    @Test
    void what_waits_for_a_commit_is_in_the_next_one() throws Exception {
        var added = together(this::commit, List.of(events(2), events(3), events(4)));

        assertThat(added).containsExactly(1L, 2L, 3L, 4L);
        assertThat(commits).containsExactly(List.of(1), List.of(2, 3, 4));
    }

    @Test
    void a_commit_takes_so_many_bytes_at_most() throws Exception {
        var half = new byte[(int) (GroupedLoads.BYTES_MAX / 2)];
        var more = List.of(List.of(half), List.of(half), List.of(half, half, half), events(1));

        assertThat(together(this::commit, more)).containsExactly(1L, 1L, 1L, 3L, 1L);
        assertThat(commits).containsExactly(List.of(1), List.of(1, 1), List.of(3), List.of(1));
    }

    @Test
    void all_that_were_in_it_hear_of_a_commit_that_fails() throws Exception {
        var added =
                together(
                        parts -> {
                            var loaded = commit(parts);
                            if (commits.size() == 2) {
                                throw new IOException("no");
                            }
                            return loaded;
                        },
                        List.of(events(2), events(3)));

        assertThat(added).containsExactly(1L, -1L, -1L);
        assertThat(loads.load(events(1), this::commit).added()).isEqualTo(1);
    }

    @Test
    void a_fault_of_ours_leaves_nobody_waiting() throws Exception {
        assertThatThrownBy(() ->
                        loads.load(
                                events(1),
                                _ -> {
                                    throw new IllegalStateException("ours");
                                }))
                .hasMessage("ours");
        others.countDown();

        assertThat(loads.load(events(1), this::commit).added()).isEqualTo(1);
    }
}
