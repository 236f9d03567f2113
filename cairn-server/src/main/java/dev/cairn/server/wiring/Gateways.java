package dev.cairn.server.wiring;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.disk.Disk;
import dev.cairn.gateway.Gateway;
import dev.cairn.gateway.Sampling;
import dev.cairn.gateway.decoding.Decoding;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.gateway.recording.CallJournal;
import dev.cairn.gateway.recording.Forwarder;
import dev.cairn.gateway.recording.Promise;
import dev.cairn.gateway.recording.Recorder;
import dev.cairn.gateway.recording.SpoolPromise;
import dev.cairn.gateway.recording.StrictPromise;
import dev.cairn.gateway.upstream.Upstream;
import dev.cairn.server.certificate.ServerCertificate;
import dev.cairn.server.certificate.Trust;
import dev.cairn.server.configuration.GatewaySettings;
import dev.cairn.server.door.GatewayDoor;
import dev.cairn.server.http.HttpLimits;
import dev.cairn.server.http.JettyServer;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The recording gateways of a process, one for each upstream.
final class Gateways implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gateways.class);

    /// Answers that are small come at once; what takes longer goes out as it comes.
    private static final Duration HOLD_MAX = Duration.ofSeconds(1);

    /// Clients wait a minute for an answer.
    private static final Duration RECORD_MAX = Duration.ofSeconds(30);

    /// Objects may take long to arrive, as long as they keep arriving.
    private static final Duration BODY_TIME_MAX = Duration.ofDays(1);

    /// Of the data folder: the journal of calls in hand, which is the spool as well.
    static final String FOLDER = "gateway";

    private final List<Gateway> gateways = new ArrayList<>();
    private final List<JettyServer> servers = new ArrayList<>();
    private final List<Address> addresses = new ArrayList<>();
    private final Opened opened = new Opened();
    private final Sampling sampling;
    private final SampledReads sampledReads;
    private @Nullable Forwarder forwarder;

    /// Reads left out that are told of; -1 while nothing is told.
    private long told = -1;

    /// Is told of reads that are left out, for that is recorded.
    @FunctionalInterface
    interface SampledReads {
        /// @param share of them that are recorded
        /// @param leftOut since this was last told
        /// @return whether it is recorded
        boolean told(double share, long leftOut) throws InterruptedException;
    }

    /// Where a gateway listens, and for whom.
    record Address(URI listens, URI upstream) {}

    /// What all gateways share.
    ///
    /// @param region of calls that name none
    /// @param certificate shown by those that speak TLS; null when none does
    record Parts(
            Principals principals,
            Recorder recorder,
            Disk disk,
            InstantSource clock,
            Supplier<String> newEventId,
            String region,
            HttpLimits limits,
            @Nullable ServerCertificate certificate,
            GatewayDoor.Refusals refusals,
            Consumer<String> crowdedOut,
            SampledReads sampledReads) {}

    private Gateways(Sampling sampling, SampledReads sampledReads) {
        this.sampling = sampling;
        this.sampledReads = sampledReads;
    }

    /// Opens their ports. What an earlier process left is on its way to the ledger from then on.
    ///
    /// @throws IOException when a port cannot be had, or the journal not be read; none is left open
    ///   then
    static Gateways start(GatewaySettings settings, Parts parts)
            throws IOException, InterruptedException {
        var gateways =
                new Gateways(
                        new Sampling(settings.readsShare(), new SecureRandom()),
                        parts.sampledReads());
        if (settings.listeners().isEmpty() && !parts.disk().exists(FOLDER)) {
            return gateways;
        }
        var started = false;
        try {
            var journal = CallJournal.open(parts.disk(), FOLDER, CallJournal.Settings.DEFAULT);
            gateways.opened.keep(journal);
            if (journal.pendingEvents() > 0) {
                LOG.warn(
                        "{} events are pending that an earlier process left",
                        journal.pendingEvents());
            }
            var forwarder = new Forwarder(journal, parts.recorder(), parts.clock()).start();
            gateways.opened.keep(forwarder);
            gateways.forwarder = forwarder;
            var decoding =
                    new Decoding(
                            new ServiceCatalog(),
                            settings.hosts(),
                            settings.keptBytes(),
                            parts.region());
            for (var listener : settings.listeners()) {
                gateways.open(settings, listener, parts, decoding, journal);
            }
            gateways.tellOfSampling();
            started = true;
            return gateways;
        } finally {
            if (!started) {
                gateways.close();
            }
        }
    }

    private void open(
            GatewaySettings settings,
            GatewaySettings.Listener listener,
            Parts parts,
            Decoding decoding,
            CallJournal journal)
            throws IOException {
        var upstream =
                new Upstream(
                        listener.upstream(),
                        settings.silenceMax(),
                        "https".equals(listener.upstream().getScheme())
                                ? Trust.roots(settings.upstreamRoots())
                                : null);
        opened.keep(upstream);
        var gateway =
                new Gateway(
                        new Gateway.Parts(
                                upstream,
                                decoding,
                                parts.principals(),
                                promise(settings, listener, parts, journal),
                                sampling,
                                parts.clock(),
                                parts.newEventId(),
                                new Gateway.Settings(
                                        settings.account(),
                                        parts.region(),
                                        settings.service(),
                                        settings.keptBytes(),
                                        HOLD_MAX,
                                        settings.trustedProxies())));
        var server =
                new JettyServer(
                        listener.host(),
                        listener.port(),
                        listener.tls() ? parts.certificate() : null,
                        parts.limits().withBodyTimeMax(BODY_TIME_MAX),
                        new GatewayDoor(gateway, parts.refusals(), parts.crowdedOut()));
        opened.keep(server);
        server.start();
        servers.add(server);
        gateways.add(gateway);
        var address =
                new Address(
                        URI.create(
                                "%s://%s:%d"
                                        .formatted(
                                                listener.tls() ? "https" : "http",
                                                Cairn.urlHost(listener.host()),
                                                server.port())),
                        listener.upstream());
        addresses.add(address);
        LOG.info("recording calls to {} at {}", address.upstream(), address.listens());
    }

    private static Promise promise(
            GatewaySettings settings,
            GatewaySettings.Listener listener,
            Parts parts,
            CallJournal journal) {
        var strict = new StrictPromise(parts.recorder(), journal, RECORD_MAX);
        return switch (listener.mode()) {
            case STRICT -> strict;
            case SPOOL -> new SpoolPromise(strict, journal, settings.spoolBytes());
        };
    }

    /// What waits in the spool; empty where there never was a gateway.
    Optional<Forwarder.Status> spool() {
        return Optional.ofNullable(forwarder).map(Forwarder::status);
    }

    /// Tells of the reads that were left out since it last did, and once that there may be such.
    synchronized void tellOfSampling() throws InterruptedException {
        var leftOut = sum(Gateway::leftOut);
        if (sampling.share() < 1
                && !gateways.isEmpty()
                && leftOut > told
                && sampledReads.told(sampling.share(), leftOut - Math.max(0, told))) {
            told = leftOut;
        }
    }

    /// Where each of them listens, in the order of the settings.
    List<Address> addresses() {
        return List.copyOf(addresses);
    }

    /// Notes where each of them listens.
    void describe(ObjectNode note) {
        var listening = note.putArray("gateways");
        for (var address : addresses) {
            listening
                    .addObject()
                    .put("url", address.listens().toString())
                    .put("upstream", address.upstream().toString());
        }
    }

    /// Why calls are not passed on right now, each reason once; empty when all are.
    Set<String> turningAway() throws InterruptedException {
        Set<String> reasons = new LinkedHashSet<>();
        for (var gateway : gateways) {
            gateway.pushback().ifPresent(pushback -> reasons.add(pushback.reason()));
        }
        return reasons;
    }

    /// A figure of all of them together.
    long sum(ToLongFunction<Gateway> figure) {
        return gateways.stream().mapToLong(figure).sum();
    }

    /// Requests for which there was no place, because too many were in hand.
    long crowdedOut() {
        return servers.stream().mapToLong(JettyServer::refusedBusy).sum();
    }

    @Override
    public void close() {
        opened.close();
        try {
            tellOfSampling();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
