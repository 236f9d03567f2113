package dev.cairn.bench;

import dev.cairn.bench.Report.Better;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Design row 8: from the start of the launcher to the ready line, and what memory is resident a
/// while after, beside a Kafka broker and beside a Java program that does nothing.
final class Start {
    private static final String FLOOR = "JVM that does nothing";
    private static final String KAFKA = "Kafka 4.4.0 broker";
    private static final int PEER_STARTS = 3;

    private final Checkout checkout;
    private final Scratch scratch;
    private final Report report;
    private final int restSeconds;

    /// @param restSeconds how long nothing happens before memory is measured
    Start(Checkout checkout, Scratch scratch, Report report, int restSeconds) {
        this.checkout = checkout;
        this.scratch = scratch;
        this.report = report;
        this.restSeconds = restSeconds;
    }

    private record Figures(Sample seconds, Sample megabytes) {
        Figures() {
            this(new Sample(), new Sample());
        }
    }

    void run(int starts) throws BenchException, InterruptedException {
        Figures cairn = cairn(starts);
        Figures kafka = kafka(PEER_STARTS);
        Figures floor = floor(starts);
        line("start to ready", "s", cairn.seconds(), KAFKA, kafka.seconds());
        line("start to ready", "s", cairn.seconds(), FLOOR, floor.seconds());
        line("resident at rest", "MB", cairn.megabytes(), KAFKA, kafka.megabytes());
        line("resident at rest", "MB", cairn.megabytes(), FLOOR, floor.megabytes());
    }

    private void line(String figure, String unit, Sample cairn, String peer, Sample theirs) {
        report.add(
                "start",
                figure,
                cairn.median(),
                unit,
                Better.LESS,
                peer,
                theirs.median(),
                cairn.spread(unit));
    }

    private Figures cairn(int starts) throws BenchException, InterruptedException {
        Path data = scratch.resolve("start-cairn");
        CairnServer.start(checkout, data).close();
        Figures figures = new Figures();
        for (int i = 0; i < starts; i++) {
            try (CairnServer server = CairnServer.start(checkout, data)) {
                figures.seconds().add(server.readySeconds());
                if (i < PEER_STARTS) {
                    rest(figures, server.pid());
                }
            }
        }
        Scratch.remove(data);
        return figures;
    }

    private Figures kafka(int starts) throws BenchException, InterruptedException {
        Path folder = scratch.resolve("start-kafka");
        KafkaBroker.format(checkout, folder, false);
        KafkaBroker.start(checkout, folder).close();
        Figures figures = new Figures();
        for (int i = 0; i < starts; i++) {
            try (KafkaBroker broker = KafkaBroker.start(checkout, folder)) {
                figures.seconds().add(broker.readySeconds());
                rest(figures, broker.pid());
            }
        }
        Scratch.remove(folder);
        return figures;
    }

    private Figures floor(int starts) throws BenchException, InterruptedException {
        Figures figures = new Figures();
        for (int i = 0; i < starts; i++) {
            long began = System.nanoTime();
            Process process = null;
            try {
                process =
                        new ProcessBuilder(
                                        Checkout.java(),
                                        "-XX:+UseSerialGC",
                                        "-cp",
                                        checkout.home()
                                                .resolve("bench/target/bench.jar")
                                                .toString(),
                                        Floor.class.getName())
                                .redirectError(ProcessBuilder.Redirect.INHERIT)
                                .start();
                var lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        process.getInputStream(), StandardCharsets.UTF_8));
                if (!"ready".equals(lines.readLine())) {
                    throw new BenchException("a Java program did not start");
                }
                figures.seconds().add((System.nanoTime() - began) / 1e9);
                if (i < PEER_STARTS) {
                    rest(figures, process.pid());
                }
            } catch (IOException e) {
                throw new BenchException("cannot start Java: " + e.getMessage(), e);
            } finally {
                if (process != null) {
                    Processes.stop(process);
                }
            }
        }
        return figures;
    }

    private void rest(Figures figures, long pid) throws BenchException, InterruptedException {
        Thread.sleep(restSeconds * 1000L);
        figures.megabytes().add(Processes.residentMegabytes(pid));
    }
}
