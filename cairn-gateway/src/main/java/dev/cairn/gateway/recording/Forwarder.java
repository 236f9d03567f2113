package dev.cairn.gateway.recording;

import dev.cairn.ledger.Append;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings what is pending in the journal to the ledger, oldest first, for as long as it takes.
///
/// What comes within a moment goes together, so that the ledger's disk is forced once for many
/// calls. What is pushed back is tried again as soon as the ledger lets it; what is refused, and
/// what the journal's disk does not give back, is tried again after everything else. Nothing is
/// given up.
public final class Forwarder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);
    private static final int EVENTS_MAX = 1_000;
    private static final long BYTES_MAX = 1 << 20;

    /// Events are found in history a moment after their ledger has them: this is no more.
    private static final Duration GATHERING = Duration.ofMillis(50);

    private static final Duration REST = Duration.ofSeconds(1);

    private final CallJournal journal;
    private final Recorder recorder;
    private final InstantSource clock;
    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable Trouble trouble;
    private volatile @Nullable Trouble lastTrouble;

    /// What went wrong last, and when.
    public record Trouble(String reason, Instant time) {}

    /// Where it stands.
    ///
    /// @param failing whether its last try failed
    /// @param lastTrouble null when nothing ever failed
    public record Status(
            CallJournal.Pending pending, boolean failing, @Nullable Trouble lastTrouble) {}

    /// One that rests until it is [started][#start], or asked to [#forward].
    public Forwarder(CallJournal journal, Recorder recorder, InstantSource clock) {
        this.journal = journal;
        this.recorder = recorder;
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("cairn-gateway-forwarder").unstarted(this::run);
    }

    /// Lets a thread of its own forward, until it is closed.
    public Forwarder start() {
        thread.start();
        return this;
    }

    private void run() {
        try {
            while (!closed) {
                journal.awaitPending();
                if (journal.pendingEvents() < EVENTS_MAX) {
                    rest(GATHERING);
                }
                var pushback = forwardOrTrouble();
                if (pushback.isPresent()) {
                    rest(pushback.get().retryAfter());
                }
            }
        } catch (InterruptedException _) {
            // Closed. What is pending stays for the next process.
        }
    }

    private static void rest(Duration duration) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(duration.toNanos());
    }

    private Optional<Append.Pushback> forwardOrTrouble() throws InterruptedException {
        try {
            return forward();
        } catch (RuntimeException unforeseen) {
            LOG.error("what the gateway keeps could not be forwarded", unforeseen);
            return failed(new Append.Pushback(REST, String.valueOf(unforeseen.getMessage())));
        }
    }

    /// Forwards some of what is pending. For one thread at a time.
    ///
    /// @return why less than that was recorded, and how long to rest; empty when it was, or nothing
    ///   is pending
    public Optional<Append.Pushback> forward() throws InterruptedException {
        var batch = journal.next(EVENTS_MAX, BYTES_MAX);
        if (!batch.entries().isEmpty()) {
            var not = recorder.recordAgain(batch.entries());
            if (not.isEmpty()) {
                journal.end(batch.lines());
            } else {
                return failed(sift(batch.lines(), not.get()));
            }
        }
        var unreadable = batch.unreadable();
        if (unreadable != null) {
            return failed(new Append.Pushback(REST, String.valueOf(unreadable.getMessage())));
        }
        trouble = null;
        return Optional.empty();
    }

    /// What is refused shall keep nothing else back.
    ///
    /// @return why, and how long to rest: while something else is pending, not long
    private Append.Pushback sift(List<CallJournal.Line> lines, Recorder.NotRecorded not) {
        var refused = not.refused();
        if (refused.isEmpty()) {
            return not.pushback();
        }
        var recorded = new ArrayList<CallJournal.Line>();
        for (var i = 0; i < lines.size(); i++) {
            if (refused.contains(i)) {
                journal.putLast(lines.get(i));
            } else {
                recorded.add(lines.get(i));
            }
        }
        journal.end(recorded);
        return journal.pendingEvents() > refused.size()
                ? new Append.Pushback(GATHERING, not.pushback().reason())
                : not.pushback();
    }

    private Optional<Append.Pushback> failed(Append.Pushback pushback) {
        var now = new Trouble(pushback.reason(), clock.instant());
        if (trouble == null) {
            LOG.warn("events wait in the gateway's spool: {}", pushback.reason());
        }
        trouble = now;
        lastTrouble = now;
        return Optional.of(pushback);
    }

    /// Where it stands, for status, health and metrics.
    public Status status() {
        return new Status(journal.pending(), trouble != null, lastTrouble);
    }

    /// What is pending stays for the next process.
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        var interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
