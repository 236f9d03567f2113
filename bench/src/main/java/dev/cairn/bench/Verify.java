package dev.cairn.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.bench.Report.Better;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Proving a bucket of hourly digests and their files, `cairn verify` beside the stock `aws
/// cloudtrail validate-logs`, both against the same Cairn; and the memory it takes for a quarter of
/// it and for the whole.
final class Verify {
    private static final String PEER = "aws cloudtrail validate-logs";
    private static final String CURRENT =
            "(?s).*aws-cli/(1\\.(3[2-9]|[4-9]\\d)|2\\.(1[3-9]|[2-9]\\d))\\..*";
    private static final Pattern LIVE = Pattern.compile("->(\\d+)M\\(");
    private static final Pattern VALID = Pattern.compile("(\\d+)/(\\d+) log files valid");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Checkout checkout;
    private final Scratch scratch;
    private final Report report;
    private final boolean peer;

    /// @param peer whether the stock client is measured, where a current one is on the path
    Verify(Checkout checkout, Scratch scratch, Report report, boolean peer) {
        this.checkout = checkout;
        this.scratch = scratch;
        this.report = report;
        this.peer = peer;
    }

    void run(int days) throws BenchException, InterruptedException {
        var data = scratch.resolve("verify-data");
        CairnServer.start(checkout, data).close();
        System.err.println("verify: sealing " + days + " days ...");
        var year = SealedYear.make(data, days);
        // Each meets a server that has just started.
        Cost theirs = Cost.UNKNOWN;
        var program = peer ? current() : null;
        if (peer && program == null) {
            System.err.println("verify: no current AWS CLI on the path: no peer");
        }
        if (program != null) {
            try (var server = CairnServer.start(checkout, data)) {
                theirs = cost(server.pid(), () -> stock(program, year, server, days));
            }
        }
        try (var server = CairnServer.start(checkout, data)) {
            var ours = cost(server.pid(), () -> cairn(year, days, year.hours(), Optional.empty()));
            var what = "%,d digests and as many log files".formatted(year.hours());
            line(
                    days + " days of hourly digests, start included",
                    ours.seconds(),
                    theirs.seconds(),
                    what);
            line("processor time of client and server", ours.all(), theirs.all(), what);
            line("of it the client's", ours.client(), theirs.client(), "start included");
            line("of it the server's", ours.server(), theirs.server(), "just started");
            copy(year, server, theirs);
            int quarter = Math.max(1, days / 4);
            double one = memory(year, quarter, quarter * 24);
            double four = memory(year, days, year.hours());
            report.add(
                    "verify",
                    "heap after collections at most",
                    four,
                    "MB",
                    Better.LESS,
                    "a quarter of the bucket",
                    one,
                    "flat when the ratio is near 1");
            running(year, server, days, program);
        }
        Scratch.remove(data);
    }

    /// Both again, of the server that has by now proved the year several times: one that records
    /// calls has mostly been running for long.
    private void running(SealedYear year, CairnServer server, int days, @Nullable Path program)
            throws BenchException, InterruptedException {
        var theirs =
                program == null
                        ? Cost.UNKNOWN
                        : cost(server.pid(), () -> stock(program, year, server, days));
        var ours = cost(server.pid(), () -> cairn(year, days, year.hours(), Optional.empty()));
        var what = "a server that has been running";
        line("the same days, from a running server", ours.seconds(), theirs.seconds(), what);
        line("processor time of both, then", ours.all(), theirs.all(), what);
    }

    private void line(String figure, double ours, double theirs, String note) {
        boolean alone = Double.isNaN(theirs);
        report.add("verify", figure, ours, "s", Better.LESS, alone ? "" : PEER, theirs, note);
    }

    /// What a program cost.
    ///
    /// @param seconds that went by, its start included
    /// @param client seconds of processor time, its start included
    /// @param server seconds of processor time meanwhile
    private record Cost(double seconds, double client, double server) {
        static final Cost UNKNOWN = new Cost(Double.NaN, Double.NaN, Double.NaN);

        double all() {
            return client + server;
        }
    }

    @FunctionalInterface
    private interface Program {
        void run() throws BenchException, InterruptedException;
    }

    private static Cost cost(long server, Program program)
            throws BenchException, InterruptedException {
        double its = Processes.cpuSeconds(server);
        double ended = Processes.endedCpuSeconds();
        long began = System.nanoTime();
        program.run();
        return new Cost(
                (System.nanoTime() - began) / 1e9,
                Processes.endedCpuSeconds() - ended,
                Processes.cpuSeconds(server) - its);
    }

    /// The same proof without a bucket and a server. The stock client cannot do that: its figure is
    /// that of reading the bucket.
    private void copy(SealedYear year, CairnServer server, Cost theirs)
            throws BenchException, InterruptedException {
        var folder = scratch.resolve("verify-copy");
        var keys = scratch.resolve("verify-keys.json").toString();
        var head = scratch.resolve("verify-head.json").toString();
        var fetch =
                cost(
                        server.pid(),
                        () -> {
                            run(
                                    Map.of(),
                                    checkout.launcher().toString(),
                                    "fetch-proof",
                                    "s3://" + SealedYear.BUCKET,
                                    folder.toString(),
                                    "--data",
                                    year.data().toString(),
                                    "--save-keys",
                                    keys,
                                    "--save-head",
                                    head);
                        });
        var proof =
                cost(
                        server.pid(),
                        () -> {
                            judged(
                                    run(
                                            Map.of(),
                                            checkout.launcher().toString(),
                                            "verify",
                                            folder.toString(),
                                            "--keys",
                                            keys,
                                            "--head",
                                            head,
                                            "--json"),
                                    year.hours());
                        });
        line(
                "processor time of proving a copy",
                proof.client(),
                theirs.all(),
                "no server; the stock client's is from the bucket, it reads no copies");
        line("processor time of making the copy", fetch.all(), Double.NaN, "client and server");
        Scratch.remove(folder);
    }

    private double memory(SealedYear year, int days, int digests)
            throws BenchException, InterruptedException {
        var log = scratch.resolve("gc-" + days + ".log");
        cairn(year, days, digests, Optional.of(log));
        try {
            double most = 0;
            for (String line : Files.readAllLines(log)) {
                var live = LIVE.matcher(line);
                if (live.find()) {
                    most = Math.max(most, Double.parseDouble(live.group(1)));
                }
            }
            return most;
        } catch (IOException failure) {
            throw new BenchException("cannot read " + log, failure);
        }
    }

    private void cairn(SealedYear year, int days, int digests, Optional<Path> gcLog)
            throws BenchException, InterruptedException {
        judged(
                run(
                        Map.of(
                                "CAIRN_JAVA_OPTS",
                                gcLog.map(log -> "-Xmx128m -Xmn16m -Xlog:gc:file=" + log)
                                        .orElse("")),
                        checkout.launcher().toString(),
                        "verify",
                        "s3://" + SealedYear.BUCKET,
                        "--data",
                        year.data().toString(),
                        "--since",
                        // The first window begins an hour earlier.
                        days * 24 + 2 + "h",
                        "--json"),
                digests);
    }

    /// A program that proves less than it should, or says it failed, is not one to measure.
    private static void judged(String said, int digests) throws BenchException {
        try {
            JsonNode verdict = JSON.readTree(said);
            if (!verdict.path("proved").asBoolean()
                    || verdict.path("digests").asInt() < digests
                    || verdict.path("files").asInt() < digests) {
                throw new BenchException(
                        "expected %d digests proved, got %s".formatted(digests, said));
            }
        } catch (IOException failure) {
            throw new BenchException("expected a verdict, got " + said, failure);
        }
    }

    private void stock(Path program, SealedYear year, CairnServer server, int days)
            throws BenchException, InterruptedException {
        var said =
                run(
                        server.environment(),
                        program.toString(),
                        "cloudtrail",
                        "validate-logs",
                        "--trail-arn",
                        year.trail().arn(),
                        "--start-time",
                        Instant.now().minus(Duration.ofDays(days)).minusSeconds(7200).toString(),
                        "--region",
                        Traffic.REGION);
        var valid = VALID.matcher(said);
        if (!valid.find()
                || !valid.group(1).equals(valid.group(2))
                || Integer.parseInt(valid.group(1)) < year.hours()) {
            throw new BenchException("expected %s to find all valid, got %s".formatted(PEER, said));
        }
    }

    private @Nullable Path current() throws BenchException, InterruptedException {
        for (var folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
            var program = Path.of(folder, "aws");
            if (Files.isExecutable(program)
                    && run(Map.of(), program.toString(), "--version").matches(CURRENT)) {
                return program;
            }
        }
        return null;
    }

    /// What a program prints on standard output; the rest goes where the bench's own goes.
    private String run(Map<String, String> environment, String... words)
            throws BenchException, InterruptedException {
        try {
            var builder =
                    new ProcessBuilder(List.of(words))
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .directory(scratch.folder().toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
            builder.environment().putAll(environment);
            var process = builder.start();
            process.getOutputStream().close();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new BenchException(
                        "expected %s to succeed, got %d: %s"
                                .formatted(words[0], process.exitValue(), said));
            }
            return said;
        } catch (IOException failure) {
            throw new BenchException("cannot run " + words[0], failure);
        }
    }
}
