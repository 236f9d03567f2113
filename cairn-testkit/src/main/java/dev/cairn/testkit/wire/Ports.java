package dev.cairn.testkit.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/// Ports for programs that have to be told theirs before they start.
public final class Ports {
    /// Below those that systems give to clients and to whoever listens on any (Linux: from 32768):
    /// nobody takes one by chance before the program does, or while it is down.
    private static final int LOWEST = 15_000;

    private static final int HIGHEST = 32_000;
    private static final int TRIES = 100;

    private Ports() {}

    /// A port of this machine on which nobody listens.
    ///
    /// @throws IllegalStateException when none was found
    public static int free() {
        for (var i = 0; i < TRIES; i++) {
            var port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException _) {
                // Somebody's.
            }
        }
        throw new IllegalStateException("expected a free port, found none");
    }
}
