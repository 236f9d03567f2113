package dev.cairn.server.door;

import dev.cairn.aws.http.Headers;
import dev.cairn.gateway.Arrival;
import dev.cairn.gateway.Gateway;
import dev.cairn.gateway.recording.CallEvent;
import dev.cairn.server.http.BodyException;
import dev.cairn.server.http.Door;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.http.Trailed;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where clients of another server come in: everything goes through the recording gateway.
public final class GatewayDoor implements Door {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayDoor.class);

    private final Gateway gateway;
    private final Refusals refusals;
    private final Consumer<String> crowdedOut;

    /// Told of requests that never became calls, for they are recorded, too.
    @FunctionalInterface
    public interface Refusals {
        /// @param reason what is wrong with it, as far as known
        void refused(String remoteAddress, String reason) throws InterruptedException;
    }

    /// @param crowdedOut is told the IP addresses of those for whose requests there was no place:
    ///   to be counted, and recorded as a sum
    public GatewayDoor(Gateway gateway, Refusals refusals, Consumer<String> crowdedOut) {
        this.gateway = gateway;
        this.refusals = refusals;
        this.crowdedOut = crowdedOut;
    }

    @Override
    public Reply answer(Exchange exchange) {
        try {
            var relay = gateway.pass(arrival(exchange));
            return new Reply(
                    relay.status(),
                    Map.of(),
                    new Reply.Relayed(relay.headers(), relay.trailers(), relay.body()::write));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return refuse(503, "the gateway stops");
        } catch (RuntimeException unforeseen) {
            LOG.error("a call failed inside the gateway", unforeseen);
            return refuse(500, "the call failed inside the gateway");
        }
    }

    private static Arrival arrival(Exchange exchange) {
        return new Arrival(
                exchange.head(),
                exchange.body(),
                exchange.contentLength(),
                () -> exchange.body() instanceof Trailed body ? body.trailers() : Headers.NONE,
                exchange.remoteAddress(),
                exchange.tls() == null
                        ? null
                        : new CallEvent.Tls(
                                exchange.tls().version(),
                                exchange.tls().cipherSuite(),
                                exchange.header("host").orElse(null)),
                failure ->
                        failure instanceof BodyException known
                                && known.kind() == BodyException.Kind.TOO_SLOW);
    }

    @Override
    public Reply refuse(int status, String reason, String remoteAddress) {
        if (status < 500) {
            try {
                refusals.refused(remoteAddress, reason);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
        return refuse(status, reason);
    }

    /// Where there is no place for a call, there is none for writing each of them down.
    @Override
    public Reply noPlace(String reason, String remoteAddress) {
        crowdedOut.accept(remoteAddress);
        return refuse(503, reason);
    }

    /// What never became a request names no service, whose form could be kept: S3's, as most have.
    @Override
    public Reply refuse(int status, String reason) {
        LOG.debug("request refused with {}: {}", status, reason);
        var reply =
                Reply.of(
                                status,
                                "application/xml",
                                "<Error><Code>%s</Code><Message>%s</Message></Error>"
                                        .formatted(
                                                status == 503 ? "SlowDown" : "InvalidRequest",
                                                reason.replaceAll("[<>&\\p{Cntrl}]", " ")))
                        .with("Connection", "close");
        return status == 503 ? reply.with("Retry-After", "1") : reply;
    }
}
