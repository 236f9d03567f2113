package dev.cairn.recorder;

import dev.cairn.recorder.RecordingException.Kind;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Records an application's calls in a Cairn.
///
/// ```java
/// var recorder = Recorder.to(URI.create("http://127.0.0.1:4580"), Path.of("spool"))
///         .token(token).account("123456789012").source("orders.example.com").open();
/// recorder.record(Event.named("CreateOrder").identity(Identity.user("mary")).requestParameter("orderId", 7));
/// ```
///
/// [#record] returns when the event is on this machine's disk, in the *spool*; a thread of the
/// recorder's own sends it on, in batches, and again until Cairn says that it has it. So events
/// outlive Cairn's absence and this process's end; what is sent twice has the same `eventID`, by
/// which Cairn knows it. A spool that is full pushes back: nothing is dropped. What Cairn refuses
/// (an account that the token is not for, say) is kept in the spool's folder `refused`, by its
/// `eventID`, and counted.
///
/// One recorder is enough for an application, and a spool's folder is for one recorder. Any thread
/// may call any method.
public final class Recorder implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Recorder.class.getName());

    /// What a room holds.
    private static final long ROOM_BYTES = SpoolRecord.BYTES_MAX;

    private static final Duration STOP_MAX = Duration.ofSeconds(5);

    private final Spool spool;
    private final Sender sender;
    private final Thread thread;
    private final EventForm form;
    private final InstantSource clock;
    private final Supplier<UUID> ids;
    private final Duration waitForRoom;
    private final Duration closeWait;
    private final long spoolBytesMax;
    private final Cleaner cleaner = Cleaner.create();
    private final LongAdder recorded = new LongAdder();
    private final LongAdder pushedBack = new LongAdder();
    private final LongAdder failed = new LongAdder();

    private Recorder(Builder builder) {
        this.form =
                new EventForm(
                        builder.account,
                        builder.region,
                        builder.source,
                        Redaction.USUAL.and(builder.redacted));
        this.clock = builder.clock;
        this.ids = builder.ids;
        this.waitForRoom = builder.waitForRoom;
        this.closeWait = builder.closeWait;
        this.spoolBytesMax = builder.spoolBytesMax;
        var intake =
                new IntakeClient(builder.endpoint, builder.credential(), clock, builder.answerMax);
        this.spool = Spool.open(builder.folder, spoolBytesMax);
        this.sender =
                new Sender(
                        spool,
                        intake,
                        clock,
                        builder.random,
                        builder.batchEvents,
                        builder.flushInterval);
        this.thread = new Thread(sender, "cairn-recorder");
        // What it has not sent is on disk: no reason to keep a process alive.
        thread.setDaemon(true);
        thread.start();
    }

    /// A recorder for a Cairn.
    ///
    /// @param endpoint such as `http://127.0.0.1:4580`
    /// @param spool a folder for this recorder alone; it is made
    public static Builder to(URI endpoint, Path spool) {
        return new Builder(endpoint, spool);
    }

    /// Records an event, and returns when it is on disk.
    ///
    /// @return its `eventID`
    /// @throws RecordingException when it is not; with FULL when the spool had no room for as long
    ///   as the builder says
    public String record(Event event) {
        return record(event, 0);
    }

    /// Takes room for one event, waiting for it as long as the builder says.
    ///
    /// @throws RecordingException with FULL: now is not the time to do what could not be recorded
    public Room room() {
        reserve(ROOM_BYTES);
        return new Room(this, ROOM_BYTES, cleaner);
    }

    /// @param held room that is the event's already
    String record(Event event, long held) {
        var reserved = held;
        var kept = false;
        try {
            var id = event.id == null ? ids.get() : event.id;
            var json = form.json(event, id, clock.instant());
            var size = SpoolRecord.size(json);
            if (reserved == 0) {
                reserve(size);
                reserved = size;
            }
            spool.append(json);
            kept = true;
            recorded.increment();
            if (reserved > size) {
                spool.release(reserved - size);
            }
            return id.toString();
        } catch (RecordingException failure) {
            if (failure.kind() != Kind.FULL) {
                failed.increment();
            }
            throw failure;
        } finally {
            if (!kept && reserved > 0) {
                spool.release(reserved);
            }
        }
    }

    private void reserve(long bytes) {
        try {
            spool.reserve(bytes, waitForRoom);
        } catch (RecordingException failure) {
            if (failure.kind() == Kind.FULL) {
                pushedBack.increment();
            }
            throw failure;
        }
    }

    void release(long bytes) {
        spool.release(bytes);
    }

    /// A room was taken for a call whose end nobody told.
    void forgotten(long bytes) {
        failed.increment();
        release(bytes);
        LOG.log(Level.WARNING, "what room was taken for was never recorded");
    }

    /// The event source of events that name none.
    public String source() {
        return form.source();
    }

    /// What it has done, and has to do.
    public RecorderStatus status() {
        var contents = spool.contents();
        return new RecorderStatus(
                recorded.sum(),
                sender.sent(),
                sender.refused(),
                pushedBack.sum(),
                failed.sum(),
                contents.pending(),
                contents.usedBytes(),
                spoolBytesMax,
                contents.damagedBytes(),
                sender.lastSent(),
                sender.lastFailure());
    }

    /// Waits until everything is sent (or refused, and kept).
    ///
    /// @return whether it is
    public boolean flush(Duration wait) throws InterruptedException {
        return spool.awaitEmpty(wait);
    }

    /// Sends what is left, for as long as the builder says, and stops. What is not sent then is
    /// sent when a recorder opens the same spool again. An interrupt cuts that short.
    @Override
    public void close() {
        var interrupted = false;
        try {
            spool.awaitEmpty(closeWait);
        } catch (InterruptedException hurried) {
            interrupted = true;
        }
        thread.interrupt();
        try {
            thread.join(STOP_MAX.toMillis());
        } catch (InterruptedException hurried) {
            interrupted = true;
        }
        spool.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// What a recorder is to be like. Everything but the credential, the account and the source has
    /// a default.
    public static final class Builder {
        private static final Pattern ACCOUNT = Pattern.compile("[0-9]{1,32}");
        private static final Pattern REGION = Pattern.compile("[A-Za-z0-9_-]{1,32}");

        /// Two rooms fit.
        private static final long SPOOL_BYTES_MIN = 1 << 20;

        private static final int BATCH_EVENTS_MAX = 10_000;

        private final URI endpoint;
        private final Path folder;
        private final List<String> redacted = new ArrayList<>();
        private @Nullable String token;
        private @Nullable String accessKeyId;
        private @Nullable String secretKey;
        private String account = "";
        private String region = "us-east-1";
        private String source = "";
        private long spoolBytesMax = 256L << 20;
        private int batchEvents = 500;
        private Duration flushInterval = Duration.ofMillis(100);
        private Duration waitForRoom = Duration.ZERO;
        private Duration closeWait = Duration.ofSeconds(2);
        private Duration answerMax = Duration.ofSeconds(30);
        private InstantSource clock = InstantSource.system();
        private RandomGenerator random = new SplittableRandom();
        private Supplier<UUID> ids = UUID::randomUUID;

        private Builder(URI endpoint, Path folder) {
            var scheme = String.valueOf(endpoint.getScheme());
            if (endpoint.getHost() == null || !scheme.matches("https?")) {
                throw new IllegalArgumentException(
                        "expected an endpoint such as http://127.0.0.1:4580, got " + endpoint);
            }
            this.endpoint = endpoint;
            this.folder = folder;
        }

        /// Sends with a bearer token, made with `cairn token create --for intake`.
        public Builder token(String token) {
            this.token = token;
            return this;
        }

        /// Sends signed requests. The key must allow `operate`.
        public Builder key(String accessKeyId, String secretKey) {
            this.accessKeyId = accessKeyId;
            this.secretKey = secretKey;
            return this;
        }

        /// Whose the events are that name no account: digits.
        public Builder account(String account) {
            this.account = expect(ACCOUNT, account, "an account of digits");
            return this;
        }

        /// Where the events are from that name no region; `us-east-1` by default.
        public Builder region(String region) {
            this.region = expect(REGION, region, "a region such as us-east-1");
            return this;
        }

        /// The event source of events that name none: `orders.example.com`.
        public Builder source(String eventSource) {
            this.source = eventSource;
            return this;
        }

        /// Hides members of parameters, answers and additional data in every event; see
        /// [Event#redact].
        public Builder redact(String... names) {
            redacted.addAll(List.of(names));
            return this;
        }

        /// How much of the disk the spool may take: at least 1 MB, 256 MB by default. Each room
        /// takes 256 KB of it.
        public Builder spoolBytesMax(long bytes) {
            if (bytes < SPOOL_BYTES_MIN) {
                throw new IllegalArgumentException(
                        "expected a spool of at least %d bytes, got %d"
                                .formatted(SPOOL_BYTES_MIN, bytes));
            }
            this.spoolBytesMax = bytes;
            return this;
        }

        /// How long who records waits for room in a full spool before it is pushed back; not at all
        /// by default.
        public Builder waitForRoom(Duration wait) {
            this.waitForRoom = wait;
            return this;
        }

        /// How many events are sent at once, at most: 500 by default.
        public Builder batchEvents(int events) {
            if (events < 1 || events > BATCH_EVENTS_MAX) {
                throw new IllegalArgumentException(
                        "expected batches of 1 to %d events, got %d"
                                .formatted(BATCH_EVENTS_MAX, events));
            }
            this.batchEvents = events;
            return this;
        }

        /// How long events are gathered before they are sent, at most: 100 ms by default.
        public Builder flushInterval(Duration interval) {
            this.flushInterval = interval;
            return this;
        }

        /// How long [Recorder#close] goes on sending, at most: 2 s by default.
        public Builder closeWait(Duration wait) {
            this.closeWait = wait;
            return this;
        }

        /// How long Cairn may take to answer: 30 s by default.
        public Builder answerMax(Duration max) {
            this.answerMax = max;
            return this;
        }

        /// Where time comes from.
        public Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        /// Where the ids of events come from; they must never come twice.
        public Builder ids(Supplier<UUID> ids) {
            this.ids = ids;
            return this;
        }

        /// Where the chance in pauses comes from.
        public Builder random(RandomGenerator random) {
            this.random = random;
            return this;
        }

        /// Opens the spool and begins to send what an earlier process left in it.
        ///
        /// @throws RecordingException with DISK when the spool cannot be opened
        public Recorder open() {
            expect(ACCOUNT, account, "an account of digits");
            if (source.isBlank()) {
                throw new IllegalArgumentException(
                        "expected a source such as orders.example.com, got none");
            }
            return new Recorder(this);
        }

        private Credential credential() {
            if (token != null && accessKeyId == null) {
                return new Credential.Token(token);
            }
            if (token == null && accessKeyId != null) {
                return new Credential.Key(
                        accessKeyId, Objects.requireNonNull(secretKey, "secretKey"), region);
            }
            throw new IllegalArgumentException("expected either a token or a key");
        }

        private static String expect(Pattern pattern, String value, String what) {
            if (!pattern.matcher(value).matches()) {
                throw new IllegalArgumentException("expected %s, got '%s'".formatted(what, value));
            }
            return value;
        }
    }
}
