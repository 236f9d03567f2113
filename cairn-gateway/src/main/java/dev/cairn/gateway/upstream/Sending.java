package dev.cairn.gateway.upstream;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.aws.http.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A call's body on its way to the upstream, pumped by a thread of its own.
///
/// The thread holds at most one buffer: it reads from the client only when the upstream has taken
/// what was read before.
final class Sending {
    private static final int BUFFER_BYTES = 64 << 10;

    /// How long an upstream that was asked by `Expect: 100-continue` may think: some never say it
    /// (RFC 9110, 10.1.1).
    private static final long CONTINUE_MILLIS = 1000;

    /// An upstream that has answered will take what it was sent before, or never.
    private static final Duration LAST_WRITE_MAX = Duration.ofSeconds(1);

    /// Room before the bytes for a chunk's length, and behind them for its end.
    private static final int CHUNK_ROOM = 20;

    private static final byte[] LAST_CHUNK = {'0', '\r', '\n'};
    private static final byte[] LINE_END = {'\r', '\n'};

    /// A body that is sent already.
    static final Sending DONE = new Sending();

    private final @Nullable Thread thread;
    private final CountDownLatch begin = new CountDownLatch(1);

    /// Everything is handed to the connection; `done` when that has taken it.
    private volatile boolean handedOver;

    private volatile boolean done;
    private volatile @Nullable IOException arrival;

    private Sending() {
        thread = null;
        handedOver = true;
        done = true;
    }

    Sending(Connection connection, OutgoingBody.Arriving body) {
        thread =
                Thread.ofVirtual()
                        .name("gateway-body")
                        .unstarted(() -> {
                            try {
                                var _ = begin.await(CONTINUE_MILLIS, TimeUnit.MILLISECONDS);
                                pump(connection, body);
                            } catch (InterruptedException _) {
                                // The call is over.
                            }
                        });
        if (!body.afterContinue()) {
            begin();
        }
        thread.start();
    }

    /// The upstream wants the body.
    void begin() {
        begin.countDown();
    }

    private void pump(Connection connection, OutgoingBody.Arriving body) {
        var chunks = body.length() < 0;
        var buffer = new byte[BUFFER_BYTES + 2 * CHUNK_ROOM];
        long sent = 0;
        while (!done) {
            int read;
            var trailers = Headers.NONE;
            try {
                read =
                        sent == body.length()
                                ? -1
                                : body.in().read(buffer, CHUNK_ROOM, BUFFER_BYTES);
                if (read < 0 && !chunks && sent != body.length()) {
                    throw new IOException(
                            "expected a body of %d bytes, got %d".formatted(body.length(), sent));
                }
                if (read < 0 && chunks) {
                    trailers = trailers(body);
                }
            } catch (IOException failure) {
                // Closing it is what tells the upstream that the call is not whole.
                arrival = failure;
                connection.close();
                return;
            }
            sent += Math.max(0, read);
            handedOver = chunks ? read < 0 : sent == body.length();
            try {
                if (read < 0) {
                    if (chunks) {
                        connection.write(LAST_CHUNK, Connection.bytes(trailers.fields()));
                    }
                } else if (chunks) {
                    writeChunk(connection, buffer, read);
                } else {
                    connection.write(buffer, CHUNK_ROOM, read);
                }
            } catch (IOException _) {
                // The upstream may have answered before it had everything: the reader will see.
                connection.owes();
                return;
            }
            if (handedOver) {
                done = true;
                connection.owes();
            }
        }
    }

    /// What goes behind the last chunk.
    private static Headers trailers(OutgoingBody.Arriving body) throws IOException {
        var trailers = HopByHop.without(body.trailers().get());
        var flaw = trailers.flaw();
        if (flaw.isPresent()) {
            throw new IOException(flaw.get());
        }
        return trailers;
    }

    private static void writeChunk(Connection connection, byte[] buffer, int length)
            throws IOException {
        var head = (Integer.toHexString(length) + "\r\n").getBytes(US_ASCII);
        var start = CHUNK_ROOM - head.length;
        System.arraycopy(head, 0, buffer, start, head.length);
        System.arraycopy(LINE_END, 0, buffer, CHUNK_ROOM + length, LINE_END.length);
        connection.write(buffer, start, head.length + length + LINE_END.length);
    }

    /// Why the body did not arrive; null when it did, or may still.
    @Nullable IOException arrival() {
        return arrival;
    }

    /// The answer is read, or will not be: nothing more is sent, and the client's body is not
    /// touched any more.
    ///
    /// @param answered whether the upstream has said all it had to say
    /// @return whether the whole body was sent
    boolean finish(boolean answered) {
        if (thread != null && thread.isAlive()) {
            try {
                if (!handedOver || !answered || !thread.join(LAST_WRITE_MAX)) {
                    thread.interrupt();
                }
            } catch (InterruptedException _) {
                thread.interrupt();
                Thread.currentThread().interrupt();
            }
            join(thread);
        }
        return done;
    }

    private static void join(Thread thread) {
        var interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
                thread.interrupt();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
