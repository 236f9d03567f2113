package dev.cairn.recorder;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Sends what is in the spool, batch after batch, until it is interrupted.
///
/// While Cairn does not take events, it tries again: when Cairn says to, else after 100 ms, then
/// twice as long each time, up to half a minute, a little by chance so that many recorders do not
/// come at once.
final class Sender implements Runnable {
    private static final System.Logger LOG = System.getLogger(Sender.class.getName());
    private static final Duration PAUSE_MIN = Duration.ofMillis(100);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

    /// However long Cairn says to wait.
    private static final Duration RETRY_AFTER_MAX = Duration.ofMinutes(5);

    private static final int BATCH_BYTES_MAX = 1 << 20;
    private static final JsonFactory JSON = new JsonFactory();

    private final Spool spool;
    private final IntakeClient intake;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final int batchMax;
    private final Duration gather;

    private int failures;
    private int atOnce;

    private final LongAdder sent = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile RecorderStatus.@Nullable Failure lastFailure;
    private volatile @Nullable Instant lastSent;

    Sender(
            Spool spool,
            IntakeClient intake,
            InstantSource clock,
            RandomGenerator random,
            int batchMax,
            Duration gather) {
        this.spool = spool;
        this.intake = intake;
        this.clock = clock;
        this.random = random;
        this.batchMax = batchMax;
        this.gather = gather;
        this.atOnce = batchMax;
    }

    /// Events that Cairn has acknowledged since the recorder was opened.
    long sent() {
        return sent.sum();
    }

    /// Events that Cairn refused since then.
    long refused() {
        return refused.sum();
    }

    RecorderStatus.@Nullable Failure lastFailure() {
        return lastFailure;
    }

    @Nullable Instant lastSent() {
        return lastSent;
    }

    @Override
    public void run() {
        try {
            while (true) {
                spool.await(batchMax, gather);
                try {
                    var batch = spool.next(batchMax, BATCH_BYTES_MAX);
                    if (batch != null) {
                        deliver(batch);
                    }
                } catch (IOException | RuntimeException failure) {
                    // Whatever it is, the events are in the spool, and are tried again.
                    failed("the spool: " + failure);
                    pause(null);
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void deliver(Spool.Batch batch) throws InterruptedException, IOException {
        List<byte[]> left = batch.events();
        var refusedBytes = 0L;
        while (!left.isEmpty()) {
            var now = left.subList(0, Math.min(atOnce, left.size()));
            var rest = left.subList(now.size(), left.size());
            var answer = intake.send(now);
            if (answer instanceof IntakeClient.Taken taken) {
                List<byte[]> again = new ArrayList<>();
                var kept = 0;
                for (var refusal :
                        taken.refused().stream()
                                .sorted(Comparator.comparingInt(IntakeClient.Refusal::index))
                                .toList()) {
                    var event = now.get(refusal.index());
                    if (refusal.pushedBack()) {
                        again.add(event);
                    } else {
                        refusedBytes += refuse(event, refusal.code(), refusal.message());
                        kept++;
                    }
                }
                sent.add(now.size() - again.size() - kept);
                lastSent = clock.instant();
                if (again.isEmpty()) {
                    failures = 0;
                    atOnce = Math.min(batchMax, atOnce * 2);
                } else {
                    failed("Cairn took part of a batch, the rest not now");
                    pause(null);
                }
                again.addAll(rest);
                left = again;
            } else if (answer instanceof IntakeClient.TooLarge tooLarge) {
                failed(tooLarge.reason());
                if (now.size() == 1) {
                    refusedBytes += refuse(now.get(0), "TooLarge", tooLarge.reason());
                    left = rest;
                } else {
                    atOnce = now.size() / 2;
                }
            } else if (answer instanceof IntakeClient.NotNow notNow) {
                failed(notNow.reason());
                pause(notNow.retryAfter().orElse(null));
            }
        }
        spool.sent(batch, refusedBytes);
    }

    /// @return how many bytes it goes on taking
    private long refuse(byte[] event, String code, String message) throws IOException {
        var id = id(event);
        var text = new StringWriter();
        try (var json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("code", code);
            json.writeStringField("message", message);
            json.writeStringField("time", clock.instant().toString());
            json.writeFieldName("event");
            json.writeRawValue(new String(event, UTF_8));
            json.writeEndObject();
        }
        spool.refuse(id, text.toString());
        refused.increment();
        var reason = "Cairn refused event " + id + ": " + code + ": " + message;
        LOG.log(Level.WARNING, "{0}; it is kept in the spool's folder 'refused'", reason);
        lastFailure = new RecorderStatus.Failure(clock.instant(), reason);
        return text.toString().getBytes(UTF_8).length;
    }

    private static String id(byte[] event) throws IOException {
        try (var json = JSON.createParser(event)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var member = json.currentName();
                json.nextToken();
                if (member.equals("eventID")) {
                    return json.getText();
                }
                json.skipChildren();
            }
        }
        throw new IOException("expected an event with an eventID");
    }

    private void failed(String reason) {
        if (failures == 0) {
            LOG.log(Level.WARNING, "events wait in the spool: {0}", reason);
        }
        lastFailure = new RecorderStatus.Failure(clock.instant(), reason);
    }

    private void pause(@Nullable Duration asked) throws InterruptedException {
        var millis =
                asked == null
                        ? Math.min(
                                PAUSE_MIN.toMillis() << Math.min(failures, 10),
                                PAUSE_MAX.toMillis())
                        : Math.max(
                                PAUSE_MIN.toMillis(),
                                Math.min(asked.toMillis(), RETRY_AFTER_MAX.toMillis()));
        failures++;
        Thread.sleep(millis + random.nextLong(millis / 4 + 1));
    }
}
