package dev.cairn.server.wiring;

import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.thread.Lookout;
import dev.cairn.notice.Notices;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that publishes notices. A trail whose topic refuses is tried again after a pause that
/// doubles up to [#PAUSE_MAX], and holds up no other.
final class NoticeReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NoticeReader.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration PAUSE_MIN = Duration.ofSeconds(1);
    private static final Duration PAUSE_MAX = Duration.ofMinutes(1);

    private final Notices notices;
    private final InstantSource clock;
    private final Map<String, Pause> pauses = new HashMap<>();
    private final Lookout lookout;

    /// @param until by the machine's monotonic time
    private record Pause(long until, Duration length) {}

    private NoticeReader(Notices notices, Semaphore wake, InstantSource clock) {
        this.notices = notices;
        this.clock = clock;
        this.lookout = new Lookout("notices", "notices wait", LOOK, wake, this::look);
    }

    /// @param wake released when there is a new notice
    static NoticeReader start(Notices notices, Semaphore wake, InstantSource clock) {
        NoticeReader reader = new NoticeReader(notices, wake, clock);
        reader.lookout.start();
        return reader;
    }

    /// Lets the step under way end; what is left goes on after the next start.
    @Override
    public void close() {
        lookout.close();
    }

    private void look() throws CatalogException {
        for (String id : notices.waiting()) {
            Pause pause = pauses.get(id);
            if (pause == null || System.nanoTime() - pause.until() >= 0) {
                step(id);
            }
        }
    }

    private void step(String id) throws CatalogException {
        while (!lookout.closing() && notices.step(id, clock.instant())) {
            // One transaction each, so that others have their turn.
        }
        String error = notices.figures(id).error();
        if (error.isEmpty()) {
            pauses.remove(id);
            return;
        }
        Pause old = pauses.get(id);
        Duration length = old == null ? PAUSE_MIN : old.length().multipliedBy(2);
        length = length.compareTo(PAUSE_MAX) < 0 ? length : PAUSE_MAX;
        LOG.warn("notices of {} must wait {}: {}", id, length, error);
        pauses.put(id, new Pause(System.nanoTime() + length.toNanos(), length));
    }
}
