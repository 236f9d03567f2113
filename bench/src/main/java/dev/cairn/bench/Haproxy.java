package dev.cairn.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// HAProxy before an upstream, as it comes: it reads HTTP, passes it on and records nothing. What
/// calls lose by way of it they lose by any process between, on the processors that they share.
final class Haproxy implements AutoCloseable {
    private static final int READY_SECONDS_MAX = 30;
    private static final long LOOK_NANOS = 20_000_000;

    private final Process process;
    private final URI address;

    private Haproxy(Process process, URI address) {
        this.process = process;
        this.address = address;
    }

    /// Starts one, and waits until it takes connections.
    ///
    /// @param configuration the file to write for it
    /// @return null when there is none on the path
    static @Nullable Haproxy start(Path configuration, URI upstream)
            throws BenchException, InterruptedException {
        try {
            int port;
            try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            Files.writeString(
                    configuration,
                    """
                    defaults
                      mode http
                      timeout connect 30s
                      timeout client 5m
                      timeout server 5m
                    listen bench
                      bind 127.0.0.1:%d
                      server upstream %s:%d
                    """
                            .formatted(port, upstream.getHost(), upstream.getPort()));
            Process process;
            try {
                process =
                        new ProcessBuilder("haproxy", "-db", "-f", configuration.toString())
                                .redirectErrorStream(true)
                                .redirectOutput(Path.of(configuration + ".log").toFile())
                                .start();
            } catch (IOException absent) {
                System.err.println("beside HAProxy: left out: " + absent.getMessage());
                return null;
            }
            awaitPort(process, port, configuration);
            return new Haproxy(process, URI.create("http://127.0.0.1:" + port));
        } catch (IOException e) {
            throw new BenchException("cannot run HAProxy: " + e.getMessage(), e);
        }
    }

    private static void awaitPort(Process process, int port, Path configuration)
            throws BenchException, IOException {
        long end = System.nanoTime() + READY_SECONDS_MAX * 1_000_000_000L;
        while (process.isAlive() && System.nanoTime() < end) {
            try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException _) {
                LockSupport.parkNanos(LOOK_NANOS);
            }
        }
        Processes.stop(process);
        throw new BenchException(
                "HAProxy did not start: " + Files.readString(Path.of(configuration + ".log")));
    }

    URI address() {
        return address;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        Processes.stop(process);
    }
}
