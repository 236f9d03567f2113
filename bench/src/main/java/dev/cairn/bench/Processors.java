package dev.cairn.bench;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// The machine's processors, halved: one half for processes that are measured, the other for this
/// one and all else that it started. What is measured then takes nothing from what it is measured
/// with, as if it had a machine of its own; what is measured without it has no more. By Linux's
/// `taskset`.
final class Processors {
    private static final int ALL = Runtime.getRuntime().availableProcessors();

    private final Set<Long> measured;

    private Processors(Set<Long> measured) throws BenchException, InterruptedException {
        this.measured = measured;
        for (long pid : measured) {
            keep(pid, ALL / 2, ALL - 1);
        }
        for (long pid : others()) {
            keep(pid, 0, ALL / 2 - 1);
        }
    }

    /// Whether there are two halves.
    static boolean canHalve() {
        return ALL > 1;
    }

    /// @param measured processes that this one started
    /// @throws BenchException when there is no `taskset`
    static Processors halve(Set<Long> measured) throws BenchException, InterruptedException {
        return new Processors(measured);
    }

    private List<Long> others() {
        ProcessHandle here = ProcessHandle.current();
        return Stream.concat(Stream.of(here), here.descendants())
                .map(ProcessHandle::pid)
                .filter(pid -> !measured.contains(pid))
                .toList();
    }

    private static void keep(long pid, int first, int last)
            throws BenchException, InterruptedException {
        Processes.output("taskset", "-a", "-c", "-p", first + "-" + last, Long.toString(pid));
    }

    /// Everything may run everywhere again.
    void whole() throws BenchException, InterruptedException {
        for (long pid : measured) {
            keep(pid, 0, ALL - 1);
        }
        for (long pid : others()) {
            keep(pid, 0, ALL - 1);
        }
    }
}
