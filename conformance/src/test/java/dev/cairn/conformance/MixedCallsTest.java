package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.testkit.archive.Radosgw;
import dev.cairn.testkit.wire.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;
import software.amazon.awssdk.services.sqs.model.SqsRequest;

/// Made = recorded, exactly, in strict mode: clients of the SDK call a Ceph, an S3Proxy, a DynamoDB
/// Local and an ElasticMQ through one gateway, all at once, while lines to the upstreams go down,
/// reset, fall silent and cut answers short, an upstream is killed, and so are the gateway and its
/// Cairn, each with a call in its hands for certain.
///
/// What goes wrong is made to: beside the clients, each outage has a call of its own, which is made
/// while it lasts, and whose event has to say what befell it. When it comes about is a matter of
/// how many calls were begun, not of time.
///
/// A call is *made* when its client has a whole answer of it, whoever gave it, or when its upstream
/// did what it asks for, which is looked up in the upstream afterwards. What must hold
/// (`docs/decisions/0016-strict-gateway.md`):
///
/// 1. Each call that was made is one event. No call is two, and no event is without a call.
/// 2. The event of a call that was answered says what its client was told, in all five parts.
/// 3. Calls without a whole answer are those that were in flight at a kill, one for a client at
///    most, and those whose long answer broke off on the line, which their events say.
/// 4. Calls that were refused because they could not be recorded are none, and there are only such
///    where the gateway outlives its Cairn: those in flight at the kill.
final class MixedCallsTest {
    private static final LiveServer.Credentials MARY =
            new LiveServer.Credentials("AKIAUPSTREAMSUSER001", "upstreams/secret/0123456789abcdef");
    private static final int CLIENTS = 8;

    /// What goes wrong in a round, each time a new one begins.
    private static final int OUTAGES = 6;

    private static final Duration PROGRESS_MAX = Duration.ofMinutes(2);
    private static final Await.Bound RECORDED =
            Await.Bound.of("every call that was made in the ledger", Duration.ofMinutes(2));
    private static final Await.Bound CAUGHT_UP =
            Await.Bound.of("history caught up", Duration.ofMinutes(3));
    private static final Await.Bound RECORDING =
            Await.Bound.of("a gateway that passes calls on", Duration.ofMinutes(1));
    private static final String SOURCES =
            "eventSource:s3.amazonaws.com OR eventSource:dynamodb.amazonaws.com OR eventSource:sqs.amazonaws.com";

    private final Instant begun = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final CallLog log = new CallLog();

    /// The calls that outages have of their own, by a mark, and what the event of each says.
    private final Map<String, String> befallen = new LinkedHashMap<>();

    /// How much is called, and how much goes wrong meanwhile.
    ///
    /// @param calls of the clients
    /// @param rounds of [#OUTAGES] each, one of them a kill
    private record Amount(int calls, int rounds, long seed) {
        int outages() {
            return rounds * OUTAGES;
        }
    }

    /// What records, and can be killed.
    private interface Recording extends AutoCloseable {
        /// SIGKILL, to all of it or the part whose turn it is.
        ///
        /// @return whether calls that it had in its hands are without an answer
        boolean kill(int round) throws Exception;

        /// What was killed serves again, on its folder.
        void restart() throws Exception;

        /// Whether calls may be refused because Cairn is away.
        boolean mayRefuse();

        LiveServer cairn();

        @Override
        void close();
    }

    /// The gateway in Cairn's own process: both die together.
    private record Inside(LiveServer cairn) implements Recording {
        static Inside start(List<URI> gateways, List<URI> lines) throws Exception {
            return new Inside(
                    LiveServer.start(
                            "gateway.listen=" + joined(gateways, URI::getAuthority),
                            "gateway.upstream=" + joined(lines, URI::toString),
                            "gateway.upstream-timeout=3s",
                            "ledger.segment-bytes=8MB",
                            "history.commit-interval=1s"));
        }

        @Override
        public boolean kill(int round) throws Exception {
            cairn.kill();
            return true;
        }

        @Override
        public void restart() throws Exception {
            cairn.restart();
        }

        @Override
        public boolean mayRefuse() {
            return false;
        }

        @Override
        public void close() {
            cairn.close();
        }
    }

    /// The gateway in a process of its own: it and its Cairn die in turns.
    private static final class Apart implements Recording {
        private final LiveServer cairn;
        private final LiveGateway gateway;
        private final HttpClient http = HttpClient.newHttpClient();
        private boolean cairnIsKilled;

        Apart(List<URI> gateways, List<URI> lines) throws Exception {
            cairn = LiveServer.start("ledger.segment-bytes=8MB", "history.commit-interval=1s");
            try {
                var token = cairn.home().resolve("gateway.token");
                Files.writeString(
                        token, cairn.cairn("token", "create", "--for", "gateway").exited(0).out());
                gateway =
                        LiveGateway.startAt(
                                cairn.home(),
                                gateways,
                                lines,
                                "--endpoint",
                                cairn.endpoint().toString(),
                                "--token-file",
                                token.toString(),
                                "--set",
                                "gateway.upstream-timeout=3s");
            } catch (Exception | Error failure) {
                cairn.close();
                throw failure;
            }
        }

        @Override
        public boolean kill(int round) throws Exception {
            cairnIsKilled = round % 2 == 1;
            if (cairnIsKilled) {
                cairn.kill();
            } else {
                gateway.kill();
            }
            return !cairnIsKilled;
        }

        /// Calls that nobody could record are not begun: they would only be refused.
        @Override
        public void restart() throws Exception {
            if (cairnIsKilled) {
                cairn.restart("http.port=" + cairn.endpoint().getPort());
            } else {
                gateway.restart();
            }
            Await.until(
                    RECORDING,
                    () ->
                            http.send(
                                                    HttpRequest.newBuilder(
                                                                    gateway.inside()
                                                                            .resolve("/health"))
                                                            .build(),
                                                    HttpResponse.BodyHandlers.discarding())
                                            .statusCode()
                                    == 200);
        }

        @Override
        public boolean mayRefuse() {
            return true;
        }

        @Override
        public LiveServer cairn() {
            return cairn;
        }

        @Override
        public void close() {
            gateway.close();
            cairn.close();
            http.close();
        }
    }

    /// The lives of what records, each of which has clients of its own: connections do not outlive
    /// the process that they lead to.
    private final class Lives implements AutoCloseable {
        private final Recording recording;
        private final List<URI> gateways;
        private final List<LoggedClients> opened = new ArrayList<>();

        /// Not complete while there is no life.
        private final AtomicReference<CompletableFuture<MixedTraffic.Callers>> now =
                new AtomicReference<>(new CompletableFuture<>());

        Lives(Recording recording, List<URI> gateways) {
            this.recording = recording;
            this.gateways = gateways;
            begin();
        }

        private void begin() {
            var clients = new LoggedClients(MARY, log);
            opened.add(clients);
            now.get().complete(MixedTraffic.Callers.of(clients, gateways));
        }

        /// Who to call by; waits for a life.
        MixedTraffic.Callers callers() throws Exception {
            return now.get().get(PROGRESS_MAX.toSeconds(), TimeUnit.SECONDS);
        }

        /// @return whether calls in flight are without an answer
        boolean end(int round) throws Exception {
            now.set(new CompletableFuture<>());
            return recording.kill(round);
        }

        void beginAgain() throws Exception {
            recording.restart();
            begin();
        }

        /// When the last call has ended.
        @Override
        public void close() {
            opened.forEach(LoggedClients::close);
        }
    }

    /// Starts what records.
    @FunctionalInterface
    private interface Start {
        /// @param gateways where clients come in
        /// @param lines to the upstreams
        Recording start(List<URI> gateways, List<URI> lines) throws Exception;
    }

    @Test
    @Tag("long")
    void eachCallIsOneEventOfAGatewayInsideCairn() throws Exception {
        callsAreEvents(Inside::start, new Amount(2_000, 2, 20261121));
    }

    @Test
    @Tag("long")
    void eachCallIsOneEventOfAGatewayInAProcessOfItsOwn() throws Exception {
        callsAreEvents(Apart::new, new Amount(2_000, 2, 20261122));
    }

    @Test
    @Tag("long")
    void aHundredThousandCallsAreAHundredThousandEvents() throws Exception {
        callsAreEvents(Apart::new, new Amount(100_000, 16, 4711));
    }

    private void callsAreEvents(Start start, Amount amount) throws Exception {
        var gateways = new ArrayList<URI>();
        for (var i = 0; i < MixedTraffic.UPSTREAMS; i++) {
            gateways.add(URI.create("http://127.0.0.1:" + Ports.free()));
        }
        try (var ceph = Radosgw.assume(MARY.accessKeyId(), MARY.secretAccessKey());
                var s3Proxy = UpstreamServer.s3Proxy(MARY);
                var dynamoDb = UpstreamServer.dynamoDb();
                var elasticMq = UpstreamServer.elasticMq(gateways.get(3));
                var directly = new LoggedClients(MARY, new CallLog())) {
            var endpoints =
                    List.of(
                            ceph.endpoint(),
                            s3Proxy.endpoint(),
                            dynamoDb.endpoint(),
                            elasticMq.endpoint());
            var upstreams = MixedTraffic.Callers.of(directly, endpoints);
            var traffic = MixedTraffic.furnish(upstreams);
            try (var lines = Lines.to(endpoints);
                    var recording = start.start(gateways, lines.endpoints())) {
                recording.cairn().introduce(MARY, LiveServer.ACCOUNT);
                try (var lives = new Lives(recording, gateways)) {
                    drive(
                            amount,
                            lives,
                            traffic,
                            new Director(amount, lives, lines, s3Proxy, traffic));
                }
                judge(recording, traffic, traffic.executed(upstreams), amount);
            }
        }
    }

    private static String joined(List<URI> addresses, Function<URI, String> written) {
        return String.join(",", addresses.stream().map(written).toList());
    }

    /// The lines to all upstreams.
    private record Lines(List<FaultyLine> all) implements AutoCloseable {
        static Lines to(List<URI> upstreams) throws Exception {
            var lines = new ArrayList<FaultyLine>();
            for (var upstream : upstreams) {
                lines.add(new FaultyLine(upstream));
            }
            return new Lines(lines);
        }

        List<URI> endpoints() {
            return all.stream().map(FaultyLine::endpoint).toList();
        }

        @Override
        public void close() throws IOException {
            for (var line : all) {
                line.close();
            }
        }
    }

    private void drive(Amount amount, Lives lives, MixedTraffic traffic, Director director)
            throws Exception {
        var failed = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var clients = new ArrayList<Future<?>>();
            for (var i = 0; i < CLIENTS; i++) {
                var random = new Random(amount.seed() + i);
                clients.add(
                        threads.submit(() -> {
                            while (log.size() < amount.calls() && !failed.get()) {
                                traffic.any(lives.callers(), random);
                            }
                            return null;
                        }));
            }
            try {
                director.direct();
            } catch (Exception | Error failure) {
                // Nobody would wake them.
                failed.set(true);
                threads.shutdownNow();
                throw failure;
            }
            for (var client : clients) {
                client.get();
            }
        }
    }

    /// Makes things go wrong, and a call of its own with each of them.
    private final class Director {
        private static final int S3_PROXY = 1;

        private final Amount amount;
        private final Lives lives;
        private final Lines lines;
        private final UpstreamServer s3Proxy;
        private final MixedTraffic traffic;
        private int outages;

        Director(
                Amount amount,
                Lives lives,
                Lines lines,
                UpstreamServer s3Proxy,
                MixedTraffic traffic) {
            this.amount = amount;
            this.lives = lives;
            this.lines = lines;
            this.s3Proxy = s3Proxy;
            this.traffic = traffic;
        }

        void direct() throws Exception {
            for (var round = 0; round < amount.rounds(); round++) {
                var upstream = round % MixedTraffic.UPSTREAMS;
                disturb(upstream, FaultyLine.State.DOWN, "UpstreamUnavailable");
                disturb(upstream, FaultyLine.State.RESETTING, "UpstreamReset");
                disturb(upstream, FaultyLine.State.SILENT, "UpstreamTimeout");
                cut(upstream);
                killUpstream();
                kill(round, upstream);
            }
        }

        /// Waits for the next outage's time to come: they are as many calls apart as can be.
        private void comeTo() throws Exception {
            outages++;
            var target = (int) ((long) outages * amount.calls() / (amount.outages() + 1));
            Await.until(
                    Await.Bound.of("call %d begun".formatted(target), PROGRESS_MAX),
                    () -> log.size() >= target);
        }

        private void disturb(int upstream, FaultyLine.State state, String errorCode)
                throws Exception {
            comeTo();
            var line = lines.all().get(upstream);
            var name = traffic.fresh();
            befallen.put(name, errorCode);
            line.set(state);
            traffic.write(lives.callers(), upstream, name);
            line.set(FaultyLine.State.SOUND);
        }

        private void cut(int upstream) throws Exception {
            comeTo();
            var line = lines.all().get(upstream);
            line.set(FaultyLine.State.CUTTING);
            befallen.put(traffic.ask(lives.callers(), upstream), "UpstreamCut");
            line.set(FaultyLine.State.SOUND);
        }

        /// The line still takes connections, and ends them.
        private void killUpstream() throws Exception {
            comeTo();
            var name = traffic.fresh();
            befallen.put(name, "UpstreamReset");
            s3Proxy.kill();
            traffic.write(lives.callers(), S3_PROXY, name);
            s3Proxy.restart();
        }

        /// With a call in hand that the upstream has done, whose answer is held back on the line.
        /// Where the gateway lives on, it comes then, and its client has it when Cairn is back.
        private void kill(int round, int upstream) throws Exception {
            comeTo();
            var line = lines.all().get(upstream);
            var name = traffic.fresh();
            var on = lives.callers();
            line.set(FaultyLine.State.HOLDING);
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var call = threads.submit(() -> traffic.write(on, upstream, name));
                line.awaitHeld(name);
                befallen.put(name, lives.end(round) ? "OutcomeUnknown" : "");
                line.set(FaultyLine.State.SOUND);
                lives.beginAgain();
                call.get(PROGRESS_MAX.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    // What must hold.

    /// The numbers of calls that were made.
    ///
    /// @param present names that upstreams have
    private static Set<Integer> made(
            List<CallLog.Made> calls, MixedTraffic traffic, Set<String> present) {
        var made = new HashSet<Integer>();
        var accounted = new HashSet<String>();
        for (var call : calls) {
            if (call.answer() != null && !isRefused(call)) {
                made.add(call.number());
            }
            for (var name : MixedTraffic.written(call)) {
                if (present.contains(name)) {
                    accounted.add(name);
                    made.add(call.number());
                }
            }
            var deleted = MixedTraffic.deleted(call);
            if (traffic.wasThere(deleted) && !present.contains(deleted)) {
                made.add(call.number());
            }
        }
        var unasked = new TreeSet<>(present);
        unasked.removeAll(accounted);
        assertThat(unasked).as("what the upstreams have, and nobody asked for").isEmpty();
        return made;
    }

    /// Whether its client was told that it could not be recorded. None of the upstreams says so.
    private static boolean isRefused(CallLog.Made call) {
        return call.answer() != null && call.answer().status() == 503;
    }

    private void judge(
            Recording recording, MixedTraffic traffic, Set<String> present, Amount amount)
            throws Exception {
        var calls = new HashMap<Integer, CallLog.Made>();
        log.calls().forEach(call -> calls.put(call.number(), call));
        assertThat(calls).hasSizeGreaterThanOrEqualTo(amount.calls());
        var made = made(List.copyOf(calls.values()), traffic, present);
        var inFlightMax = amount.rounds() * (CLIENTS + 1);
        try (var wire = new Wire(recording.cairn().endpoint())) {
            var recorded = new HashMap<Integer, Event>();
            var ledger = new Ledger(wire);
            Await.value(
                    RECORDED,
                    () -> {
                        ledger.readOn(event -> check(event, calls, recorded));
                        return missing(made, recorded.keySet());
                    },
                    Set::isEmpty);
            checkBefallen(calls.values(), recorded);

            // In flight at a kill, or broken off on the line.
            var inFlight = new ArrayList<Integer>();
            var mayBeMade = new HashSet<Integer>();
            for (var call : calls.values()) {
                var event = recorded.get(call.number());
                var onTheLine = event != null && event.errorCode().startsWith("Upstream");
                if (call.answer() == null || isRefused(call)) {
                    mayBeMade.add(call.number());
                    if (!onTheLine) {
                        inFlight.add(call.number());
                    }
                }
                if (isRefused(call)) {
                    assertThat(recording.mayRefuse()).as("refused: %s", call).isTrue();
                }
            }
            assertThat(inFlight)
                    .as("in flight at a kill, seed %d", amount.seed())
                    .hasSizeLessThanOrEqualTo(inFlightMax);
            assertThat(missing(recorded.keySet(), made))
                    .as("recorded, but not known to be made, seed %d", amount.seed())
                    .isSubsetOf(mayBeMade);

            var ids = new HashSet<String>();
            recorded.values().forEach(event -> ids.add(event.id()));
            assertThat(history(wire)).as("history, seed %d", amount.seed()).isEqualTo(ids);
        }
        var status = recording.cairn().cairn("status", "--verify").exited(0);
        assertThat(status.out()).contains("even").doesNotContain("NOT EVEN", "DAMAGED");
    }

    /// Whatever was to go wrong has, and is recorded as what it was.
    private void checkBefallen(Iterable<CallLog.Made> calls, Map<Integer, Event> recorded) {
        var found = new HashMap<String, String>();
        for (var call : calls) {
            for (var mark : befallen.keySet()) {
                if (MixedTraffic.isMarked(call, mark)) {
                    var event = recorded.get(call.number());
                    found.put(mark, event == null ? "no event" : event.errorCode());
                }
            }
        }
        assertThat(found).containsExactlyInAnyOrderEntriesOf(befallen);
    }

    private static Set<Integer> missing(Set<Integer> all, Set<Integer> from) {
        var missing = new TreeSet<>(all);
        missing.removeAll(from);
        return missing;
    }

    /// What is kept of an event.
    ///
    /// @param errorCode empty for none
    private record Event(String id, String errorCode) {}

    /// One event at a time: together they are too many to hold.
    private void check(
            JsonNode event, Map<Integer, CallLog.Made> calls, Map<Integer, Event> recorded) {
        var number = CallLog.number(event.path("userAgent").asText()).orElse(-1);
        var call = calls.get(number);
        if (call == null) {
            throw new AssertionError("expected an event of a call that was made, got " + event);
        }
        var other =
                recorded.put(
                        number,
                        new Event(
                                event.path("eventID").asText(),
                                event.path("errorCode").asText("")));
        if (other != null) {
            throw new AssertionError(
                    "expected one event of %s, got %s and %s".formatted(call, other, event));
        }
        var parts = new FiveParts(source(call), MARY, LiveServer.ACCOUNT, begun);
        if (call.answer() == null || isRefused(call)) {
            parts.checkAsked(call, event);
        } else {
            parts.check(call, event);
        }
    }

    private static String source(CallLog.Made call) {
        return switch (call.request()) {
            case DynamoDbRequest _ -> "dynamodb.amazonaws.com";
            case SqsRequest _ -> "sqs.amazonaws.com";
            default -> "s3.amazonaws.com";
        };
    }

    /// Reads the ledger from where it stopped before.
    private static final class Ledger {
        private final Wire wire;
        private String after = "0";

        Ledger(Wire wire) {
            this.wire = wire;
        }

        void readOn(Consumer<JsonNode> sink) throws Exception {
            while (true) {
                var page =
                        wire.get(
                                        LiveServer.ROOT,
                                        "/cairn/v1/tail",
                                        "after",
                                        after,
                                        "query",
                                        SOURCES,
                                        "limit",
                                        "1000")
                                .expect(200)
                                .json();
                for (var event : page.path("events")) {
                    sink.accept(Wire.JSON.readTree(event.path("record").asText()));
                }
                var next = page.path("after").asText();
                if (next.equals(after)) {
                    return;
                }
                after = next;
            }
        }
    }

    /// The ids of the events that a search finds; fails on one that it finds twice.
    private static Set<String> history(Wire wire) throws Exception {
        Await.until(
                CAUGHT_UP,
                () ->
                        !wire.get(
                                        LiveServer.ROOT,
                                        "/cairn/v1/events",
                                        "query",
                                        SOURCES,
                                        "limit",
                                        "1")
                                .expect(200)
                                .json()
                                .has("behindSince"));
        var found = new HashSet<String>();
        var token = "";
        do {
            var question = new ArrayList<>(List.of("query", SOURCES, "limit", "1000"));
            if (!token.isEmpty()) {
                question.addAll(List.of("nextToken", token));
            }
            var page =
                    wire.get(LiveServer.ROOT, "/cairn/v1/events", question.toArray(String[]::new))
                            .expect(200)
                            .json();
            for (var event : page.path("events")) {
                assertThat(found.add(event.path("eventId").asText())).isTrue();
            }
            token = page.path("nextToken").asText("");
        } while (!token.isEmpty());
        return found;
    }
}
