package dev.cairn.server.door;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.server.http.Door;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What lets one see inside a gateway in a process of its own: `GET /health` and `GET /metrics`,
/// for anyone who reaches its port, which nobody else does unless the operator says so.
///
/// `/health` is 200 and `up` while calls are passed on, 503 and `down` while they are turned away;
/// either way `trouble` names what is wrong, such as events that cannot be brought to Cairn.
public final class GatewayInside implements Door {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayInside.class);

    private final View view;

    /// What there is to see.
    public interface View {
        /// Why calls are turned away right now; empty when none are.
        Collection<String> turningAway() throws InterruptedException;

        /// What else is wrong.
        Collection<String> trouble();

        /// All metrics in Prometheus' text form.
        String metrics();
    }

    public GatewayInside(View view) {
        this.view = view;
    }

    @Override
    public Reply answer(Exchange exchange) {
        if (!exchange.head().method().equals("GET")) {
            return text(405, "expected GET").with("Allow", "GET");
        }
        try {
            return switch (exchange.head().rawPath()) {
                case "/health" -> health();
                case "/metrics" ->
                        Reply.of(200, "text/plain; version=0.0.4; charset=utf-8", view.metrics());
                default -> text(404, "expected /health or /metrics");
            };
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return text(503, "the gateway stops");
        } catch (RuntimeException unforeseen) {
            LOG.error("a request to look inside failed", unforeseen);
            return text(500, "the request failed inside the gateway");
        }
    }

    private Reply health() throws InterruptedException {
        var turningAway = view.turningAway();
        var answer = JsonNodeFactory.instance.objectNode();
        answer.put("status", turningAway.isEmpty() ? "up" : "down");
        var trouble = answer.putArray("trouble");
        turningAway.forEach(trouble::add);
        view.trouble().forEach(trouble::add);
        return Reply.of(turningAway.isEmpty() ? 200 : 503, "application/json", answer + "\n");
    }

    private static Reply text(int status, String message) {
        return Reply.of(status, "text/plain", message + "\n");
    }

    @Override
    public Reply refuse(int status, String reason) {
        return text(status, reason).with("Connection", "close");
    }
}
