package dev.cairn.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.bench.Report.Better;
import dev.cairn.digest.Gzip;
import dev.cairn.digest.Hashes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.List;

/// What each level of packing costs and saves: one log file of 50 MB, packed and hashed as delivery
/// does it. Processor time of one thread; the peer is `gzip` at the same level, which does not
/// hash.
final class Packing {
    private static final List<Integer> LEVELS = List.of(1, 2, 3, 4, 5, 6, 9);

    /// At which delivery packs.
    static final int DELIVERY_LEVEL = 5;

    private static final int PIECE = 1 << 16;
    private static final int FILE_BYTES = 50 * 1000 * 1000;
    private static final double MB = 1e6;

    private final Scratch scratch;
    private final Traffic traffic;
    private final Report report;

    Packing(Scratch scratch, Traffic traffic, Report report) {
        this.scratch = scratch;
        this.traffic = traffic;
        this.report = report;
    }

    void run(int rounds) throws BenchException, InterruptedException {
        byte[] content = content();
        Path plain = scratch.resolve("records.json");
        try {
            Files.write(plain, content);
            packed(content, 1); // Warms up.
            for (int level : LEVELS) {
                level(content, plain, level, rounds);
            }
            Files.delete(plain);
        } catch (IOException e) {
            throw new BenchException("cannot write " + plain + ": " + e.getMessage(), e);
        }
    }

    private void level(byte[] content, Path plain, int level, int rounds)
            throws IOException, BenchException, InterruptedException {
        Sample ours = new Sample();
        Sample theirs = new Sample();
        int size = 0;
        for (int round = 0; round < rounds; round++) {
            double began = cpuSeconds();
            size = packed(content, level);
            ours.add(content.length / MB / (cpuSeconds() - began));
            theirs.add(content.length / MB / gzip(plain, level));
        }
        report.add(
                "gzip",
                "pack and hash at level " + level,
                ours.median(),
                "MB/s CPU",
                Better.MORE,
                "gzip -" + level,
                theirs.median(),
                "%s times smaller; %s µs an event"
                        .formatted(
                                Report.number((double) content.length / size),
                                Report.number(traffic.bytesMean() / ours.median())));
    }

    private byte[] content() {
        ByteArrayOutputStream content = new ByteArrayOutputStream(FILE_BYTES + (1 << 20));
        content.writeBytes("{\"Records\":[".getBytes(US_ASCII));
        for (long ordinal = 0; content.size() < FILE_BYTES; ordinal++) {
            if (ordinal > 0) {
                content.write(',');
            }
            content.writeBytes(traffic.event(ordinal));
        }
        content.writeBytes("]}".getBytes(US_ASCII));
        return content.toByteArray();
    }

    /// @return how many bytes came of it
    private static int packed(byte[] content, int level) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (OutputStream out =
                new DigestOutputStream(Gzip.packing(packed, level), Hashes.sha256())) {
            // In pieces as delivery writes them.
            for (int at = 0; at < content.length; at += PIECE) {
                out.write(content, at, Math.min(PIECE, content.length - at));
            }
        }
        return packed.size();
    }

    private static double cpuSeconds() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
    }

    /// @return the processor time it took
    private static double gzip(Path plain, int level) throws BenchException, InterruptedException {
        double began = Processes.endedCpuSeconds();
        try {
            Process gzip =
                    new ProcessBuilder("gzip", "-" + level, "-c")
                            .redirectInput(plain.toFile())
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (gzip.waitFor() != 0) {
                throw new BenchException("gzip ended with " + gzip.exitValue());
            }
        } catch (IOException e) {
            throw new BenchException("cannot run gzip: " + e.getMessage(), e);
        }
        return Processes.endedCpuSeconds() - began;
    }
}
