package dev.cairn.conformance;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/// Waits for what another process does: looks again and again, until a named bound.
final class Await {
    private static final Duration STEP = Duration.ofMillis(20);

    private Await() {}

    /// How long one may wait, and for what.
    record Bound(String what, Duration max) {
        static Bound of(String what, Duration max) {
            return new Bound(what, max);
        }
    }

    /// Waits until the condition holds.
    ///
    /// @throws AssertionError when it does not within the bound
    static void until(Bound bound, Callable<Boolean> condition) throws Exception {
        value(bound, condition, held -> held);
    }

    /// Waits for a value that is as wanted, and returns it.
    ///
    /// @throws AssertionError with the last value when there is none within the bound
    static <T> T value(Bound bound, Callable<T> source, Predicate<T> wanted) throws Exception {
        var end = System.nanoTime() + bound.max().toNanos();
        while (true) {
            var value = source.call();
            if (wanted.test(value)) {
                return value;
            }
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(
                        "expected %s within %s, last saw %s"
                                .formatted(bound.what(), bound.max(), value));
            }
            LockSupport.parkNanos(STEP.toNanos());
        }
    }
}
