package dev.cairn.server.wiring;

import dev.cairn.gateway.Gateway;
import dev.cairn.gateway.recording.Forwarder;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/// What `/metrics` shows of the gateways of a process, beside the ledger or in one of its own.
final class GatewayMetrics {
    private GatewayMetrics() {}

    /// @param ofGateways gives a figure of all of them together
    /// @param crowdedOut requests for which they had no place
    /// @param spool what waits in theirs; empty where there never was a gateway
    static void bind(
            MeterRegistry registry,
            ToLongFunction<ToLongFunction<Gateway>> ofGateways,
            LongSupplier crowdedOut,
            Supplier<Optional<Forwarder.Status>> spool) {
        gateway(registry, "passed", "Calls that the gateway took on.", ofGateways, Gateway::passed);
        gateway(
                registry,
                "unknown.keys",
                "Calls among them by access keys that nobody knows.",
                ofGateways,
                Gateway::unknownKeys);
        gateway(
                registry,
                "turned.away",
                "Calls that the gateway refused because nothing could be recorded.",
                ofGateways,
                Gateway::turnedAway);
        gateway(
                registry,
                "unrecorded",
                "Calls that the gateway passed on and could not record in time.",
                ofGateways,
                Gateway::unrecorded);
        gateway(
                registry,
                "left.out",
                "Reads through the gateway that are not recorded, for reads are sampled.",
                ofGateways,
                Gateway::leftOut);
        FunctionCounter.builder("cairn.gateway.crowded.out", registry, _ -> crowdedOut.getAsLong())
                .description(
                        "Requests that the gateway refused because too many were in its hands.")
                .register(registry);
        spool(
                registry,
                "pending",
                "Events in the gateway's spool that are not in the ledger yet.",
                spool,
                status -> status.pending().events());
        spool(registry, "pending.bytes", "Their bytes.", spool, status -> status.pending().bytes());
        spool(
                registry,
                "oldest.time",
                "When the call of the oldest of them came, in seconds since 1970; 0 for none.",
                spool,
                status -> {
                    var oldest = status.pending().oldest();
                    return oldest == null ? 0 : oldest.getEpochSecond();
                });
        spool(
                registry,
                "failing",
                "1 while they cannot be brought to the ledger.",
                spool,
                status -> status.failing() ? 1 : 0);
    }

    private static void gateway(
            MeterRegistry registry,
            String name,
            String description,
            ToLongFunction<ToLongFunction<Gateway>> ofGateways,
            ToLongFunction<Gateway> figure) {
        // Of what it counts a counter holds a weak reference, which no method's own would outlive.
        FunctionCounter.builder(
                        "cairn.gateway." + name, registry, _ -> ofGateways.applyAsLong(figure))
                .description(description)
                .register(registry);
    }

    private static void spool(
            MeterRegistry registry,
            String name,
            String description,
            Supplier<Optional<Forwarder.Status>> spool,
            ToDoubleFunction<Forwarder.Status> figure) {
        Gauge.builder(
                        "cairn.gateway.spool." + name,
                        spool,
                        source -> source.get().map(figure::applyAsDouble).orElse(0.0))
                .description(description)
                .strongReference(true)
                .register(registry);
    }
}
