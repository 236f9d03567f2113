package dev.cairn.server.command;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// SIGTERM and Ctrl-C, for a command that serves.
///
/// Before it serves, the process ends at once: a start cut short is a crash, which the next start
/// mends. Once it serves, the exit waits until all is closed, but never longer than [#CLOSE_MAX]:
/// what was acknowledged is on disk all along (I2), so an end without a close costs the next start
/// some time and nothing else. Such an end is told by the exit code 1; nothing is written, for what
/// takes our output may be what holds us up.
final class StopSignal {
    /// Leaves the virtual machine time to end within the 10 seconds that are promised.
    static final Duration CLOSE_MAX = Duration.ofSeconds(8);

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean serving;

    /// From now on, signals come here.
    static StopSignal listen() {
        var stop = new StopSignal();
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    if (!stop.ask(CLOSE_MAX)) {
                                        Runtime.getRuntime().halt(CommandException.FAILED);
                                    }
                                },
                                "stop"));
        return stop;
    }

    /// From now on there is something to close.
    void serving() {
        serving = true;
    }

    /// All is closed.
    void closed() {
        closed.countDown();
    }

    /// Whether a signal has come: long work ends at its next step.
    boolean asked() {
        return asked.getCount() == 0;
    }

    /// Waits for a signal.
    void await() throws InterruptedException {
        asked.await();
    }

    /// What a signal does.
    ///
    /// @return whether nothing is left to close
    boolean ask(Duration closeMax) {
        asked.countDown();
        if (!serving) {
            return true;
        }
        try {
            return closed.await(closeMax.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
