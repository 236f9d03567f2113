package dev.cairn.gateway.recording;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Records, and pushes back before the ledger does when its disk fills.
///
/// The ledger looks at its disk's free space when it has written a lot itself, and refuses what
/// comes then: too late for calls that are passed on already, where somebody else fills the disk.
/// So no call is taken on while there is less than the ledger wants and a quarter of that; what is
/// in hand has the quarter. Looked at ten times a second at most, by one call: a look costs as much
/// as reading the list of what is mounted. The others go by what was seen before, for a second;
/// then they wait, for a look may hang as long as the disk does.
public final class DiskMindingRecorder implements Recorder {
    private static final long LOOK_EVERY_MILLIS = 100;
    private static final long BELIEVED_MILLIS = 1_000;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final Recorder recorder;
    private final Disk disk;
    private final long freeMin;
    private final InstantSource clock;
    private final ReentrantLock looking = new ReentrantLock();
    private volatile @Nullable Seen seen;

    /// @param millis when the look began
    /// @param pushback what is to be said of it
    private record Seen(long millis, Optional<Append.Pushback> pushback) {
        /// A clock that is set back must not end the looking.
        boolean isOlder(long millisMax, long now) {
            return now - millis >= millisMax || now < millis;
        }
    }

    /// @param disk that the ledger is on
    /// @param ledgerFreeMin how many bytes of it the ledger wants free
    public DiskMindingRecorder(
            Recorder recorder, Disk disk, long ledgerFreeMin, InstantSource clock) {
        this.recorder = recorder;
        this.disk = disk;
        this.freeMin = ledgerFreeMin + ledgerFreeMin / 4;
        this.clock = clock;
    }

    @Override
    public Optional<Append.Pushback> pushback() throws InterruptedException {
        var pushback = recorder.pushback();
        return pushback.isPresent() ? pushback : ofDisk();
    }

    private Optional<Append.Pushback> ofDisk() throws InterruptedException {
        var last = seen;
        var now = clock.millis();
        if (last != null && !last.isOlder(LOOK_EVERY_MILLIS, now)) {
            return last.pushback();
        }
        if (!looking.tryLock()) {
            if (last != null && !last.isOlder(BELIEVED_MILLIS, now)) {
                return last.pushback();
            }
            looking.lockInterruptibly();
        }
        try {
            var next = seen;
            if (next == null || next.equals(last)) {
                next = new Seen(now, look());
                seen = next;
            }
            return next.pushback();
        } finally {
            looking.unlock();
        }
    }

    private Optional<Append.Pushback> look() {
        String reason;
        try {
            var free = disk.free();
            if (free >= freeMin) {
                return Optional.empty();
            }
            reason =
                    "the disk has %d bytes free, fewer than ledger.disk-free-min and a quarter of it, %d"
                            .formatted(free, freeMin);
        } catch (DiskException failure) {
            reason = String.valueOf(failure.getMessage());
        }
        return Optional.of(new Append.Pushback(RETRY_AFTER, reason));
    }

    @Override
    public boolean mayRecord(String account) {
        return recorder.mayRecord(account);
    }

    @Override
    public Optional<Append.Pushback> record(Entry entry) throws InterruptedException {
        return recorder.record(entry);
    }

    @Override
    public Optional<NotRecorded> recordAgain(List<Entry> entries) throws InterruptedException {
        return recorder.recordAgain(entries);
    }
}
