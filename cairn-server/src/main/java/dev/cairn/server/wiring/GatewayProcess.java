package dev.cairn.server.wiring;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.disk.DataFolderException;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.event.Place;
import dev.cairn.gateway.link.AskedKeys;
import dev.cairn.gateway.link.CairnLink;
import dev.cairn.gateway.link.Credential;
import dev.cairn.gateway.link.IntakeRecorder;
import dev.cairn.gateway.link.Scope;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.server.certificate.ServerCertificate;
import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.door.GatewayInside;
import dev.cairn.server.http.JettyServer;
import dev.cairn.server.own.GatewayEvents;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A recording gateway in a process of its own, which records to a Cairn through its intake
/// (`docs/decisions/0021-gateway-of-its-own.md`).
///
/// It has a folder of its own: the journal of calls in hand, which is the spool as well, and a
/// catalog of sessions that it learned and keys that Cairn knew. What is not in there is Cairn's.
public final class GatewayProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayProcess.class);

    /// Where the running gateway listens, and its process id.
    private static final String NOTE = "gateway.json";

    private final Opened opened = new Opened();
    private @Nullable Gateways gateways;
    private @Nullable URI inside;

    /// The Cairn that it records to.
    ///
    /// @param endpoint scheme, host and port
    /// @param trust whom to believe over TLS; null: the JDK's
    public record Home(URI endpoint, Credential credential, @Nullable SSLContext trust) {}

    private GatewayProcess() {}

    /// Starts, and returns when its ports answer.
    ///
    /// @param configuration of it the data folder, which is the gateway's own, `gateway.*`,
    ///   `http.*` for [#inside], `tls.*` and limits
    /// @throws StartException when something is in the way; nothing is left open then
    public static GatewayProcess start(Configuration configuration, Home home)
            throws StartException {
        var process = new GatewayProcess();
        var started = false;
        try {
            process.open(configuration, home);
            started = true;
            return process;
        } catch (DataFolderException | CatalogException | IOException failure) {
            throw new StartException(String.valueOf(failure.getMessage()), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while starting", interrupted);
        } finally {
            if (!started) {
                process.close();
            }
        }
    }

    private void open(Configuration configuration, Home home)
            throws DataFolderException,
                    CatalogException,
                    IOException,
                    InterruptedException,
                    StartException {
        var clock = InstantSource.system();
        var secrets = new SystemSecrets();
        var files = configuration.tls().files();
        var certificate =
                files == null ? null : ServerCertificate.read(files.certificate(), files.key());
        var folder =
                opened.keep(DataFolder.openOrCreate(configuration.data(), DataFolder.Kind.GATEWAY));
        var catalog = opened.keep(SqliteCatalog.open(folder.path().resolve("catalog.db")));
        var link =
                opened.keep(new CairnLink(home.endpoint(), home.credential(), clock, home.trust()));
        var settings = configuration.gateway();
        var scope = scope(link, catalog);
        var account = settings.accountNamed() ? settings.account() : scope.account();
        var recorder = new IntakeRecorder(link, scope);
        if (!recorder.mayRecord(account)) {
            throw new StartException(
                    "gateway.account: expected %s, whose token or key this is, got %s; a key of the default account's root records events of any"
                            .formatted(scope.account(), account));
        }
        var own =
                new GatewayEvents(
                        recorder, new Place(account, configuration.region()), secrets::uuid, clock);
        var running =
                opened.keep(
                        Gateways.start(
                                settings.withAccount(account),
                                new Gateways.Parts(
                                        new Principals(
                                                catalog, new AskedKeys(link, catalog, clock)),
                                        recorder,
                                        folder.disk(),
                                        clock,
                                        secrets::uuid,
                                        configuration.region(),
                                        configuration.httpLimits(),
                                        certificate,
                                        own::refused,
                                        own::crowdedOut,
                                        own::sampledReads)));
        gateways = running;
        opened.keep(sums(own, running));
        openInside(configuration, certificate, running);
        leaveNote(folder.path(), running);
        LOG.info("recording to {}, with {} as folder", home.endpoint(), folder.path());
    }

    private static Scope scope(CairnLink link, Catalog catalog)
            throws StartException, CatalogException, InterruptedException {
        var said = link.get(CairnLink.STATE, "");
        if (said.isDenied()) {
            throw new StartException(
                    "%s; expected a token made with 'cairn token create --for gateway', or a key that allows to operate"
                            .formatted(said.reason()));
        }
        if (!said.isOk()) {
            LOG.warn("starting while nothing can be recorded: {}", said.reason());
        }
        return Scope.of(said, catalog)
                .orElseThrow(() ->
                        new StartException(
                                said.reason() + "; a gateway's first start needs Cairn"));
    }

    /// What refused requests and unsampled reads add up to.
    private static AutoCloseable sums(GatewayEvents own, Gateways gateways) {
        var minutes =
                EachMinute.start(() -> {
                    own.recordSums();
                    gateways.tellOfSampling();
                });
        return () -> {
            minutes.close();
            own.recordSums();
        };
    }

    private void openInside(
            Configuration configuration, @Nullable ServerCertificate certificate, Gateways running)
            throws IOException {
        var metrics = opened.keep(new ProcessMetrics());
        GatewayMetrics.bind(metrics.registry(), running::sum, running::crowdedOut, running::spool);
        var tls = configuration.tls().ownPort();
        var server =
                opened.keep(
                        new JettyServer(
                                configuration.host(),
                                configuration.port(),
                                tls ? certificate : null,
                                configuration.httpLimits(),
                                new GatewayInside(new View(running, metrics))));
        server.start();
        inside =
                URI.create(
                        "%s://%s:%d"
                                .formatted(
                                        tls ? "https" : "http",
                                        Cairn.urlHost(configuration.host()),
                                        server.port()));
    }

    private record View(Gateways gateways, ProcessMetrics process) implements GatewayInside.View {
        @Override
        public Collection<String> turningAway() throws InterruptedException {
            return gateways.turningAway();
        }

        @Override
        public Collection<String> trouble() {
            return gateways.spool()
                    .filter(status -> status.failing() && status.lastTrouble() != null)
                    .map(status ->
                            List.of(
                                    "%d events wait for Cairn: %s"
                                            .formatted(
                                                    status.pending().events(),
                                                    Objects.requireNonNull(status.lastTrouble())
                                                            .reason())))
                    .orElse(List.of());
        }

        @Override
        public String metrics() {
            return process.registry().scrape();
        }
    }

    /// For scripts: where everything listens.
    private void leaveNote(Path folder, Gateways running) throws IOException {
        var note =
                new ObjectMapper()
                        .createObjectNode()
                        .put("pid", ProcessHandle.current().pid())
                        .put("inside", inside().toString());
        running.describe(note);
        var file = folder.resolve(NOTE);
        Cairn.note(file, note.toString());
        opened.keep(() -> Files.deleteIfExists(file));
    }

    /// Where its clients come in, comma-separated.
    public String addresses() {
        return Objects.requireNonNull(gateways, "one that was started listens").addresses().stream()
                .map(address -> address.listens().toString())
                .collect(Collectors.joining(","));
    }

    /// Where `/health` and `/metrics` are.
    public URI inside() {
        return Objects.requireNonNull(inside, "one that was started can be looked into");
    }

    /// Stops taking calls, and finishes those under way. What waits for Cairn stays on disk for the
    /// next process.
    @Override
    public void close() {
        opened.close();
    }
}
