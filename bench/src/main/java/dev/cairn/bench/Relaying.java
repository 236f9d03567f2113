package dev.cairn.bench;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.Payload;
import dev.cairn.aws.sigv4.RequestSigner;
import dev.cairn.bench.Report.Better;
import dev.cairn.testkit.archive.Radosgw;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/// What it costs objects to pass the recording gateway: the same calls to the same upstream in the
/// same run, without the gateway and through it.
///
/// Two upstreams: Ceph's gateway, where it is on the path, a real S3 that checks signatures and
/// keeps objects (in memory); and a [ByteServer], which does nothing but move bytes, so that
/// nothing hides what the gateway costs; for large objects also at the speed of a network. Where it
/// is on the path, [Haproxy] passes the same calls on in the same run: what any process between
/// costs on processors that all share. Everything shares the machine: the load, the upstream, the
/// gateway, and history, which takes the events of these calls meanwhile; where the machine has
/// more than one processor, they are measured again with the gateway on one half of them, the
/// [others][Processors] on the other. Objects pass in both modes, `strict` and `spool`. Before each
/// measurement history has caught up, so that no run pays for another.
final class Relaying {
    private static final String ACCESS_KEY = "AKIABENCHUPSTREAM001";
    private static final String SECRET_KEY = "a key for the upstream of a benchmark";
    private static final String BUCKET = "/bench";
    private static final int KB = 1 << 10;
    private static final int MB = 1 << 20;
    private static final int BLOCK_BYTES = 64 * KB;
    private static final int PAIRS = 2;

    /// About how long a run through the gateway takes at most; a slow upstream is sent fewer
    /// objects.
    private static final double RUN_SECONDS_MAX = 8;

    /// Of the objects of a run, what its length is guessed from.
    private static final int TRIED = 20;

    private static final String STRICT = "strict";
    private static final String SPOOL = "spool";

    /// In bytes a second.
    private static final double GIGABIT = 1e9 / 8;

    private final Checkout checkout;
    private final Scratch scratch;
    private final int connections;
    private final Report report;
    private final byte[] block = new byte[BLOCK_BYTES];
    private final RequestSigner signer =
            new RequestSigner(ACCESS_KEY, SECRET_KEY, Optional.empty(), Radosgw.REGION, "s3");

    Relaying(Checkout checkout, Scratch scratch, int connections, Report report) {
        this.checkout = checkout;
        this.scratch = scratch;
        this.connections = connections;
        this.report = report;
    }

    /// How much of everything is sent.
    ///
    /// @param small objects of 16 KB in each run, at most
    /// @param medium objects of 1 MB in each run, at most
    /// @param large the bytes of one large object
    /// @param huge the bytes of the object that memory is watched over
    /// @param warming objects of 16 KB, put and got once a Cairn has started
    record Amounts(long small, long medium, long large, long huge, long warming) {
        static final Amounts FULL = new Amounts(20_000, 1_000, 1L << 30, 10L << 30, 80_000);
        static final Amounts QUICK = new Amounts(200, 20, 16L << 20, 32L << 20, 200);
    }

    /// What the gateway is put before.
    enum Upstream {
        /// A server that only moves bytes.
        bytes,
        /// The same, held to 1 Gbit/s.
        gigabit,
        /// Ceph's S3.
        ceph
    }

    void run(Collection<Upstream> upstreams, Amounts amounts)
            throws BenchException, InterruptedException {
        for (Upstream upstream : EnumSet.copyOf(upstreams)) {
            switch (upstream) {
                case bytes -> beforeBytes(amounts);
                case gigabit -> beforeGigabit(amounts);
                case ceph -> beforeCeph(amounts);
            }
        }
    }

    private void beforeBytes(Amounts amounts) throws BenchException, InterruptedException {
        try (ByteServer bytes = new ByteServer()) {
            inBothModes("bytes alone", bytes.address(), amounts);
            before(
                    "bytes alone",
                    bytes.address(),
                    STRICT,
                    amounts,
                    (server, _) -> {
                        rate(server.gateway(0), new Kind("PUT", amounts.large()));
                        large(server, "bytes alone", bytes.address(), amounts.large(), PAIRS + 1);
                        huge(server, amounts.huge());
                    });
        } catch (IOException e) {
            throw new BenchException("cannot serve bytes: " + e.getMessage(), e);
        }
    }

    private void beforeGigabit(Amounts amounts) throws BenchException, InterruptedException {
        try (ByteServer gigabit = new ByteServer(GIGABIT)) {
            before(
                    "1 Gbit/s",
                    gigabit.address(),
                    STRICT,
                    amounts,
                    (server, _) ->
                            large(server, "1 Gbit/s", gigabit.address(), amounts.large(), 1));
        } catch (IOException e) {
            throw new BenchException("cannot serve bytes: " + e.getMessage(), e);
        }
    }

    private void beforeCeph(Amounts amounts) throws BenchException, InterruptedException {
        try (Radosgw ceph = Radosgw.assume(ACCESS_KEY, SECRET_KEY)) {
            pass(ceph.endpoint(), "PUT", BUCKET, 0);
            inBothModes("Ceph", ceph.endpoint(), amounts);
        } catch (TestAbortedException absent) {
            System.err.println("gateway before Ceph: left out: " + absent.getMessage());
        } catch (IOException e) {
            throw new BenchException("cannot run Ceph's gateway: " + e.getMessage(), e);
        }
    }

    @FunctionalInterface
    private interface Measuring {
        /// @param bare null when there is none
        void with(CairnServer server, @Nullable Haproxy bare)
                throws BenchException, InterruptedException;
    }

    private void inBothModes(String name, URI upstream, Amounts amounts)
            throws BenchException, InterruptedException {
        for (String mode : new String[] {STRICT, SPOOL}) {
            before(
                    name,
                    upstream,
                    mode,
                    amounts,
                    (server, bare) -> {
                        objects(server, bare, name + ", " + mode, upstream, amounts);
                        if (Processors.canHalve()) {
                            apart(server, bare, name + ", " + mode, upstream, amounts);
                        }
                    });
        }
    }

    /// The same, where the gateway has processors of its own: it usually has a machine of its own,
    /// and the upstream has others.
    private void apart(
            CairnServer server, @Nullable Haproxy bare, String name, URI upstream, Amounts amounts)
            throws BenchException, InterruptedException {
        Set<Long> between = bare == null ? Set.of(server.pid()) : Set.of(server.pid(), bare.pid());
        Processors processors = Processors.halve(between);
        try {
            objects(server, bare, name + ", processors apart", upstream, amounts);
        } finally {
            processors.whole();
        }
    }

    /// A Cairn with its gateway before an upstream, and before one that is as fast as can be, by
    /// way of which it is warmed up: until most of the way that calls take is compiled, the
    /// compiler takes more of the processors than the calls do, and a slow upstream would draw that
    /// out over minutes.
    private void before(
            String name, URI upstream, String mode, Amounts amounts, Measuring measuring)
            throws BenchException, InterruptedException {
        Path data = scratch.resolve("gateway-cairn-" + name.replaceAll("\\W", "-"));
        try (ByteServer fast = new ByteServer();
                Haproxy bare = Haproxy.start(scratch.resolve("haproxy.cfg"), upstream);
                CairnServer server =
                        CairnServer.start(
                                checkout,
                                data,
                                "gateway.listen=127.0.0.1:0,127.0.0.1:0",
                                "gateway.upstream=" + upstream + "," + fast.address(),
                                "gateway.mode=" + mode)) {
            for (String method : new String[] {"PUT", "GET"}) {
                new Load(connections, 1)
                        .drive(
                                amounts.warming(),
                                maker(server.gateway(1), new Kind(method, 16 * KB), new Sample()));
            }
            measuring.with(server, bare);
        } catch (IOException e) {
            throw new BenchException("cannot serve bytes: " + e.getMessage(), e);
        }
        Scratch.remove(data);
    }

    private void objects(
            CairnServer server, @Nullable Haproxy bare, String name, URI upstream, Amounts amounts)
            throws BenchException, InterruptedException {
        for (String method : new String[] {"PUT", "GET"}) {
            throughput(server, bare, name, upstream, new Kind(method, 16 * KB), amounts.small());
        }
        for (String method : new String[] {"PUT", "GET"}) {
            throughput(server, bare, name, upstream, new Kind(method, MB), amounts.medium());
        }
        for (String method : new String[] {"PUT", "GET"}) {
            latency(server, name, upstream, new Kind(method, 16 * KB), amounts.small() / 4);
        }
    }

    /// A kind of call.
    private record Kind(String method, long bytes) {
        String path(int slot) {
            return BUCKET + "/" + bytes + "-" + slot;
        }

        String name() {
            String size =
                    bytes >= 1L << 30
                            ? (bytes >> 30) + " GB"
                            : bytes >= MB ? bytes / MB + " MB" : bytes / KB + " KB";
            return method + " " + size;
        }
    }

    /// Sends some calls through the gateway that are not measured.
    ///
    /// @return how many calls a run makes
    private long tried(CairnServer server, Load load, Kind kind, long callsMax)
            throws BenchException, InterruptedException {
        long few = Math.max(Load.PARTS, callsMax / TRIED);
        long began = System.nanoTime();
        load.drive(few, maker(server.gateway(0), kind, new Sample()));
        double rate = few / ((System.nanoTime() - began) / 1e9);
        return Math.clamp((long) (rate * RUN_SECONDS_MAX), few, callsMax);
    }

    private void throughput(
            CairnServer server,
            @Nullable Haproxy bare,
            String name,
            URI upstream,
            Kind kind,
            long callsMax)
            throws BenchException, InterruptedException {
        Load load = new Load(connections, 1);
        long calls = tried(server, load, kind, callsMax);
        Sample direct = new Sample();
        Sample through = new Sample();
        Sample passed = new Sample();
        double cpu = 0;
        for (int pair = 0; pair < PAIRS; pair++) {
            server.drain();
            direct.addAll(load.drive(calls, maker(upstream, kind, new Sample())));
            double began = Processes.cpuSeconds(server.pid());
            through.addAll(load.drive(calls, maker(server.gateway(0), kind, new Sample())));
            cpu += Processes.cpuSeconds(server.pid()) - began;
            if (bare != null) {
                server.drain();
                passed.addAll(load.drive(calls, maker(bare.address(), kind, new Sample())));
            }
        }
        String spread = through.spread("objects/s");
        String figure = "%s before %s, connections: %d".formatted(kind.name(), name, connections);
        report.add(
                "gateway",
                figure,
                through.median(),
                "objects/s",
                Better.MORE,
                "the same upstream, direct",
                direct.median(),
                "%.0f µs of processor time a call, recording and history included%s"
                        .formatted(
                                cpu / (PAIRS * calls) * 1e6,
                                spread.isEmpty() ? "" : "; " + spread));
        if (bare != null) {
            report.add(
                    "gateway",
                    figure,
                    through.median(),
                    "objects/s",
                    Better.MORE,
                    "HAProxy, which records nothing",
                    passed.median(),
                    "HAProxy has %.2f of what is direct"
                            .formatted(passed.median() / direct.median()));
        }
    }

    /// One call at a time.
    private void latency(CairnServer server, String name, URI upstream, Kind kind, long callsMax)
            throws BenchException, InterruptedException {
        Load load = new Load(1, 1);
        long calls = tried(server, load, kind, callsMax);
        Sample direct = new Sample();
        Sample through = new Sample();
        for (int pair = 0; pair < PAIRS; pair++) {
            server.drain();
            load.drive(calls, maker(upstream, kind, direct));
            load.drive(calls, maker(server.gateway(0), kind, through));
        }
        report.add(
                "gateway",
                "%s before %s, one at a time, p50".formatted(kind.name(), name),
                through.median(),
                "ms",
                Better.LESS,
                "the same upstream, direct",
                direct.median(),
                String.format(
                        Locale.ROOT,
                        "adds %.2f ms; p99 %.2f ms, direct %.2f ms",
                        through.median() - direct.median(),
                        through.percentile(0.99),
                        direct.percentile(0.99)));
    }

    /// One large object after another, on one connection.
    private void large(CairnServer server, String name, URI upstream, long bytes, int times)
            throws BenchException, InterruptedException {
        for (String method : new String[] {"PUT", "GET"}) {
            Kind kind = new Kind(method, bytes);
            Sample direct = new Sample();
            Sample through = new Sample();
            for (int pair = 0; pair < times; pair++) {
                server.drain();
                direct.add(rate(upstream, kind));
                through.add(rate(server.gateway(0), kind));
            }
            String spread = through.spread("MB/s");
            report.add(
                    "gateway",
                    "%s before %s, one at a time".formatted(kind.name(), name),
                    through.median(),
                    "MB/s",
                    Better.MORE,
                    "the same upstream, direct",
                    direct.median(),
                    spread);
        }
    }

    /// Whether memory grows with the object.
    private void huge(CairnServer server, long bytes) throws BenchException, InterruptedException {
        for (String method : new String[] {"PUT", "GET"}) {
            Kind kind = new Kind(method, bytes);
            server.drain();
            double heapBefore = Processes.heapMegabytes(server.pid());
            double residentBefore = Processes.residentMegabytes(server.pid());
            rate(server.gateway(0), kind);
            double resident = Processes.residentMegabytes(server.pid());
            report.add(
                    "gateway",
                    "live heap after " + kind.name(),
                    Processes.heapMegabytes(server.pid()),
                    "MB",
                    String.format(
                            Locale.ROOT,
                            "before it: %.0f MB; resident %.0f MB, before it %.0f MB, at most ever %.0f MB",
                            heapBefore,
                            resident,
                            residentBefore,
                            Processes.residentPeakMegabytes(server.pid())));
        }
    }

    /// @return megabytes a second
    private double rate(URI endpoint, Kind kind) throws BenchException {
        long began = System.nanoTime();
        pass(endpoint, kind.method(), kind.path(0), kind.bytes());
        return kind.bytes() / 1e6 / ((System.nanoTime() - began) / 1e9);
    }

    private void pass(URI endpoint, String method, String path, long bytes) throws BenchException {
        try (var connection = new HttpConnection(endpoint)) {
            check(
                    connection.pass(
                            head(endpoint, method, path), block, method.equals("PUT") ? bytes : 0),
                    method,
                    bytes);
        } catch (IOException e) {
            throw new BenchException("%s %s: %s".formatted(method, path, e.getMessage()), e);
        }
    }

    private static void check(HttpConnection.Passed passed, String method, long bytes)
            throws BenchException {
        if (passed.status() != 200 || (method.equals("GET") && passed.bytes() != bytes)) {
            throw new BenchException(
                    "%s: expected 200 and all bytes, got %d and %d bytes"
                            .formatted(method, passed.status(), passed.bytes()));
        }
    }

    private Load.SenderMaker maker(URI endpoint, Kind kind, Sample millis) {
        AtomicInteger slots = new AtomicInteger();
        return () -> new ObjectSender(endpoint, kind, slots.getAndIncrement(), millis);
    }

    /// Signed once: what the load costs is not the gateway's.
    private String head(URI endpoint, String method, String path) {
        Request signed =
                signer.sign(
                        new Request(
                                method,
                                path,
                                "",
                                Headers.of("Host", endpoint.getHost() + ":" + endpoint.getPort())),
                        new Payload.Unsigned(),
                        "",
                        Instant.now());
        StringBuilder head = new StringBuilder(512);
        head.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
        for (Headers.Field field : signed.headers().fields()) {
            head.append(field.name()).append(": ").append(field.value()).append("\r\n");
        }
        return head.toString();
    }

    private final class ObjectSender implements Load.Sender {
        private final HttpConnection connection;
        private final String head;
        private final Kind kind;
        private final Sample millis;

        ObjectSender(URI endpoint, Kind kind, int slot, Sample millis) throws IOException {
            this.connection = new HttpConnection(endpoint);
            this.head = head(endpoint, kind.method(), kind.path(slot));
            this.kind = kind;
            this.millis = millis;
        }

        @Override
        public void send(long first, int count) throws Exception {
            long began = System.nanoTime();
            check(
                    connection.pass(head, block, kind.method().equals("PUT") ? kind.bytes() : 0),
                    kind.method(),
                    kind.bytes());
            millis.add((System.nanoTime() - began) / 1e6);
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }
}
