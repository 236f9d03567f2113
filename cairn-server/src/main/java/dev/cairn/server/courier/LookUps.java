package dev.cairn.server.courier;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Looks up the names of hosts, each within a time: the machine's own way of asking knows none, and
/// cannot be interrupted. So threads of their own wait for it, a bounded number of them; who comes
/// when all of them are waiting and many stand in line is told that nobody could say.
final class LookUps {
    private static final int AT_ONCE = 64;
    private static final int IN_LINE = 256;

    private static final ThreadPoolExecutor THREADS =
            new ThreadPoolExecutor(
                    AT_ONCE,
                    AT_ONCE,
                    30,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(IN_LINE),
                    Thread.ofPlatform().daemon().name("courier-names-", 0).factory());

    static {
        THREADS.allowCoreThreadTimeOut(true);
    }

    /// What knows the addresses of a host.
    @FunctionalInterface
    interface Names {
        InetAddress[] of(String host) throws UnknownHostException;
    }

    private LookUps() {}

    /// All addresses of a host.
    ///
    /// @throws UnknownHostException when its name is not known
    /// @throws SocketTimeoutException when nobody could say within that time
    /// @throws InterruptedIOException when the thread was interrupted, and still is
    static List<InetAddress> of(String host, Duration timeMax) throws IOException {
        return of(host, timeMax, InetAddress::getAllByName);
    }

    static List<InetAddress> of(String host, Duration timeMax, Names names) throws IOException {
        var task = new FutureTask<>(() -> List.of(names.of(host)));
        try {
            THREADS.execute(task);
            return task.get(timeMax.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException | TimeoutException _) {
            throw new SocketTimeoutException("the name of the host was not looked up in time");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof UnknownHostException unknown) {
                throw unknown;
            }
            throw new IOException("the name of the host cannot be looked up", failure.getCause());
        } finally {
            task.cancel(false);
            THREADS.remove(task); // Nobody waits for it any more.
        }
    }
}
