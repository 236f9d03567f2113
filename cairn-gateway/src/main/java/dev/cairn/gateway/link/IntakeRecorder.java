package dev.cairn.gateway.link;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.gateway.recording.Recorder;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/// Records through the intake of a Cairn that is another process, perhaps far away.
///
/// An answer that got lost leaves open whether the event is recorded; it is sent again under its
/// eventID, which Cairn knows (`intake.duplicate-window`). What does not say of each event what
/// became of it is no answer of Cairn's: a proxy's page, say.
public final class IntakeRecorder implements Recorder {
    /// Less than any Cairn takes in a body (`intake.body-bytes-max`), with the largest event.
    private static final int BODY_BYTES_MAX = 768 << 10;

    /// What Cairn refuses today it seldom takes a second later.
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(10);

    private final CairnLink cairn;
    private final Scope scope;

    /// Held by the thread that asks whether events are taken.
    private final ReentrantLock asking = new ReentrantLock();

    // Guarded by `asking`.
    private long askedNanos = System.nanoTime();
    private Optional<Append.Pushback> heard = Optional.empty();

    /// @param scope whose events Cairn lets this gateway record
    public IntakeRecorder(CairnLink cairn, Scope scope) {
        this.cairn = cairn;
        this.scope = scope;
    }

    @Override
    public boolean mayRecord(String account) {
        return scope.includes(account);
    }

    /// Asks Cairn: what it said before this call began does not count, for it may have died since.
    /// Those who wait at the same time share a question.
    @Override
    public Optional<Append.Pushback> pushback() throws InterruptedException {
        var came = System.nanoTime();
        asking.lockInterruptibly();
        try {
            if (askedNanos - came <= 0) {
                var now = System.nanoTime();
                heard = ask();
                // Not before: a question that was interrupted has no answer.
                askedNanos = now;
            }
            return heard;
        } finally {
            asking.unlock();
        }
    }

    private Optional<Append.Pushback> ask() throws InterruptedException {
        var away = cairn.away();
        var said = away.isPresent() ? away.get() : cairn.get(CairnLink.STATE, "");
        return said.isOk() && Scope.of(said).isPresent()
                ? Optional.empty()
                : Optional.of(said.pushback());
    }

    @Override
    public Optional<Append.Pushback> record(Entry entry) throws InterruptedException {
        return recordAgain(List.of(entry)).map(NotRecorded::pushback);
    }

    @Override
    public Optional<NotRecorded> recordAgain(List<Entry> entries) throws InterruptedException {
        Set<Integer> refused = new HashSet<>();
        Append.Pushback why = null;
        for (var from = 0; from < entries.size(); ) {
            var to = end(entries, from);
            var some = post(entries.subList(from, to));
            if (some.isPresent()) {
                if (some.get().refused().isEmpty()) {
                    return some;
                }
                why = some.get().pushback();
                for (var index : some.get().refused()) {
                    refused.add(from + index);
                }
            }
            from = to;
        }
        return why == null ? Optional.empty() : Optional.of(new NotRecorded(why, refused));
    }

    private static int end(List<Entry> entries, int from) {
        var to = from;
        long bytes = 0;
        do {
            bytes += entries.get(to).json().length + 1;
            to++;
        } while (to < entries.size()
                && bytes + entries.get(to).json().length + 1 <= BODY_BYTES_MAX);
        return to;
    }

    private Optional<NotRecorded> post(List<Entry> entries) throws InterruptedException {
        var body = new ByteArrayOutputStream();
        for (var entry : entries) {
            body.writeBytes(entry.json());
            body.write('\n');
        }
        var said = cairn.post(CairnLink.EVENTS, body.toByteArray());
        return saysOfEach(said, entries.size())
                ? refusals(said.json().path("refused"), entries)
                : Optional.of(new NotRecorded(said.pushback(), Set.of()));
    }

    private static boolean saysOfEach(CairnLink.Said said, int events) {
        var json = said.json();
        return (said.isOk() || said.status() == 400)
                && json.path("recorded").isInt()
                && json.path("duplicates").isInt()
                && json.path("refused").isArray()
                && json.path("recorded").asInt()
                                + json.path("duplicates").asInt()
                                + json.path("refused").size()
                        == events
                && json.path("refused").valueStream().allMatch(refusal -> isIndex(refusal, events));
    }

    private static boolean isIndex(JsonNode refusal, int events) {
        var index = refusal.path("index").asInt(-1);
        return index >= 0 && index < events;
    }

    private static Optional<NotRecorded> refusals(JsonNode refusals, List<Entry> entries) {
        Set<Integer> refused = new HashSet<>();
        var reason = "";
        for (var refusal : refusals) {
            var code = refusal.path("code").asText();
            var message = refusal.path("message").asText();
            if (code.equals("PushedBack")) {
                return Optional.of(
                        new NotRecorded(new Append.Pushback(CairnLink.REST, message), Set.of()));
            }
            // Recorded already, saying something else of its call: what is recorded stays.
            if (!code.equals("EventIdConflict")) {
                var index = refusal.path("index").asInt();
                refused.add(index);
                reason =
                        "Cairn refuses event %s: %s: %s"
                                .formatted(entries.get(index).id(), code, message);
            }
        }
        return refused.isEmpty()
                ? Optional.empty()
                : Optional.of(new NotRecorded(new Append.Pushback(AFTER_REFUSAL, reason), refused));
    }
}
