package dev.cairn.gateway;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.disk.DiskException;
import dev.cairn.gateway.decoding.Answer;
import dev.cairn.gateway.decoding.DecodedCall;
import dev.cairn.gateway.decoding.Named;
import dev.cairn.gateway.decoding.ObservedCall;
import dev.cairn.gateway.decoding.Patience;
import dev.cairn.gateway.principal.Identity;
import dev.cairn.gateway.principal.Vouched;
import dev.cairn.gateway.recording.CallEvent;
import dev.cairn.gateway.recording.CallJournal;
import dev.cairn.gateway.upstream.HopByHop;
import dev.cairn.gateway.upstream.OutgoingBody;
import dev.cairn.gateway.upstream.UpstreamAnswer;
import dev.cairn.gateway.upstream.UpstreamException;
import dev.cairn.ledger.Append;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One call on its way to the upstream and back.
///
/// 1. What may change something is written down. The request goes on: small bodies with the head,
///    larger ones as they arrive.
/// 2. The answer is read up to what is kept. When that is all of it, the call is recorded, and then
///    its answer goes out.
/// 3. Otherwise the call is written down, too, and the answer streams through, but for its end: its
///    last byte, or what ends its chunks. Then the call is recorded, and then the end goes out.
final class Passage {
    private static final Logger LOG = LoggerFactory.getLogger(Passage.class);
    private static final int BUFFER_BYTES = 64 << 10;

    /// Bodies of answers that are a conversation: nobody knows how long they pause.
    private static final String EVENT_STREAM = "event-stream";

    /// What cannot be read is taken for what may change something.
    private static final Named UNREADABLE =
            new Named("unknown.amazonaws.com", Named.UNKNOWN, false, true);

    private final Gateway.Parts parts;
    private final Arrival arrival;
    private final Identity who;
    private final String sourceAddress;
    private final String eventId;
    private final Instant time;
    private final Gateway.Counts counts;
    private final KeptBytes request;
    private final KeptBytes response;
    private CallJournal.@Nullable Line begun;

    /// Whether it is one of those that not all are recorded of, if all goes well with it.
    private boolean sampled;

    /// Whether it is a read that is not recorded, if all goes well with it.
    private boolean leftOut;

    Passage(
            Gateway.Parts parts,
            Arrival arrival,
            Identity who,
            String sourceAddress,
            String eventId,
            Instant time,
            Gateway.Counts counts) {
        this.parts = parts;
        this.arrival = arrival;
        this.who = who;
        this.sourceAddress = sourceAddress;
        this.eventId = eventId;
        this.time = time;
        this.counts = counts;
        this.request = new KeptBytes(parts.settings().keptBytesMax());
        this.response = new KeptBytes(parts.settings().keptBytesMax());
    }

    Relay pass() throws InterruptedException {
        var told = false;
        try {
            var relay = passOn();
            told = true;
            return relay;
        } finally {
            if (!told) {
                leave();
            }
        }
    }

    private Relay passOn() throws InterruptedException {
        var method = arrival.head().method();
        if (method.equals("CONNECT") || method.equals("TRACE")) {
            return failed(
                    new Answer.None(Answer.Why.TURNED_AWAY), GatewayError.methodNotAllowed(method));
        }
        UpstreamAnswer answer;
        try {
            var body = body();
            var name = name();
            if (name.readOnly()) {
                sampled = parts.sampling().leavesOut();
                leftOut = !parts.sampling().takes();
            } else {
                begin(new Answer.None(Answer.Why.RESET));
            }
            answer = parts.upstream().send(arrival.head(), body, Patience.of(name));
        } catch (DiskException failure) {
            counts.turnedAway().increment();
            return GatewayError.cannotRecord(String.valueOf(failure.getMessage()))
                    .relay(arrival.head(), mayBeS3(arrival.head()), eventId);
        } catch (UpstreamException failure) {
            return failed(failure);
        } catch (IOException failure) {
            return failed(new Answer.None(Answer.Why.TURNED_AWAY), broken(failure));
        }
        var streaming = false;
        try {
            var held = hold(answer);
            if (answer.ended()) {
                return whole(answer, held);
            }
            if (begun == null && !leftOut) {
                begin(given(answer, false));
            }
            streaming = true;
            return new Relay(
                    answer.head().status(),
                    headers(answer, true),
                    answer::trailers,
                    out -> stream(answer, held, out));
        } catch (DiskException failure) {
            return failed(
                    given(answer, false),
                    GatewayError.heldBack(String.valueOf(failure.getMessage())));
        } catch (UpstreamException failure) {
            return failed(given(answer, false), error(failure));
        } catch (IOException failure) {
            throw new IllegalStateException("only the upstream is read here", failure);
        } finally {
            if (!streaming) {
                answer.close();
            }
        }
    }

    private Named name() {
        try {
            return parts.decoding()
                    .name(arrival.head(), request.kept().bytes(), parts.settings().service());
        } catch (RuntimeException unforeseen) {
            LOG.error("call {} could not be named", eventId, unforeseen);
            return UNREADABLE;
        }
    }

    // The journal.

    /// Writes the call down, before anything of it is let out of hand.
    ///
    /// @param soFar what is known of its answer
    private void begin(Answer soFar) throws DiskException {
        begun = parts.promise().begin(event(soFar, GatewayError.outcomeUnknown(), false).entry());
    }

    /// Nobody is there to say more of it.
    private void leave() {
        if (begun != null) {
            parts.promise().leave(begun);
        }
    }

    // The request.

    private OutgoingBody body() throws IOException {
        if (!arrival.hasBody()) {
            return new OutgoingBody.None();
        }
        var in = new KeepingInputStream(arrival.body(), request);
        if (arrival.length() >= 0
                && arrival.length() <= parts.settings().keptBytesMax()
                && !arrival.asksFirst()) {
            var bytes = in.readNBytes((int) arrival.length());
            if (bytes.length < arrival.length()) {
                throw new IOException(
                        "expected a body of %d bytes, got %d"
                                .formatted(arrival.length(), bytes.length));
            }
            return new OutgoingBody.Whole(bytes);
        }
        return new OutgoingBody.Arriving(
                in, arrival.length(), arrival.trailers(), arrival.asksFirst());
    }

    private GatewayError broken(IOException failure) {
        var message = String.valueOf(failure.getMessage());
        return arrival.tooSlow().test(failure)
                ? GatewayError.slow(message)
                : GatewayError.incomplete(message);
    }

    // The answer.

    /// Reads the answer while it keeps coming, up to what is kept.
    ///
    /// @return what was read
    private byte[] hold(UpstreamAnswer answer) throws IOException {
        var max = parts.settings().keptBytesMax();
        var type = answer.head().headers().first("content-type").orElse("");
        if (answer.ended() || type.toLowerCase(Locale.ROOT).contains(EVENT_STREAM)) {
            return new byte[0];
        }
        var expected = answer.length() >= 0 ? Math.min(max, answer.length()) : BUFFER_BYTES;
        var held = new byte[(int) Math.max(1, expected)];
        var count = 0;
        var end = System.nanoTime() + parts.settings().holdMax().toNanos();
        while (!answer.ended() && count < max) {
            if (count == held.length) {
                held = Arrays.copyOf(held, Math.min(max, 2 * held.length));
            }
            var left = end - System.nanoTime();
            var read = left <= 0 ? 0 : answer.read(held, count, held.length - count, left);
            if (read == 0) {
                break;
            }
            if (read > 0) {
                response.add(held, count, read);
                count += read;
            }
        }
        return count == held.length ? held : Arrays.copyOf(held, count);
    }

    private Relay whole(UpstreamAnswer answer, byte[] body) throws InterruptedException {
        // The client's body is at rest from here on.
        answer.close();
        var pushback = record(given(answer, true), null, false);
        if (pushback.isPresent()) {
            return passedAndNotRecorded(pushback.get());
        }
        return new Relay(
                answer.head().status(),
                headers(answer, answer.callTaken()),
                answer::trailers,
                out -> write(body, out));
    }

    /// Relays an answer whose end is not there yet. The end waits for the event.
    private void stream(UpstreamAnswer answer, byte[] held, OutputStream out) throws IOException {
        var told = false;
        try (answer) {
            var last = relay(answer, held, out);
            answer.close();
            recordOrCount(given(answer, true), null, false);
            if (last >= 0) {
                out.write(last);
            }
            told = true;
        } finally {
            if (!told) {
                leave();
            }
        }
    }

    /// @return the last byte of an answer of an announced length, which ends with it for the
    ///   client; -1 where something else tells the end
    private int relay(UpstreamAnswer answer, byte[] held, OutputStream out) throws IOException {
        try {
            var last = -1;
            write(held, out);
            // The upstream's status is out before its body may break off: no other can follow it.
            out.flush();
            var buffer = new byte[BUFFER_BYTES];
            while (!answer.ended()) {
                var read = answer.read(buffer, 0, buffer.length, 0);
                if (read > 0) {
                    response.add(buffer, 0, read);
                    var withheld = answer.ended() ? 1 : 0;
                    last = withheld == 1 ? buffer[read - 1] & 0xff : -1;
                    out.write(buffer, 0, read - withheld);
                }
            }
            return last;
        } catch (UpstreamException failure) {
            answer.close();
            recordOrCount(given(answer, false), error(failure), false);
            throw failure;
        } catch (IOException gone) {
            answer.close();
            recordOrCount(given(answer, true), null, true);
            throw gone;
        }
    }

    private static void write(byte[] bytes, OutputStream out) throws IOException {
        if (bytes.length > 0) {
            out.write(bytes);
        }
    }

    /// What goes back of the answer's head. A client that is still sending is told that the
    /// connection ends: the rest must not be taken for another request.
    private Headers headers(UpstreamAnswer answer, boolean callTaken) {
        var headers = HopByHop.without(answer.head().headers());
        return callTaken ? headers : headers.plus("Connection", "close");
    }

    private Answer.Given given(UpstreamAnswer answer, boolean whole) {
        return new Answer.Given(
                answer.head().status(), answer.head().headers(), response.kept(), whole);
    }

    // No answer.

    private Relay failed(UpstreamException failure) throws InterruptedException {
        var none =
                switch (failure.kind()) {
                    case UNSENDABLE -> Answer.Why.TURNED_AWAY;
                    case REFUSED -> Answer.Why.REFUSED;
                    case TIMEOUT -> Answer.Why.TIMEOUT;
                    case RESET, MALFORMED, CUT -> Answer.Why.RESET;
                };
        return failed(new Answer.None(none), error(failure));
    }

    private Relay failed(Answer answer, GatewayError error) throws InterruptedException {
        var pushback = record(answer, error, false);
        return pushback.isPresent()
                ? passedAndNotRecorded(pushback.get())
                : error.relay(arrival.head(), mayBeS3(arrival.head()), eventId);
    }

    private static GatewayError error(UpstreamException failure) {
        return switch (failure.kind()) {
            case UNSENDABLE -> GatewayError.unsendable(failure.message());
            case REFUSED -> GatewayError.refused(failure.message());
            case TIMEOUT -> GatewayError.timeout(failure.message());
            case RESET -> GatewayError.reset(failure.message());
            case MALFORMED -> GatewayError.malformed(failure.message());
            case CUT -> GatewayError.cut(failure.message());
        };
    }

    private Relay passedAndNotRecorded(Append.Pushback pushback) {
        count(pushback.reason());
        return GatewayError.passedAndNotRecorded(pushback.reason())
                .relay(arrival.head(), mayBeS3(arrival.head()), eventId);
    }

    private void count(String reason) {
        counts.unrecorded().increment();
        LOG.error(
                "event {} of {} {} could not be recorded in time: {}",
                eventId,
                arrival.head().method(),
                arrival.head().rawPath(),
                reason);
    }

    // Recording.

    /// @throws IOException when it is not recorded: the client must not get its whole answer
    private void recordOrCount(Answer answer, @Nullable GatewayError error, boolean clientGone)
            throws IOException {
        String reason;
        try {
            var pushback = record(answer, error, clientGone);
            if (pushback.isEmpty()) {
                return;
            }
            reason = pushback.get().reason();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            reason = "interrupted";
        }
        count(reason);
        throw new IOException("the event could not be recorded: " + reason);
    }

    private Optional<Append.Pushback> record(
            Answer answer, @Nullable GatewayError error, boolean clientGone)
            throws InterruptedException {
        var event = event(answer, error, clientGone);
        if (leftOut && error == null && event.decoded().isPlainRead() && !clientGone) {
            counts.leftOut().increment();
            return Optional.empty();
        }
        var pushback = parts.promise().take(event.entry(), begun);
        if (pushback.isEmpty() && error == null) {
            learn(event.decoded());
        }
        return pushback;
    }

    /// Before its client has the answer, a key that was handed out has a name. Only posted calls
    /// count, as clients make them: what is got may be an object, and say what anybody wrote.
    private void learn(DecodedCall call) {
        if (isPostedToSts(call) && call.errorCode() == null) {
            parts.principals()
                    .learn(
                            call.name().eventName(),
                            call.requestParameters(),
                            call.responseElements(),
                            who,
                            time);
        }
    }

    /// By its path, too, and by what is known to stand behind: a caller who says that it calls STS
    /// may have another service's object for an answer.
    private boolean isPostedToSts(DecodedCall call) {
        var service = parts.settings().service();
        return call.name().eventSource().equals("sts.amazonaws.com")
                && (service == null || service.equals("sts"))
                && arrival.head().method().equals("POST")
                && arrival.head().rawPath().equals("/");
    }

    private CallEvent event(Answer answer, @Nullable GatewayError error, boolean clientGone) {
        var head = arrival.head();
        var tls = arrival.tls();
        var decoded = decoded(answer, tls == null ? null : tls.cipherSuite());
        var passage = JsonNodeFactory.instance.objectNode();
        if (clientGone) {
            passage.put("clientGone", true);
        }
        if (sampled && !leftOut && error == null && decoded.isPlainRead()) {
            passage.put("sampledReads", parts.sampling().share());
        }
        return new CallEvent(
                eventId,
                time,
                isPostedToSts(decoded)
                        ? Vouched.of(decoded.name().eventName(), decoded.responseElements(), who)
                        : who,
                sourceAddress,
                head.headers().first("user-agent").orElse(null),
                tls,
                decoded,
                error == null ? null : error.recorded(),
                passage,
                parts.settings().region());
    }

    private DecodedCall decoded(Answer answer, @Nullable String cipherSuite) {
        try {
            return parts.decoding()
                    .decode(
                            new ObservedCall(arrival.head(), request.kept(), answer, cipherSuite),
                            parts.settings().service(),
                            who.account());
        } catch (RuntimeException unforeseen) {
            // A fault of ours in reading a call must not cost its event.
            LOG.error("call {} could not be read", eventId, unforeseen);
            return new DecodedCall(
                    UNREADABLE, null, null, null, null, null, null, null, List.of(), null);
        }
    }

    /// Whether errors are told as S3 tells them: requests of S3 alone may be unsigned, or name no
    /// operation.
    static boolean mayBeS3(Request head) {
        var authorization = head.headers().first("authorization").orElse("");
        return authorization.isEmpty()
                || !authorization.startsWith("AWS4-")
                || authorization.contains("/s3/");
    }
}
