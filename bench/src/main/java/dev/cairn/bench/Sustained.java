package dev.cairn.bench;

import dev.cairn.bench.CairnServer.Behind;
import dev.cairn.bench.Report.Better;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/// Design row 3: events recorded at a steady rate for minutes, history and one trail with
/// validation on its built-in bucket keeping up meanwhile.
///
/// A reader keeps up when it is no further behind in the last third of the time than in the first
/// (medians; 1 % of the rate is allowed for), or so little that it is nothing unusual: a second's
/// events for history, two files' for the trail, which goes up and down with each cut. When a rate
/// is not sustained, that is said, and the next lower one is tried. The server is warm: it has had
/// the rate for a while, and caught up.
///
/// The peer is a Kafka broker that forces what it takes (`flush.messages=1`), and one thread that
/// reads it all and packs it into files, at the rate that was sustained: recording and files,
/// without a search index, selectors and signatures.
final class Sustained {
    private static final List<Integer> RATES = List.of(15_000, 12_500, 10_000, 7_500, 5_000, 2_500);
    private static final int AWS_CEILING = 10_000;
    private static final int WARM_SECONDS = 30;
    private static final int LOOK_MILLIS = 2_000;
    private static final int TIMES_SHOWN = 12;
    private static final int INTERVAL_SECONDS = 10;
    private static final double FILE_BYTES = 50e6;

    private final Checkout checkout;
    private final Scratch scratch;
    private final Traffic traffic;
    private final int connections;
    private final Report report;
    private long sent;

    Sustained(Checkout checkout, Scratch scratch, Traffic traffic, int connections, Report report) {
        this.checkout = checkout;
        this.scratch = scratch;
        this.traffic = traffic;
        this.connections = connections;
        this.report = report;
    }

    /// @param wanted events a second
    void run(int wanted, int seconds) throws BenchException, InterruptedException {
        Path data = scratch.resolve("sustained-cairn");
        List<Integer> rates = new ArrayList<>(List.of(wanted));
        RATES.stream().filter(rate -> rate < wanted).forEach(rates::add);
        int sustained = 0;
        double cost = Double.NaN;
        try (CairnServer server =
                CairnServer.start(
                        checkout, data, "trail.delivery-interval=" + INTERVAL_SECONDS + "s")) {
            // A profile asked for is the server's.
            Processes.output(
                    "env",
                    "-u",
                    "CAIRN_JAVA_OPTS",
                    checkout.launcher().toString(),
                    "trail",
                    "create",
                    "main",
                    "--data",
                    data.toString());
            String head = server.intakeHead(server.intakeToken());
            offer(server, head, wanted, Math.min(seconds, WARM_SECONDS));
            for (int rate : rates) {
                Course course = offer(server, head, rate, seconds);
                tell(rate, course);
                cost = course.cpuMicros();
                if (course.sustained(rate, gathered(rate))) {
                    sustained = rate;
                    break;
                }
            }
        }
        Scratch.remove(data);
        if (sustained > 0) {
            peer(sustained, seconds, cost);
        }
    }

    /// Where the readers stood at one moment.
    record Look(double second, Behind behind) {}

    /// What became of a rate that was offered.
    ///
    /// @param rate events a second that were acknowledged
    /// @param looks in order of time
    /// @param settled seconds from the last acknowledgement until each reader had everything
    /// @param cpuMicros processor time of the server for each event, until then
    /// @param driverMicros that of this process
    record Course(
            double rate,
            int seconds,
            List<Look> looks,
            Settled settled,
            double cpuMicros,
            double driverMicros) {

        /// @param gathered how many events a trail is behind by design before it cuts a file
        boolean sustained(int offered, double gathered) {
            return rate > 0.97 * offered
                    && keepsUp(Behind::history, offered, offered)
                    && keepsUp(Behind::trails, offered, gathered);
        }

        private boolean keepsUp(ToLongFunction<Behind> reader, int offered, double usual) {
            return growth(reader) < 0.01 * offered || third(2, reader) <= usual;
        }

        /// By how many events a second a reader fell behind.
        double growth(ToLongFunction<Behind> reader) {
            return (third(2, reader) - third(0, reader)) / (seconds * 2 / 3.0);
        }

        /// How far a reader was behind in a third of the time: the median; NaN when nobody looked.
        double third(int number, ToLongFunction<Behind> reader) {
            Sample sample = new Sample();
            for (Look look : looks) {
                if (Math.min(2, (int) (look.second() * 3 / seconds)) == number) {
                    sample.add((double) reader.applyAsLong(look.behind()));
                }
            }
            return sample.count() == 0 ? Double.NaN : sample.median();
        }

        /// How far a reader was behind, over time.
        String times(ToLongFunction<Behind> reader) {
            int step = Math.max(1, looks.size() / TIMES_SHOWN);
            List<Long> shown = new ArrayList<>();
            for (int i = step - 1; i < looks.size(); i += step) {
                shown.add(reader.applyAsLong(looks.get(i).behind()));
            }
            return shown.stream()
                    .map(behind -> "%,d".formatted(behind))
                    .collect(Collectors.joining(" "));
        }
    }

    record Settled(double history, double trails) {}

    private Course offer(CairnServer server, String head, int rate, int seconds)
            throws BenchException, InterruptedException {
        long first = sent;
        long events = SteadyLoad.events(rate, seconds);
        sent += events;
        var load =
                new SteadyLoad(
                        connections,
                        () -> new Ingest.HttpSender(server, head, traffic, new AtomicLong()));
        double cpu = Processes.cpuSeconds(server.pid());
        double driver = Processes.cpuSeconds(ProcessHandle.current().pid());
        List<Look> looks = Collections.synchronizedList(new ArrayList<>());
        AtomicBoolean over = new AtomicBoolean();
        double took;
        long ended;
        try (ExecutorService watcher = Executors.newVirtualThreadPerTaskExecutor()) {
            long began = System.nanoTime();
            Future<?> watching = watcher.submit(() -> watch(server, began, over, looks));
            try {
                took = load.offer(first, rate, seconds, _ -> {});
            } finally {
                over.set(true);
            }
            ended = System.nanoTime();
            watching.get();
        } catch (ExecutionException e) {
            throw new BenchException("status could not be asked: " + e.getCause(), e);
        }
        Settled settled = settle(server, ended);
        return new Course(
                events / took,
                seconds,
                List.copyOf(looks),
                settled,
                (Processes.cpuSeconds(server.pid()) - cpu) * 1e6 / events,
                (Processes.cpuSeconds(ProcessHandle.current().pid()) - driver) * 1e6 / events);
    }

    private static Void watch(CairnServer server, long began, AtomicBoolean over, List<Look> looks)
            throws BenchException, InterruptedException {
        while (!over.get()) {
            Behind behind = server.behind();
            double second = (System.nanoTime() - began) / 1e9;
            looks.add(new Look(second, behind));
            System.err.printf(
                    "sustained: %4.0f s  history %,d behind, trail %,d%n",
                    second, behind.history(), behind.trails());
            Thread.sleep(LOOK_MILLIS);
        }
        return null;
    }

    private static Settled settle(CairnServer server, long ended)
            throws BenchException, InterruptedException {
        double history = Double.NaN;
        double trails = Double.NaN;
        for (int i = 0; i < 1_800; i++) {
            Behind behind = server.behind();
            double seconds = (System.nanoTime() - ended) / 1e9;
            // A few own events are always young.
            history = Double.isNaN(history) && behind.history() < 100 ? seconds : history;
            trails = Double.isNaN(trails) && behind.trails() < 100 ? seconds : trails;
            if (!Double.isNaN(history + trails)) {
                return new Settled(history, trails);
            }
            Thread.sleep(LOOK_MILLIS);
        }
        throw new BenchException("the readers did not catch up within an hour");
    }

    /// What is recorded between two cuts, while one file is put and the next gathered.
    private double gathered(int rate) {
        return Math.min((double) rate * INTERVAL_SECONDS, 2 * FILE_BYTES / traffic.bytesMean());
    }

    private void tell(int rate, Course course) {
        boolean sustained = course.sustained(rate, gathered(rate));
        String at = " at %,d/s, %d s".formatted(rate, course.seconds());
        report.add(
                "sustained",
                "recorded" + at,
                course.rate(),
                "events/s",
                Better.MORE,
                "AWS's documentation, not measured: PutAuditEvents' ceiling",
                AWS_CEILING,
                sustained ? "sustained: both readers keep up" : "NOT sustained");
        reader("history behind" + at, course, Behind::history, course.settled().history());
        reader("trail behind" + at, course, Behind::trails, course.settled().trails());
        report.add(
                "sustained",
                "processor time of the server" + at,
                course.cpuMicros(),
                "µs CPU/event",
                "the driver's, on the same cores: %s µs"
                        .formatted(Report.number(course.driverMicros())));
    }

    private void reader(
            String figure, Course course, ToLongFunction<Behind> reader, double settled) {
        report.add(
                "sustained",
                figure,
                course.third(2, reader),
                "events",
                "last third; first third %s; grows by %s a second; caught up in %s s; over time %s"
                        .formatted(
                                Report.number(course.third(0, reader)),
                                Report.number(course.growth(reader)),
                                Report.number(settled),
                                course.times(reader)));
    }

    private void peer(int rate, int seconds, double cost)
            throws BenchException, InterruptedException {
        Path folder = scratch.resolve("sustained-kafka");
        KafkaBroker.format(checkout, folder, true);
        long events = SteadyLoad.events(rate, seconds);
        double took;
        long behind;
        double micros;
        try (KafkaBroker broker = KafkaBroker.start(checkout, folder)) {
            broker.createTopic();
            double cpu = Processes.cpuSeconds(broker.pid());
            KafkaPacker packer = KafkaPacker.start(broker, scratch.resolve("sustained-packed"));
            try (packer) {
                var load =
                        new SteadyLoad(
                                connections,
                                () ->
                                        new Ingest.KafkaSender(
                                                broker,
                                                traffic,
                                                (int) (SteadyLoad.BATCH * traffic.bytesMean())));
                took = load.offer(0, rate, seconds, _ -> {});
                behind = events - packer.packed();
                for (int i = 0; i < 600 && packer.packed() < events; i++) {
                    Thread.sleep(100);
                }
            }
            micros =
                    (Processes.cpuSeconds(broker.pid()) - cpu + packer.cpuSeconds()) * 1e6 / events;
        }
        Scratch.remove(folder);
        Scratch.remove(scratch.resolve("sustained-packed"));
        report.add(
                "sustained",
                "processor time at %,d/s, %d s".formatted(rate, seconds),
                cost,
                "µs CPU/event",
                Better.LESS,
                "Kafka 4.4.0 flush.messages=1 and a consumer that packs, no index",
                micros,
                "the peer recorded %s/s, its files %,d behind at the end"
                        .formatted(Report.number(events / took), behind));
    }
}
