package dev.cairn.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// What the operating system and the JVM say about a process, and how one is ended.
final class Processes {
    private static final Pattern HEAP_USED = Pattern.compile("used (\\d+)K");

    /// As Linux tells every process, whatever the kernel's own clock does.
    private static final double TICKS_A_SECOND = 100;

    private Processes() {}

    /// Resident memory, in megabytes.
    static double residentMegabytes(long pid) throws BenchException {
        return statusMegabytes(pid, "VmRSS:");
    }

    private static double statusMegabytes(long pid, String field) throws BenchException {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
                if (line.startsWith(field)) {
                    return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
                }
            }
        } catch (IOException e) {
            throw new BenchException("cannot read /proc of process " + pid, e);
        }
        throw new BenchException("expected " + field + " in /proc/" + pid + "/status");
    }

    /// The most memory that was ever resident, in megabytes.
    static double residentPeakMegabytes(long pid) throws BenchException {
        return statusMegabytes(pid, "VmHWM:");
    }

    /// Processor time of a process that runs, in seconds; NaN where the operating system does not
    /// say.
    static double cpuSeconds(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(handle -> handle.info().totalCpuDuration())
                .map(spent -> spent.toNanos() / 1e9)
                .orElse(Double.NaN);
    }

    /// Processor time of all that this process started and that ended since, theirs included, in
    /// seconds; NaN where there is no `/proc` (proc_pid_stat(5): cutime and cstime).
    static double endedCpuSeconds() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            // The second field is a name in parentheses, which may hold blanks.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) / TICKS_A_SECOND;
        } catch (IOException _) {
            return Double.NaN;
        }
    }

    /// What is live on the heap, in megabytes: collects it first.
    static double heapMegabytes(long pid) throws BenchException, InterruptedException {
        output(Checkout.jcmd(), Long.toString(pid), "GC.run");
        double kilobytes = 0;
        for (String line :
                output(Checkout.jcmd(), Long.toString(pid), "GC.heap_info").lines().toList()) {
            var matcher = HEAP_USED.matcher(line);
            if (line.contains(" total ") && matcher.find()) {
                kilobytes += Long.parseLong(matcher.group(1));
            }
        }
        return kilobytes / 1024;
    }

    /// What a short command prints.
    static String output(String... command) throws BenchException, InterruptedException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String text =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new BenchException(String.join(" ", command) + " failed: " + text);
            }
            return text;
        } catch (IOException e) {
            throw new BenchException("cannot run " + command[0] + ": " + e.getMessage(), e);
        }
    }

    /// Ends a process, by force when it does not end within half a minute.
    static void stop(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
