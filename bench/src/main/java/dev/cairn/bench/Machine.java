package dev.cairn.bench;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/// Where figures were measured: without it they mean nothing.
record Machine(String line) {
    static Machine current() {
        return new Machine(
                String.format(
                        Locale.ROOT,
                        "%d cores (load %.1f before the run), JDK %s, %s %s %s",
                        Runtime.getRuntime().availableProcessors(),
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                        Runtime.version(),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        System.getProperty("os.arch")));
    }
}
